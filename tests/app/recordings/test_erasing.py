"""Originals under the store's lock, and their end by governance (D10.4), on a store with locks and one without."""

from uuid import UUID

import pytest

from app.kit.storage import StorageRefused
from app.recordings import queries
from app.recordings.erasing import erase_original, erase_renditions
from app.recordings.models import Recording
from tests.support.recordings import Phone, storage_of, worked
from tests.support.s3 import object_store_by_database
from tests.support.visits import Scene, a_scene
from tests.support.world import World

object_store = pytest.fixture(object_store_by_database)


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


async def a_photo_worked_on(scene: Scene, picture: bytes) -> Phone:
    visit = await scene.arranged(scene.ivy)
    await scene.entered(visit)
    phone = Phone(scene.ivy, visit, picture, medium="photo", content_type="image/jpeg")
    await phone.upload()
    assert await worked(scene.world) == []
    return phone


async def row_of(world: World, phone: Phone) -> Recording:
    async with world.database.reading() as session:
        return await queries.get_for_work(session, UUID(phone.id))


class TestEraseOriginal:
    async def test_the_store_refuses_to_lose_it_until_it_is_erased_for_good(
        self, world: World, scene: Scene, a_picture: bytes
    ) -> None:
        phone = await a_photo_worked_on(scene, a_picture)
        storage, key = storage_of(world), (await row_of(world, phone)).sealed_key
        assert key is not None
        if (await storage.probe()).object_lock:
            with pytest.raises(StorageRefused):
                await storage.delete(key)
        assert await storage.get_bytes(key) == a_picture

        for _ in range(2):
            erased = await erase_original(world.database, storage, UUID(phone.id), now=world.clock.now)

        assert erased.sha256 == phone.body()["sha256"]
        assert await storage.head(key) is None
        versions = storage._s3.list_object_versions(Bucket=storage._bucket, Prefix=key)
        assert not versions.get("Versions")

    async def test_nobody_is_given_it_any_more_and_its_renditions_go_by_themselves(
        self, world: World, scene: Scene, a_picture: bytes
    ) -> None:
        phone = await a_photo_worked_on(scene, a_picture)

        await erase_original(world.database, storage_of(world), UUID(phone.id), now=world.clock.now)
        async with world.database.reading() as session:
            left = (await queries.renditions_of(session, [UUID(phone.id)]))[UUID(phone.id)]
        await erase_renditions(world.database, UUID(phone.id), now=world.clock.now)
        assert await worked(world) == []

        assert set(left) == {"photo"}
        assert await storage_of(world).head(left[next(iter(left))].key) is None
