"""From saying yes to handing in, with a phone that loses answers and is offline."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.kit.ids import new_id
from app.programmes.rules import Ownership
from tests.support.places import an_outlet
from tests.support.visits import STAY, Scene, a_photo, a_scene, the_video
from tests.support.world import World, assert_problem


async def state_of(scene: Scene, visit: str) -> str:
    return str((await scene.sam.get(f"/v1/visits/{visit}")).json()["state"])


class TestBeforehand:
    async def test_the_lead_accepts_and_may_say_so_twice(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)

        for _ in range(2):
            assert (await scene.ivy.post(f"/v1/visits/{visit}/accept")).json()["state"] == "accepted"

        transitions = (await scene.sam.get(f"/v1/visits/{visit}/transitions")).json()
        assert [one["to_state"] for one in transitions] == ["proposed", "reserved", "accepted"]
        assert transitions[-1]["actor_id"] == str(scene.ivy.id)

    async def test_declining_frees_the_date_at_once(self, world: World) -> None:
        """D5.6."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)

        declined = await scene.ivy.post(f"/v1/visits/{visit}/decline", json={"reason": "I am ill"})

        assert declined.json()["state"] == "declined"
        await scene.arranged(scene.ivy, on="2026-03-03")

    async def test_the_brief_has_all_that_is_needed_offline(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, scenario="Ask for a family plan.")

        brief = (await scene.ivy.get(f"/v1/visits/{visit}/brief")).json()

        assert brief["visit"]["scenario"] == "Ask for a family plan."
        assert brief["veto_items"] == ["no-smoking"]
        assert brief["demands"]["recording_minutes"] == 15
        assert brief["checklist"]["id"] == "short-hall"
        assert "tidy" in brief["required_items"]
        assert (brief["weight_profile"], float(brief["completeness_threshold"])) == ("all", 0.6)
        assert brief["live_score"] is True

    async def test_the_programme_may_keep_the_score_from_the_inspector(self, world: World) -> None:
        scene = await a_scene(world, live_score=False)
        visit = await scene.arranged(scene.ivy)

        brief = (await scene.ivy.get(f"/v1/visits/{visit}/brief")).json()

        assert brief["live_score"] is False

    async def test_finding_it_shut_exposes_nobody(self, world: World) -> None:
        """D5.6."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)

        shut = await scene.ivy.post(f"/v1/visits/{visit}/found-shut", json={"reason": "power cut"})

        assert shut.json()["state"] == "cancelled"
        await scene.arranged(scene.ivy, on="2026-03-03")


class TestCheckIn:
    async def test_keeps_times_offset_distance_and_flags(self, world: World) -> None:
        """D7.6: flagged, not rejected."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        body = scene.check_in_body(
            device_at=(world.clock.now - timedelta(days=2)).isoformat(),
            clock_offset_ms=600_000,
            position={"latitude": 23.2, "longitude": 113.2644, "accuracy_m": 20, "is_mocked": True},
        )

        made = (await scene.ivy.post(f"/v1/visits/{visit}/check-ins", json=body)).json()

        assert 7_800 < made["distance_m"] < 8_000
        assert made["flags"] == [
            "mock-location",
            "far-from-outlet",
            "not-on-planned-day",
            "device-clock-off",
            "synced-late",
        ]
        assert made["clock_offset_ms"] == 600_000

    async def test_needs_a_position_or_the_reason_why_not(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        path = f"/v1/visits/{visit}/check-ins"

        nothing = scene.check_in_body(position=None)
        assert_problem(await scene.ivy.post(path, json=nothing), 422, "invalid-request")
        basement = scene.check_in_body(position=None, no_position_because="basement")
        assert (await scene.ivy.post(path, json=basement)).json()["flags"] == ["no-position"]

    async def test_sent_again_is_no_second_one(self, world: World) -> None:
        """D11, even without an Idempotency-Key: the id is the phone's."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        body = scene.check_in_body()

        first = await scene.ivy.post(f"/v1/visits/{visit}/check-ins", json=body)
        again = await scene.ivy.post(f"/v1/visits/{visit}/check-ins", json=body)

        assert first.json() == again.json()
        assert len((await scene.sam.get(f"/v1/visits/{visit}/check-ins")).json()) == 1

    async def test_makes_the_exposure_final_whatever_becomes_of_the_visit(self, world: World) -> None:
        """D5.6: aborted and void still count, companions too."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, scene.ian)
        await scene.entered(visit)
        await scene.entered(visit, scene.ian)
        aborted = await scene.ivy.post(f"/v1/visits/{visit}/abort", json={"reason": "fire alarm"})
        assert aborted.json()["state"] == "aborted"

        for person in (scene.ivy, scene.ian):
            assert_problem(await scene.ask_for(person, on="2026-06-02"), 409, "rotation-conflict")
        await scene.arranged(scene.ivy, on="2026-06-03")

    async def test_a_companion_who_never_came_is_free(self, world: World) -> None:
        """D5.6: no-show."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, scene.ian)
        await scene.entered(visit)
        await scene.ivy.post(f"/v1/visits/{visit}/abort", json={"reason": "fire alarm"})

        await scene.arranged(scene.ian, on="2026-03-04")

    async def test_near_midnight_counts_on_the_outlets_own_date(self, world: World) -> None:
        """D5.3: 16:30 UTC on the 2nd is the 3rd in Guangzhou."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, on="2026-03-03")
        await scene.entered(visit, device_at="2026-03-02T16:30:00+00:00")

        assert_problem(await scene.ask_for(scene.ivy, on="2026-06-03"), 409, "rotation-conflict")
        await scene.arranged(scene.ivy, on="2026-06-04")

    async def test_being_recognised_bars_from_covert_visits(self, world: World) -> None:
        """D5.6."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        told = {"person_id": str(scene.ivy.id), "reason": "the manager greeted her by name"}
        assert (await scene.ivy.post(f"/v1/visits/{visit}/recognised", json=told)).status_code == 200

        assert_problem(await scene.ask_for(scene.ivy, on="2026-07-01"), 409, "covert-barred")
        overt = await scene.ask_for(scene.ivy, on="2026-07-01", kind="overt")
        assert overt.status_code == 201

    async def test_is_for_the_crew(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)

        assert_problem(
            await scene.ian.post(f"/v1/visits/{visit}/check-ins", json=scene.check_in_body()),
            404,
            "not-found",
        )
        assert_problem(
            await scene.sam.post(f"/v1/visits/{visit}/check-ins", json=scene.check_in_body()),
            409,
            "not-in-crew",
        )


class TestAnswers:
    async def test_the_later_one_by_device_time_stays_in_whatever_order_they_come(self, world: World) -> None:
        """D11."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        path = f"/v1/visits/{visit}/answers"

        def batch(value: bool, minutes: int) -> dict[str, Any]:
            at = (world.clock.now + timedelta(minutes=minutes)).isoformat()
            return {"answers": {"tidy": {"value": value, "device_at": at}}, "clock_offset_ms": -1500}

        for _ in range(2):
            late = await scene.ivy.put(path, json=batch(True, 5))
            early = await scene.ivy.put(path, json=batch(False, 1))

        assert late.json()["superseded"] == []
        assert early.json()["superseded"] == ["tidy"]
        kept = early.json()["answers"]["tidy"]
        assert (kept["value"], kept["clock_offset_ms"]) == (True, -1500)

    async def test_that_do_not_fit_are_named_and_nothing_is_kept(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)

        refused = await scene.answered(
            visit, tidy="yes", patience="superb", greeting={"state": "not_applicable"}, ghost=True
        )

        document = assert_problem(refused, 422, "answers-refused")
        assert sorted(one["item"] for one in document["problems"]) == [
            "ghost",
            "greeting",
            "patience",
            "tidy",
        ]
        assert (await scene.ivy.get(f"/v1/visits/{visit}/answers")).json()["answers"] == {}

    async def test_say_what_is_still_missing(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        at = world.clock.now.isoformat()

        told = await scene.ivy.put(
            f"/v1/visits/{visit}/answers", json={"answers": {"no-smoking": {"value": False, "device_at": at}}}
        )

        progress = told.json()["progress"]
        assert {"item": "tidy", "why": "unanswered"} in progress["missing"]
        assert progress["vetoes_without_evidence"] == ["no-smoking"]

    async def test_of_a_companion_are_refused(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy, scene.ian)
        await scene.entered(visit)

        assert_problem(await scene.answered(visit, scene.ian), 409, "not-in-crew")


class TestLeave:
    async def test_is_refused_with_every_rule_that_is_unmet_and_nothing_is_kept(self, world: World) -> None:
        """D7.3."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)

        document = assert_problem(await scene.leave(visit, []), 409, "leave-gate-shut")

        assert [one["rule"] for one in document["unmet"]] == [
            "required-answers",
            "summary-length",
            "questions-asked",
            "recording-declared",
            "photos",
        ]
        assert await state_of(scene, visit) == "entered"
        assert (await scene.ivy.get(f"/v1/visits/{visit}/manifest")).json() == []

    @pytest.mark.parametrize(
        ("changes", "rules"),
        [
            (
                {"quality": "black_and_silent"},
                ["recording-not-black", "recording-not-silent", "recording-length", "recording-coverage"],
            ),
            ({"duration_ms": 600_000}, ["recording-length", "recording-coverage"]),
            ({"medium": "audio"}, ["recording-declared"]),
        ],
    )
    async def test_is_refused_for_a_bad_recording(
        self, world: World, changes: dict[str, Any], rules: list[str]
    ) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        recording = str(new_id())
        await scene.answered(visit, evidence=[{"recording": recording, "at_ms": 0}])
        files = [the_video(recording, world.clock.now, **changes), *(a_photo() for _ in range(4))]

        document = assert_problem(await scene.leave(visit, files), 409, "leave-gate-shut")

        assert [one["rule"] for one in document["unmet"]] == rules

    async def test_needs_evidence_for_a_veto_in_a_declared_file(self, world: World) -> None:
        """D4.3."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        files = [the_video(str(new_id()), world.clock.now), *(a_photo() for _ in range(4))]

        await scene.answered(visit)
        none = assert_problem(await scene.leave(visit, files), 409, "leave-gate-shut")
        world.clock.advance(minutes=1)
        await scene.answered(visit, evidence=[{"recording": str(new_id()), "at_ms": 5}])
        nowhere = assert_problem(await scene.leave(visit, files), 409, "leave-gate-shut")

        assert [one["rule"] for one in none["unmet"]] == ["veto-evidence"]
        assert "evidence-declared" in [one["rule"] for one in nowhere["unmet"]]

    async def test_puts_a_recorders_own_clock_right(self, world: World) -> None:
        """D7.5: a pen recorder whose clock is an hour behind."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        recording = str(new_id())
        await scene.answered(visit, evidence=[{"recording": recording, "at_ms": 0}])
        behind = world.clock.now - timedelta(hours=1)
        photos = [a_photo() for _ in range(4)]

        off = the_video(recording, behind, device_kind="recorder")
        assert_problem(await scene.leave(visit, [off, *photos]), 409, "leave-gate-shut")
        right = {**off, "clock_offset_ms": 3_600_000}
        assert (await scene.leave(visit, [right, *photos])).status_code == 200

    async def test_puts_the_phones_own_clock_right(self, world: World) -> None:
        """D7.6: a phone half an hour behind, that knows it."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        behind = timedelta(minutes=30)
        await scene.entered(visit, after=-behind, clock_offset_ms=1_800_000)
        recording = str(new_id())
        await scene.answered(visit, evidence=[{"recording": recording, "at_ms": 0}])
        video = the_video(recording, world.clock.now - behind)

        check_out = scene.check_in_body(after=STAY - behind, clock_offset_ms=1_800_000)
        body = {"check_out": check_out, "files": [video, *(a_photo() for _ in range(4))]}
        gone = await scene.ivy.post(f"/v1/visits/{visit}/leave", json=body)

        assert gone.status_code == 200, gone.text

    async def test_sent_again_gives_the_same_and_a_changed_file_is_refused(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        recording, _photos = await scene.left(visit)

        await scene.entered(visit, after=STAY + timedelta(minutes=5))
        changed = the_video(recording, world.clock.now, size_bytes=5)
        document = assert_problem(await scene.leave(visit, [changed]), 409, "manifest-conflict")

        assert document["recording_id"] == recording

    async def test_works_without_recordings_where_none_are_lawful(self, world: World) -> None:
        """D10.5: competitors, same checklist, no raw recordings."""
        scene = await a_scene(world)
        rival = await an_outlet(world, "rival-1", region=scene.region, ownership=Ownership.COMPETITOR)
        visit = await scene.arranged(scene.ivy, outlet_id=str(rival.id))
        await scene.entered(visit)
        clean: dict[str, Any] = {"no-smoking": True}
        await scene.answered(visit, **clean)

        assert (await scene.leave(visit, [])).status_code == 200


class TestSubmit:
    async def test_scores_with_the_veto_and_explains_it(self, world: World) -> None:
        """The second vector of D3 through the whole product: 66.67, and 76.67 without the veto."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        await scene.left(visit)

        await scene.submitted(visit)

        (score,) = (await scene.sam.get(f"/v1/visits/{visit}/scores")).json()
        assert score["total"][:9] == "66.666666"
        assert score["total_without_vetoes"][:9] == "76.666666"
        explanation = score["explanation"]
        assert (explanation["total_display"], explanation["total_without_vetoes_display"]) == (
            "66.67",
            "76.67",
        )
        assert [veto["item"] for veto in explanation["vetoes"]] == ["no-smoking"]
        assert score["weight_profile"] == "all"

    async def test_sent_at_once_five_times_is_one_submission(self, world: World) -> None:
        """D11."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        await scene.left(visit)

        answers = await asyncio.gather(*(scene.ivy.post(f"/v1/visits/{visit}/submit") for _ in range(5)))

        assert {answer.status_code for answer in answers} == {200}
        assert len((await scene.sam.get(f"/v1/visits/{visit}/scores")).json()) == 1
        assert len((await scene.sam.get(f"/v1/visits/{visit}/answers/revisions")).json()) == 1

    async def test_before_leaving_is_refused(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)

        document = assert_problem(
            await scene.ivy.post(f"/v1/visits/{visit}/submit"), 409, "visit-wrong-state"
        )

        assert document["next_states"] == ["left", "aborted", "void"]

    async def test_closes_the_answers(self, world: World) -> None:
        """D8.6."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        await scene.left(visit)
        await scene.submitted(visit)

        assert_problem(await scene.answered(visit), 409, "visit-wrong-state")

    async def test_a_void_report_keeps_the_exposure(self, world: World) -> None:
        """D5.6: whatever became of the report."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        await scene.left(visit)
        await scene.submitted(visit)
        read = await scene.sam.get(f"/v1/visits/{visit}")

        voided = await scene.sam.post(
            f"/v1/visits/{visit}/void",
            json={"reason": "wrong outlet"},
            headers={"If-Match": read.headers["etag"]},
        )

        assert voided.json()["state"] == "void"
        assert_problem(await scene.ask_for(scene.ivy, on="2026-06-01"), 409, "rotation-conflict")
