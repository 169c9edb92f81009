"""Whatever people assign by hand after a plan was published, nobody meets a place twice too soon (D5)."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.outlets.models import Outlet
from app.rotation.models import Exposure
from tests.support.places import an_outlet
from tests.support.planned import planned, published, visits_of
from tests.support.planning import a_month
from tests.support.world import Caller, World, assert_problem

FIRST = date(2026, 3, 3)
WISHES = 40


def months_later(day: date, months: int = 3) -> date:
    """The last blocked day (D5.1), counted here without the product's rule."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


async def meetings(world: World, *, by_brand: bool) -> dict[tuple[UUID, object], list[date]]:
    """By person and outlet, or brand: the dates that count."""
    found: dict[tuple[UUID, object], list[date]] = defaultdict(list)
    async with world.database.reading() as session:
        rows = await session.execute(
            sa.select(Exposure.inspector_id, Outlet.id, Outlet.brand, Exposure.visited_on)
            .join(Outlet, Outlet.id == Exposure.outlet_id)
            .where(Exposure.counts)
        )
        for row in rows:
            found[row.inspector_id, (by_brand and row.brand) or row.id].append(row.visited_on)
    return found


@pytest.mark.parametrize("scope", ["outlet", "brand"])
async def test_no_later_assignment_breaks_the_rotation_of_a_published_plan(world: World, scope: str) -> None:
    """D5.1, D5.2, D5.4, D5.7: each is refused by the rule, or lawful when counted anew; neither is rare."""
    scene = await a_month(world, outlets=1, people=3, rotation_scope=scope)
    for number in range(3):
        await an_outlet(world, f"east-{number}", region=scene.region, brand="Eastern")
    plan = await published(scene, await planned(scene))
    assert plan["state"] == "published"
    outlets = sorted({visit["outlet_id"] for visit in await visits_of(scene, plan["id"])})
    people: list[Caller] = [one for name, one in world.callers.items() if name.startswith("inspector-")]
    draw = Random(5)  # noqa: S311 - draws wishes, keeps no secret
    outcomes = {201: 0, 409: 0}
    for _ in range(WISHES):
        person, outlet = draw.choice(people), draw.choice(outlets)
        on = FIRST + timedelta(days=draw.randrange(240))
        place = await _place(world, outlet, by_brand=scope == "brand")
        before = (await meetings(world, by_brand=scope == "brand"))[person.id, place]
        lawful = all(max(on, day) > months_later(min(on, day)) for day in before)

        answer = await scene.ask_for(person, on=on.isoformat(), outlet_id=outlet)

        if lawful:
            assert answer.status_code == 201, answer.text
        else:
            assert_problem(answer, 409, "rotation-conflict")
        outcomes[answer.status_code] += 1
    assert min(outcomes.values()) >= 3
    for dates in (await meetings(world, by_brand=scope == "brand")).values():
        for one, other in combinations(sorted(dates), 2):
            assert other > months_later(one)


async def _place(world: World, outlet: str, *, by_brand: bool) -> object:
    async with world.database.reading() as session:
        found = await session.get_one(Outlet, UUID(outlet))
    return (by_brand and found.brand) or found.id
