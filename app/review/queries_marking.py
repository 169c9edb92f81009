"""Every SELECT over second markings (D8.1)."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.identity.models import Person, PersonRole
from app.kit.problems import NotFound
from app.outlets import queries_duties as duties
from app.review.models import (
    MarkingDraft,
    MarkingExcuse,
    MarkingTask,
    SecondMark,
    SecondMarking,
    VetoVerdict,
)
from app.visits.models import AnswersRevision, ScoreRevision, Visit, VisitTransition
from app.visits.rules import State

MARKERS = (Role.REVIEWER, Role.SUPERVISOR)
REVIEW_STATES = (State.SUBMITTED, State.IN_REVIEW, State.APPROVED)


def tasks_of(actor: Actor) -> sa.Select[MarkingTask]:
    """What the actor is to mark, or has marked; not what was called off, nor visits that became void."""
    valid = sa.select(Visit.id).where(Visit.state != State.VOID)
    return sa.select(MarkingTask).where(
        MarkingTask.organisation_id == actor.organisation_id,
        MarkingTask.marker_id == actor.person_id,
        MarkingTask.called_off_at.is_(None),
        MarkingTask.visit_id.in_(valid),
    )


def narrowed(rows: sa.Select[MarkingTask], *, submitted: bool | None) -> sa.Select[MarkingTask]:
    """Fewer of `rows`; null does not narrow."""
    if submitted is None:
        return rows
    done = sa.exists().where(SecondMarking.task_id == MarkingTask.id)
    return rows.where(done if submitted else ~done)


async def get_task(
    session: AsyncSession, actor: Actor, task_id: UUID, *, lock: bool = False
) -> tuple[MarkingTask, Visit]:
    """A task of the actor's, with its visit, of which the actor sees only what a marker may."""
    statement = tasks_of(actor).where(MarkingTask.id == task_id)
    task = await session.scalar(statement.with_for_update() if lock else statement)
    if task is None:
        raise NotFound("There is no second marking with this id among yours.")
    return task, (await visits_of(session, [task]))[task.visit_id]


async def visits_of(session: AsyncSession, tasks: Sequence[MarkingTask]) -> dict[UUID, Visit]:
    """For making what a marker may see; the rest of them leaves the server only for those who see visits."""
    rows = await session.scalars(sa.select(Visit).where(Visit.id.in_({task.visit_id for task in tasks})))
    return {row.id: row for row in rows}


async def drafts_of(session: AsyncSession, task: MarkingTask) -> Sequence[MarkingDraft]:
    rows = await session.scalars(sa.select(MarkingDraft).where(MarkingDraft.task_id == task.id))
    return rows.all()


async def live_tasks(session: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, MarkingTask]:
    """By visit: the task that was not called off, open or done."""
    rows = await session.scalars(
        sa.select(MarkingTask).where(MarkingTask.visit_id.in_(visit_ids), MarkingTask.called_off_at.is_(None))
    )
    return {row.visit_id: row for row in rows}


async def markings_of(session: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, SecondMarking]:
    rows = await session.scalars(sa.select(SecondMarking).where(SecondMarking.visit_id.in_(visit_ids)))
    return {row.visit_id: row for row in rows}


async def find_marking(session: AsyncSession, task: MarkingTask) -> SecondMarking | None:
    return await session.get(SecondMarking, task.id)


async def marks_of(session: AsyncSession, marking: SecondMarking) -> dict[str, SecondMark]:
    """By item."""
    rows = await session.scalars(sa.select(SecondMark).where(SecondMark.task_id == marking.task_id))
    return {row.item_code: row for row in rows}


async def excuses_of(session: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, MarkingExcuse]:
    """By visit: the excuse that counts for the latest answers."""
    newest = (
        sa.select(AnswersRevision.visit_id, sa.func.max(AnswersRevision.number).label("number"))
        .where(AnswersRevision.visit_id.in_(visit_ids))
        .group_by(AnswersRevision.visit_id)
        .subquery()
    )
    rows = await session.scalars(
        sa.select(MarkingExcuse)
        .join(AnswersRevision, AnswersRevision.id == MarkingExcuse.answers_revision_id)
        .join(
            newest,
            sa.and_(newest.c.visit_id == AnswersRevision.visit_id, newest.c.number == AnswersRevision.number),
        )
    )
    return {row.visit_id: row for row in rows}


async def first_answers(session: AsyncSession, visit: Visit) -> AnswersRevision:
    """What the inspector said before any review could have a part in it."""
    return (
        await session.scalars(
            sa.select(AnswersRevision).where(
                AnswersRevision.visit_id == visit.id, AnswersRevision.number == 1
            )
        )
    ).one()


async def reviewed_by(session: AsyncSession, visit: Visit) -> set[UUID]:
    """Who has had a part in the review: opened it, judged, marked, sent back, approved."""
    moved = sa.select(VisitTransition.actor_id).where(
        VisitTransition.visit_id == visit.id,
        VisitTransition.actor_id.is_not(None),
        VisitTransition.from_state.in_(REVIEW_STATES),
    )
    judged = sa.select(VetoVerdict.decided_by).where(VetoVerdict.visit_id == visit.id)
    scored = sa.select(ScoreRevision.made_by).where(
        ScoreRevision.visit_id == visit.id, ScoreRevision.made_by.is_not(None)
    )
    return {one for one in await session.scalars(sa.union(moved, judged, scored)) if one is not None}


async def who_reads_everything(session: AsyncSession, people: Collection[UUID]) -> set[UUID]:
    """Those of the people who read the audit trail, which tells of reviews."""
    rows = await session.scalars(
        sa.select(PersonRole.person_id).where(
            PersonRole.person_id.in_(people), PersonRole.role.in_((Role.ADMIN, Role.AUDITOR))
        )
    )
    return set(rows)


async def desk_of(session: AsyncSession, region_id: UUID, *roles: Role) -> dict[UUID, Person]:
    """Active people who hold one of the roles and whose duty covers the region."""
    rows = await session.scalars(
        sa.select(Person).where(Person.id.in_(duties.on_duty(region_id, *roles)), Person.active)
    )
    return {row.id: row for row in rows}


async def open_tasks_by_marker(session: AsyncSession, people: Sequence[UUID]) -> dict[UUID, int]:
    """How much everybody has to do; whoever has nothing is not in it."""
    done = sa.exists().where(SecondMarking.task_id == MarkingTask.id)
    rows = await session.execute(
        sa.select(MarkingTask.marker_id, sa.func.count())
        .where(MarkingTask.marker_id.in_(people), MarkingTask.called_off_at.is_(None), ~done)
        .group_by(MarkingTask.marker_id)
    )
    return {marker_id: count for marker_id, count in rows}  # noqa: C416 (rows are no pairs to mypy)


async def has_marked(session: AsyncSession, person_id: UUID, visit_id: UUID) -> bool:
    """Whether the second marking is the person's."""
    mine = sa.exists().where(SecondMarking.marker_id == person_id, SecondMarking.visit_id == visit_id)
    return bool(await session.scalar(sa.select(mine)))
