"""HTTP for what second markings tell of items and of inspectors (D8.1)."""

from typing import Annotated

from fastapi import Query

from app.identity.dependencies import Caller
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden
from app.kit.routing import Now, Reading, feature_router
from app.review import agreeing, queries_agreement
from app.review.assigning import ASSIGNERS
from app.review.queries_agreement import Wanted
from app.review.schemas_agreement import AgreementFilter, AgreementOut, DriftFilter, DriftOut

router = feature_router("second marking", prefix="/second-markings")


@router.get("/agreement", responses=documented(Forbidden))
async def show_agreement(
    wanted: Annotated[AgreementFilter, Query()], session: Reading, caller: Caller, now: Now
) -> AgreementOut:
    """Per item, over the visits in your charge: Cohen's κ, raw agreement beside it, and how many pairs there are."""
    caller.require(*ASSIGNERS)
    looked_at = _wanted(wanted)
    return AgreementOut(
        visits=await queries_agreement.count_visits(session, caller, looked_at, now=now),
        items=agreeing.per_item(await queries_agreement.pairs(session, caller, looked_at, now=now)),
    )


@router.get("/drift", responses=documented(Forbidden))
async def show_drift(
    wanted: Annotated[DriftFilter, Query()], session: Reading, caller: Caller, now: Now
) -> DriftOut:
    """Per inspector and stretch of time: how much milder or harder than second markers, with its uncertainty."""
    caller.require(*ASSIGNERS)
    found = await queries_agreement.differences(session, caller, _wanted(wanted), now=now)
    people = await queries_agreement.people_of(session, found)
    return agreeing.per_inspector(found, people, wanted.window)


def _wanted(wanted: AgreementFilter) -> Wanted:
    return Wanted(wanted.programme_id, wanted.visited_from, wanted.visited_until)
