"""Table of contents of the API: every feature's routes, and what its constraints mean to a caller."""

from fastapi import FastAPI

from app.bulletins import problems as bulletins_problems
from app.bulletins import routes as bulletins
from app.cases import problems as cases_problems
from app.cases import routes as cases
from app.cases import routes_actions, routes_panel
from app.checklists import problems as checklists_problems
from app.checklists import routes as checklists
from app.devices import problems as devices_problems
from app.devices import routes as devices
from app.events import routes as inbox
from app.exports import routes as exports
from app.identity import problems as identity_problems
from app.identity import routes as identity
from app.identity import routes_factor, routes_password
from app.identity.problems import SecondFactorMissing
from app.insight import routes as insight
from app.kit.problem_responses import documented
from app.kit.problems import (
    BadRequest,
    Invalid,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from app.misuse import routes as misuse
from app.outlets import problems as outlets_problems
from app.outlets import routes as outlets
from app.outlets import routes_duties, routes_regions, routes_sheets
from app.oversight import routes as oversight
from app.planning import routes as planning
from app.planning import routes_demand, routes_supply
from app.programmes import problems as programmes_problems
from app.programmes import routes as programmes
from app.recordings import problems as recordings_problems
from app.recordings import routes as recordings
from app.retention import routes as retention
from app.review import problems as review_problems
from app.review import routes as review
from app.review import routes_agreement, routes_comments, routes_marking, routes_mutes, routes_reports
from app.rotation import problems as rotation_problems
from app.rotation import routes as rotation
from app.sync import routes as sync
from app.visits import problems as visits_problems
from app.visits import routes as visits
from app.visits import routes_field, routes_recordings
from app.webhooks import routes as webhooks

FEATURES = (
    identity.router,
    routes_factor.router,
    routes_password.router,
    inbox.router,
    programmes.router,
    routes_regions.router,
    routes_duties.router,
    routes_sheets.router,
    outlets.router,
    devices.router,
    checklists.router,
    rotation.router,
    visits.router,
    routes_field.router,
    routes_recordings.router,
    routes_recordings.over_visits,
    recordings.router,
    routes_supply.router,
    review.router,
    routes_agreement.router,
    routes_marking.router,
    routes_mutes.router,
    routes_reports.router,
    routes_comments.router,
    cases.router,
    routes_panel.router,
    routes_actions.router,
    routes_demand.router,
    planning.router,
    oversight.router,
    misuse.router,
    webhooks.router,
    sync.router,
    insight.router,
    bulletins.router,
    retention.router,
    exports.router,
)

CONSTRAINTS: dict[str, type[Problem]] = {
    **identity_problems.CONSTRAINTS,
    **programmes_problems.CONSTRAINTS,
    **outlets_problems.CONSTRAINTS,
    **devices_problems.CONSTRAINTS,
    **checklists_problems.CONSTRAINTS,
    **rotation_problems.CONSTRAINTS,
    **recordings_problems.CONSTRAINTS,
    **visits_problems.CONSTRAINTS,
    **review_problems.CONSTRAINTS,
    **cases_problems.CONSTRAINTS,
    **bulletins_problems.CONSTRAINTS,
}


def refusals(path: str) -> tuple[type[Problem], ...]:
    """What whoever is logged in may be answered anywhere but where the own account is."""
    return () if path == "/v1/me" or path.startswith(("/v1/me/", "/v1/auth/")) else (SecondFactorMissing,)


def install(app: FastAPI) -> None:
    """Every feature under `/v1`, each for itself: routers within a router would be searched twice for every request."""
    responses = documented(BadRequest, Unauthenticated, Invalid, TooLarge, UnsupportedMediaType, Unavailable)
    for feature in FEATURES:
        app.include_router(feature, prefix="/v1", responses=responses)
