"""The month after: who can go where and when, and the draft of a plan that waits for the supervisor."""

import time
from datetime import date, datetime, timedelta

from app.demo.account import Unexpected, expect, require
from app.demo.client import path_of
from app.demo.network import HALL
from app.demo.people import Person
from app.demo.scene import Scene
from app.kit.clock import local_date
from app.kit.paging import Page
from app.outlets.schemas import PositionIn
from app.planning.models import PlanState
from app.planning.schemas import PlanIn, PlannedVisitOut, PlanOut, UnservedOut
from app.planning.schemas_supply import ProfileIn, ProfileOut, Shift, Shifts
from app.rotation.rules import first_allowed_day
from app.rotation.schemas import HistoryImportOut

SEARCH_S = 2
DRAWN_UP_WITHIN_S = 180.0  # the first search on a machine compiles
PAUSE_S = 0.2
LATELY = timedelta(days=20)
MOST = 200
HOMES = {
    "ivy": (23.139, 113.327),
    "ian": (23.108, 113.262),
    "nina": (22.945, 113.371),
    "ben": (23.158, 113.273),
}
DAY = Shift(starts="09:00", ends="18:00")


def plan_ahead(scene: Scene, *, now: datetime) -> None:
    """Drawn up and left as a draft: publishing it is the reader's."""
    today = local_date(now, scene.network.outlet.time_zone)
    for person in scene.house.inspectors:
        _describe(scene, person, since=today)
    _import_history(scene, on=today - LATELY)
    plan = _drawn_up(scene, month=_next_month(today))
    at = path_of("plans", plan.id)
    visits = scene.house.sam.api.get(f"{at}/visits", Page[PlannedVisitOut], limit=MOST).items
    unserved = scene.house.sam.api.get(f"{at}/unserved", Page[UnservedOut], limit=MOST).items
    require(visits, "the plan has visits")
    _require_rotation(scene, visits)
    why = f"; {len(unserved)} cannot be covered, the first because of {unserved[0].cause}" if unserved else ""
    scene.account.shown(
        f"{plan.month}: {len(visits)} visits planned for {len({one.outlet_id for one in visits})} outlets{why}; "
        "nobody goes back too soon (D5.1); it waits on the route board"
    )


def _describe(scene: Scene, person: Person, *, since: date) -> None:
    latitude, longitude = HOMES[person.member.key]
    profile = ProfileIn(
        home=PositionIn(latitude=latitude, longitude=longitude, datum="wgs84"),
        region_id=scene.network.outlet.region_id,
        shifts=Shifts(mon=DAY, tue=DAY, wed=DAY, thu=DAY, fri=DAY),
        languages=["zh"],
        active_from=since - LATELY,
    )
    scene.house.sam.api.put(path_of("planning", "inspectors", person.id), ProfileOut, profile)


def _import_history(scene: Scene, *, on: date) -> None:
    """Visits from before this product was there count from the first day (D5.6)."""
    house, network = scene.house, scene.network
    rows = [(house.nina, "GZ-0002"), (house.ben, "GZ-0107")]
    sheet = "\n".join(
        (
            "inspector_email,outlet_code,visited_on",
            *(f"{who.member.email},{outlet},{on}" for who, outlet in rows),
        )
    )
    done = house.alice.api.send_text(
        "/v1/rotation/history/import",
        HistoryImportOut,
        sheet,
        content_type="text/csv",
        programme_id=str(network.programme_id),
    )
    expect("the past visits are entered", (done.created, done.errors), (len(rows), []))
    scene.account.shown(
        f"{len(house.inspectors)} inspectors with homes and working hours; past visits imported: nina may enter "
        f"GZ-0002 again on {first_allowed_day(on)}"
    )


def _drawn_up(scene: Scene, *, month: str) -> PlanOut:
    sam, network = scene.house.sam.api, scene.network
    wanted = PlanIn(
        programme_id=network.programme_id, month=month, region_id=network.outlet.region_id, seconds=SEARCH_S
    )
    plan = sam.post(path_of("plans"), PlanOut, wanted)
    deadline = time.monotonic() + DRAWN_UP_WITHIN_S
    while plan.state in (PlanState.WAITING, PlanState.SOLVING):
        if time.monotonic() > deadline:
            raise Unexpected(f"no plan within {DRAWN_UP_WITHIN_S:.0f} s; its state is {plan.state}")
        time.sleep(PAUSE_S)
        plan = sam.get(path_of("plans", plan.id), PlanOut)
    expect("the month is planned", (plan.state, plan.failure), (PlanState.DRAFT, None))
    return plan


def _require_rotation(scene: Scene, visits: list[PlannedVisitOut]) -> None:
    """Counted again from what happened: ivy and ian were in the hall within the last days."""
    house, hall = scene.house, scene.network.outlet
    were_there = {house.ivy.id, house.ian.id}
    there = [set(one.inspectors) & were_there for one in visits if one.outlet_id == hall.id]
    expect(f"neither ivy nor ian goes back to {HALL}", [one for one in there if one], [])


def _next_month(today: date) -> str:
    return f"{today.replace(day=1) + timedelta(days=32):%Y-%m}"
