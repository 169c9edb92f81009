"""Background steps of accounts: telling people, noting what failed, and forgetting what is of no use any more."""

from uuid import UUID

from app.identity import queries
from app.identity.letters import Told
from app.identity.noting import note_all
from app.identity.telling import TELL, mail
from app.kit import idempotency
from app.kit.jobs import Run, workflow
from app.kit.posting import send_patiently


@workflow(TELL)
async def tell_person(run: Run, letter_id: str, person_id: str, told: dict[str, object]) -> None:
    """One letter about one change of an account."""
    await send_patiently(run, mail, run.resources, letter_id, UUID(person_id), Told.model_validate(told))


@workflow("identity.note-failures", cron="50 * * * * *")
async def note_failures(run: Run) -> None:
    """Failed log-ins of the last minute into the audit trail."""
    await run.step("note", note_all, run.resources)


@workflow("identity.forget", cron="41 * * * *")
async def forget(run: Run) -> None:
    """Kept answers of idempotent requests, and failed log-ins the throttle no longer looks at."""
    await run.step("forget", _forget, run)


async def _forget(run: Run) -> None:
    now = run.resources.clock()
    async with run.resources.database.writing() as session:
        await session.execute(idempotency.outdated(now))
        await session.execute(queries.outdated_attempts(now))
