"""Uploads nobody goes on with: their parts leave the store, and those of a visit that is held stay (D10.4)."""

from datetime import timedelta

import pytest

from app.kit.clock import utc_now
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.settings import Settings
from tests.support.recordings import Phone, storage_of, worked
from tests.support.visits import a_scene
from tests.support.world import World


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A bucket of the test's own: what other tests left behind would be ended too."""
    return settings.model_copy(update={"s3_bucket": f"idle-{new_id()}"})


async def at_night(world: World) -> list[str]:
    """The keys of uploads that wait for parts, after the nightly run."""
    async with world.database.writing() as session:
        await enqueue(session, "retention.idle-uploads")
    assert await worked(world) == []
    soon = utc_now() + timedelta(minutes=1)  # stores round the second up
    pending = await storage_of(world).list_uploads(prefix="incoming/", begun_before=soon)
    return [one.key for one in pending]


async def test_they_are_ended_after_two_weeks_unless_their_visit_is_held(
    world: World,
) -> None:
    """D10.4: a hold keeps what is there of a file that is not whole."""
    scene = await a_scene(world)
    visit = await scene.arranged(scene.ivy)
    await scene.entered(visit)
    phone = Phone(scene.ivy, visit, b"a film that did not get far" * 1000)
    await phone.begin()
    await phone.send(1)
    alice = await world.person("alice")
    hold = await alice.post("/v1/legal-holds", json={"reason": "Labour dispute", "visit_id": visit})
    world.clock.advance(days=15)

    kept = await at_night(world)
    await alice.post(f"/v1/legal-holds/{hold.json()['id']}/lift", json={"reason": "Settled"})
    left = await at_night(world)

    assert (len(kept), left) == (1, [])
    assert (await phone.look())["state"] == "created"
