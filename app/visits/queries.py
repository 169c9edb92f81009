"""Every SELECT over visits. Public ones take the actor first."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.kit.batches import batched, rows_by_id
from app.kit.problems import NotFound
from app.outlets import queries as outlets
from app.outlets.models import Outlet, Region
from app.recordings.models import Recording
from app.recordings.rules import State as RecordingState
from app.visits.models import (
    Answer,
    AnswersRevision,
    Blindfold,
    CheckIn,
    CrewMember,
    DraftAnswer,
    Escalation,
    Excuse,
    ManifestEntry,
    ScoreRevision,
    Visit,
    VisitTransition,
)
from app.visits.rules import PLANNED, CrewRole, State


def visible_to(actor: Actor, *, now: datetime) -> sa.Select[Visit]:
    """Visits the actor may see as visits.

    The desk sees its regions', auditors what a grant names; an inspector the own ones, future ones only a set
    time ahead (D6.6). Outlet managers see none here: what they get is a published report (D10.1).
    Whoever marks a visit blind does not see it before they are done (D8.1).
    """
    desk = actor.without(Role.OUTLET_MANAGER)
    organisation = outlets.in_organisation_of(desk, Visit.organisation_id)
    rows = sa.select(Visit).where(organisation, _not_blindfolded(actor))
    return rows.where(sa.or_(outlets.in_reach_of(desk, Visit.outlet_id, now=now), _own(actor, now)))


def _not_blindfolded(actor: Actor) -> sa.ColumnElement[bool]:
    return Visit.id.not_in(blindfolded(actor))


def blindfolded(actor: Actor) -> sa.Select[UUID]:
    """Ids of the visits that the actor marks blind and has not handed in yet (D8.1)."""
    return sa.select(Blindfold.visit_id).where(
        Blindfold.person_id == actor.person_id, Blindfold.taken_off_at.is_(None)
    )


async def find_blindfold(session: AsyncSession, visit_id: UUID, person_id: UUID) -> Blindfold | None:
    return await session.get(Blindfold, (visit_id, person_id))


def _own(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """Part of the crew (a backup too), and near enough in time."""
    if not actor.has(Role.INSPECTOR):
        return sa.false()
    mine = sa.select(CrewMember.visit_id).where(CrewMember.person_id == actor.person_id)
    return sa.and_(Visit.id.in_(mine), sa.or_(Visit.state.not_in(PLANNED), Visit.visible_from <= now.date()))


async def get_visit(
    session: AsyncSession, actor: Actor, visit_id: UUID, *, now: datetime, lock: bool = False
) -> Visit:
    """`NotFound` if absent or not theirs. With `lock`, nobody else changes it before this transaction ends."""
    statement = visible_to(actor, now=now).where(Visit.id == visit_id)
    visit = await session.scalar(statement.with_for_update() if lock else statement)
    if visit is None:
        raise NotFound("There is no visit with this id among those you may see.")
    return visit


async def is_in_reach(session: AsyncSession, actor: Actor, visit: Visit, *, now: datetime) -> bool:
    """Whether the visit's outlet is in the actor's charge; being of the crew does not count."""
    return await outlets.is_in_reach(session, actor, visit.outlet_id, now=now)


async def find_any(session: AsyncSession, visit_id: UUID) -> Visit | None:
    """Whatever visit has this id; for making a new one under it."""
    return await session.get(Visit, visit_id)


async def visits_by_id(session: AsyncSession, visit_ids: Collection[UUID]) -> dict[UUID, Visit]:
    """Of rows that were found among those the caller may see."""
    return await rows_by_id(session, Visit, visit_ids)


async def outlets_of(session: AsyncSession, visits: Sequence[Visit]) -> dict[UUID, Outlet]:
    return await outlets.outlets_by_id(session, {visit.outlet_id for visit in visits})


async def get_outlet(session: AsyncSession, visit: Visit) -> Outlet:
    return (await session.execute(sa.select(Outlet).where(Outlet.id == visit.outlet_id))).scalar_one()


async def jurisdiction_of(session: AsyncSession, outlet: Outlet) -> str:
    """Whose law holds at the outlet (D10.5)."""
    return (await session.scalars(sa.select(Region.jurisdiction).where(Region.id == outlet.region_id))).one()


async def jurisdictions_of(session: AsyncSession, outlets: Iterable[Outlet]) -> dict[UUID, str]:
    """By region: whose law holds there (D10.5)."""
    found: dict[UUID, str] = {}
    for some in batched({outlet.region_id for outlet in outlets}):
        rows = await session.execute(sa.select(Region.id, Region.jurisdiction).where(Region.id.in_(some)))
        found |= {row.id: row.jurisdiction for row in rows}
    return found


async def crews_of(session: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, list[CrewMember]]:
    """By visit, lead first."""
    rank = sa.case((CrewMember.role == CrewRole.LEAD, 0), (CrewMember.role == CrewRole.COMPANION, 1), else_=2)
    rows = await session.scalars(
        sa.select(CrewMember).where(CrewMember.visit_id.in_(visit_ids)).order_by(rank, CrewMember.person_id)
    )
    found: dict[UUID, list[CrewMember]] = {visit_id: [] for visit_id in visit_ids}
    for row in rows:
        found[row.visit_id].append(row)
    return found


async def crew_of(session: AsyncSession, visit: Visit) -> list[CrewMember]:
    return (await crews_of(session, [visit.id]))[visit.id]


async def transitions_of(session: AsyncSession, visit: Visit) -> Sequence[VisitTransition]:
    rows = await session.scalars(
        sa.select(VisitTransition)
        .where(VisitTransition.visit_id == visit.id)
        .order_by(VisitTransition.at, VisitTransition.id)
    )
    return rows.all()


async def check_ins_of(session: AsyncSession, visit: Visit) -> Sequence[CheckIn]:
    """In order of the device's time."""
    rows = await session.scalars(
        sa.select(CheckIn).where(CheckIn.visit_id == visit.id).order_by(CheckIn.device_at, CheckIn.id)
    )
    return rows.all()


