"""Visits nobody went to."""

from app.visits.arrange import expire_overdue
from tests.support.visits import a_scene
from tests.support.world import World


class TestExpire:
    async def test_gives_the_dates_back_and_leaves_the_rest_alone(self, world: World) -> None:
        """D5.6: expired before entry is released at once."""
        scene = await a_scene(world)
        missed = await scene.arranged(scene.ivy, on="2026-03-02")
        coming = await scene.arranged(scene.ian, on="2026-03-09")
        world.clock.advance(days=3)

        async with world.database.writing() as session:
            assert await expire_overdue(session, now=world.clock.now) == 1
        async with world.database.writing() as session:
            assert await expire_overdue(session, now=world.clock.now) == 0

        states = {
            visit: (await scene.sam.get(f"/v1/visits/{visit}")).json()["state"] for visit in (missed, coming)
        }
        assert states == {missed: "expired", coming: "reserved"}
        await scene.arranged(scene.ivy, on="2026-03-10")
