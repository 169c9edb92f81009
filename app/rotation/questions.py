"""The use cases people ask for directly: why not, and please nevertheless."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.kit.ids import new_id
from app.outlets import queries as outlets
from app.outlets.models import Outlet
from app.programmes import queries as programmes
from app.rotation import queries, service
from app.rotation.eligibility import Eligibility, assess
from app.rotation.models import Waiver
from app.rotation.parts import Part, rule_of
from app.rotation.queries import PLANNERS
from app.rotation.schemas import EligibilityOut, EligibilityQuestion, WaiverIn, WhyNot


async def answer(
    session: AsyncSession, actor: Actor, question: EligibilityQuestion, *, now: datetime
) -> EligibilityOut:
    """Planners ask about anybody in their region; an inspector only about her- or himself."""
    if question.inspector_id != actor.person_id:
        actor.require(*PLANNERS)
    actor.require(*PLANNERS, Role.INSPECTOR)
    programme = await programmes.get_programme(session, actor, question.programme_id)
    outlet = await _outlet(session, actor, question.outlet_id, now=now)
    part = Part(question.inspector_id, outlet, None, rule_of(programme))
    return explain(await assess(session, part, on=question.on, covert=question.covert))


async def waive(session: AsyncSession, actor: Actor, body: WaiverIn, *, now: datetime) -> Waiver:
    actor.require(*PLANNERS)
    programme = await programmes.get_programme(session, actor, body.programme_id)
    outlet = await _outlet(session, actor, body.outlet_id, now=now)
    part = Part(body.inspector_id, outlet, new_id(), rule_of(programme))
    return await service.grant_waiver(session, actor, part, on=body.visit_on, reason=body.reason, now=now)


def explain(found: Eligibility) -> EligibilityOut:
    reasons = []
    if not found.is_inspector:
        reasons.append(
            _why("not-an-inspector", "This person is not an active inspector of your organisation.")
        )
    if (blocked := found.rotation) is not None:
        sentence = (
            f"The visit on {blocked.visited_on} blocks this inspector here until {blocked.blocked_until}."
        )
        reasons.append(
            WhyNot(
                rule="rotation",
                blocking_date=blocked.visited_on,
                last_blocked_date=blocked.blocked_until,
                explanation=sentence,
            )
        )
    if (known := found.covert_bar) is not None:
        reasons.append(
            WhyNot(
                rule="covert-bar",
                blocking_date=known.since,
                last_blocked_date=known.until,
                explanation=f"The outlet knows this inspector since {known.since} ({known.cause}).",
            )
        )
    return EligibilityOut(
        allowed=found.allowed,
        first_allowed_on=found.first_allowed_on if found.is_inspector else None,
        reasons=reasons,
    )


def _why(rule: str, explanation: str) -> WhyNot:
    return WhyNot.model_validate(
        {"rule": rule, "blocking_date": None, "last_blocked_date": None, "explanation": explanation}
    )


async def _outlet(session: AsyncSession, actor: Actor, outlet_id: UUID, *, now: datetime) -> Outlet:
    """Where an outlet goes on. An inspector asks about the own past only, so any of the organisation's will do."""
    if actor.has(*PLANNERS):
        await outlets.get_outlet(session, actor.without(Role.OUTLET_MANAGER), outlet_id, now=now)
    else:
        await queries.get_visited_outlet(session, actor, outlet_id)
    return await outlets.current_outlet(session, outlet_id)
