"""What the store itself refuses to lose, on every store the suite knows: Ceph locks objects, the embedded one does not."""

from datetime import timedelta

import pytest

from app.kit.storage import ObjectMissing, StorageRefused
from app.kit.storage.s3 import S3Storage
from app.kit.storage.versions import is_versioned

DAY = timedelta(days=1)


async def put(storage: S3Storage, key: str, content: bytes) -> None:
    await storage.put_bytes(key, content, content_type="text/plain")


def versions_of(storage: S3Storage, key: str) -> int:
    answer = storage._s3.list_object_versions(Bucket=storage._bucket, Prefix=key)
    return len(answer.get("Versions", ())) + len(answer.get("DeleteMarkers", ()))


class TestProtect:
    async def test_what_is_locked_stays_until_governance_lifts_it(self, storage: S3Storage) -> None:
        await put(storage, "original", b"evidence")
        can_lock = (await storage.probe()).object_lock

        locked = await storage.protect("original", lasting=DAY)

        assert locked is can_lock
        assert (
            await storage.get_bytes("original") == b"evidence"
        )  # a store without locks did not write over it
        if locked:
            with pytest.raises(StorageRefused):
                await storage.delete("original")
            assert await storage.get_bytes("original") == b"evidence"
        await storage.delete("original", lift_lock=True)
        with pytest.raises(ObjectMissing):
            await storage.get_bytes("original")
        assert versions_of(storage, "original") == 0

    async def test_a_bucket_is_made_with_a_lock_where_the_server_has_it(
        self, storage: S3Storage, request: pytest.FixtureRequest
    ) -> None:
        abilities = await storage.probe()

        assert abilities.object_lock is ("ceph" in request.node.callspec.id)
        assert is_versioned(storage._s3, storage._bucket) is abilities.object_lock


class TestDeleteForGood:
    async def test_no_earlier_version_is_left_and_no_neighbour_is_touched(self, storage: S3Storage) -> None:
        """A muted rendition that only hides behind a mark of deletion would still be there to hear (D10.2)."""
        storage._s3.put_bucket_versioning(
            Bucket=storage._bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        for content in (b"first", b"second"):
            await put(storage, "renditions/a", content)
        await put(storage, "renditions/ab", b"neighbour")
        assert versions_of(storage, "renditions/a") == 3

        await storage.delete("renditions/a")
        await storage.delete("renditions/a")

        assert versions_of(storage, "renditions/a") == 1
        assert await storage.get_bytes("renditions/ab") == b"neighbour"
