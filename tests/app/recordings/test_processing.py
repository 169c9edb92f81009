"""What workers make of a file that arrived: real ffmpeg, real object store."""

import hashlib
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.kit.ids import new_id
from app.kit.problems import Problem
from app.programmes.rules import RecordingMode
from app.recordings import jobs, processing, queries, recovering, scratch, sealing
from app.recordings.models import Rendition
from app.recordings.rules import MOST_TRIES, RenditionKind
from app.recordings.scratch import Scratch, ScratchFull
from media_pipeline import ToolFailed
from tests.support.clips import Clips
from tests.support.hostile import ABSURD
from tests.support.places import a_grant
from tests.support.recordings import PART, Phone, fetch, loudest, padded, resources_of, storage_of, worked
from tests.support.visits import Scene, a_photo, a_scene, the_video
from tests.support.waiting import eventually
from tests.support.world import World


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


@pytest.fixture
async def visit(scene: Scene) -> str:
    """ivy is inside."""
    made = await scene.arranged(scene.ivy)
    await scene.entered(made)
    return made


async def evidence(scene: Scene, visit: str) -> dict[str, Any]:
    """What sam, at the desk, sees."""
    answer = await scene.sam.get(f"/v1/visits/{visit}/recordings")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def renditions(world: World, phone: Phone) -> Mapping[RenditionKind, Rendition]:

    async with world.database.reading() as session:
        return (await queries.renditions_of(session, [UUID(phone.id)]))[UUID(phone.id)]


