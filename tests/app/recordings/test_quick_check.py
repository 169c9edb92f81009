"""Knowing before leaving the site that a recording is good: samples looked at within seconds (D7.3)."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.ids import new_id
from app.programmes.rules import RecordingMode
from app.recordings.quick_rules import MOST_CHECKS, reach_every_piece, unfit
from app.visits.declared import Basis, Faults, Quality, known_quality
from tests.support.recordings import Phone, worked
from tests.support.samples import samples_of
from tests.support.visits import SHA, STAY, Scene, a_photo, a_scene, the_video
from tests.support.world import World, assert_problem

CLIP_MS = 6000
STAY_MS = round(STAY.total_seconds() * 1000)

FAULTS = st.builds(Faults, st.booleans(), st.booleans(), st.booleans())
SEEN_IN_SAMPLES = st.builds(Faults, st.booleans(), st.booleans())


def faults_of(quality: Quality) -> set[str]:
    return {
        Quality.BLACK: {"black"},
        Quality.SILENT: {"silent"},
        Quality.BLACK_AND_SILENT: {"black", "silent"},
    }.get(quality, set())


class TestWhatIsKnown:
    """The gate's knowledge of a recording: nobody → the device → samples → the file."""

    @given(st.sampled_from(Quality), SEEN_IN_SAMPLES, FAULTS)
    def test_the_look_at_the_file_only_adds_to_what_samples_gave_away(
        self, device: Quality, samples: Faults, file: Faults
    ) -> None:
        seen = {name for name in ("black", "silent") if getattr(samples, name)}

        quick, _ = known_quality(device, samples, None)
        full, basis = known_quality(device, samples, file)

        assert basis is Basis.FILE
        assert quick is Quality.UNUSABLE or seen <= faults_of(quick)
        assert full is Quality.UNUSABLE or seen <= faults_of(full)

    @given(st.sampled_from(Quality), FAULTS)
    def test_a_pass_by_samples_is_provisional(self, device: Quality, file: Faults) -> None:
        """It fills in for a device that did not check; it overrules neither a fault found before nor one found later."""
        passed = Faults(black=False, silent=False)

        quick, basis = known_quality(device, passed, None)

        assert basis is Basis.SAMPLES
        assert quick == (Quality.GOOD if device is Quality.UNCHECKED else device)
        assert known_quality(device, passed, file) == known_quality(device, None, file)

    def test_without_any_look_the_device_is_believed(self) -> None:
        assert known_quality(Quality.UNCHECKED, None, None) == (Quality.UNCHECKED, Basis.DEVICE)


class TestSamplesThatWillDo:
    EVEN = tuple(range(0, 800, 100))

    def test_they_come_from_every_quarter(self) -> None:
        assert (
            unfit(is_video=True, duration_ms=800, frames_ms=self.EVEN, snippets_ms=[0, 200, 400, 600]) is None
        )
        assert not reach_every_piece([0, 1, 2, 3, 599], 800)

    @pytest.mark.parametrize(
        ("is_video", "frames", "snippets", "told"),
        [
            (True, (), (0, 200, 400, 600), "at least 8 pictures"),
            (True, tuple(range(8)), (0, 200, 400, 600), "every quarter"),
            (True, EVEN, (0, 1, 2, 3), "every quarter"),
            (True, (*EVEN, 800), (0, 200, 400, 600), "after the recording's end"),
            (True, (*EVEN, 0), (0, 200, 400, 600), "the same moment"),
            (False, EVEN, (0, 200, 400, 600), "D10.5"),
        ],
    )
    def test_others_are_refused_with_the_way_out(
        self, is_video: bool, frames: tuple[int, ...], snippets: tuple[int, ...], told: str
    ) -> None:
        why = unfit(is_video=is_video, duration_ms=800, frames_ms=frames, snippets_ms=snippets)

        assert why is not None
        assert told in why.detail


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


@pytest.fixture
async def visit(scene: Scene) -> str:
    """ivy is inside and has answered everything."""
    made = await scene.arranged(scene.ivy)
    await scene.entered(made)
    smokeless: dict[str, Any] = {"no-smoking": True}
    await scene.answered(made, **smokeless)
    return made


