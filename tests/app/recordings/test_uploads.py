"""Uploads through HTTP and straight to a real object store: interrupted, repeated, refused (D11)."""

import asyncio
import os
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.kit.clock import utc_now
from app.kit.ids import new_id
from app.kit.storage import StorageUnavailable
from app.programmes.rules import RecordingMode
from app.recordings import sweeping
from app.recordings.models import Rendition
from app.recordings.rules import RenditionKind
from app.settings import Settings
from tests.support.recordings import PART, Phone, resources_of, storage_of, worked
from tests.support.s3 import object_store_by_database, send
from tests.support.visits import Scene, a_photo, a_scene, the_video
from tests.support.world import World, assert_problem

object_store = pytest.fixture(object_store_by_database)  # the embedded one, and Ceph
SMALL = b"as good as a video until somebody looks"


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


@pytest.fixture
async def visit(scene: Scene) -> str:
    """ivy is inside."""
    made = await scene.arranged(scene.ivy)
    await scene.entered(made)
    return made


@pytest.fixture
def phone(scene: Scene, visit: str) -> Phone:
    return Phone(scene.ivy, visit, SMALL)


class TestDeclare:
    async def test_the_store_then_waits_for_parts(self, phone: Phone) -> None:
        begun = await phone.begin()

        assert (begun["state"], begun["part_count"], begun["may_free_copy"]) == ("uploading", 1, False)
        listed = (await phone.who.get(f"{phone.at}/parts")).json()
        assert (listed["parts"], listed["unfinished"]) == ([], [1])

    async def test_the_same_again_is_the_same_upload(self, phone: Phone) -> None:
        """D11: a phone that lost the answer asks again."""
        await phone.begin()
        await phone.send(1)

        again = await phone.begin()

        assert again["state"] == "uploading"
        assert (await phone.complete()).status_code == 200

    async def test_sent_twice_at_once_it_is_one_upload(self, world: World, phone: Phone) -> None:
        answers = await asyncio.gather(*(phone.declare() for _ in range(4)))

        assert {answer.status_code for answer in answers} == {201}
        key = (await storage_of(world).list_uploads(prefix="incoming/"))[-1].key
        pending = [one for one in await storage_of(world).list_uploads(prefix="incoming/") if one.key == key]
        assert len(pending) == 1

    async def test_other_content_under_the_same_id_is_refused(self, phone: Phone) -> None:
        await phone.begin()

        assert_problem(await phone.declare(size_bytes=17), 409, "recording-conflict")

    async def test_an_id_that_somebody_else_uses_is_refused(self, scene: Scene, phone: Phone) -> None:
        await phone.begin()
        elsewhere = await scene.arranged(scene.ian)
        await scene.entered(elsewhere, scene.ian)

        stranger = Phone(scene.ian, elsewhere, SMALL, id=phone.id)
        assert_problem(await stranger.declare(), 409, "recording-conflict")

    async def test_only_the_crew_brings_recordings(self, scene: Scene, visit: str) -> None:
        assert_problem(await Phone(scene.sam, visit, SMALL).declare(), 409, "not-in-crew")
        assert_problem(await Phone(scene.ian, visit, SMALL).declare(), 404, "not-found")

    async def test_nobody_uploads_before_going_in(self, scene: Scene) -> None:
        ahead = await scene.arranged(scene.ian, on="2026-03-02")

        assert_problem(await Phone(scene.ian, ahead, SMALL).declare(), 409, "visit-wrong-state")

    async def test_where_nothing_may_be_recorded_only_photos_are_taken(self, world: World) -> None:
        """D10.5, and D4.3: a breached norm needs a photo at least."""
        scene = await a_scene(world, mode=RecordingMode.NONE)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)

        refused = assert_problem(await Phone(scene.ivy, visit, SMALL).declare(), 409, "recording-not-lawful")
        assert refused["lawful"] == ["document", "photo"]
        photo = Phone(scene.ivy, visit, SMALL, medium="photo", content_type="image/jpeg")
        assert (await photo.declare()).status_code == 201

    async def test_where_only_sound_may_be_recorded_video_is_refused(self, world: World) -> None:
        scene = await a_scene(world, mode=RecordingMode.AUDIO)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)

        assert_problem(await Phone(scene.ivy, visit, SMALL).declare(), 409, "recording-not-lawful")
        sound = Phone(scene.ivy, visit, SMALL, medium="audio", content_type="Audio/WebM; codecs=opus")
        assert (await sound.declare()).status_code == 201

    @pytest.mark.parametrize(
        ("change", "status", "slug"),
        [
            ({"content_type": "application/x-sh"}, 422, "recording-type-refused"),
            ({"size_bytes": 30_000_000_000}, 413, "recording-too-large"),
            ({"size_bytes": 0}, 422, "invalid-request"),
            ({"sha256": "not a hash"}, 422, "invalid-request"),
            ({"owner": "ivy"}, 422, "invalid-request"),
        ],
        ids=["type", "size", "empty", "hash", "unknown field"],
    )
    async def test_what_cannot_be_a_recording_is_refused(
        self, phone: Phone, change: dict[str, Any], status: int, slug: str
    ) -> None:
        assert_problem(await phone.declare(**change), status, slug)

    async def test_all_files_of_a_visit_have_a_limit_together(self, scene: Scene, visit: str) -> None:
        large = 20_000_000_000
        first, *more = [Phone(scene.ivy, visit, SMALL) for _ in range(4)]
        await first.begin(size_bytes=large)
        for phone in more[:2]:
            await phone.begin(size_bytes=large)

        refused = assert_problem(await more[2].declare(size_bytes=large), 409, "visit-quota-exceeded")
        assert refused["room_bytes"] == 64_424_509_440 - 3 * large
        assert (await first.who.delete(first.at)).status_code == 204
        assert (await more[2].declare(size_bytes=large)).status_code == 201

    async def test_one_person_brings_only_so_much_within_a_day(
        self, world: World, scene: Scene, visit: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Over all visits; what was thought better of does not count, nor what was brought a day ago."""
        monkeypatch.setattr(
            world.app.state,
            "settings",
            world.settings.model_copy(update={"max_person_day_bytes": 20_000_000}),
        )
        first, second = [Phone(scene.ivy, visit, SMALL) for _ in range(2)]
        await first.begin(size_bytes=15_000_000)

        refused = assert_problem(await second.declare(size_bytes=6_000_000), 409, "person-quota-exceeded")

        assert refused["room_bytes"] == 5_000_000
        assert (await second.declare(size_bytes=5_000_000)).status_code == 201
        assert (await second.who.delete(second.at)).status_code == 204
        world.clock.advance(hours=25)
        assert (await second.declare(size_bytes=5_000_000)).status_code == 201

    async def test_a_file_of_the_manifest_comes_as_it_was_declared_there(
        self, scene: Scene, visit: str
    ) -> None:
        """D7.3"""
        phone = Phone(scene.ivy, visit, SMALL)
        answered = await scene.answered(visit, evidence=[{"recording": phone.id, "at_ms": 1000}])
        assert answered.status_code == 200
        declared = the_video(phone.id, scene.world.clock.now, size_bytes=len(SMALL) + 1)
        gone = await scene.leave(visit, [declared, *(a_photo() for _ in range(4))])
        assert gone.status_code == 200, gone.text

        assert_problem(await phone.declare(), 409, "manifest-conflict")

    async def test_bytes_may_come_after_the_visit_was_handed_in(self, scene: Scene, visit: str) -> None:
        """D7.3, D8.6"""
        await scene.left(visit)
        await scene.submitted(visit)

        assert (await Phone(scene.ivy, visit, SMALL).declare()).status_code == 201


class TestSendParts:
    async def test_a_phone_that_forgot_everything_but_the_file_goes_on(
        self, scene: Scene, visit: str
    ) -> None:
        """D11: cut off in the middle, reinstalled, and only the recording's id and the file left."""
        content = os.urandom(2 * PART + 1234)
        before = Phone(scene.ivy, visit, content)
        await before.begin()
        await before.send(2)
        after = Phone(scene.ivy, visit, content, id=before.id)

        listed = (await after.who.get(f"{after.at}/parts")).json()
        await after.send(*listed["unfinished"])
        done = await after.complete()

        assert listed["unfinished"] == [1, 3]
        assert [part["size_bytes"] for part in listed["parts"]] == [PART]
        assert done.json()["state"] == "stored"

    async def test_the_store_refuses_other_content_than_was_signed(self, phone: Phone) -> None:
        await phone.begin()
        requests = await phone.requests(1)

        answer = await send(requests[1], SMALL.upper())

        assert answer.status_code == 400
        assert (await phone.who.get(f"{phone.at}/parts")).json()["unfinished"] == [1]

    async def test_a_part_the_file_does_not_have_is_refused(self, phone: Phone) -> None:
        await phone.begin()
        body = {"parts": [{"number": 2, "md5": "0" * 32}]}

        refused = assert_problem(await phone.who.post(f"{phone.at}/parts", json=body), 422, "not-a-part")
        assert refused["numbers"] == [2]

    async def test_nothing_is_signed_once_the_file_is_there(self, phone: Phone) -> None:
        await phone.upload()

        assert_problem(await phone.sign(1), 409, "upload-not-open")

    async def test_a_url_used_again_does_not_harm_what_has_arrived(self, world: World, phone: Phone) -> None:
        await phone.begin()
        kept = await phone.requests(1)
        await phone.send(1)
        await phone.complete()

        await send(kept[1], SMALL)  # some stores refuse it, some take the same bytes once more

        assert await worked(world) == []
        assert (await phone.look())["verified_at"] is not None

    async def test_recordings_of_others_are_not_there(self, world: World, scene: Scene, phone: Phone) -> None:
        """D10.6: the uploader alone, whatever else somebody may do."""
        await phone.begin()
        mona, bob = await world.person("mona"), await world.person("bob")

        for other in (scene.sam, scene.ian, mona, bob):
            for method, path in [
                ("GET", ""), ("GET", "/parts"), ("POST", "/parts"), ("POST", "/complete"), ("DELETE", "")
            ]:  # fmt: skip
                body = (
                    {"parts": [{"number": 1, "md5": "0" * 32}]}
                    if (method, path) == ("POST", "/parts")
                    else None
                )
                answer = await other.request(method, f"{phone.at}{path}", json=body)
                assert_problem(answer, 404, "not-found")


class TestComplete:
    async def test_it_may_be_asked_again(self, phone: Phone) -> None:
        first = await phone.upload()

        again = await phone.complete()

        assert (first["state"], again.status_code, again.json()["state"]) == ("stored", 200, "stored")

    async def test_two_requests_at_once_store_it_once(self, phone: Phone) -> None:
        await phone.begin()
        await phone.send(1)

        answers = await asyncio.gather(*(phone.complete() for _ in range(3)))

        assert [answer.json()["state"] for answer in answers] == ["stored"] * 3

    async def test_missing_parts_are_named(self, scene: Scene, visit: str) -> None:
        phone = Phone(scene.ivy, visit, bytes(PART + 5))
        await phone.begin()
        await phone.send(2)

        refused = assert_problem(await phone.complete(), 409, "parts-missing")

        assert refused["unfinished"] == [1]

    async def test_an_answer_the_store_could_not_give_is_looked_up(
        self, world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The object is there although the store's answer was lost: token, size and ETag prove it."""
        storage = storage_of(world)
        honest = storage.complete_multipart

        async def lost(*args: Any, **rest: Any) -> None:
            await honest(*args, **rest)
            raise StorageUnavailable("the line was cut")

        await phone.begin()
        await phone.send(1)
        monkeypatch.setattr(storage, "complete_multipart", lost)

        assert (await phone.complete()).json()["state"] == "stored"

    async def test_while_the_store_is_away_the_phone_is_told_to_ask_again(
        self, world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def away(*_args: Any, **_rest: Any) -> str:
            raise StorageUnavailable("nobody home")

        await phone.begin()
        await phone.send(1)
        with monkeypatch.context() as patch:
            patch.setattr(storage_of(world), "complete_multipart", away)
            assert_problem(await phone.complete(), 503, "unavailable")
            assert (await phone.look())["state"] == "completing"

        assert (await phone.complete()).json()["state"] == "stored"

    async def test_after_the_store_forgot_the_upload_it_begins_anew(self, world: World, phone: Phone) -> None:
        await phone.begin()
        await phone.send(1)
        for upload in await storage_of(world).list_uploads(prefix="incoming/"):
            await storage_of(world).abort_multipart(upload.key, upload.upload_id)

        assert_problem(await phone.who.get(f"{phone.at}/parts"), 409, "upload-lost")
        assert_problem(await phone.complete(), 409, "upload-lost")
        assert_problem(await phone.complete(), 409, "upload-not-open")
        assert (await phone.upload())["state"] == "stored"


class TestAbort:
    async def test_the_parts_are_gone_and_it_may_be_begun_anew(self, world: World, phone: Phone) -> None:
        await phone.begin()
        await phone.send(1)

        assert (await phone.who.delete(phone.at)).status_code == 204

        assert (await phone.look())["state"] == "created"
        assert_problem(await phone.complete(), 409, "upload-not-open")
        begun = await phone.begin()
        assert begun["state"] == "uploading"
        assert (await phone.who.get(f"{phone.at}/parts")).json()["unfinished"] == [1]

    async def test_what_has_arrived_is_evidence(self, phone: Phone) -> None:
        await phone.upload()

        assert_problem(await phone.who.delete(phone.at), 409, "recording-already-stored")


def a_poster(phone: Phone, key: str, *, replaced_at: datetime | None) -> Rendition:
    return Rendition(
        id=new_id(),
        organisation_id=phone.who.actor.organisation_id,
        recording_id=UUID(phone.id),
        kind=RenditionKind.POSTER,
        profile={},
        key=key,
        sha256="0" * 64,
        size_bytes=8,
        content_type="image/jpeg",
        made_at=utc_now(),
        replaced_at=replaced_at,
    )


class TestSweep:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """A bucket of the test's own: what other tests left behind would be swept too."""
        return settings.model_copy(update={"s3_bucket": f"sweep-{new_id()}"})

    async def ended(self, world: World) -> int:
        resources = resources_of(world)
        return await sweeping.end_idle(resources, await sweeping.list_idle(resources))

    async def test_an_upload_idle_for_two_weeks_is_taken_out_of_the_store(
        self, world: World, phone: Phone
    ) -> None:
        await phone.begin()
        await phone.send(1)
        world.clock.advance(days=13)
        assert await sweeping.list_idle(resources_of(world)) == []

        world.clock.advance(days=2)
        assert await self.ended(world) == 1

        assert (await phone.look())["state"] == "created"
        assert (await phone.upload())["state"] == "stored"

    async def test_one_that_was_whole_after_all_is_kept(
        self, world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        storage = storage_of(world)
        await phone.begin()
        await phone.send(1)

        async def cut_off(*_args: Any, **_rest: Any) -> Any:
            raise StorageUnavailable("the line was cut")

        honest = storage.complete_multipart

        async def complete_then_fall_silent(*args: Any, **rest: Any) -> None:
            monkeypatch.setattr(storage, "head", cut_off)
            await honest(*args, **rest)

        with monkeypatch.context():
            monkeypatch.setattr(storage, "complete_multipart", complete_then_fall_silent)
            assert_problem(await phone.complete(), 503, "unavailable")
            monkeypatch.undo()
        world.clock.advance(days=15)
        await self.ended(world)

        assert (await phone.look())["state"] == "stored"

    async def test_one_that_moved_after_it_was_listed_is_left_alone(self, world: World, phone: Phone) -> None:
        await phone.begin()
        world.clock.advance(days=15)
        idle = await sweeping.list_idle(resources_of(world))
        await phone.send(1)

        assert len(idle) == 1
        assert await sweeping.end_idle(resources_of(world), idle) == 0
        assert (await phone.look())["state"] == "uploading"

    async def test_pending_uploads_nobody_knows_of_are_aborted(self, world: World, phone: Phone) -> None:
        """A process ended after the store's answer and before noting it."""
        storage = storage_of(world)
        await phone.begin()
        await storage.create_multipart("incoming/lost", token="t", content_type="video/mp4")
        # The store goes by its own clock.
        later = replace(resources_of(world), clock=lambda: utc_now() + timedelta(days=15))

        assert await sweeping.sweep_unknown(later) >= 1

        left = {upload.key for upload in await storage.list_uploads(prefix="incoming/")}
        assert "incoming/lost" not in left
        assert (await phone.who.get(f"{phone.at}/parts")).status_code == 200

    async def test_what_was_replaced_is_deleted_even_if_the_job_died_that_was_to_do_it(
        self, world: World, phone: Phone
    ) -> None:
        """D10.2: what was muted since must not stay to be heard."""
        storage, keys = storage_of(world), [f"renditions/{new_id().hex}.jpg" for _ in range(2)]
        await phone.upload()
        assert await worked(world) == []
        for key, replaced_at in zip(keys, (world.clock.now, None), strict=True):
            await storage.put_bytes(key, b"a poster", content_type="image/jpeg")
            await world.add(a_poster(phone, key, replaced_at=replaced_at))
        later = replace(resources_of(world), clock=lambda: utc_now() + timedelta(days=15))

        await sweeping.sweep_orphans(later)

        assert [await storage.head(key) is not None for key in keys] == [False, True]

    async def test_objects_nothing_refers_to_are_deleted_but_never_sealed_originals(
        self, world: World, phone: Phone
    ) -> None:
        storage = storage_of(world)
        await phone.upload()
        await worked(world)
        await Phone(phone.who, phone.visit, SMALL).upload()
        lost = [f"{place}/{new_id().hex}" for place in ("incoming", "renditions", ".probe", "sealed")]
        for key in lost:
            await storage.put_bytes(key, b"left behind", content_type="video/mp4")
        later = replace(resources_of(world), clock=lambda: utc_now() + timedelta(days=15))

        assert await sweeping.sweep_orphans(resources_of(world)) == 0
        assert await sweeping.sweep_orphans(later) >= 3

        assert [await storage.head(key) is not None for key in lost] == [False, False, False, True]
        assert await worked(world) == []  # what waited to be sealed was still there
