"""The database as a stranger reads it: statements of its own, no code of the product."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

OLD_S = 20.0  # younger jobs may be the ones that come by the clock
FINISHED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Records:
    """`close()` when done."""

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        driver = "sqlite" if self.is_sqlite else "postgresql+psycopg"
        self._engine = sa.create_engine(parsed.set(drivername=driver), pool_pre_ping=True)
        self._jobs = "workflow_status" if self.is_sqlite else "dbos.workflow_status"

    def close(self) -> None:
        self._engine.dispose()

    def rows(self, statement: str, **parameters: object) -> Sequence[Mapping[str, Any]]:
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(statement), parameters).mappings()]

    def unfinished(self) -> list[str]:
        """What waits or runs for longer than a moment, and recordings that nobody is done with."""
        jobs = self.rows(
            f"SELECT workflow_uuid, name, status, created_at FROM {self._jobs}"  # noqa: S608 (a name of ours)
            " WHERE status NOT IN ('SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')"
        )
        old = [one for one in jobs if one["created_at"] < (time.time() - OLD_S) * 1000]
        files = self.rows(
            "SELECT id, state, tries FROM recordings WHERE state IN ('completing', 'stored', 'verified')"
        )
        return [
            *(f"job {one['name']} {one['workflow_uuid']}: {one['status']}" for one in old),
            *(
                f"recording {named(one['id'])}: {one['state']}, begun again {one['tries']} times"
                for one in files
            ),
        ]

    def dead(self) -> list[str]:
        """Jobs that ended badly, by name."""
        statement = (
            f"SELECT name, status, count(*) AS times FROM {self._jobs}"  # noqa: S608 (likewise)
            " WHERE status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED') GROUP BY name, status ORDER BY name"
        )
        return [f"{one['name']} ({one['times']}, {one['status']})" for one in self.rows(statement)]


def named(value: object) -> str:
    """An id as it stands in addresses, however the database keeps it."""
    return str(UUID(str(value)))


def loaded(value: object) -> Any:
    """JSON, however the database keeps it."""
    return json.loads(value) if isinstance(value, str) else value
