"""Second marking, seen from the desk: who is to do it, and when it need not be done (D8.1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import choice
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record, record_by_itself
from app.identity.actor import Actor, Role
from app.identity.models import Person
from app.kit.ids import new_id
from app.programmes.rules import RecordingMode
from app.review import announcing, queries, queries_marking
from app.review.models import MarkingExcuse, MarkingTask
from app.review.problems import MarkerUnfit, MarkingDone, MarkingNotAwaited
from app.review.queries_marking import MARKERS
from app.review.rules_marking import AWAITED, MarkingStatus, Standing, Unfit, least_busy, why_unfit
from app.visits import blinding
from app.visits import queries as visits
from app.visits.models import ScoreRevision, Visit
from app.visits.transitions import require_state

ASSIGNED, EXCUSED = "second_marking.assigned", "second_marking.excused"
ASSIGNERS = (Role.ADMIN, Role.SUPERVISOR)
UNFIT = {
    Unfit.IN_CREW: "This person was part of the crew.",
    Unfit.REVIEWED_IT: "This person has had a part in the review, and is not blind any more.",
    Unfit.READS_AUDIT: "This person reads the audit trail, which tells of the review.",
    Unfit.NOT_OF_THE_DESK: "Second markers are reviewers and supervisors of the outlet's region.",
}


async def standing(session: AsyncSession, visit: Visit, score: ScoreRevision) -> Standing:
    """Where the second marking of the visit stands, by its latest answers and score."""
    return (await standings(session, [visit], {visit.id: score}))[visit.id]


async def standings(
    session: AsyncSession, rows: Sequence[Visit], scores: Mapping[UUID, ScoreRevision]
) -> dict[UUID, Standing]:
    """By visit; `scores` are the latest."""
    ids = [row.id for row in rows]
    assigned = await queries_marking.live_tasks(session, ids)
    submitted = await queries_marking.markings_of(session, ids)
    excused = await queries_marking.excuses_of(session, ids)
    return {
        row.id: Standing(
            is_recorded=row.recording_mode is not RecordingMode.NONE,
            is_drawn=bool(row.drawn_for_second_marking),
            has_veto=bool(scores[row.id].explanation["vetoes"]),
            is_assigned=row.id in assigned,
            is_submitted=row.id in submitted,
            is_excused=row.id in excused,
        )
        for row in rows
    }


async def assign(
    session: AsyncSession, actor: Actor, visit_id: UUID, marker_id: UUID, *, now: datetime
) -> MarkingTask:
    """Give the second marking to somebody, or to somebody else; from then on the visit is hidden from them.

    Raises `MarkerUnfit` for somebody of the crew or the review, and `MarkingDone`.
    """
    visit, status = await _awaiting(session, actor, visit_id, now=now)
    fit = await _fitness(session, visit)
    why = fit.why_not(marker_id)
    if why is not None:
        raise MarkerUnfit(UNFIT[why], reason=str(why))
    if status is MarkingStatus.SUBMITTED:
        raise MarkingDone("The visit was marked a second time already.")
    live = await queries_marking.live_tasks(session, [visit.id])
    if visit.id in live and live[visit.id].marker_id == marker_id:
        return live[visit.id]
    await call_off(session, visit, now=now)
    task = await _give(session, visit, marker_id, assigned_by=actor.person_id, now=now)
    details = {"marker_id": str(marker_id)}
    record(session, actor, ASSIGNED, subject_id=visit.id, details=details, now=now)
    return task


async def excuse(session: AsyncSession, actor: Actor, visit_id: UUID, reason: str, *, now: datetime) -> Visit:
    """Decide that the answers as they stand need no second marking. New answers ask anew.

    Raises `MarkingNotAwaited` where none is.
    """
    visit, status = await _awaiting(session, actor, visit_id, now=now)
    if status not in AWAITED:
        raise MarkingNotAwaited(f"Its second marking is {status}.", marking=str(status))
    revision = await visits.latest_answers(session, visit)
    assert revision is not None
    await call_off(session, visit, now=now)
    session.add(
        MarkingExcuse(
            answers_revision_id=revision.id,
            visit_id=visit.id,
            reason=reason,
            decided_by=actor.person_id,
            decided_at=now,
        )
    )
    details = {"reason": reason}
    record(session, actor, EXCUSED, subject_id=visit.id, details=details, now=now)
    await session.flush()
    return visit


async def candidates(session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime) -> list[Person]:
    """Who may be the visit's second marker, by name."""
    visit, _status = await _awaiting(session, actor, visit_id, now=now, lock=False)
    fit = await _fitness(session, visit)
    found = [person for person in fit.desk.values() if fit.why_not(person.id) is None]
    return sorted(found, key=lambda person: (person.name, person.id))


