"""What the desk sees of a visit's recordings at once: devices, custody, clocks, segments, gaps (D6.7, D7.3)."""

from datetime import timedelta
from typing import Any

import pytest

from app.kit.ids import new_id
from tests.support.review import Desk, a_desk
from tests.support.visits import STAY, a_photo, the_video
from tests.support.world import World, assert_problem

MINUTE_MS = 60_000


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


async def in_her_hands(desk: Desk, code: str, *, clock_off: timedelta) -> str:
    """A recorder that ivy has held since yesterday, and whose clock was measured."""
    alice = await desk.world.person("alice")
    made = await alice.post("/v1/devices", json={"code": code, "kind": "recorder"})
    assert made.status_code == 201, made.text
    at = f"/v1/devices/{made.json()['id']}"
    yesterday = (desk.world.clock.now - timedelta(days=1)).isoformat()
    taken = {"giver_id": None, "receiver_id": str(desk.scene.ivy.id), "at": yesterday}
    assert (await alice.post(f"{at}/hand-overs", json=taken)).status_code == 200
    measured = {"offset_ms": round(clock_off.total_seconds() * 1000)}
    assert (await alice.post(f"{at}/clock-measurements", json=measured)).status_code == 201
    return str(made.json()["id"])


async def left_with(desk: Desk, *files: dict[str, Any]) -> str:
    scene = desk.scene
    visit = await scene.arranged(scene.ivy)
    await scene.entered(visit)
    await scene.answered(visit, evidence=[{"recording": files[0]["recording_id"], "at_ms": 83_000}])
    gone = await scene.leave(visit, [*files, *(a_photo() for _ in range(4))])
    assert gone.status_code == 200, gone.text
    return visit


class TestTimeline:
    async def test_a_second_device_backs_the_first_and_its_measured_clock_places_it(
        self, world: World, desk: Desk
    ) -> None:
        """The recorder's clock is an hour behind, and ivy did not say so."""
        recorder = await in_her_hands(desk, "recorder-7", clock_off=timedelta(hours=1))
        now = world.clock.now
        phone = the_video(str(new_id()), now, duration_ms=17 * MINUTE_MS)
        hour_behind = now + timedelta(minutes=16) - timedelta(hours=1)
        pen = the_video(
            str(new_id()),
            hour_behind,
            device_kind="recorder",
            device_label="Recorder 7",
            duration_ms=4 * MINUTE_MS,
        )
        visit = await left_with(desk, phone, pen)

        answer = await desk.scene.sam.get(f"/v1/visits/{visit}/timeline")

        assert answer.status_code == 200, answer.text
        drawn = answer.json()
        devices = {one["label"]: one for one in drawn["devices"] if one["role"]}
        assert {label: one["role"] for label, one in devices.items()} == {
            "Phone 3": "main",
            "Recorder 7": "backup",
        }
        assert (devices["Recorder 7"]["device_id"], devices["Recorder 7"]["with_declarer"]) == (
            recorder,
            True,
        )
        assert (devices["Recorder 7"]["clock_offset_ms"], devices["Recorder 7"]["clock_is_measured"]) == (
            60 * MINUTE_MS,
            True,
        )
        placed = {one["device"]: (one["start_ms"], one["end_ms"]) for one in drawn["segments"]}
        assert placed == {
            "Phone 3": (0, 17 * MINUTE_MS),
            "Recorder 7": (16 * MINUTE_MS, 20 * MINUTE_MS),
        }
        assert [(gap["start_ms"], gap["is_backed"]) for gap in drawn["gaps"]] == [(17 * MINUTE_MS, True)]
        assert (drawn["coverage"], drawn["coverage_of_main"], drawn["coverage_verified"]) == (1.0, 0.85, 0.0)
        found = {(one["kind"], one["severity"]) for one in drawn["findings"]}
        assert found == {("gap", "info"), ("clock", "warning")}

    async def test_has_the_gaps_and_the_taps_of_the_phones_own_recorder(self, desk: Desk) -> None:
        """D7.3: what the recorder noticed is kept with the file, and declaring less takes nothing back (D11)."""
        scene, now = desk.scene, desk.world.clock.now
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        told = the_video(
            str(new_id()),
            now,
            gaps=[
                {"from_ms": 60_000, "to_ms": 150_000, "why": "muted"},
                {"from_ms": 300_000, "to_ms": 320_000, "why": "hidden"},
            ],
            markers_ms=[82_500],
        )
        await scene.answered(visit, evidence=[{"recording": told["recording_id"], "at_ms": 83_000}])
        backwards = told | {"gaps": [{"from_ms": 9, "to_ms": 3, "why": "muted"}]}
        assert_problem(await scene.leave(visit, [backwards]), 422, "invalid-request")
        photos = [a_photo() for _ in range(4)]
        assert (await scene.leave(visit, [told, *photos])).status_code == 200
        desk.world.clock.advance(minutes=30)
        await scene.entered(visit)  # once more, for a moment (D7.4)
        less = told | {"gaps": told["gaps"][1:], "markers_ms": [7_000]}
        body = {"check_out": scene.check_in_body(), "files": [less, *photos]}
        gone = await scene.ivy.post(f"/v1/visits/{visit}/leave", json=body)
        assert gone.status_code == 200, gone.text

        drawn = (await scene.sam.get(f"/v1/visits/{visit}/timeline")).json()

        assert drawn["segments"][0]["gaps"] == told["gaps"]
        assert drawn["segments"][0]["markers_ms"] == [7_000, 82_500]
        assert [(gap["start_ms"], gap["end_ms"]) for gap in drawn["gaps"]] == [(60_000, 150_000)]
        assert drawn["coverage"] == pytest.approx(1 - 90 / 1200)
        told_to = {one["kind"] for one in drawn["findings"]}
        own = (await scene.ivy.get(f"/v1/visits/{visit}/recordings")).json()["findings"]
        assert told_to > {one["kind"] for one in own} == {"gap", "interrupted"}

    async def test_is_the_desks_and_the_auditors_not_the_crews(self, desk: Desk) -> None:
        visit = await left_with(desk, the_video(str(new_id()), desk.world.clock.now))

        assert_problem(await desk.scene.ivy.get(f"/v1/visits/{visit}/timeline"), 403, "forbidden")
        assert_problem(await desk.mona.get(f"/v1/visits/{visit}/timeline"), 404, "not-found")

    async def test_custody_that_does_not_agree_shows_on_the_review_sheet_and_not_to_the_inspector(
        self, world: World, desk: Desk
    ) -> None:
        await in_her_hands(desk, "recorder-7", clock_off=timedelta())
        alice = await world.person("alice")
        (device,) = (await alice.get("/v1/devices")).json()["items"]
        back = {"giver_id": str(desk.scene.ivy.id), "receiver_id": None}
        assert (await alice.post(f"/v1/devices/{device['id']}/hand-overs", json=back)).status_code == 200
        world.clock.advance(minutes=5)
        told = the_video(str(new_id()), world.clock.now, device_kind="recorder", device_label="recorder-7")
        visit = await left_with(desk, told)
        world.clock.advance(minutes=STAY.total_seconds() / 60)
        await desk.scene.submitted(visit)

        sheet = (await desk.rita.get(f"/v1/visits/{visit}/review")).json()
        own = (await desk.scene.ivy.get(f"/v1/visits/{visit}/recordings")).json()

        assert ("custody", "warning", told["recording_id"]) in {
            (one["kind"], one["severity"], one["recording_id"]) for one in sheet["findings"]
        }
        assert own["findings"] == []
