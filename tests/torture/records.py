"""The database as a stranger reads it: statements of its own, no code of the product."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

OLD_S = 20.0  # younger jobs may be the ones that come by the clock
UNFINISHED = "status NOT IN ('SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')"
UNRENDERED = """
    SELECT m.recording_id, m.number FROM mute_revisions m
    WHERE NOT EXISTS (SELECT 1 FROM mute_revisions n WHERE n.recording_id = m.recording_id AND n.number > m.number)
    AND NOT EXISTS (
        SELECT 1 FROM renditions r
        WHERE r.recording_id = m.recording_id AND r.kind = 'outlet' AND r.mute_number = m.number
    )
"""


class Records:
    """`close()` when done."""

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        driver = "sqlite" if self.is_sqlite else "postgresql+psycopg"
        self._engine = sa.create_engine(parsed.set(drivername=driver), pool_pre_ping=True)
        schema = "" if self.is_sqlite else "dbos."
        self._jobs, self._steps = f"{schema}workflow_status", f"{schema}operation_outputs"

    def close(self) -> None:
        self._engine.dispose()

    def rows(self, statement: str, **parameters: object) -> Sequence[Mapping[str, Any]]:
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(statement), parameters).mappings()]

    def running(self) -> dict[str, set[str]]:
        """The names of the jobs that each worker took and has not finished; of a dead one, those it left."""
        found: dict[str, set[str]] = {}
        statement = f"SELECT executor_id, name FROM {self._jobs} WHERE status = 'PENDING'"  # noqa: S608 (a name of ours)
        for one in self.rows(statement):
            found.setdefault(one["executor_id"], set()).add(one["name"])
        return found

    def moves(self) -> Sequence[object]:
        """Looks different whenever somebody got on with what is unfinished. What comes by the clock must not count."""
        jobs = (
            "SELECT j.workflow_uuid, j.status, j.recovery_attempts, count(s.function_id) AS steps"  # noqa: S608 (names of ours)
            f" FROM {self._jobs} j LEFT JOIN {self._steps} s ON s.workflow_uuid = j.workflow_uuid"
            f" WHERE {UNFINISHED} AND j.created_at < :before"
            " GROUP BY j.workflow_uuid, j.status, j.recovery_attempts"
        )
        files = "SELECT id, state, progress, tries FROM recordings WHERE state <> 'processed'"
        marks = "SELECT id, tries FROM mute_revisions"
        return [
            sorted(map(str, found))
            for found in (self.rows(jobs, before=_long_ago_ms()), self.rows(files), self.rows(marks))
        ]

    def unfinished(self) -> list[str]:
        """What waits or runs for longer than a moment, and recordings that nobody is done with."""
        old = self.rows(
            f"SELECT workflow_uuid, name, status FROM {self._jobs}"  # noqa: S608 (a name of ours)
            f" WHERE {UNFINISHED} AND created_at < :before ORDER BY workflow_uuid",
            before=_long_ago_ms(),
        )
        files = self.rows(
            "SELECT id, state, tries FROM recordings WHERE state IN ('completing', 'stored', 'verified')"
        )
        marks = self.rows(UNRENDERED)
        making = self.rows("SELECT id, edition FROM bulletins WHERE ready_at IS NULL AND failed_at IS NULL")
        return [
            *(f"job {one['name']} {one['workflow_uuid']}: {one['status']}" for one in old),
            *(
                f"marks {one['number']} of recording {named(one['recording_id'])}: not rendered"
                for one in marks
            ),
            *(f"bulletin {named(one['id'])}: in the making" for one in making),
            *(
                f"recording {named(one['id'])}: {one['state']}, begun again {one['tries']} times"
                for one in files
            ),
        ]

    def failed(self) -> list[str]:
        """Plans and bulletins that came to nothing, and whoever asked for them sees that."""
        plans = self.rows("SELECT failure AS reason FROM plans WHERE state = 'failed'")
        bulletins = self.rows("SELECT failed_because AS reason FROM bulletins WHERE failed_at IS NOT NULL")
        return [
            *(f"plan ({one['reason']})" for one in plans),
            *(f"bulletin ({one['reason']})" for one in bulletins),
        ]

    def dead(self) -> list[str]:
        """Jobs that ended badly, by name."""
        statement = (
            f"SELECT name, status, count(*) AS times FROM {self._jobs}"  # noqa: S608 (likewise)
            " WHERE status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED') GROUP BY name, status ORDER BY name"
        )
        return [f"{one['name']} ({one['times']}, {one['status']})" for one in self.rows(statement)]


def _long_ago_ms() -> int:
    return int((time.time() - OLD_S) * 1000)


def named(value: object) -> str:
    """An id as it stands in addresses, however the database keeps it."""
    return str(UUID(str(value)))


def loaded(value: object) -> Any:
    """JSON, however the database keeps it."""
    return json.loads(value) if isinstance(value, str) else value