async def find_check_in(session: AsyncSession, check_in_id: UUID) -> CheckIn | None:
    return await session.get(CheckIn, check_in_id)


async def drafts_of(session: AsyncSession, visit: Visit) -> Sequence[DraftAnswer]:
    rows = await session.scalars(sa.select(DraftAnswer).where(DraftAnswer.visit_id == visit.id))
    return rows.all()


async def manifest_of(session: AsyncSession, visit: Visit) -> Sequence[ManifestEntry]:
    rows = await session.scalars(
        sa.select(ManifestEntry)
        .where(ManifestEntry.visit_id == visit.id)
        .order_by(ManifestEntry.started_at, ManifestEntry.recording_id)
    )
    return rows.all()


async def find_manifest_entry(session: AsyncSession, recording_id: UUID) -> ManifestEntry | None:
    return await session.get(ManifestEntry, recording_id)


async def latest_answers(session: AsyncSession, visit: Visit) -> AnswersRevision | None:
    return await session.scalar(
        sa.select(AnswersRevision)
        .where(AnswersRevision.visit_id == visit.id)
        .order_by(AnswersRevision.number.desc())
        .limit(1)
    )


async def answers_revisions_of(session: AsyncSession, visit: Visit) -> Sequence[AnswersRevision]:
    rows = await session.scalars(
        sa.select(AnswersRevision)
        .where(AnswersRevision.visit_id == visit.id)
        .order_by(AnswersRevision.number)
    )
    return rows.all()


async def get_answers_revision(session: AsyncSession, visit: Visit, number: int) -> AnswersRevision:
    revision = await session.scalar(
        sa.select(AnswersRevision).where(
            AnswersRevision.visit_id == visit.id, AnswersRevision.number == number
        )
    )
    if revision is None:
        raise NotFound("The visit has no revision of its answers with this number.")
    return revision


async def answers_in(session: AsyncSession, answers_revision_id: UUID) -> Sequence[Answer]:
    rows = await session.scalars(sa.select(Answer).where(Answer.revision_id == answers_revision_id))
    return rows.all()


async def latest_score(session: AsyncSession, visit: Visit) -> ScoreRevision | None:
    return await session.scalar(
        sa.select(ScoreRevision)
        .where(ScoreRevision.visit_id == visit.id)
        .order_by(ScoreRevision.number.desc())
        .limit(1)
    )


