"""Marked twice, blind (D8.1): ivy's visit is reviewed by rita, and marked again by max, who must not know of either."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.events.kinds import Kind
from app.events.models import Event, InboxEntry
from app.identity.actor import Role
from app.programmes.rules import RecordingMode
from app.recordings.models import Rendition
from app.visits.models import Visit
from tests.support.places import a_region, an_outlet, in_charge
from tests.support.review import Case, Desk, a_desk
from tests.support.world import Caller, World, assert_problem

ALL_OF_A_VISIT = (
    "", "/review", "/answers", "/answers/revisions", "/answers/revisions/2/difference", "/scores", "/send-backs",
    "/transitions", "/check-ins", "/manifest", "/gate", "/brief", "/recordings", "/second-marking/candidates",
)  # fmt: skip
DECISIONS: dict[str, dict[str, Any]] = {
    "review/open": {},
    "review/vetoes/no-smoking/verdict": {"verdict": "confirmed", "reason": "seen"},
    "review/send-back": {"reason": "look again", "items": [{"item": "tidy", "reason": "look again"}]},
    "review/approve": {},
    "second-marking/excuse": {"reason": "nobody is free"},
    "publish": {},
}


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


async def a_marker(desk: Desk, name: str = "max", *roles: Role) -> Caller:
    marker = await desk.world.newcomer(name, *(roles or (Role.REVIEWER,)))
    await in_charge(desk.world, marker, region=desk.scene.region)
    return marker


async def tasks(marker: Caller, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await marker.get("/v1/second-markings", params=wanted)).json()["items"]
    return found


async def status_of(desk: Desk, case: Case) -> str:
    sheet = (await desk.rita.get(f"/v1/visits/{case.visit}/review")).json()
    return str(sheet["second_marking"]["status"])


async def told_of_marking(world: World) -> dict[UUID, set[UUID]]:
    """Who found in their inbox that a second marking is wanted, by what it is about."""
    async with world.database.reading() as session:
        rows = await session.execute(
            sa.select(Event.subject_id, InboxEntry.person_id)
            .join(InboxEntry, InboxEntry.event_id == Event.id)
            .where(Event.kind == Kind.REVIEW_SECOND_MARKING_WANTED)
        )
        found: dict[UUID, set[UUID]] = {}
        for subject, person in rows:
            found.setdefault(subject, set()).add(person)
    return found


class TestSample:
    async def test_is_drawn_at_the_submission_and_never_again(self, world: World) -> None:
        """Before there is a score, once and for all: no correction is a second draw."""
        desk = await a_desk(world, double_marking_share="1")
        case = await desk.submitted()
        async with world.database.writing() as session:
            visit = await session.get_one(Visit, UUID(case.visit))
            first = visit.drawn_for_second_marking
            visit.drawn_for_second_marking = False  # as if it had not been drawn then
        back = DECISIONS["review/send-back"]
        assert (
            await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=back)
        ).status_code == 200
        await desk.scene.submitted(case.visit)

        async with world.database.reading() as session:
            again = (await session.get_one(Visit, UUID(case.visit))).drawn_for_second_marking
        assert (first, again) == (True, False)

    @pytest.mark.parametrize(("share", "status"), [("0", "not_wanted"), ("1", "wanted")])
    async def test_asks_for_visits_without_a_veto_too(self, world: World, share: str, status: str) -> None:
        desk = await a_desk(world, double_marking_share=share)
        visit = await desk.scene.arranged()
        await clean_visit(desk, visit)
        sheet = (await desk.rita.get(f"/v1/visits/{visit}/review")).json()
        assert (sheet["vetoes"], sheet["second_marking"]["status"]) == ([], status)
        assert sheet["second_marking"]["is_drawn"] is (share == "1")

    async def test_leaves_out_what_was_not_recorded(self, world: World) -> None:
        """D10.5: there is nothing to mark it from."""
        desk = await a_desk(world, mode=RecordingMode.NONE, double_marking_share="1")
        visit = await desk.scene.arranged()
        await desk.scene.entered(visit)
        await desk.scene.answered(visit, None, **{"no-smoking": True})
        assert (await desk.scene.leave(visit, [])).status_code == 200
        await desk.scene.submitted(visit)
        async with world.database.reading() as session:
            assert (await session.get_one(Visit, UUID(visit))).drawn_for_second_marking is False

    async def test_holds_every_veto_as_well(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.opened(case)
        assert await status_of(desk, case) == "wanted"
        assert "second-marking-missing" in await desk.blocks(case)


class TestAssignment:
    async def test_is_drawn_among_the_other_reviewers_when_the_review_is_opened(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        north = await desk.world.newcomer("noa", Role.REVIEWER)
        await in_charge(desk.world, north, region=await a_region(desk.world, "north"))
        case = await desk.submitted()

        await desk.opened(case)

        assert await status_of(desk, case) == "assigned"
        (task,) = await tasks(marker)
        assert (task["visit_id"], task["submitted_at"]) == (case.visit, None)
        assert await tasks(desk.rita) == await tasks(north) == []
        assert await told_of_marking(desk.world) == {UUID(task["id"]): {marker.id}}

    async def test_goes_to_who_has_the_least_to_do(self, desk: Desk) -> None:
        await a_marker(desk)
        await a_marker(desk, "moe")
        for number in range(2):
            case = await desk.submitted((desk.scene.ivy, desk.scene.ian)[number], on=f"2026-03-0{2 + number}")
            await desk.opened(case)
        assert [len(await tasks(desk.world.callers[name])) for name in ("max", "moe")] == [1, 1]

    async def test_is_for_a_supervisor_to_find_where_there_is_no_other_reviewer(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.opened(case)
        assert await told_of_marking(desk.world) == {UUID(case.visit): {desk.scene.sam.id}}

    async def test_refuses_the_crew_the_first_reviewer_and_strangers(self, desk: Desk) -> None:
        both = await a_marker(desk, "both", Role.REVIEWER, Role.INSPECTOR)
        case = await desk.submitted(both)
        await desk.opened(case)
        address = f"/v1/visits/{case.visit}/second-marking"

        reasons = {}
        for person in (both, desk.rita, desk.scene.ian, await desk.world.person("bob")):
            body = {"marker_id": str(person.id)}
            refused = assert_problem(
                await desk.scene.sam.post(f"{address}/assign", json=body), 409, "marker-unfit"
            )
            reasons[person.name] = refused["reason"]

        assert reasons == {
            "both": "in-crew",
            "rita": "reviewed-it",
            "ian": "not-of-the-desk",
            "bob": "not-of-the-desk",
        }
        fit = (await desk.scene.sam.get(f"{address}/candidates")).json()
        assert [one["id"] for one in fit] == [str(desk.scene.sam.id)]

    async def test_may_pass_to_somebody_else_until_it_is_handed_in(self, desk: Desk) -> None:
        marker, other = await a_marker(desk), await a_marker(desk, "moe")
        case = await desk.submitted()
        first = await desk.assigned(case, marker)
        assert await desk.assigned(case, marker) == first
        second = await desk.assigned(case, other)

        assert_problem(await marker.get(f"/v1/second-markings/{first}"), 404, "not-found")
        assert (await marker.get(f"/v1/visits/{case.visit}")).status_code == 200
        assert_problem(await other.get(f"/v1/visits/{case.visit}"), 404, "not-found")
        assert (await desk.marked(second, other)).status_code == 200
        late = await desk.scene.sam.post(
            f"/v1/visits/{case.visit}/second-marking/assign", json={"marker_id": str(marker.id)}
        )
        assert_problem(late, 409, "marking-done")

    async def test_is_for_supervisors(self, desk: Desk) -> None:
        case = await desk.submitted()
        address = f"/v1/visits/{case.visit}/second-marking"
        body = {"marker_id": str(desk.scene.sam.id)}
        for caller in (desk.rita, desk.scene.ivy):
            assert_problem(await caller.post(f"{address}/assign", json=body), 403, "forbidden")
            assert_problem(
                await caller.post(f"{address}/excuse", json={"reason": "no time"}), 403, "forbidden"
            )
            assert_problem(await caller.get(f"{address}/candidates"), 403, "forbidden")


class TestBlindness:
    async def test_hides_the_visit_on_every_route_until_it_is_handed_in(self, desk: Desk) -> None:
        """The visit, its answers, scores, explanation, review, send-backs: all that is read through a visit."""
        marker = await a_marker(desk, "max", Role.REVIEWER, Role.SUPERVISOR)
        case = await desk.submitted()
        body = {"reason": "Look at the floor.", "items": [{"item": "tidy", "reason": "It is dirty."}]}
        await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=body)
        await desk.scene.submitted(case.visit)
        seen = {
            path: (await marker.get(f"/v1/visits/{case.visit}{path}")).status_code for path in ALL_OF_A_VISIT
        }
        task = await desk.assigned(case, marker)

        assert set(seen.values()) == {200}
        for path in ALL_OF_A_VISIT:
            assert_problem(await marker.get(f"/v1/visits/{case.visit}{path}"), 404, "not-found")
        for path, body in DECISIONS.items():
            answer = await marker.post(f"/v1/visits/{case.visit}/{path}", json=body)
            assert_problem(answer, 404, "not-found")
        for file in (case.video, *case.photos):
            played = await marker.post(
                f"/v1/visits/{case.visit}/recordings/{file}/play", json={"purpose": "curious"}
            )
            assert_problem(played, 404, "not-found")
            assert_problem(
                await marker.get(f"/v1/visits/{case.visit}/recordings/{file}/mutes"), 404, "not-found"
            )
        for listed in ("/v1/visits", "/v1/reviews", "/v1/missing-evidence", "/v1/failed-checks"):
            assert case.visit not in (await marker.get(listed)).text
        followed = await marker.get(
            "/v1/events/stream", params={"for_s": 0}, headers={"Last-Event-ID": "0-0"}
        )
        assert (followed.status_code, case.visit in followed.text) == (200, False)
        assert (await desk.marked(task, marker)).status_code == 200
        for path in ALL_OF_A_VISIT[:-1]:
            assert (await marker.get(f"/v1/visits/{case.visit}{path}")).status_code == 200, path

    async def test_leaves_the_checklist_the_recording_and_the_photos(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        case = await desk.submitted()
        task = await desk.assigned(case, marker)

        answer = await marker.get(f"/v1/second-markings/{task}")
        sheet = answer.json()

        assert sheet["items"] == ["greeting", "queue-machine", "patience", "no-smoking", "uniform", "tidy"]
        assert sheet["checklist"]["id"] == "short-hall"
        assert {file["recording_id"] for file in sheet["files"]} == {case.video, *case.photos}
        assert (sheet["answers"], sheet["open_items"]) == ({}, sheet["items"])
        for secret in (str(desk.scene.ivy.id), "Ivy", "66.6", "at_ms", "柜员"):
            assert secret not in answer.text
        for file, kind in ((case.video, "video/mp4"), (case.photos[0], "image/jpeg")):
            opened = await marker.post(f"/v1/second-markings/{task}/recordings/{file}/play")
            assert (opened.status_code, opened.json()["content_type"]) == (201, kind)

    async def test_plays_only_what_belongs_to_the_visit_and_is_kept(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        case, other = await desk.submitted(), await desk.submitted(desk.scene.ian, on="2026-03-03")
        task = await desk.assigned(case, marker)
        address = f"/v1/second-markings/{task}/recordings"
        assert_problem(await marker.post(f"{address}/{other.video}/play"), 404, "not-found")
        async with desk.world.database.writing() as session:
            rows = await session.scalars(
                sa.select(Rendition).where(Rendition.recording_id == UUID(case.video))
            )
            for row in rows:
                row.replaced_at = desk.world.clock.now
        assert_problem(await marker.post(f"{address}/{case.video}/play"), 404, "not-found")

    async def test_is_not_shared_with_anybody(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        case = await desk.submitted()
        task = await desk.assigned(case, marker)
        saved = {"answers": {"greeting": {"value": False, "note": "no word at all"}}}
        assert (await marker.put(f"/v1/second-markings/{task}/answers", json=saved)).status_code == 200

        for name in ("sam", "rita", "alice", "ivy", "otto", "bob"):
            caller = await desk.world.person(name)
            assert_problem(await caller.get(f"/v1/second-markings/{task}"), 404, "not-found")
            assert_problem(
                await caller.put(f"/v1/second-markings/{task}/answers", json=saved), 404, "not-found"
            )
            assert_problem(await caller.post(f"/v1/second-markings/{task}/submit"), 404, "not-found")
        sheet = (await desk.rita.get(f"/v1/visits/{case.visit}/review")).text
        assert "no word at all" not in sheet


class TestHandingIn:
    async def test_needs_an_answer_to_every_item(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        task = await desk.assigned(await desk.submitted(), marker)
        some = {"answers": {"greeting": {"value": True}, "patience": {"state": "not_observed"}}}
        saved = (await marker.put(f"/v1/second-markings/{task}/answers", json=some)).json()

        problem = assert_problem(
            await marker.post(f"/v1/second-markings/{task}/submit"), 409, "marking-incomplete"
        )

        missing = ["queue-machine", "no-smoking", "uniform", "tidy"]
        assert problem["items"] == saved["open_items"] == missing

    async def test_refuses_answers_that_do_not_fit(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        task = await desk.assigned(await desk.submitted(), marker)
        for wrong in ({"greeting": {"value": "yes"}}, {"nonsense": {"value": True}}):
            answer = await marker.put(f"/v1/second-markings/{task}/answers", json={"answers": wrong})
            assert_problem(answer, 422, "answers-refused")

    async def test_happens_once_and_is_never_changed(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        task = await desk.assigned(await desk.submitted(), marker)
        assert (await desk.marked(task, marker)).status_code == 200

        again = {"answers": {"tidy": {"value": False}}}
        assert_problem(
            await marker.put(f"/v1/second-markings/{task}/answers", json=again), 409, "marking-done"
        )
        assert_problem(await marker.post(f"/v1/second-markings/{task}/submit"), 409, "marking-done")
        for table in ("second_markings", "second_marks"):
            with pytest.raises(Exception, match=f"{table}_is_append_only"):
                async with desk.world.database.writing() as session:
                    await session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608
        assert [one["id"] for one in await tasks(marker, submitted="true")] == [task]
        assert await tasks(marker, submitted="false") == []

    async def test_shows_the_reviewer_every_difference_and_frees_the_way(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        case = await desk.submitted()
        await desk.opened(case)
        await desk.judge(case)
        assert_problem(await desk.approve(case), 409, "approval-blocked")
        (task,) = await tasks(marker)
        await desk.marked(task["id"], marker, tidy=False, patience="good", uniform={"state": "not_observed"})

        sheet = (await desk.rita.get(f"/v1/visits/{case.visit}/review")).json()
        second = sheet["second_marking"]
        approved = await desk.approve(case)

        assert (second["status"], second["marker_id"]) == ("submitted", str(marker.id))
        differing = {pair["item"]: pair for pair in second["pairs"] if pair["differs"]}
        assert list(differing) == ["patience", "tidy"]  # what one of them did not see is no difference
        assert (differing["tidy"]["first"]["value"], differing["tidy"]["second"]["value"]) == (True, False)
        assert len(second["pairs"]) == 6
        (remark,) = approved.json()["remarks"]
        assert (remark["rule"], remark["where"]) == ("second-marking-differs", ["patience", "tidy"])

    async def test_bars_the_marker_from_deciding(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        case = await desk.submitted()
        await desk.marked(await desk.assigned(case, marker), marker)
        for path, body in DECISIONS.items():
            if path != "second-marking/excuse":
                answer = await marker.post(f"/v1/visits/{case.visit}/{path}", json=body)
                assert_problem(answer, 403, "second-marker")


class TestExcuse:
    async def test_is_a_supervisors_with_a_reason_and_is_said(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.opened(case)
        await desk.excused(case)

        sheet = (await desk.rita.get(f"/v1/visits/{case.visit}/review")).json()

        second = sheet["second_marking"]
        assert (second["status"], second["excused_by"]) == ("excused", str(desk.scene.sam.id))
        assert second["excused_because"] == "Nobody is free this week."
        assert "second-marking-excused" in {one["rule"] for one in sheet["remarks"]}
        again = await desk.scene.sam.post(
            f"/v1/visits/{case.visit}/second-marking/excuse", json={"reason": "once more"}
        )
        assert_problem(again, 409, "marking-not-awaited")

    async def test_takes_the_task_back_and_lets_the_marker_see(self, desk: Desk) -> None:
        marker = await a_marker(desk)
        case = await desk.submitted()
        await desk.assigned(case, marker)
        await desk.excused(case)
        assert await tasks(marker) == []
        assert (await marker.get(f"/v1/visits/{case.visit}")).status_code == 200

    async def test_counts_for_the_answers_it_was_given_for(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.excused(case)
        await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=DECISIONS["review/send-back"])
        await desk.scene.submitted(case.visit)
        assert await status_of(desk, case) == "wanted"


class TestQueueFilters:
    async def test_find_what_is_overdue_breached_and_waits_for_a_second_marking(self, desk: Desk) -> None:
        """D8.1"""
        marker = await a_marker(desk)
        breached = await desk.submitted()
        excused = await desk.submitted(desk.scene.ian, on="2026-03-03")
        await desk.excused(excused)
        desk.world.clock.advance(hours=47)
        clean = await desk.scene.arranged(desk.scene.ivy, outlet_id=str(await another(desk)))
        await clean_visit(desk, clean)
        desk.world.clock.advance(hours=2)

        async def found(**wanted: str) -> list[str]:
            answer = await desk.rita.get("/v1/reviews", params=wanted)
            return [one["visit"]["id"] for one in answer.json()["items"]]

        assert await found() == [*sorted([breached.visit, excused.visit]), clean]
        assert set(await found(overdue="true")) == {breached.visit, excused.visit}
        assert await found(overdue="false") == await found(has_veto="false") == [clean]
        assert set(await found(has_veto="true")) == {breached.visit, excused.visit}
        assert await found(awaits_second_marking="true") == [breached.visit]
        assert set(await found(awaits_second_marking="false")) == {excused.visit, clean}
        assert await found(programme_id=str(desk.scene.outlet.id)) == []
        line = next(
            one
            for one in (await desk.rita.get("/v1/reviews")).json()["items"]
            if one["visit"]["id"] == breached.visit
        )
        assert (line["vetoes"], line["second_marking"]) == (["no-smoking"], "wanted")
        await desk.marked(await desk.assigned(breached, marker), marker)
        assert await found(awaits_second_marking="true") == []


async def another(desk: Desk) -> UUID:
    return (await an_outlet(desk.world, "gz-9", region=desk.scene.region)).id


async def clean_visit(desk: Desk, visit: str) -> None:
    """Without a veto."""
    await desk.scene.entered(visit)
    await desk.scene.left(visit)
    desk.world.clock.advance(seconds=1)
    await desk.scene.answered(visit, None, **{"no-smoking": True})
    await desk.scene.submitted(visit)
