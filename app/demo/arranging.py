"""What the supervisor does: arrange visits, inside the rotation rule."""

from datetime import date, datetime, timedelta

from app.demo.account import expect
from app.demo.client import path_of
from app.demo.network import Network
from app.demo.people import Person
from app.demo.scene import Scene
from app.kit.clock import local_date
from app.kit.ids import new_id
from app.rotation.rules import first_allowed_day
from app.visits.rules import CrewRole, DayPart, Kind, State
from app.visits.schemas import CrewIn, VisitIn, VisitOut

PURPOSE = "plan-change"
A_MONTH = timedelta(days=30)


def arrange(scene: Scene, *, now: datetime) -> VisitOut:
    """A covert visit today; another one a month later, which the same inspector may not do (D5)."""
    house, network, account = scene.house, scene.network, scene.account
    today = local_date(now, network.outlet.time_zone)
    visit = house.sam.api.post(path_of("visits"), VisitOut, wanted(network, house.ivy, on=today))
    expect("a visit with a crew is reserved at once", visit.state, State.RESERVED)
    account.shown(f"covert visit of {network.outlet.name_en} on {today} by ivy: {visit.state}")

    later = today + A_MONTH
    again = wanted(network, house.ivy, on=later)
    refusal = house.sam.api.refused("POST", path_of("visits"), "rotation-conflict", again)
    first = first_allowed_day(today)
    expect(
        "the refusal names the first allowed date (D5.8)",
        refusal.member("first_allowed_on"),
        first.isoformat(),
    )
    account.shown(
        f"the same inspector on {later}: refused (rotation-conflict); first allowed date {first} (D5.1, D5.8)"
    )

    other = house.sam.api.post(path_of("visits"), VisitOut, wanted(network, house.ian, on=later))
    expect("the other inspector is free", other.state, State.RESERVED)
    account.shown(f"given to ian instead: {other.state}")
    return visit


def wanted(network: Network, inspector: Person, *, on: date) -> VisitIn:
    return VisitIn(
        id=new_id(),
        programme_id=network.programme_id,
        outlet_id=network.outlet.id,
        checklist_version_id=network.checklist.id,
        planned_on=on,
        day_part=DayPart.AFTERNOON,
        kind=Kind.COVERT,
        purpose=PURPOSE,
        scenario="You use 30 GB a month and find your plan too dear. Change it if a better one is offered.",
        crew=[CrewIn(person_id=inspector.id, role=CrewRole.LEAD)],
    )
