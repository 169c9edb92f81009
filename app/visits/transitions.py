"""The one way a visit changes its state: checked against the lifecycle, recorded with who, when and why (D6.8)."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import JsonValue
from app.events.kinds import Kind as Event
from app.events.service import announce
from app.identity.actor import Actor
from app.kit.ids import new_id
from app.visits.models import Visit, VisitTransition
from app.visits.problems import WrongState
from app.visits.rules import State, may_become, next_states


def become(
    session: AsyncSession, visit: Visit, wanted: State, *, actor: Actor | None, reason: str, now: datetime
) -> None:
    """Raises `WrongState`, naming what the visit may become instead. `actor` is null for the service itself."""
    if not may_become(visit.state, wanted):
        raise wrong_state(visit, f"become {wanted}")
    _note(session, visit, visit.state, wanted, actor=actor, reason=reason, now=now)
    visit.state = wanted


def begin(session: AsyncSession, visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Record the first state of a new visit; of one made with a crew also that it was proposed before."""
    states = [None, State.PROPOSED] if visit.state is State.PROPOSED else [None, State.PROPOSED, visit.state]
    for earlier, later in pairwise(states):
        assert later is not None
        _note(session, visit, earlier, later, actor=actor, reason="", now=now)


def note_change(
    session: AsyncSession, visit: Visit, *what: str, people: Iterable[UUID] = (), now: datetime
) -> None:
    """Something of the visit is another, and its state is not."""
    _announce(session, visit, Event.VISIT_CHANGED, people=people, data={"changed": list(what)}, now=now)


def require_state(visit: Visit, *states: State, to: str) -> None:
    """Raises `WrongState` unless the visit is in one of `states`."""
    if visit.state not in states:
        raise wrong_state(visit, to)


def wrong_state(visit: Visit, wish: str) -> WrongState:
    possible = [str(state) for state in next_states(visit.state)]
    return WrongState(
        f"A visit that is {visit.state} cannot {wish}.", state=str(visit.state), next_states=possible
    )


def _note(
    session: AsyncSession,
    visit: Visit,
    earlier: State | None,
    later: State,
    *,
    actor: Actor | None,
    reason: str,
    now: datetime,
) -> None:
    session.add(
        VisitTransition(
            id=new_id(),
            visit_id=visit.id,
            from_state=earlier,
            to_state=later,
            actor_id=actor.person_id if actor else None,
            reason=reason,
            at=now,
        )
    )
    _announce(session, visit, Event(f"visit.{later}"), data={"earlier": earlier and str(earlier)}, now=now)


def _announce(
    session: AsyncSession,
    visit: Visit,
    kind: Event,
    *,
    data: dict[str, JsonValue],
    people: Iterable[UUID] = (),
    now: datetime,
) -> None:
    announce(
        session,
        kind,
        organisation_id=visit.organisation_id,
        subject_id=visit.id,
        visit_id=visit.id,
        outlet_id=visit.outlet_id,
        people=people,
        data=data,
        now=now,
    )
