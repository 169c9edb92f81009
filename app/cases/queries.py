"""Every SELECT over appeals. Public ones take the actor first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases.models import (
    Appeal,
    AppealItem,
    AppealStep,
    Disclosure,
    FollowUp,
    PanelMember,
    PanelVote,
    Ruling,
)
from app.cases.problems import NotOnPanel
from app.cases.rules import DECIDERS, INSIDE_THE_PANEL, Partiality, State, Viewpoint
from app.identity.actor import Actor, Role
from app.kit.problems import Forbidden, NotFound
from app.outlets.models import OutletDuty
from app.outlets.queries import in_reach_of
from app.review import queries as reviews
from app.review import queries_reports
from app.review.models import Publication, PublicationRevision
from app.visits.models import CrewMember, ScoreRevision, Visit
from app.visits.rules import REPORTED

ADMITTERS = (Role.ADMIN, Role.SUPERVISOR)
PANELISTS = (Role.ADMIN, Role.SUPERVISOR, Role.REVIEWER, Role.AUDITOR, Role.OUTLET_MANAGER)
CHAIRS = (Role.ADMIN, Role.SUPERVISOR, Role.REVIEWER)


def visible_to(actor: Actor, *, now: datetime) -> sa.Select[Appeal]:
    """Whoever may read the report, whoever decides, and the inspectors whose visit it is (D8.4)."""
    reports = queries_reports.visible_to(actor, now=now).with_only_columns(Publication.id)
    valid = sa.select(Visit.id).where(Visit.state.in_(REPORTED))
    ways = [Appeal.publication_id.in_(reports), Appeal.id.in_(_panels_of(actor))]
    if actor.has(Role.INSPECTOR):
        ways.append(Appeal.visit_id.in_(_visits_of(actor)))
    return sa.select(Appeal).where(
        Appeal.organisation_id == actor.organisation_id, Appeal.visit_id.in_(valid), sa.or_(*ways)
    )


def narrowed(
    rows: sa.Select[Appeal], *, state: State | None, outlet_id: UUID | None, alias: str | None
) -> sa.Select[Appeal]:
    """Fewer of `rows`; what is null does not narrow."""
    if state is not None:
        rows = rows.where(Appeal.state == state)
    if outlet_id is not None:
        rows = rows.where(Appeal.outlet_id == outlet_id)
    if alias is not None:
        known = sa.select(Publication.id).where(Publication.alias == alias)
        rows = rows.where(Appeal.publication_id.in_(known))
    return rows


async def get_appeal(
    session: AsyncSession, actor: Actor, appeal_id: UUID, *, now: datetime, lock: bool = False
) -> Appeal:
    """With `lock`, nobody else decides anything about it before this transaction ends."""
    statement = visible_to(actor, now=now).where(Appeal.id == appeal_id)
    appeal = await session.scalar(statement.with_for_update() if lock else statement)
    if appeal is None:
        raise NotFound("There is no appeal with this id among those you may see.")
    return appeal


async def get_for_panel(session: AsyncSession, actor: Actor, appeal_id: UUID, *, now: datetime) -> Appeal:
    """An appeal on whose panel the actor sits. Raises `NotFound`, and `NotOnPanel` for those who only see it."""
    appeal = await get_appeal(session, actor, appeal_id, now=now)
    mine = _panels_of(actor).where(PanelMember.appeal_id == appeal.id)
    if await session.scalar(mine) is None:
        raise NotOnPanel
    return appeal


async def get_with_files(session: AsyncSession, actor: Actor, appeal_id: UUID, *, now: datetime) -> Appeal:
    """An appeal whose attachments the actor may open. Raises `NotFound`, and `Forbidden` for inspectors."""
    appeal = await get_appeal(session, actor, appeal_id, now=now)
    if (await viewpoints_of(session, actor, [appeal], now=now))[appeal.id] is Viewpoint.INSPECTOR:
        raise Forbidden("A file may tell who sent it: inspectors open none.")
    return appeal


async def find_anywhere(session: AsyncSession, appeal_id: UUID) -> Appeal | None:
    """For filing under a client-made id only."""
    return await session.get(Appeal, appeal_id)


async def viewpoints_of(
    session: AsyncSession, actor: Actor, appeals: Collection[Appeal], *, now: datetime
) -> dict[UUID, Viewpoint]:
    """From where the actor looks at each of these, all of which the actor may see."""
    ids = [one.id for one in appeals]
    desk = actor.without(Role.OUTLET_MANAGER, Role.INSPECTOR)
    outlet = actor.only(Role.OUTLET_MANAGER)
    ways = (
        (Viewpoint.PANEL, Appeal.id.in_(_panels_of(actor))),
        (Viewpoint.OUTLET, in_reach_of(outlet, Appeal.outlet_id, now=now)),
        (Viewpoint.DESK, in_reach_of(desk, Appeal.outlet_id, now=now)),
    )
    found = dict.fromkeys(ids, Viewpoint.INSPECTOR)
    for viewpoint, is_mine in ways:
        rows = await session.scalars(sa.select(Appeal.id).where(Appeal.id.in_(ids), is_mine))
        found |= dict.fromkeys(rows, viewpoint)
    return found


async def lock_visit(session: AsyncSession, visit_id: UUID) -> Visit:
    """The visit behind a report; its state does not change before this transaction ends."""
    rows = sa.select(Visit).where(Visit.id == visit_id).with_for_update()
    return (await session.scalars(rows.execution_options(populate_existing=True))).one()


async def editions_by_id(
    session: AsyncSession, ids: Collection[UUID]
) -> dict[UUID, tuple[PublicationRevision, ScoreRevision]]:
    """What a report said in these of its revisions."""
    rows = await session.execute(
        sa.select(PublicationRevision, ScoreRevision)
        .join(ScoreRevision, ScoreRevision.id == PublicationRevision.score_revision_id)
        .where(PublicationRevision.id.in_(ids))
    )
    return {revision.id: (revision, score) for revision, score in rows}


async def appeals_against(session: AsyncSession, publication: Publication) -> Sequence[Appeal]:
    """Newest first."""
    rows = await session.scalars(
        sa.select(Appeal)
        .where(Appeal.publication_id == publication.id)
        .order_by(Appeal.filed_at.desc(), Appeal.id.desc())
    )
    return rows.all()


async def decided_items(session: AsyncSession, publication: Publication) -> set[str]:
    """Items of a report on which a panel has decided."""
    rows = await session.scalars(
        sa.select(Ruling.item_code)
        .join(Appeal, Appeal.id == Ruling.appeal_id)
        .where(Appeal.publication_id == publication.id, Appeal.state == State.DECIDED)
    )
    return set(rows)


async def items_of(session: AsyncSession, appeals: Collection[Appeal]) -> dict[UUID, list[AppealItem]]:
    """By appeal, in order of their codes."""
    rows = await session.scalars(
        sa.select(AppealItem)
        .where(AppealItem.appeal_id.in_([one.id for one in appeals]))
        .order_by(AppealItem.item_code)
    )
    found: dict[UUID, list[AppealItem]] = {one.id: [] for one in appeals}
    for row in rows:
        found[row.appeal_id].append(row)
    return found


async def panel_of(session: AsyncSession, appeal: Appeal) -> Sequence[PanelMember]:
    """Everybody who ever sat on it, the chair first."""
    chair_first = sa.case((PanelMember.seat == "chair", 0), else_=1)
    rows = await session.scalars(
        sa.select(PanelMember)
        .where(PanelMember.appeal_id == appeal.id)
        .order_by(chair_first, PanelMember.appointed_at, PanelMember.person_id)
    )
    return rows.all()


async def votes_on(session: AsyncSession, appeal: Appeal) -> Sequence[PanelVote]:
    """In the order in which they were given."""
    rows = await session.scalars(
        sa.select(PanelVote)
        .where(PanelVote.appeal_id == appeal.id)
        .order_by(PanelVote.voted_at, PanelVote.item_code, PanelVote.person_id)
    )
    return rows.all()


async def rulings_of(session: AsyncSession, appeals: Collection[Appeal]) -> dict[UUID, dict[str, Ruling]]:
    """By appeal and item."""
    rows = await session.scalars(sa.select(Ruling).where(Ruling.appeal_id.in_([one.id for one in appeals])))
    found: dict[UUID, dict[str, Ruling]] = {one.id: {} for one in appeals}
    for row in rows:
        found[row.appeal_id][row.item_code] = row
    return found


async def find_disclosure(session: AsyncSession, appeal: Appeal) -> Disclosure | None:
    return await session.get(Disclosure, appeal.id)


def steps_of(appeal: Appeal, viewpoint: Viewpoint) -> sa.Select[AppealStep]:
    """For those who were allowed to see the appeal; how its panel came to decide, not for everybody."""
    rows = sa.select(AppealStep).where(AppealStep.appeal_id == appeal.id)
    return rows if viewpoint in DECIDERS else rows.where(AppealStep.kind.not_in(INSIDE_THE_PANEL))


async def partiality_of(
    session: AsyncSession, appeal: Appeal, people: Collection[UUID]
) -> dict[UUID, Partiality]:
    """Why each of these people must not decide; those who may are not in it (D8.4)."""
    managers = await session.scalars(
        sa.select(OutletDuty.person_id).where(OutletDuty.outlet_id == appeal.outlet_id)
    )
    crew = await crew_behind(session, appeal)
    involved = await reviews.deciders_on(session, appeal.visit_id)
    why = {
        **dict.fromkeys(managers, Partiality.MANAGES),
        **dict.fromkeys(involved.markers, Partiality.MARKED),
        **dict.fromkeys(involved.veto_judges, Partiality.JUDGED_VETO),
        **dict.fromkeys(involved.approvers, Partiality.APPROVED),
        **dict.fromkeys(crew, Partiality.CREW),
        appeal.filed_by: Partiality.FILED,
    }
    return {person: why[person] for person in people if person in why}


async def crew_behind(session: AsyncSession, appeal: Appeal) -> set[UUID]:
    """Whose visit it was."""
    return set(
        await session.scalars(sa.select(CrewMember.person_id).where(CrewMember.visit_id == appeal.visit_id))
    )


async def find_follow_up(session: AsyncSession, publication_id: UUID) -> FollowUp | None:
    return await session.get(FollowUp, publication_id, populate_existing=True)


def _panels_of(actor: Actor) -> sa.Select[UUID]:
    return sa.select(PanelMember.appeal_id).where(
        PanelMember.person_id == actor.person_id, PanelMember.released_at.is_(None)
    )


def _visits_of(actor: Actor) -> sa.Select[UUID]:
    return sa.select(CrewMember.visit_id).where(CrewMember.person_id == actor.person_id)
