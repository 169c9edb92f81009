"""Objects, copies and links, on every store the suite knows."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from app.kit.storage import ObjectMissing, StorageRefused, StorageUnavailable
from app.kit.storage.s3 import S3Storage
from tests.support.s3 import (
    MIB,
    NOT_FOR_THAT,
    TOKEN,
    S3Server,
    SigningEarlier,
    answer_in_pages_of_two,
    md5,
    store,
    upload_parts,
)

HOUR = timedelta(hours=1)
FIRST = bytes(range(256)) * (5 * MIB // 256)
LAST = b"the end of the recording"
CONTENT = FIRST + LAST


class TestBuckets:
    async def test_making_a_bucket_twice_is_no_error(self, storage: S3Storage) -> None:
        await storage.ensure_bucket()

    async def test_the_store_is_fit_for_the_product(self, storage: S3Storage) -> None:
        abilities = await storage.probe()

        assert abilities.range_requests
        assert abilities.content_md5_enforced
        assert abilities.versioning
        assert [listed async for listed in storage.list_keys("")] == []

    async def test_a_wrong_secret_is_refused(self, s3_server: S3Server, storage: S3Storage) -> None:
        await storage.put_bytes("a", b"1", content_type="text/plain")
        stranger = S3Storage(replace(s3_server.settings(storage._bucket), secret_key="guessed"))

        with pytest.raises(StorageRefused):
            await stranger.get_bytes("a")

    async def test_a_server_that_is_not_there_is_unavailable(self, s3_server: S3Server) -> None:
        nowhere = S3Storage(replace(s3_server.settings("bucket"), endpoint_url="http://127.0.0.1:9"))

        with pytest.raises(StorageUnavailable):
            await nowhere.head("a")


class TestObjects:
    async def test_an_object_that_is_not_there_has_no_head_and_cannot_be_fetched(
        self, storage: S3Storage, tmp_path: Path
    ) -> None:
        assert await storage.head("a") is None
        with pytest.raises(ObjectMissing):
            await storage.get_bytes("a")
        with pytest.raises(ObjectMissing):
            await storage.download("a", tmp_path / "a")

    async def test_small_objects_come_back_as_they_went(self, storage: S3Storage) -> None:
        await storage.put_bytes("visits/1/照片 1.jpg", b"\x00\xff", content_type="image/jpeg")

        assert await storage.get_bytes("visits/1/照片 1.jpg") == b"\x00\xff"
        info = await storage.head("visits/1/照片 1.jpg")
        assert info is not None
        assert (info.content_type, info.token) == ("image/jpeg", None)

    @pytest.mark.parametrize("size_bytes", [0, 1, 17 * MIB + 3], ids=["empty", "one byte", "in parts"])
    async def test_files_come_back_as_they_went_with_their_sha256(
        self, storage: S3Storage, tmp_path: Path, size_bytes: int
    ) -> None:
        content = (CONTENT * 4)[:size_bytes]
        (tmp_path / "sent").write_bytes(content)

        await storage.upload(tmp_path / "sent", "a", content_type="video/mp4")
        download = await storage.download("a", tmp_path / "received")

        assert (tmp_path / "received").read_bytes() == content
        assert download.size_bytes == size_bytes
        assert download.sha256 == hashlib.sha256(content).hexdigest()

    async def test_deleting_is_final_and_may_be_repeated(self, storage: S3Storage) -> None:
        await store(storage, "a", parts=(FIRST, LAST))

        await storage.delete("a")
        await storage.delete("a")

        assert await storage.head("a") is None

    async def test_deleting_a_prefix_takes_objects_and_pending_uploads_but_no_neighbours(
        self, storage: S3Storage
    ) -> None:
        """D10.4: deleting covers unfinished uploads."""
        await store(storage, "visits/1/a.mp4", parts=(FIRST, LAST))
        await storage.put_bytes("visits/1/poster.jpg", b"1", content_type="image/jpeg")
        await storage.put_bytes("visits/10/poster.jpg", b"1", content_type="image/jpeg")
        await upload_parts(storage, "visits/1/b.mp4", parts=(LAST,))

        assert await storage.delete_prefix("visits/1/") == 2

        assert [listed.key async for listed in storage.list_keys("")] == ["visits/10/poster.jpg"]
        assert await storage.list_uploads() == []

    async def test_a_listing_goes_over_all_pages_in_order(self, storage: S3Storage) -> None:
        for number in range(5):
            await storage.put_bytes(f"a/{number}", b"12", content_type="text/plain")
        await storage.put_bytes("b/1", b"1", content_type="text/plain")
        answer_in_pages_of_two(storage, "ListObjectsV2", limit="MaxKeys")

        listed = [line async for line in storage.list_keys("a/")]

        assert [line.key for line in listed] == [f"a/{number}" for number in range(5)]
        assert {line.size_bytes for line in listed} == {2}


class TestCopying:
    async def test_a_copy_has_the_content_the_type_and_the_token(
        self, storage: S3Storage, tmp_path: Path
    ) -> None:
        """Small objects in one call, larger ones part by part."""
        await store(storage, "large", parts=(FIRST, FIRST, LAST))
        await store(storage, "small", parts=(LAST,))

        await storage.copy("large", "sealed/large")
        await storage.copy("small", "sealed/small")
        await storage.delete_prefix("large")

        for name, content in (("large", FIRST + FIRST + LAST), ("small", LAST)):
            info = await storage.head(f"sealed/{name}")
            assert info is not None
            assert (info.size_bytes, info.content_type, info.token) == (len(content), "video/mp4", TOKEN)
            download = await storage.download(f"sealed/{name}", tmp_path / name)
            assert download.sha256 == hashlib.sha256(content).hexdigest()

    async def test_copying_what_is_not_there_is_refused(self, storage: S3Storage) -> None:
        with pytest.raises(ObjectMissing):
            await storage.copy("nothing", "target")


class TestLinks:
    async def test_a_link_answers_range_requests_with_206(self, storage: S3Storage) -> None:
        await store(storage, "a", parts=(FIRST, LAST))
        url = await storage.sign_get("a", expires_in=HOUR, filename="recording.mp4", content_type="video/mp4")

        async with httpx2.AsyncClient() as client:
            across = await client.get(url, headers={"Range": f"bytes={len(FIRST) - 2}-{len(FIRST) + 2}"})
            tail = await client.get(url, headers={"Range": "bytes=-3"})

        assert across.status_code == tail.status_code == 206
        assert across.content == CONTENT[len(FIRST) - 2 : len(FIRST) + 3]
        assert across.headers["content-range"] == (f"bytes {len(FIRST) - 2}-{len(FIRST) + 2}/{len(CONTENT)}")
        assert tail.content == LAST[-3:]

    async def test_a_link_names_and_types_the_file_as_asked(self, storage: S3Storage) -> None:
        """D10.1: the name a browser shows is ours, not the key's."""
        await storage.put_bytes("visits/ivy/a", b"1", content_type="application/octet-stream")
        url = await storage.sign_get(
            "visits/ivy/a",
            expires_in=HOUR,
            filename="录像 1.mp4",
            content_type="video/mp4",
            disposition="attachment",
        )

        async with httpx2.AsyncClient() as client:
            response = await client.get(url)

        assert response.headers["content-type"] == "video/mp4"
        assert response.headers["content-disposition"] == (
            "attachment; filename*=UTF-8''%E5%BD%95%E5%83%8F%201.mp4"
        )

    async def test_an_expired_link_a_tampered_link_and_no_link_are_refused(
        self, storage: S3Storage, two_hours_ago: SigningEarlier
    ) -> None:
        await storage.put_bytes("a", b"1", content_type="text/plain")
        await storage.put_bytes("b", b"2", content_type="text/plain")
        sign = partial(storage.sign_get, "a", expires_in=HOUR, filename="a", content_type="text/plain")
        fresh = await sign()
        with two_hours_ago():
            expired = await sign()
        path = urlsplit(fresh).path

        async with httpx2.AsyncClient() as client:
            good = await client.get(fresh)
            refused = [
                await client.get(expired),
                await client.get(fresh.replace(path, path[:-1] + "b")),
                await client.get(fresh.replace(path, path[:-2])),  # the list of all objects
                await client.get(fresh.replace("Expires=3600", "Expires=86400")),
                await client.get(fresh.replace("text%2Fplain", "text%2Fhtml")),
            ]
            misused = [
                await client.put(fresh, content=b"3"),
                await client.post(fresh, content=b"3"),
                await client.delete(fresh),
            ]
            anonymous = await client.get(fresh.partition("?")[0])

        assert good.content == b"1"
        assert {answer.status_code for answer in refused} == {403}
        assert {answer.status_code for answer in misused} <= NOT_FOR_THAT
        assert await storage.get_bytes("a") == b"1"
        assert 400 <= anonymous.status_code < 500

    async def test_links_are_signed_for_the_public_address(self, s3_server: S3Server) -> None:
        settings = replace(s3_server.settings("bucket"), public_endpoint_url="https://media.example.org")
        storage = S3Storage(settings)

        url = await storage.sign_get("a", expires_in=HOUR, filename="a", content_type="text/plain")
        requests = await storage.sign_parts("a", "u", md5_by_number={1: md5(LAST)}, expires_in=HOUR)

        assert url.startswith("https://media.example.org/bucket/a?")
        assert requests[1].url.startswith("https://media.example.org/bucket/a?")
