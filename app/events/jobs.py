"""Background steps of inboxes."""

from uuid import UUID

from app.events.mailing import MAIL, decide, mail
from app.kit.jobs import Resources, Run, StepFailed, workflow

PAUSES_S = (0.0, 30.0, 120.0)  # short: a waiting job keeps a worker's place


@workflow("events.decide-mail", cron="20 * * * * *")
async def decide_mail(run: Run) -> None:
    """Entries whose readers want them by mail get a job each."""
    await run.step("decide", decide_all, run.resources)


@workflow(MAIL)
async def send_mail(run: Run, entry_id: str) -> None:
    """One letter, once. A server that is away for longer than a few tries leaves it among the dead jobs."""
    for number, pause_s in enumerate(PAUSES_S):
        await run.pause(pause_s)
        try:
            await run.step(f"mail {number}", mail, run.resources, UUID(entry_id))
        except StepFailed:
            if number == len(PAUSES_S) - 1:
                raise
        else:
            return


async def decide_all(resources: Resources) -> None:
    """Every entry there is."""
    more = True
    while more:
        more = await resources.database.transact(lambda session: decide(session, now=resources.clock()))