async def see_to_second_marking(session: AsyncSession, visit: Visit, *, now: datetime) -> None:
    """When a review is opened: where a second marking is wanted, draw who does it, or have a supervisor find somebody.

    Drawn is a reviewer of the region, among those with the least to do.
    """
    score = await visits.latest_score(session, visit)
    if score is None or (await standing(session, visit, score)).status is not MarkingStatus.WANTED:
        return
    fit = await _fitness(session, visit, Role.REVIEWER)
    free = [one for one in fit.desk if fit.why_not(one) is None]
    if not free:
        await announcing.second_marking_wanted(session, visit, None, now=now)
        return
    marker_id = choice(least_busy(free, await queries_marking.open_tasks_by_marker(session, free)))
    await _give(session, visit, marker_id, assigned_by=None, now=now)
    details = {"marker_id": str(marker_id)}
    record_by_itself(session, visit.organisation_id, ASSIGNED, subject_id=visit.id, details=details, now=now)


async def call_off(session: AsyncSession, visit: Visit, *, now: datetime) -> None:
    """Take an open task back; whoever had it sees the visit again."""
    task = (await queries_marking.live_tasks(session, [visit.id])).get(visit.id)
    if task is not None and await queries_marking.find_marking(session, task) is None:
        task.called_off_at = now
        await blinding.take_off(session, visit, task.marker_id, now=now)
        await session.flush()


class _Fitness:
    """Who could mark a visit, and why somebody could not."""

    def __init__(
        self, crew: set[UUID], reviewed: set[UUID], auditing: set[UUID], desk: dict[UUID, Person]
    ) -> None:
        self.crew, self.reviewed, self.auditing, self.desk = crew, reviewed, auditing, desk

    def why_not(self, person_id: UUID) -> Unfit | None:
        return why_unfit(
            person_id, crew=self.crew, reviewed=self.reviewed, auditing=self.auditing, desk=self.desk
        )


async def _fitness(session: AsyncSession, visit: Visit, *roles: Role) -> _Fitness:
    outlet = await visits.get_outlet(session, visit)
    desk = await queries_marking.desk_of(session, outlet.region_id, *(roles or MARKERS))
    return _Fitness(
        {member.person_id for member in await visits.crew_of(session, visit)},
        await queries_marking.reviewed_by(session, visit),
        await queries_marking.who_reads_everything(session, desk),
        desk,
    )


async def _awaiting(
    session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime, lock: bool = True
) -> tuple[Visit, MarkingStatus]:
    """A visit in the queue about whose second marking the actor may decide."""
    visit = await queries.get_for_review(session, actor, visit_id, now=now, lock=lock)
    actor.require(*ASSIGNERS)
    require_state(visit, *queries.IN_QUEUE, to="be marked a second time")
    score = await visits.latest_score(session, visit)
    assert score is not None
    return visit, (await standing(session, visit, score)).status


async def _give(
    session: AsyncSession, visit: Visit, marker_id: UUID, *, assigned_by: UUID | None, now: datetime
) -> MarkingTask:
    task = MarkingTask(
        id=new_id(),
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        marker_id=marker_id,
        assigned_by=assigned_by,
        assigned_at=now,
    )
    session.add(task)
    await blinding.put_on(session, visit, marker_id, now=now)
    await session.flush()
    await announcing.second_marking_wanted(session, visit, task, now=now)
    return task