async def scores_of(session: AsyncSession, visit: Visit) -> Sequence[ScoreRevision]:
    rows = await session.scalars(
        sa.select(ScoreRevision).where(ScoreRevision.visit_id == visit.id).order_by(ScoreRevision.number)
    )
    return rows.all()


def missing_files(actor: Actor, *, now: datetime) -> sa.Select[ManifestEntry]:
    """Declared files of visits the actor may see that are not processed and that nobody has decided about (D7.3)."""
    theirs = visible_to(actor, now=now).with_only_columns(Visit.id)
    return _missing().where(ManifestEntry.visit_id.in_(theirs))


def rejected_files(actor: Actor, *, now: datetime) -> sa.Select[Recording]:
    """Files that arrived at visits the actor may see and cannot be used."""
    theirs = visible_to(actor, now=now).with_only_columns(Visit.id)
    return sa.select(Recording).where(
        Recording.visit_id.in_(theirs), Recording.state == RecordingState.REJECTED
    )


def missing_and_not_escalated(*, declared_before: datetime) -> sa.Select[ManifestEntry, Visit]:
    """For the clock, which acts for nobody."""
    told = sa.exists().where(Escalation.recording_id == ManifestEntry.recording_id)
    return (
        _missing()
        .add_columns(Visit)
        .join(Visit, Visit.id == ManifestEntry.visit_id)
        .where(~told, ManifestEntry.declared_at < declared_before)
    )


def _missing() -> sa.Select[ManifestEntry]:
    """Rejected ones count as missing, and so does another file under the same id."""
    processed = sa.exists().where(
        Recording.id == ManifestEntry.recording_id,
        Recording.visit_id == ManifestEntry.visit_id,
        Recording.state == RecordingState.PROCESSED,
        Recording.size_bytes == ManifestEntry.size_bytes,
        Recording.sha256 == ManifestEntry.sha256,
    )
    excused = sa.exists().where(Excuse.recording_id == ManifestEntry.recording_id)
    return sa.select(ManifestEntry).where(~processed, ~excused)


async def days_of(
    session: AsyncSession, organisation_id: UUID, visit_ids: Collection[UUID]
) -> dict[UUID, date]:
    """By visit: the outlet's date it was entered on, or was planned for. For findings, which name no more of it."""
    rows = await session.execute(
        sa.select(Visit.id, sa.func.coalesce(Visit.entered_on, Visit.planned_on).label("day")).where(
            Visit.organisation_id == organisation_id, Visit.id.in_(visit_ids)
        )
    )
    return {row.id: row.day for row in rows}


async def escalations_of(session: AsyncSession, recording_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    rows = await session.scalars(sa.select(Escalation).where(Escalation.recording_id.in_(recording_ids)))
    return {row.recording_id: row.at for row in rows}


async def find_excuse(session: AsyncSession, recording_id: UUID) -> Excuse | None:
    return await session.get(Excuse, recording_id)


def overdue(now: datetime) -> sa.Select[Visit]:
    """Visits nobody went to: planned more than a day ago, anywhere on earth."""
    return sa.select(Visit).where(
        Visit.state.in_([State.PROPOSED, State.RESERVED, State.ACCEPTED]),
        Visit.planned_on < (now - timedelta(days=2)).date(),
    )


def narrowed(
    rows: sa.Select[Visit],
    *,
    state: State | None,
    outlet_id: UUID | None,
    inspector_id: UUID | None,
    planned_from: date | None,
    planned_until: date | None,
) -> sa.Select[Visit]:
    """Fewer of `rows`; what is null does not narrow."""
    if state is not None:
        rows = rows.where(Visit.state == state)
    if outlet_id is not None:
        rows = rows.where(Visit.outlet_id == outlet_id)
    if inspector_id is not None:
        theirs = sa.select(CrewMember.visit_id).where(CrewMember.person_id == inspector_id)
        rows = rows.where(Visit.id.in_(theirs))
    if planned_from is not None:
        rows = rows.where(Visit.planned_on >= planned_from)
    return rows if planned_until is None else rows.where(Visit.planned_on <= planned_until)