class TestVideo:
    async def test_a_good_one_is_verified_looked_into_and_rendered(
        self, world: World, scene: Scene, visit: str, good_clip: bytes
    ) -> None:
        """In two parts, cut off after the first; everything that may be said of a recording is then known."""
        phone = Phone(scene.ivy, visit, padded(good_clip, PART + 100_000))
        await phone.begin()
        await phone.send(1)
        await phone.send(2)
        await phone.complete()
        assert (await phone.look())["may_free_copy"] is False

        assert await worked(world) == []

        seen = await phone.look()
        assert (seen["state"], seen["progress"], seen["may_free_copy"]) == ("processed", 1.0, True)
        made = await renditions(world, phone)
        assert set(made) == set(RenditionKind) - {RenditionKind.PHOTO}
        (row,) = (await evidence(scene, visit))["recordings"]
        report = row["report"]
        assert 5500 < report["duration_ms"] < 6500
        assert (report["black"], report["silent"], report["unusable"]) == (False, False, False)
        assert "covered" in report["performed"]
        assert row["renditions"] == ["original", "outlet"]

    async def test_a_programme_may_want_no_sound_and_ask_for_longer_files(
        self, world: World, good_clip: bytes
    ) -> None:
        """D7.3, D10.2: by the terms of the visit, as it was made."""
        silent = await a_scene(world, rendition={"mute_sound": True}, checks={"min_duration_s": 60.0})
        visit = await silent.arranged(silent.ivy)
        await silent.entered(visit)
        phone = Phone(silent.ivy, visit, good_clip)
        await phone.upload()
        await worked(world)

        made = (await renditions(world, phone))[RenditionKind.OUTLET]

        assert loudest(await storage_of(world).get_bytes(made.key), 0.0, 5.5) <= 8
        (row,) = (await evidence(silent, visit))["recordings"]
        found = {check["kind"]: check["severity"] for check in row["report"]["checks"]}
        assert found["too_short"] == "failed"

    async def test_the_original_lies_where_no_phone_ever_had_a_url(
        self, world: World, scene: Scene, visit: str, good_clip: bytes
    ) -> None:
        phone = Phone(scene.ivy, visit, good_clip)
        await phone.begin()
        (request,) = (await phone.requests(1)).values()
        await phone.send(1)
        await phone.complete()
        await worked(world)

        original = (await renditions(world, phone))[RenditionKind.ORIGINAL]

        assert original.key.startswith("sealed/")
        assert original.key not in request.url
        assert await storage_of(world).get_bytes(original.key) == phone.content
        staging = request.url.split("?")[0].split("incoming/")[1]
        assert await storage_of(world).head(f"incoming/{staging}") is None

    async def test_keys_of_renditions_say_nothing(
        self, world: World, scene: Scene, visit: str, good_clip: bytes
    ) -> None:
        """D10.1"""
        phone = Phone(scene.ivy, visit, good_clip)
        await phone.upload()
        await worked(world)

        made = await renditions(world, phone)

        for secret in (phone.id, phone.id.replace("-", ""), visit, str(scene.ivy.id)):
            assert not [row.key for row in made.values() if secret in row.key]

    async def test_a_covered_lens_and_a_dead_microphone_are_found(
        self, world: World, scene: Scene, visit: str, bad_clip: bytes
    ) -> None:
        """D7.3: the server's finding counts more than the phone's word, and the gate stays shut."""
        phone = Phone(scene.ivy, visit, bad_clip)
        await phone.upload()
        await worked(world)

        (row,) = (await evidence(scene, visit))["recordings"]
        assert (row["state"], row["report"]["black"], row["report"]["silent"]) == ("processed", True, True)
        assert {"covered", "silent"} <= {
            check["kind"] for check in row["report"]["checks"] if check["severity"] == "failed"
        }
        declared = the_video(
            phone.id,
            world.clock.now,
            size_bytes=len(phone.content),
            sha256=hashlib.sha256(phone.content).hexdigest(),
        )
        assert (await scene.answered(visit)).status_code == 200
        gone = await scene.leave(visit, [declared, *(a_photo() for _ in range(4))])
        assert gone.status_code == 409
        assert gone.json()["type"] == "leave-gate-shut"

    async def test_progress_is_told_while_work_goes_on(
        self, world: World, scene: Scene, visit: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:

        monkeypatch.setattr(processing, "TELL_EVERY_S", 0.01)
        phone = Phone(scene.ivy, visit, b"anything")
        await phone.upload()

        async def told_more_than(before: float) -> float:
            now: float = (await phone.look())["progress"]
            return now if now > before else 0.0

        async with processing.telling_progress(world.database, UUID(phone.id)) as reached:
            reached(0.25)
            first = await eventually(partial(told_more_than, 0.0))
            reached(0.75)
            second = await eventually(partial(told_more_than, first))

        assert (first, second) == (0.25 * processing.RENDERED, 0.75 * processing.RENDERED)


class TestRejected:
    async def test_other_content_than_declared_is_kept_for_auditors_and_never_used(
        self, world: World, scene: Scene, visit: str, good_clip: bytes
    ) -> None:
        """D11: complete only when the declared hash is right."""
        phone = Phone(scene.ivy, visit, good_clip)
        await phone.upload(sha256="0" * 64)

        assert await worked(world) == []

        seen = await phone.look()
        assert (seen["state"], seen["rejected"]["code"]) == ("rejected", "other-content")
        assert seen["may_free_copy"] is False
        (row,) = (await evidence(scene, visit))["recordings"]
        assert (row["report"]["unusable"], row["renditions"]) == (True, ["original"])
        kept = (await renditions(world, phone))[RenditionKind.ORIGINAL]
        assert await storage_of(world).get_bytes(kept.key) == phone.content

    async def test_what_is_no_recording_is_rejected_in_words(
        self, world: World, scene: Scene, visit: str
    ) -> None:
        phone = Phone(scene.ivy, visit, b"ffconcat version 1.0\nfile /etc/passwd\n" * 20)
        await phone.upload()

        assert await worked(world) == []

        seen = await phone.look()
        assert seen["state"] == "rejected"
        assert seen["rejected"]["zh"]
        assert seen["rejected"]["en"]

    async def test_hostile_files_stop_nobody_and_an_auditor_may_see_why_they_were_rejected(
        self, world: World, scene: Scene, visit: str, good_clip: bytes, tmp_path: Path
    ) -> None:
        """D10.2: the bytes are kept, with the reason; they are played for a stated purpose."""
        clips = Clips(tmp_path)
        hostile = {
            name: make(clips, tmp_path) for name, make in ABSURD.items() if name in {"tracks", "nested"}
        }
        phones = [Phone(scene.ivy, visit, content) for content in (*hostile.values(), good_clip)]
        for phone in phones:
            await phone.upload()

        assert await worked(world) == []

        looks = [await phone.look() for phone in phones]
        assert [look["state"] for look in looks] == ["rejected", "rejected", "processed"]
        otto = await world.person("otto")
        await a_grant(world, otto, outlet=scene.outlet)
        listed = (await otto.get(f"/v1/visits/{visit}/recordings")).json()["recordings"]
        assert [row["rejected"]["code"] for row in listed if row["rejected"]] == [
            "too_many_streams",
            "not_media",
        ]
        rejected = (await otto.get("/v1/rejected-recordings")).json()["items"]
        assert {one["recording_id"]: one["rejected"]["code"] for one in rejected} == {
            phones[0].id: "too_many_streams",
            phones[1].id: "not_media",
        }
        opened = await otto.post(
            f"/v1/visits/{visit}/recordings/{phones[0].id}/play",
            json={"purpose": "why it was rejected", "rendition": "original"},
        )
        assert opened.status_code == 201, opened.text
        assert (await fetch(opened.json()["url"])).content == hostile["tracks"]

    async def test_a_picture_where_only_sound_is_lawful_is_rejected(
        self, world: World, good_clip: bytes
    ) -> None:
        """D10.5: the content decides, not what the phone calls it."""
        scene = await a_scene(world, mode=RecordingMode.AUDIO)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        phone = Phone(scene.ivy, visit, good_clip, medium="audio", content_type="audio/mp4")
        await phone.upload()
        await worked(world)

        assert (await phone.look())["rejected"]["code"] == "picture-in-sound"
        assert set(await renditions(world, phone)) == {RenditionKind.ORIGINAL}


class TestPhoto:
    async def test_nothing_but_the_picture_is_left(
        self, world: World, scene: Scene, visit: str, a_picture: bytes
    ) -> None:
        """D10.2"""
        content = a_picture
        assert b"Xiaolong" in content
        phone = Phone(scene.ivy, visit, content, medium="photo", content_type="image/jpeg")
        await phone.upload()

        assert await worked(world) == []

        made = await renditions(world, phone)
        shown = await storage_of(world).get_bytes(made[RenditionKind.PHOTO].key)
        assert set(made) == {RenditionKind.ORIGINAL, RenditionKind.PHOTO}
        assert shown.startswith(b"\xff\xd8")
        assert b"Xiaolong" not in shown


class TestDocument:
    async def test_it_is_kept_as_it_is(self, world: World, scene: Scene, visit: str) -> None:
        phone = Phone(scene.ivy, visit, b"%PDF-1.7", medium="document", content_type="application/pdf")
        await phone.upload()

        assert await worked(world) == []

        assert (await phone.look())["state"] == "processed"
        assert set(await renditions(world, phone)) == {RenditionKind.ORIGINAL}


class TestDoneAgain:
    async def test_every_step_may_be_done_twice(
        self, world: World, scene: Scene, visit: str, a_picture: bytes
    ) -> None:
        """As after a crash between the work and the note that it is done."""

        phone = Phone(scene.ivy, visit, a_picture, medium="photo", content_type="image/jpeg")
        await phone.upload()
        resources, identity, names = resources_of(world), UUID(phone.id), await jobs.draw_names()

        for _ in range(2):
            await sealing.seal(resources, identity)
            assert await sealing.verify(resources, identity) in {"verified", "processed"}
            Scratch(world.settings, identity).clear()  # the second time on another machine
            await processing.render(resources, identity, names)

        assert (await phone.look())["state"] == "processed"
        made = await renditions(world, phone)
        assert set(made) == {RenditionKind.ORIGINAL, RenditionKind.PHOTO}

    async def test_a_broken_tool_leaves_a_dead_job_and_the_evidence(
        self,
        world: World,
        scene: Scene,
        visit: str,
        a_picture: bytes,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        async def broken(*_args: object, **_rest: object) -> None:
            raise ToolFailed("ffmpeg ended badly")

        monkeypatch.setattr(processing, "render_photo", broken)
        monkeypatch.setattr("app.kit.jobs.declare.FIRST_WAIT_S", 0.01)
        phone = Phone(scene.ivy, visit, a_picture, medium="photo", content_type="image/jpeg")
        await phone.upload()

        (dead,) = await worked(world)

        assert "ffmpeg ended badly" in dead.reason
        assert (await phone.look())["state"] == "verified"
        assert not list(world.settings.data_dir.glob("scratch/recordings/*"))

    async def test_it_is_begun_again_by_itself_until_it_is_a_persons_turn(
        self,
        world: World,
        scene: Scene,
        visit: str,
        a_picture: bytes,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        async def broken(*_args: object, **_rest: object) -> None:
            raise ToolFailed("ffmpeg is missing")

        monkeypatch.setattr("app.kit.jobs.declare.FIRST_WAIT_S", 0.0)
        mended, hopeless = (
            Phone(scene.ivy, visit, a_picture, medium="photo", content_type="image/jpeg") for _ in range(2)
        )
        resources = resources_of(world)
        with monkeypatch.context() as patch:
            patch.setattr(processing, "render_photo", broken)
            await hopeless.upload()
            assert await recovering.begin_again(resources) == 0  # its job waits
            await worked(world)
            for _ in range(MOST_TRIES):
                assert await recovering.begin_again(resources) == 1
                assert await recovering.begin_again(resources) == 0
                dead = await worked(world)
            assert await recovering.begin_again(resources) == 0
            await mended.upload()
            await worked(world)
        assert len(dead) == MOST_TRIES + 1  # operators see every one

        assert await recovering.begin_again(resources) == 1
        await worked(world)

        assert (await mended.look())["state"] == "processed"
        assert (await hopeless.look())["state"] == "verified"


class TestScratch:
    async def test_work_does_not_begin_on_a_full_disk(
        self, world: World, scene: Scene, visit: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:

        phone = Phone(scene.ivy, visit, b"anything")
        await phone.upload()
        resources, identity = resources_of(world), UUID(phone.id)
        await sealing.seal(resources, identity)
        monkeypatch.setattr(scratch, "SPARE_BYTES", 2**60)

        with pytest.raises(ScratchFull, match="bytes free"):
            await sealing.verify(resources, identity)

        assert not isinstance(ScratchFull(), Problem)  # so that it is tried again

    async def test_it_begins_when_there_is_room_again(
        self, world: World, visit: str, scene: Scene, a_picture: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is lost to a full disk, and nothing is left lying on it."""
        phone = Phone(scene.ivy, visit, a_picture, medium="photo", content_type="image/jpeg")
        await phone.upload()
        usage = shutil.disk_usage(Path.cwd())
        full = [usage._replace(free=0)] * 2

        def measured(_directory: Path) -> object:
            return full.pop() if full else usage

        monkeypatch.setattr("app.recordings.scratch.shutil.disk_usage", measured)
        monkeypatch.setattr(jobs, "ROOM_PAUSES_S", [0.05] * 3)

        assert await worked(world) == []

        assert full == []
        assert (await phone.look())["state"] == "processed"
        assert not list(world.settings.data_dir.glob("scratch/recordings/*"))

    def test_what_dead_workers_left_is_cleared_after_a_while(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:

        Scratch(world.settings, new_id()).prepare(10)
        assert scratch.clear_leftovers(world.settings) == 0

        monkeypatch.setattr(scratch, "LEFTOVER_AFTER_S", -10)
        assert scratch.clear_leftovers(world.settings) == 1


class TestMissing:
    async def test_every_declared_file_arrives_or_is_listed_with_its_owner_and_due_time(
        self, world: World, scene: Scene, visit: str, a_picture: bytes
    ) -> None:
        """D7.3: nothing disappears."""
        recording, photos = await scene.left(visit)

        listed = await evidence(scene, visit)

        assert listed["recordings"] == []
        missing = {one["recording_id"]: one for one in listed["missing"]}
        assert set(missing) == {recording, *photos}
        assert missing[recording]["declared_by"] == str(scene.ivy.id)
        assert missing[recording]["due_at"] > missing[recording]["declared_at"]
        assert missing[recording]["state"] is None

    async def test_a_file_under_way_says_so_and_one_that_arrived_is_gone_from_the_list(
        self, world: World, scene: Scene, visit: str, a_picture: bytes
    ) -> None:
        photo = Phone(scene.ivy, visit, a_picture, medium="photo", content_type="image/jpeg")
        told = {"size_bytes": len(photo.content), "sha256": hashlib.sha256(photo.content).hexdigest()}
        declared = [
            the_video(str(a_photo()["recording_id"]), world.clock.now),
            {**a_photo(), "recording_id": photo.id, **told},
            *(a_photo() for _ in range(3)),
        ]
        first = str(declared[0]["recording_id"])
        answered = await scene.answered(visit, evidence=[{"recording": first, "at_ms": 1000}])
        assert answered.status_code == 200
        assert (await scene.leave(visit, declared)).status_code == 200

        await photo.begin()
        under_way = await evidence(scene, visit)
        await photo.upload()
        arrived = await evidence(scene, visit)

        states = {one["recording_id"]: one["state"] for one in under_way["missing"]}
        assert (len(states), states[photo.id]) == (5, "uploading")
        assert photo.id not in {one["recording_id"] for one in arrived["missing"]}
