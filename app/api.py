"""Table of contents of the API: every feature's routes, and what its constraints mean to a caller."""

from fastapi import APIRouter

from app.identity import problems as identity_problems
from app.identity import routes as identity
from app.kit.problem_responses import documented
from app.kit.problems import BadRequest, Invalid, Problem, TooLarge, Unauthenticated, Unavailable
from app.programmes import problems as programmes_problems
from app.programmes import routes as programmes

FEATURES = (identity.router, programmes.router)

CONSTRAINTS: dict[str, type[Problem]] = {
    **identity_problems.CONSTRAINTS,
    **programmes_problems.CONSTRAINTS,
}


def v1() -> APIRouter:
    router = APIRouter(
        prefix="/v1", responses=documented(BadRequest, Unauthenticated, Invalid, TooLarge, Unavailable)
    )
    for feature in FEATURES:
        router.include_router(feature)
    return router
