"""Crews are told of their visits: once when they may see them, and once more when the day is near (D6.6)."""

from collections import Counter
from typing import Any

from app.visits.reminding import tell_assigned, tell_due_soon
from tests.support.visits import a_scene
from tests.support.world import Caller, World


async def reminded(world: World) -> None:
    """By the steps of the job, twice: the second time nothing is new."""
    for _ in range(2):
        for tell in (tell_assigned, tell_due_soon):
            async with world.database.writing() as session:
                await tell(session, now=world.clock.now)


async def inbox(who: Caller) -> list[dict[str, Any]]:
    answer = await who.get("/v1/inbox")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def kinds(who: Caller) -> Counter[str]:
    return Counter(entry["kind"] for entry in await inbox(who))


class TestRemind:
    async def test_tells_nobody_before_the_visit_is_shown(self, world: World) -> None:
        scene = await a_scene(world)
        await scene.arranged(scene.ivy, on="2026-04-20")

        await reminded(world)

        assert await inbox(scene.ivy) == []

    async def test_tells_the_whole_crew_once_when_it_is_shown(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, scene.ian, on="2026-04-20")
        world.clock.advance(days=46)

        await reminded(world)

        for who in (scene.ivy, scene.ian):
            (entry,) = await inbox(who)
            assert (entry["kind"], entry["about"]["visit_id"]) == ("visit.assigned", visit)
            assert entry["about"]["due_on"] == "2026-04-20"

    async def test_tells_again_on_the_day_before(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, on="2026-03-09")
        await reminded(world)
        await scene.ivy.post(f"/v1/visits/{visit}/accept")

        world.clock.advance(days=6)
        await reminded(world)
        world.clock.advance(hours=20)
        await reminded(world)

        assert await kinds(scene.ivy) == {"visit.assigned": 1, "visit.due_soon": 1}

    async def test_tells_who_was_put_into_the_crew_later(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, on="2026-03-09")
        await reminded(world)

        version = (await scene.sam.get(f"/v1/visits/{visit}")).headers["etag"]
        crew = {"crew": [{"person_id": str(scene.ian.id), "role": "lead"}]}
        await scene.sam.put(f"/v1/visits/{visit}/crew", json=crew, headers={"If-Match": version})
        await reminded(world)

        assert (await kinds(scene.ivy), await kinds(scene.ian)) == (
            {"visit.assigned": 1},
            {"visit.assigned": 1},
        )

    async def test_tells_nobody_of_what_was_called_off(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, on="2026-03-03")
        version = (await scene.sam.get(f"/v1/visits/{visit}")).headers["etag"]
        await scene.sam.post(
            f"/v1/visits/{visit}/cancel",
            json={"reason": "The hall is closed."},
            headers={"If-Match": version},
        )

        await reminded(world)

        assert await inbox(scene.ivy) == []
