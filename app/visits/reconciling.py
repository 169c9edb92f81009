"""What was declared against what arrived: every file ends processed, or on the list of missing evidence (D7.3)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record, record_by_itself
from app.identity.actor import Actor, Role
from app.kit.problems import Forbidden, NotFound
from app.recordings import queries as recordings
from app.recordings.models import Recording
from app.recordings.rules import State
from app.visits import queries
from app.visits.arrange import PLANNERS
from app.visits.evidence import BYTES_DUE_AFTER
from app.visits.models import Escalation, Excuse, ManifestEntry
from app.visits.problems import AlreadyExcused, NotInCrew, NotMissing

MISSING, EXCUSED = "evidence.missed", "evidence.excused"


async def excuse(
    session: AsyncSession, actor: Actor, visit_id: UUID, recording_id: UUID, reason: str, *, now: datetime
) -> Excuse:
    """Decide that a declared file need not come. What arrives all the same is evidence still.

    Raises `Forbidden`, `NotInCrew` for somebody of the visit's own crew, `NotMissing` and `AlreadyExcused`.
    """
    visit = await queries.get_visit(session, actor, visit_id, now=now, lock=True)
    actor.require(*PLANNERS)
    if actor.person_id in {member.person_id for member in await queries.crew_of(session, visit)}:
        raise NotInCrew("Nobody excuses what is missing of an own visit.")
    if not await queries.is_in_reach(
        session, actor.without(*(role for role in Role if role not in PLANNERS)), visit, now=now
    ):
        raise Forbidden("The desk that is in charge of the outlet decides about its evidence.")
    entry = await queries.find_manifest_entry(session, recording_id)
    if entry is None or entry.visit_id != visit.id:
        raise NotFound("The visit's manifest declares no file with this id.")
    if await queries.find_excuse(session, recording_id) is not None:
        raise AlreadyExcused
    found = await recordings.find_anywhere(session, recording_id)
    if found is not None and found.state is State.PROCESSED and _is_declared(entry, found):
        raise NotMissing(state=str(found.state))
    made = Excuse(recording_id=recording_id, decided_by=actor.person_id, decided_at=now, reason=reason)
    session.add(made)
    details = {"visit_id": str(visit.id), "reason": reason}
    record(session, actor, EXCUSED, subject_id=recording_id, now=now, details=details)
    await session.flush()
    return made


def _is_declared(entry: ManifestEntry, found: Recording) -> bool:
    """Another file under the same id is missing all the same, and is listed as such."""
    declared = (entry.visit_id, entry.size_bytes, entry.sha256)
    return declared == (found.visit_id, found.size_bytes, found.sha256)


async def escalate(session: AsyncSession, *, now: datetime) -> int:
    """Note once of every missing file that it was not there when it was due. Gives how many."""
    late = (
        await session.execute(queries.missing_and_not_escalated(declared_before=now - BYTES_DUE_AFTER))
    ).all()
    for entry, visit in late:
        session.add(Escalation(recording_id=entry.recording_id, at=now))
        details = {"visit_id": str(visit.id), "owner_id": str(entry.declared_by)}
        record_by_itself(
            session, visit.organisation_id, MISSING, subject_id=entry.recording_id, now=now, details=details
        )
    return len(late)
