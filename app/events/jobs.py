"""Background steps of inboxes."""

from uuid import UUID

from app.events.mailing import MAIL, decide, mail
from app.kit.jobs import Resources, Run, workflow
from app.kit.posting import send_patiently


@workflow("events.decide-mail", cron="20 * * * * *")
async def decide_mail(run: Run) -> None:
    """Entries whose readers want them by mail get a job each."""
    await run.step("decide", decide_all, run.resources)


@workflow(MAIL)
async def send_mail(run: Run, entry_id: str) -> None:
    """One letter, once. A server that is away for longer than a few tries leaves it among the dead jobs."""
    await send_patiently(run, mail, run.resources, UUID(entry_id))


async def decide_all(resources: Resources) -> None:
    """Every entry there is."""
    more = True
    while more:
        more = await resources.database.transact(lambda session: decide(session, now=resources.clock()))
