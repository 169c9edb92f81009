"""Many visits at once: the same rules as one by one, each wish answered in its place (D5.5)."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.kit.problems import NotFound, Problem
from app.outlets.models import OutletClosure
from app.rotation.models import Exposure
from app.visits.arrange_many import arrange_many
from app.visits.models import CrewMember, Visit, VisitTransition
from app.visits.problems import NoRecordingPolicy
from app.visits.schemas import VisitIn
from tests.support.places import a_region, an_outlet
from tests.support.visits import Scene, a_scene
from tests.support.world import World


async def arranged(scene: Scene, *bodies: dict[str, Any]) -> list[str]:
    """For each wish `reserved`, `proposed`, or the type of the problem."""
    async with scene.world.database.writing() as session:
        wishes = [VisitIn.model_validate(body) for body in bodies]
        found = await arrange_many(session, scene.sam.actor, wishes, now=scene.world.clock.now)
    return names_of(found)


def names_of(found: Sequence[Visit | Problem]) -> list[str]:
    return [one.type if isinstance(one, Problem) else str(one.state) for one in found]


async def count(world: World, *tables: type[Any]) -> list[int]:
    async with world.database.reading() as session:
        return [await session.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in tables]


class TestArrangeMany:
    async def test_makes_the_visits_that_one_by_one_would_make(self, world: World) -> None:
        scene = await a_scene(world)
        other = await an_outlet(world, "gz-2", region=scene.region)
        alone = await scene.arranged(scene.ivy, scene.ian, on="2026-03-02")

        made = await arranged(
            scene,
            scene.body(scene.ivy, scene.ian, on="2026-07-01"),
            scene.body(on="2026-07-01", outlet_id=str(other.id)),
        )

        assert made == ["reserved", "proposed"]
        listed = (await scene.sam.get("/v1/visits")).json()["items"]
        assert await count(world, Visit, Exposure, CrewMember, VisitTransition) == [3, 4, 4, 5]
        one, twin = [
            (await scene.sam.get(f"/v1/visits/{visit['id']}")).json()
            for visit in listed
            if visit["id"] == alone or (visit["state"] == "reserved" and visit["id"] != alone)
        ]
        for key in ("crew", "recording_mode", "purpose", "next_states", "state"):
            assert twin[key] == one[key], key

    async def test_answers_each_refusal_in_its_place_and_keeps_the_others(self, world: World) -> None:
        """D5.1, D5.6: a closure, history, a bar that the same wishes make, a person who is no inspector."""
        scene = await a_scene(world)
        shut = await an_outlet(world, "gz-2", region=scene.region)
        free = await an_outlet(world, "gz-3", region=scene.region)
        closure = OutletClosure(
            organisation_id=shut.organisation_id,
            outlet_id=shut.id,
            starts_on=date(2026, 3, 1),
            ends_on=date(2026, 3, 31),
            reason="Rebuilding",
        )
        await world.add(closure)
        await scene.arranged(scene.ivy, on="2025-12-20")

        made = await arranged(
            scene,
            scene.body(scene.ian, outlet_id=str(shut.id)),
            scene.body(scene.ivy, on="2026-03-20"),
            scene.body(scene.ian, on="2026-03-21"),
            scene.body(scene.ian, on="2026-06-21"),
            scene.body(scene.sam, outlet_id=str(free.id)),
            scene.body(scene.ivy, outlet_id=str(free.id)),
        )

        assert made == [
            "outlet-unavailable",
            "rotation-conflict",
            "reserved",
            "rotation-conflict",
            "not-an-inspector",
            "reserved",
        ]
        assert await count(world, Visit, Exposure) == [3, 3]

    async def test_reserves_a_whole_crew_or_nobody(self, world: World) -> None:
        scene = await a_scene(world)
        await scene.arranged(scene.ian, on="2026-03-01")

        assert await arranged(scene, scene.body(scene.ivy, scene.ian, on="2026-03-09")) == [
            "rotation-conflict"
        ]
        assert await arranged(scene, scene.body(scene.ivy, on="2026-03-09")) == ["reserved"]

    async def test_uses_a_waiver_once(self, world: World) -> None:
        """D5.7."""
        scene = await a_scene(world)
        await scene.arranged(scene.ivy, on="2026-03-01")
        waiver = {
            "inspector_id": str(scene.ivy.id),
            "programme_id": str(scene.programme.id),
            "outlet_id": str(scene.outlet.id),
            "visit_on": "2026-03-20",
            "reason": "Nobody else speaks the language",
        }
        assert (await scene.sam.post("/v1/rotation/waivers", json=waiver)).status_code == 201

        made = await arranged(
            scene, *[scene.body(scene.ivy, on="2026-03-20"), scene.body(scene.ivy, on="2026-03-20")]
        )

        assert made == ["reserved", "rotation-conflict"]

    async def test_counts_by_brand_where_the_programme_does(self, world: World) -> None:
        """D5.7: what was reserved before by outlet, and among the wishes."""
        scene = await a_scene(world, rotation_scope="brand")
        halls = [await an_outlet(world, f"east-{n}", region=scene.region, brand="Eastern") for n in range(3)]
        bodies = [scene.body(scene.ivy, outlet_id=str(hall.id)) for hall in halls]

        assert await arranged(scene, *bodies) == ["reserved", "rotation-conflict", "rotation-conflict"]

    async def test_keeps_nothing_when_one_lies_beyond_the_callers_reach_or_the_law(
        self, world: World
    ) -> None:
        """D10.5, D10.6."""
        scene = await a_scene(world)
        far = await an_outlet(world, "sh-1", region=await a_region(world, "Shanghai"))
        lawless = await an_outlet(
            world, "gz-9", region=await a_region(world, "Abroad", parent=scene.region, jurisdiction="XX")
        )

        for outlet, problem in ((far, NotFound), (lawless, NoRecordingPolicy)):
            with pytest.raises(problem):
                await arranged(scene, scene.body(scene.ivy), scene.body(outlet_id=str(outlet.id)))

        assert await count(world, Visit, Exposure) == [0, 0]

    async def test_races_with_others_and_nobody_meets_an_outlet_twice(self, world: World) -> None:
        """D5.5: whole publications and single assignments at once; each pair has one winner."""
        scene = await a_scene(world)
        halls = [scene.outlet] + [await an_outlet(world, f"gz-{n}", region=scene.region) for n in range(2, 8)]

        async def publication(day: int) -> list[str]:
            wishes = [
                scene.body(scene.ivy, on=f"2026-03-{day:02d}", outlet_id=str(hall.id)) for hall in halls
            ]

            async def work(session: Any) -> list[str]:
                bodies = [VisitIn.model_validate(wish) for wish in wishes]
                now = scene.world.clock.now
                return names_of(await arrange_many(session, scene.sam.actor, bodies, now=now))

            return await world.database.transact(work)

        async def by_hand(number: int) -> list[str]:
            answer = await scene.ask_for(scene.ivy, on="2026-03-15", outlet_id=str(halls[number].id))
            assert answer.status_code in (201, 409), answer.text
            return ["reserved"] if answer.status_code == 201 else []

        outcomes = await asyncio.gather(
            *(publication(day) for day in range(3, 8)), *(by_hand(number) for number in range(0, 7, 2))
        )

        won = [name for outcome in outcomes for name in outcome if name == "reserved"]
        async with world.database.reading() as session:
            places = (await session.scalars(sa.select(Exposure.place).where(Exposure.counts))).all()
        assert len(won) == len(places) == len(set(places)) == len(halls)
