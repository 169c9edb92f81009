"""Failed log-ins of people into the audit trail, a moment later and by a job.

Not with the answer: that would take longer for accounts there are, and whoever measures it would learn which. The throttle
bounds how many there can be.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record_by_itself
from app.identity import queries
from app.kit.jobs import Resources

BATCH = 200


async def note(session: AsyncSession, *, now: datetime) -> bool:
    """Write down the oldest that are not yet; whether there may be more."""
    found = await queries.attempts_to_note(session, limit=BATCH)
    for attempt, person in found:
        attempt.noted_at = now
        record_by_itself(
            session,
            person.organisation_id,
            "login.failed",
            subject_id=person.id,
            details={"because": attempt.because},
            now=attempt.at,
        )
    return len(found) == BATCH


async def note_all(resources: Resources) -> None:
    more = True
    while more:
        more = await resources.database.transact(lambda session: note(session, now=resources.clock()))
