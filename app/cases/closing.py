"""What happens by the clock: windows close, decisions and actions fall due (D8.4, D8.5). Each is told once."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import history, people, queries_actions, queries_clock, rules, rules_actions
from app.visits.rules import State as VisitState
from app.visits.transitions import become

WINDOW_OVER = "nobody can dispute it any more"
VOID = "The visit was declared void."


async def finalise(session: AsyncSession, *, now: datetime) -> int:
    """Visits whose report nobody can dispute any more are final. Gives how many."""
    over = (await session.scalars(queries_clock.over(now))).all()
    for visit in over:
        become(session, visit, VisitState.FINAL, actor=None, reason=WINDOW_OVER, now=now)
    return len(over)


async def escalate_appeals(session: AsyncSession, *, now: datetime) -> int:
    """Appeals that should have been decided: to the desk, the admins and the panel, once. Gives how many."""
    late = (await session.scalars(queries_clock.late(now))).all()
    for appeal in late:
        appeal.escalated_at = now
        concerned = (
            await people.supervisors(session, appeal)
            | await people.admins(session, appeal)
            | await people.panel(session, appeal)
        )
        await history.of_appeal(
            session, appeal, rules.StepKind.ESCALATED, actor=None, people=concerned, now=now
        )
    return len(late)


async def escalate_actions(session: AsyncSession, *, now: datetime) -> int:
    """Actions that should have been done: to the outlet and the desk, once for each due date. Gives how many."""
    late = (await session.scalars(queries_actions.late(now))).all()
    for action in late:
        action.escalated_at = now
        concerned = await people.managers(session, action) | await people.supervisors(session, action)
        await history.of_action(
            session, action, rules_actions.StepKind.ESCALATED, actor=None, people=concerned, now=now
        )
    return len(late)


async def lapse(session: AsyncSession, *, now: datetime) -> int:
    """Open appeals against visits that were declared void. Gives how many."""
    over = (await session.scalars(queries_clock.lapsed())).all()
    for appeal in over:
        appeal.state, appeal.settled_at, appeal.settled_because = rules.State.LAPSED, now, VOID
        await history.of_appeal(session, appeal, rules.StepKind.LAPSED, actor=None, note=VOID, now=now)
    return len(over)
