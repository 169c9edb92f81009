"""Uploading in parts, on every store the suite knows."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from app.kit.clock import utc_now
from app.kit.storage import NoSuchUpload, Part, StorageRefused, predicted_etag
from app.kit.storage.s3 import S3Storage
from tests.support.s3 import (
    MIB,
    NOT_FOR_THAT,
    SigningEarlier,
    answer_in_pages_of_two,
    md5,
    send,
    upload_parts,
)

HOUR = timedelta(hours=1)
FIRST = bytes(range(256)) * (5 * MIB // 256)
LAST = b"the end of the recording"
CONTENT = FIRST + LAST


class TestUploadingInParts:
    async def test_parts_become_one_object_with_the_token_and_the_predicted_etag(
        self, storage: S3Storage, tmp_path: Path
    ) -> None:
        upload_id = await upload_parts(storage, "visits/1/a.mp4", parts=(FIRST, LAST), token="token-7")
        parts = await storage.list_parts("visits/1/a.mp4", upload_id)

        await storage.complete_multipart("visits/1/a.mp4", upload_id, parts=parts)

        info = await storage.head("visits/1/a.mp4")
        assert info is not None
        assert info.etag == predicted_etag([md5(FIRST), md5(LAST)])
        assert info.size_bytes == len(CONTENT)
        assert info.token == "token-7"
        assert info.content_type == "video/mp4"
        download = await storage.download("visits/1/a.mp4", tmp_path / "a.mp4")
        assert download.sha256 == hashlib.sha256(CONTENT).hexdigest()

    async def test_the_list_of_parts_tells_numbers_sizes_and_md5s_whatever_the_order_they_came_in(
        self, storage: S3Storage
    ) -> None:
        upload_id = await storage.create_multipart("a", token="t", content_type="video/mp4")
        requests = await storage.sign_parts(
            "a", upload_id, md5_by_number={3: md5(LAST), 1: md5(FIRST)}, expires_in=HOUR
        )
        await send(requests[3], LAST)
        await send(requests[1], FIRST)

        assert await storage.list_parts("a", upload_id) == [
            Part(number=1, size_bytes=len(FIRST), etag=md5(FIRST)),
            Part(number=3, size_bytes=len(LAST), etag=md5(LAST)),
        ]

    async def test_a_part_with_other_content_than_signed_for_is_refused(self, storage: S3Storage) -> None:
        upload_id = await storage.create_multipart("a", token="t", content_type="video/mp4")
        requests = await storage.sign_parts("a", upload_id, md5_by_number={1: md5(FIRST)}, expires_in=HOUR)

        response = await send(requests[1], LAST)

        assert response.status_code == 400
        assert await storage.list_parts("a", upload_id) == []

    async def test_a_part_without_the_signed_md5_is_refused(self, storage: S3Storage) -> None:
        upload_id = await storage.create_multipart("a", token="t", content_type="video/mp4")
        requests = await storage.sign_parts("a", upload_id, md5_by_number={1: md5(FIRST)}, expires_in=HOUR)

        async with httpx2.AsyncClient() as client:
            response = await client.put(requests[1].url, content=LAST)

        assert response.status_code == 403

    async def test_a_tampered_url_is_refused(self, storage: S3Storage) -> None:
        upload_id = await storage.create_multipart("a", token="t", content_type="video/mp4")
        requests = await storage.sign_parts("a", upload_id, md5_by_number={1: md5(LAST)}, expires_in=HOUR)

        signed, refused = requests[1].url, []
        for other in (
            signed.replace("partNumber=1", "partNumber=2"),
            signed.replace(
                upload_id, await storage.create_multipart("a", token="u", content_type="video/mp4")
            ),
            signed.replace("/a?", "/b?"),
            signed.replace("Expires=3600", "Expires=86400"),
        ):
            assert other != signed
            refused.append((await send(replace(requests[1], url=other), LAST)).status_code)
        async with httpx2.AsyncClient() as client:
            for method in ("GET", "POST", "DELETE"):
                answer = await client.request(method, signed, headers=requests[1].headers)
                refused.append(answer.status_code)

        assert refused[:4] == [403] * 4
        assert {*refused[4:]} <= NOT_FOR_THAT
        assert await storage.list_parts("a", upload_id) == []

    async def test_an_expired_url_is_refused(self, storage: S3Storage, two_hours_ago: SigningEarlier) -> None:
        """The phone asks for a new one: it is no error of the upload."""
        upload_id = await storage.create_multipart("a", token="t", content_type="video/mp4")
        with two_hours_ago():
            requests = await storage.sign_parts("a", upload_id, md5_by_number={1: md5(LAST)}, expires_in=HOUR)

        response = await send(requests[1], LAST)

        assert response.status_code == 403

    async def test_a_part_sent_again_takes_the_place_of_the_first(self, storage: S3Storage) -> None:
        upload_id = await upload_parts(storage, "a", parts=(FIRST,))
        requests = await storage.sign_parts("a", upload_id, md5_by_number={1: md5(LAST)}, expires_in=HOUR)
        await send(requests[1], LAST)

        assert [part.etag for part in await storage.list_parts("a", upload_id)] == [md5(LAST)]

    async def test_completing_twice_never_spoils_the_object(self, storage: S3Storage) -> None:
        """A phone whose first answer was lost asks again."""
        upload_id = await upload_parts(storage, "a", parts=(FIRST, LAST))
        parts = await storage.list_parts("a", upload_id)
        await storage.complete_multipart("a", upload_id, parts=parts)

        with suppress(NoSuchUpload):
            await storage.complete_multipart("a", upload_id, parts=parts)

        info = await storage.head("a")
        assert info is not None
        assert (info.etag, info.size_bytes) == (predicted_etag([md5(FIRST), md5(LAST)]), len(CONTENT))

    async def test_completing_with_a_part_that_is_not_there_is_refused_and_the_upload_goes_on(
        self, storage: S3Storage
    ) -> None:
        upload_id = await upload_parts(storage, "a", parts=(FIRST, LAST))
        parts = await storage.list_parts("a", upload_id)
        wrong = [parts[0], replace(parts[1], etag=md5(FIRST))]

        with pytest.raises(StorageRefused):
            await storage.complete_multipart("a", upload_id, parts=wrong)

        assert await storage.head("a") is None
        await storage.complete_multipart("a", upload_id, parts=parts)

    async def test_aborting_a_finished_upload_does_no_harm(self, storage: S3Storage, tmp_path: Path) -> None:
        """A sweep may meet an upload that was completed a moment ago."""
        upload_id = await upload_parts(storage, "a", parts=(FIRST, LAST))
        await storage.complete_multipart("a", upload_id, parts=await storage.list_parts("a", upload_id))

        await storage.abort_multipart("a", upload_id)

        assert await storage.list_uploads() == []
        download = await storage.download("a", tmp_path / "a")
        assert download.sha256 == hashlib.sha256(CONTENT).hexdigest()

    async def test_the_same_part_sent_after_completion_does_no_harm(
        self, storage: S3Storage, tmp_path: Path
    ) -> None:
        upload_id = await storage.create_multipart("a", token="t", content_type="video/mp4")
        requests = await storage.sign_parts("a", upload_id, md5_by_number={1: md5(LAST)}, expires_in=HOUR)
        await send(requests[1], LAST)
        await storage.complete_multipart("a", upload_id, parts=await storage.list_parts("a", upload_id))

        await send(requests[1], LAST)

        download = await storage.download("a", tmp_path / "a")
        assert download.sha256 == hashlib.sha256(LAST).hexdigest()

    async def test_parts_are_listed_over_all_pages(self, storage: S3Storage) -> None:
        upload_id = await upload_parts(storage, "a", parts=(LAST,) * 5)
        answer_in_pages_of_two(storage, "ListParts", limit="MaxParts")

        parts = await storage.list_parts("a", upload_id)

        assert [part.number for part in parts] == [1, 2, 3, 4, 5]


class TestForgettingUploads:
    async def test_an_aborted_upload_is_gone(self, storage: S3Storage) -> None:
        upload_id = await upload_parts(storage, "a", parts=(FIRST,))

        await storage.abort_multipart("a", upload_id)

        with pytest.raises(NoSuchUpload):
            await storage.list_parts("a", upload_id)
        assert await storage.list_uploads() == []

    async def test_aborting_twice_is_no_error(self, storage: S3Storage) -> None:
        upload_id = await storage.create_multipart("a", token="t", content_type="video/mp4")
        await storage.abort_multipart("a", upload_id)

        await storage.abort_multipart("a", upload_id)

    async def test_the_sweep_sees_pending_uploads_by_prefix_and_age(self, storage: S3Storage) -> None:
        before = utc_now() - timedelta(minutes=1)
        upload_id = await upload_parts(storage, "visits/1/a", parts=(LAST,))
        await storage.create_multipart("visits/2/b", token="t", content_type="video/mp4")
        await storage.put_bytes("visits/1/finished", b"1", content_type="text/plain")

        [pending] = await storage.list_uploads(prefix="visits/1/")

        assert (pending.key, pending.upload_id) == ("visits/1/a", upload_id)
        assert len(await storage.list_uploads()) == 2
        assert await storage.list_uploads(begun_before=before) == []
        assert len(await storage.list_uploads(begun_before=before + timedelta(hours=1))) == 2
