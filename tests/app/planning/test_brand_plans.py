"""Months of programmes that rotate by brand (D5.7), drawn up, changed and published; the database agrees (D5.5)."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.kit.ids import new_id
from app.outlets.models import Outlet
from app.programmes.rules import RotationScope
from app.rotation import service
from app.rotation.models import Exposure
from app.rotation.parts import Part, RotationRule
from tests.support.places import an_outlet
from tests.support.planned import planned, published, shown, visits_of
from tests.support.planning import a_month
from tests.support.visits import Scene
from tests.support.world import Caller, World, assert_problem

BY_BRAND = RotationRule(3, RotationScope.BRAND)
BY_OUTLET = RotationRule(3, RotationScope.OUTLET)


async def a_chain(world: World, *, people: int) -> tuple[Scene, list[Outlet]]:
    """The scene's own hall, of no chain; two halls of Eastern and one of Western; and one of Eastern elsewhere."""
    scene = await a_month(world, outlets=1, people=people, rotation_scope="brand")
    halls = [
        await an_outlet(world, f"gz-{brand}-{number}", region=scene.region, brand=brand, active=active)
        for number, (brand, active) in enumerate(
            [("Eastern", True), ("Eastern", True), ("Western", True), ("Eastern", False)]
        )
    ]
    return scene, halls


async def been(world: World, person: Caller, outlet: Outlet, on: str, rule: RotationRule) -> None:
    async with world.database.writing() as session:
        part = Part(person.id, outlet, new_id(), rule)
        await service.reserve(session, part, on=date.fromisoformat(on), covert=True, now=world.clock.now)


def team(world: World) -> list[Caller]:
    return [one for name, one in world.callers.items() if name.startswith("inspector-")]


async def by_hand(scene: Scene, plan: dict[str, Any], what: str, **body: Any) -> Any:
    headers = {"If-Match": f'"{plan["version"]}"'}
    return await scene.sam.post(f"/v1/plans/{plan['id']}/{what}", json=body, headers=headers)


class TestAMonthByBrand:
    async def test_is_drawn_up_and_published_without_a_lost_race(self, world: World) -> None:
        """D5.5, D5.7: what the planner found lawful the database reserves, each under its brand."""
        scene, (one, other, west, _) = await a_chain(world, people=2)

        plan = await published(scene, await planned(scene))

        assert (plan["state"], plan["failure"]) == ("published", None)
        visits = await visits_of(scene, plan["id"])
        assert len(visits) == 4
        eastern = [visit for visit in visits if visit["outlet_id"] in {str(one.id), str(other.id)}]
        assert len({visit["inspectors"][0] for visit in eastern}) == 2
        async with world.database.reading() as session:
            places = Counter(await session.scalars(sa.select(Exposure.place).where(Exposure.counts)))
        assert places == {"brand:Eastern": 2, f"brand:{west.brand}": 1, str(scene.outlet.id): 1}

    async def test_counts_visits_at_outlets_of_the_brand_outside_the_plan(self, world: World) -> None:
        """D5.4, D5.7: whichever scope the rule had under which they were reserved."""
        scene, (one, other, _, gone) = await a_chain(world, people=3)
        first, second, third = team(world)
        await been(world, first, gone, "2026-03-20", BY_BRAND)
        await been(world, second, gone, "2026-05-20", BY_OUTLET)

        plan = await published(scene, await planned(scene))

        visits = await visits_of(scene, plan["id"])
        eastern = [visit for visit in visits if visit["outlet_id"] in {str(one.id), str(other.id)}]
        assert [visit["inspectors"] for visit in eastern] == [[str(third.id)]]
        (unserved,) = (await scene.sam.get(f"/v1/plans/{plan['id']}/unserved")).json()["items"]
        assert unserved["outlet_id"] in {str(one.id), str(other.id)}

    async def test_by_hand_and_why_not_know_the_brand(self, world: World) -> None:
        """D5.8, D6.4."""
        scene, (one, other, _, gone) = await a_chain(world, people=3)
        first, *_ = team(world)
        await been(world, first, gone, "2026-03-20", BY_BRAND)
        plan = await planned(scene)
        made = {visit["outlet_id"]: visit for visit in await visits_of(scene, plan["id"])}
        here, there = made[str(one.id)], made[str(other.id)]
        taken = here["inspectors"][0]

        wish = {"visit": there["visit"], "inspectors": [taken], "on": "2026-04-15"}
        refused = assert_problem(await by_hand(scene, plan, "move", **wish), 409, "plan-rules-broken")
        question = {"visit": there["visit"], "inspector_id": str(first.id), "on": "2026-04-15"}
        told = (await scene.sam.post(f"/v1/plans/{plan['id']}/why-not", json=question)).json()

        (broken,) = [found for found in refused["broken"] if found["rule"] == "rotation"]
        assert "brand Eastern" in broken["says"]
        (reason,) = [found for found in told["broken"] if found["rule"] == "rotation"]
        assert "2026-03-20" in reason["says"]
        assert "brand Eastern" in reason["says"]
        assert "2026-06-20" in reason["says"]

    async def test_is_planned_again_when_somebody_was_at_another_outlet_of_the_brand_first(
        self, world: World
    ) -> None:
        """D5.5: the race is lost at a hall that is not even in the plan."""
        scene, (one, other, _, gone) = await a_chain(world, people=3)
        plan = await planned(scene)
        taken = next(
            visit for visit in await visits_of(scene, plan["id"]) if visit["outlet_id"] == str(one.id)
        )
        person = next(who for who in team(world) if who.id == UUID(taken["inspectors"][0]))
        await been(world, person, gone, "2026-03-25", BY_BRAND)

        done = await published(scene, plan)

        now = {visit["outlet_id"]: visit for visit in await visits_of(scene, plan["id"])}
        assert done["state"] == "published"
        assert len(now) == 4
        crew = {now[str(hall.id)]["inspectors"][0] for hall in (one, other)}
        assert len(crew) == 2
        assert str(person.id) not in crew
        assert (await shown(scene, plan["id"]))["failure"] is None