@pytest.fixture(scope="session")
def good_samples(good_clip: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return body_of(good_clip, tmp_path_factory.mktemp("samples") / "good.mp4")


@pytest.fixture(scope="session")
def bad_samples(bad_clip: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return body_of(bad_clip, tmp_path_factory.mktemp("samples") / "bad.mp4")


def body_of(clip: bytes, path: Path) -> dict[str, Any]:
    """The samples of a short clip, told as those of a recording of the whole stay."""
    path.write_bytes(clip)
    frames, snippets = samples_of(path, duration_ms=CLIP_MS, snippets=4)
    slower = STAY_MS // CLIP_MS
    return {
        "medium": "video",
        "sha256": SHA,
        "duration_ms": STAY_MS,
        "frames": [{"at_ms": one.at_ms * slower, "jpeg": b64encode(one.jpeg).decode()} for one in frames],
        "snippets": [{"at_ms": one.at_ms * slower, "wav": b64encode(one.wav).decode()} for one in snippets],
    }


def at(visit: str, recording: str) -> str:
    return f"/v1/visits/{visit}/recordings/{recording}/quick-checks"


class TestQuickCheck:
    async def test_it_opens_the_gate_for_a_device_that_cannot_check(
        self, world: World, scene: Scene, visit: str, good_samples: dict[str, Any]
    ) -> None:
        recording = str(new_id())
        declared = the_video(recording, world.clock.now, quality="unchecked")
        files = [declared, *(a_photo() for _ in range(4))]
        before = assert_problem(await scene.leave(visit, files), 409, "leave-gate-shut")
        assert "recording-checked" in {one["rule"] for one in before["unmet"]}

        answer = await scene.ivy.post(at(visit, recording), json={"id": str(new_id()), **good_samples})

        assert answer.status_code == 201, answer.text
        assert (answer.json()["basis"], answer.json()["checks"]) == ("samples", [])
        assert (await scene.leave(visit, files)).status_code == 200
        (told,) = (await scene.ivy.get(f"/v1/visits/{visit}/gate")).json()["recordings"]
        assert (told["quality"], told["basis"], told["findings"]) == ("good", "samples", [])

    async def test_what_it_finds_shuts_the_gate_although_the_device_is_content(
        self, world: World, scene: Scene, visit: str, bad_samples: dict[str, Any]
    ) -> None:
        recording = str(new_id())
        answer = await scene.ivy.post(at(visit, recording), json={"id": str(new_id()), **bad_samples})
        assert (answer.json()["black"], answer.json()["silent"]) == (True, True)

        files = [the_video(recording, world.clock.now), *(a_photo() for _ in range(4))]
        shut = assert_problem(await scene.leave(visit, files), 409, "leave-gate-shut")

        assert {"recording-not-black", "recording-not-silent"} <= {one["rule"] for one in shut["unmet"]}
        (told,) = shut["recordings"]
        assert (told["quality"], told["basis"]) == ("black_and_silent", "samples")
        assert {"covered", "silent"} <= {one["kind"] for one in told["findings"]}
        assert all(one["en"].startswith("In the samples: ") and one["zh"] for one in told["findings"])

    async def test_it_goes_by_the_programmes_thresholds(
        self, world: World, good_samples: dict[str, Any]
    ) -> None:
        """As they were when the visit was made."""
        deaf = await a_scene(world, checks={"silent_dbfs": 0.0})
        visit = await deaf.arranged(deaf.ivy)
        await deaf.entered(visit)

        answer = await deaf.ivy.post(at(visit, str(new_id())), json={"id": str(new_id()), **good_samples})

        assert answer.json()["silent"] is True

    async def test_the_file_itself_adds_to_it(
        self, world: World, scene: Scene, visit: str, good_samples: dict[str, Any], bad_clip: bytes
    ) -> None:
        """A phone may send samples of a better recording; the pass they get is provisional."""
        phone = Phone(scene.ivy, visit, bad_clip)
        sha256 = phone.body()["sha256"]
        body = {"id": str(new_id()), **good_samples, "sha256": sha256}
        assert (await scene.ivy.post(at(visit, phone.id), json=body)).status_code == 201
        await phone.upload()
        declared = the_video(phone.id, world.clock.now, size_bytes=len(bad_clip), sha256=sha256)
        files = [declared, *(a_photo() for _ in range(4))]
        await worked(world)

        shut = assert_problem(await scene.leave(visit, files), 409, "leave-gate-shut")

        (told,) = shut["recordings"]
        assert (told["quality"], told["basis"]) == ("black_and_silent", "file")
        assert {one["basis"] for one in told["findings"]} == {"file"}

    async def test_samples_of_another_file_say_nothing(
        self, world: World, scene: Scene, visit: str, good_samples: dict[str, Any]
    ) -> None:
        recording = str(new_id())
        body = {"id": str(new_id()), **good_samples, "sha256": "f" * 64}
        assert (await scene.ivy.post(at(visit, recording), json=body)).status_code == 201

        declared = the_video(recording, world.clock.now, quality="unchecked")
        await scene.leave(visit, [declared])
        shut = assert_problem(await scene.leave(visit, [declared]), 409, "leave-gate-shut")
        assert "recording-checked" in {one["rule"] for one in shut["unmet"]}

    async def test_sent_twice_it_is_one_check_and_another_recording_needs_another_id(
        self, scene: Scene, visit: str, good_samples: dict[str, Any]
    ) -> None:
        recording, body = str(new_id()), {"id": str(new_id()), **good_samples}

        first = await scene.ivy.post(at(visit, recording), json=body)
        again = await scene.ivy.post(at(visit, recording), json=body)
        other = await scene.ivy.post(at(visit, str(new_id())), json=body)

        assert first.json() == again.json()
        assert_problem(other, 409, "quick-check-conflict")

    async def test_hostile_samples_are_refused_with_the_reason(
        self, world: World, scene: Scene, visit: str, good_samples: dict[str, Any]
    ) -> None:
        recording = str(new_id())
        text = b64encode(b"ffconcat version 1.0\nfile '/etc/passwd'\n").decode()
        spoilt = [{**frame, "jpeg": text} for frame in good_samples["frames"]]

        no_picture = await scene.ivy.post(
            at(visit, recording), json={"id": str(new_id()), **good_samples, "frames": spoilt}
        )
        broken = [{"at_ms": 0, "jpeg": "AAAAA"}, *good_samples["frames"][1:]]
        no_base64 = await scene.ivy.post(
            at(visit, recording), json={"id": str(new_id()), **good_samples, "frames": broken}
        )
        one_sided = await scene.ivy.post(
            at(visit, recording),
            json={"id": str(new_id()), **good_samples, "frames": good_samples["frames"][:8]},
        )

        assert assert_problem(no_picture, 422, "samples-unreadable")["reason"] == "not_media"
        assert_problem(no_base64, 422, "samples-unreadable")
        assert "quarter" in assert_problem(one_sided, 422, "samples-unfit")["detail"]
        assert (
            await scene.ivy.post(at(visit, recording), json={"id": str(new_id()), **good_samples})
        ).is_success

    async def test_no_picture_may_be_sent_where_only_sound_is_lawful(
        self, world: World, good_samples: dict[str, Any]
    ) -> None:
        """D10.5"""
        scene = await a_scene(world, mode=RecordingMode.AUDIO)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)

        answer = await scene.ivy.post(at(visit, str(new_id())), json={"id": str(new_id()), **good_samples})

        assert_problem(answer, 409, "recording-not-lawful")

    async def test_a_recording_is_not_checked_for_ever(
        self, scene: Scene, visit: str, good_samples: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.recordings.quick.MOST_CHECKS", 1)
        recording = str(new_id())
        assert MOST_CHECKS > 1

        first = await scene.ivy.post(at(visit, recording), json={"id": str(new_id()), **good_samples})
        more = await scene.ivy.post(at(visit, recording), json={"id": str(new_id()), **good_samples})

        assert first.status_code == 201
        assert_problem(more, 409, "too-many-quick-checks")
