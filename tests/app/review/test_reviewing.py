"""Review told as stories: rita reviews the south, sam supervises it, ivy and ian inspect (D4.3, D8.1, D8.2)."""

import pytest

from app.identity.actor import Role
from app.recordings.rules import Kind, State
from tests.support.places import a_grant, a_region, in_charge
from tests.support.review import Desk, a_desk
from tests.support.visits import CHECKLIST, a_version
from tests.support.world import World, assert_problem

WORDS = """
          - {code: words, type: text, text: {zh: "评语", en: "Words"}, weight: 40}"""


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


class TestQueue:
    async def test_shows_what_waits_and_by_when_it_is_due(self, desk: Desk) -> None:
        """D8.1"""
        case = await desk.submitted()
        before = (await desk.rita.get("/v1/reviews")).json()["items"]
        desk.world.clock.advance(hours=49)
        after = (await desk.rita.get("/v1/reviews")).json()["items"]

        assert [one["visit"]["id"] for one in before] == [case.visit]
        assert before[0]["due_at"] == "2026-03-04T09:00:00Z"
        assert (before[0]["overdue"], after[0]["overdue"]) == (False, True)
        assert after[0]["visit"]["state"] == "submitted"  # late, and still nobody's decision

    async def test_is_as_wide_as_the_callers_region(self, desk: Desk) -> None:
        """D10.6"""
        await desk.submitted()
        rob = await desk.world.newcomer("rob", Role.REVIEWER)
        await in_charge(desk.world, rob, region=await a_region(desk.world, "north"))
        alice, bob = await desk.world.person("alice"), await desk.world.person("bob")

        seen = {
            one.name: len((await one.get("/v1/reviews")).json()["items"]) for one in (desk.scene.sam, alice)
        }
        assert seen == {"sam": 1, "alice": 1}
        for stranger in (rob, bob):
            assert (await stranger.get("/v1/reviews")).json()["items"] == []

    async def test_never_shows_a_reviewer_the_own_visit(self, desk: Desk) -> None:
        both = await desk.world.newcomer("both", Role.REVIEWER, Role.INSPECTOR)
        await in_charge(desk.world, both, region=desk.scene.region)
        await desk.submitted(both)

        assert (await both.get("/v1/reviews")).json()["items"] == []
        assert len((await desk.rita.get("/v1/reviews")).json()["items"]) == 1

    async def test_is_for_the_desk(self, desk: Desk) -> None:
        for name in ("ivy", "mona", "otto"):
            caller = await desk.world.person(name)
            assert_problem(await caller.get("/v1/reviews"), 403, "forbidden")

    async def test_comes_in_pages(self, desk: Desk) -> None:
        first = await desk.submitted()
        desk.world.clock.advance(hours=1)
        second = await desk.submitted(desk.scene.ian)

        page = (await desk.rita.get("/v1/reviews", params={"limit": 1})).json()
        rest = (await desk.rita.get("/v1/reviews", params={"limit": 1, "cursor": page["next_cursor"]})).json()

        shown = [page["items"][0]["visit"]["id"], rest["items"][0]["visit"]["id"]]
        assert shown == [first.visit, second.visit]
        assert rest["next_cursor"] is None


class TestSheet:
    async def test_shows_everything_a_decision_rests_on(self, desk: Desk) -> None:
        case = await desk.submitted()

        sheet = (await desk.rita.get(f"/v1/visits/{case.visit}/review")).json()

        assert [one["item"] for one in sheet["answers"]] == [
            "greeting", "queue-machine", "patience", "no-smoking", "uniform", "tidy",
        ]  # fmt: skip
        assert sheet["score"]["explanation"]["total_display"] == "66.67"
        assert [veto["item"] for veto in sheet["vetoes"]] == ["no-smoking"]
        assert sheet["vetoes"][0]["evidence"][0] == {"recording": case.video, "at_ms": 83_000}
        assert len(sheet["check_ins"]) == 2
        assert {file["recording"]["state"] for file in sheet["files"]} == {"processed"}
        assert [block["rule"] for block in sheet["blocks"]] == ["veto-unconfirmed", "second-marking-missing"]
        assert (sheet["second_marking"]["status"], sheet["second_marking"]["pairs"]) == ("wanted", [])

    async def test_names_declared_files_that_never_arrived(self, desk: Desk) -> None:
        case = await desk.submitted(processed=False)
        await desk.arrived(case.visit, case.photos[0], Kind.PHOTO, by=desk.scene.ivy, state=State.REJECTED)

        found = await desk.blocks(case)

        assert set(found["recording-missing"]) == {case.video, *case.photos[1:]}
        assert found["recording-rejected"] == [case.photos[0]]

    async def test_is_read_by_the_desk_and_auditors_and_nobody_else(self, desk: Desk) -> None:
        case = await desk.submitted()
        otto = await desk.world.person("otto")
        address = f"/v1/visits/{case.visit}/review"

        assert_problem(await otto.get(address), 404, "not-found")
        await a_grant(desk.world, otto, region=desk.scene.region)
        assert (await otto.get(address)).status_code == 200
        assert (await desk.scene.sam.get(address)).status_code == 200
        assert_problem(await desk.scene.ivy.get(address), 403, "forbidden")
        for name in ("ian", "mona", "bob"):
            assert_problem(await (await desk.world.person(name)).get(address), 404, "not-found")

    async def test_exists_only_after_a_submission(self, desk: Desk) -> None:
        visit = await desk.scene.arranged()
        answer = await desk.rita.get(f"/v1/visits/{visit}/review")
        assert_problem(answer, 409, "visit-wrong-state")


class TestDecisions:
    async def test_are_for_reviewers_of_the_region_only(self, desk: Desk) -> None:
        """D10.6"""
        case = await desk.submitted()
        otto = await desk.world.person("otto")
        await a_grant(desk.world, otto, region=desk.scene.region)
        rob = await desk.world.newcomer("rob", Role.REVIEWER, Role.AUDITOR)
        await in_charge(desk.world, rob, region=await a_region(desk.world, "north"))
        await a_grant(desk.world, rob, region=desk.scene.region)
        back = {"reason": "look again", "items": [{"item": "tidy", "reason": "look again"}]}
        decisions = {
            "review/open": {},
            "review/vetoes/no-smoking/verdict": {"verdict": "confirmed", "reason": "seen"},
            "review/send-back": back,
            "review/approve": {},
            "review/reopen": {"reason": "look again"},
            "second-marking/excuse": {"reason": "nobody is free"},
            "second-marking/assign": {"marker_id": str(desk.scene.sam.id)},
            "publish": {},
        }
        for path, body in decisions.items():
            address = f"/v1/visits/{case.visit}/{path}"
            for caller in (desk.scene.ivy, otto):
                assert_problem(await caller.post(address, json=body), 403, "forbidden")
            for caller in (desk.mona, desk.scene.ian, rob, await desk.world.person("bob")):
                assert_problem(await caller.post(address, json=body), 404, "not-found")
        marks = await desk.scene.ivy.put(f"/v1/visits/{case.visit}/review/marks", json={"marks": {}})
        assert_problem(marks, 403, "forbidden")

    async def test_are_never_taken_by_somebody_of_the_crew(self, desk: Desk) -> None:
        """D4.3"""
        both = await desk.world.newcomer("both", Role.REVIEWER, Role.INSPECTOR)
        await in_charge(desk.world, both, region=desk.scene.region)
        case = await desk.submitted(both)

        assert_problem(await both.post(f"/v1/visits/{case.visit}/review/open"), 403, "own-visit")
        await desk.opened(case)
        assert_problem(await desk.judge(case, by=both), 403, "own-visit")
        assert_problem(await desk.approve(case, by=both), 403, "own-visit")

    async def test_wait_until_the_review_is_opened(self, desk: Desk) -> None:
        case = await desk.submitted()
        assert_problem(await desk.judge(case), 409, "visit-wrong-state")
        assert_problem(await desk.approve(case), 409, "visit-wrong-state")
        await desk.opened(case)
        await desk.opened(case)  # a second click changes nothing
        assert (await desk.judge(case)).status_code == 200


class TestVetoes:
    async def test_are_confirmed_with_a_reason(self, desk: Desk) -> None:
        """D4.3"""
        case = await desk.submitted()
        await desk.opened(case)

        vetoes = (await desk.judge(case)).json()

        assert (vetoes[0]["verdict"], vetoes[0]["decided_by"]) == ("confirmed", str(desk.rita.id))
        assert "veto-unconfirmed" not in await desk.blocks(case)

    async def test_that_did_not_fire_cannot_be_judged(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.opened(case)
        problem = assert_problem(await desk.judge(case, item="tidy"), 409, "veto-not-fired")
        assert problem["fired"] == ["no-smoking"]

    async def test_that_are_rejected_go_back_to_the_inspector(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.opened(case)
        await desk.judge(case, "rejected")

        problem = assert_problem(await desk.approve(case), 409, "approval-blocked")

        assert ("veto-rejected", ["no-smoking"]) in [(one["rule"], one["where"]) for one in problem["blocks"]]


class TestSendingBack:
    async def test_names_items_and_reason_and_makes_second_revisions(self, desk: Desk) -> None:
        """D8.2, D3.5"""
        case, ivy = await desk.submitted(), desk.scene.ivy
        await desk.opened(case)
        await desk.judge(case, "rejected")
        body = {
            "reason": "The recording shows no smoke.",
            "items": [{"item": "no-smoking", "reason": "It is steam."}],
        }

        sent = await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=body)
        told = (await ivy.get(f"/v1/visits/{case.visit}/send-backs")).json()
        desk.world.clock.advance(hours=1)
        await desk.scene.answered(case.visit, None, **{"no-smoking": True})
        await desk.scene.submitted(case.visit)

        assert sent.json()["state"] == "left"
        assert (told[0]["reason"], told[0]["answers_revision"]) == ("The recording shows no smoke.", 1)
        assert told[0]["items"] == [{"item": "no-smoking", "reason": "It is steam."}]
        scores = (await ivy.get(f"/v1/visits/{case.visit}/scores")).json()
        assert [one["explanation"]["total_display"] for one in scores] == ["66.67", "86.67"]
        assert [veto["item"] for veto in scores[1]["difference"]["vetoes_gone"]] == ["no-smoking"]
        await desk.opened(case)
        assert await desk.blocks(case) == {}

    async def test_shows_both_sides_what_the_correction_changed(self, desk: Desk) -> None:
        """D8.2: item by item, before and after; the scores carry their own difference (D3.5)."""
        case, ivy = await desk.submitted(), desk.scene.ivy
        body = {"reason": "Look at the floor.", "items": [{"item": "tidy", "reason": "It is dirty."}]}
        await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=body)
        desk.world.clock.advance(hours=1)
        evidence = [{"recording": case.video, "at_ms": 83_000}, {"photo": case.photos[0]}]
        changed = {"tidy": {"value": False, "note": "wet paper"}, "greeting": {"state": "not_observed"}}
        await desk.scene.answered(case.visit, None, evidence=evidence, **changed)
        await desk.scene.submitted(case.visit)
        address = f"/v1/visits/{case.visit}/answers/revisions"

        told = (await ivy.get(f"{address}/2/difference")).json()
        sheet = (await desk.rita.get(f"/v1/visits/{case.visit}/review")).json()

        assert (told["before_number"], told["number"]) == (1, 2)
        assert [one["item"] for one in told["items"]] == ["greeting", "tidy"]
        greeting, tidy = told["items"]
        assert (greeting["before"]["value"], greeting["after"]["state"]) == (True, "not_observed")
        assert (tidy["before"]["value"], tidy["after"]["value"], tidy["after"]["note"]) == (
            True,
            False,
            "wet paper",
        )
        assert sheet["changes"] == told["items"]
        assert {one["code"] for one in sheet["score"]["difference"]["items"]} >= {"greeting", "tidy"}
        assert_problem(await ivy.get(f"{address}/3/difference"), 404, "not-found")
        for name in ("ian", "mona", "bob"):
            caller = await desk.world.person(name)
            assert_problem(await caller.get(f"{address}/2/difference"), 404, "not-found")

    async def test_a_veto_that_still_stands_is_judged_anew(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.opened(case)
        await desk.judge(case)
        body = {"reason": "Look at the floor.", "items": [{"item": "tidy", "reason": "Dirty."}]}
        await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=body)
        await desk.scene.submitted(case.visit)
        await desk.opened(case)

        assert (await desk.blocks(case))["veto-unconfirmed"] == ["no-smoking"]

    async def test_needs_items_that_exist(self, desk: Desk) -> None:
        case = await desk.submitted()
        address = f"/v1/visits/{case.visit}/review/send-back"
        unknown = {"reason": "look again", "items": [{"item": "nonsense", "reason": "look again"}]}
        problem = assert_problem(await desk.rita.post(address, json=unknown), 422, "unknown-items")
        assert problem["items"] == ["nonsense"]
        nothing = await desk.rita.post(address, json={"reason": "look again", "items": []})
        assert_problem(nothing, 422, "invalid-request")

    async def test_is_told_to_those_who_see_the_visit(self, desk: Desk) -> None:
        case = await desk.submitted()
        address = f"/v1/visits/{case.visit}/send-backs"
        assert (await desk.scene.ivy.get(address)).json() == []
        for name in ("ian", "mona", "bob"):
            assert_problem(await (await desk.world.person(name)).get(address), 404, "not-found")


class TestMarks:
    async def test_for_texts_with_a_weight_make_a_new_score(self, desk: Desk) -> None:
        """D3.3, D3.5"""
        text = CHECKLIST.rstrip().replace("short-hall", "worded-hall") + WORDS + "\n"
        version = await a_version(desk.world, desk.scene.sam, text)
        visit = await desk.scene.arranged(desk.scene.ivy, checklist_version_id=str(version.id))
        await desk.scene.entered(visit)
        await desk.scene.answered(visit, words="Kind and quick.")
        await desk.scene.left(visit)
        await desk.scene.submitted(visit)
        await desk.rita.post(f"/v1/visits/{visit}/review/open")
        address = f"/v1/visits/{visit}/review"

        before = (await desk.rita.get(address)).json()
        marked = await desk.rita.put(f"{address}/marks", json={"marks": {"words": "0.5"}})
        again = await desk.rita.put(f"{address}/marks", json={"marks": {"words": "0.50"}})
        after = (await desk.rita.get(address)).json()

        assert before["to_mark"] == ["words"]
        assert "mark-missing" in {block["rule"] for block in before["blocks"]}
        assert marked.json()["number"] == again.json()["number"] == 2
        assert marked.json()["explanation"]["total_display"] == "56.67"
        assert [item["code"] for item in marked.json()["difference"]["items"]] == ["tidy", "words"]
        assert "mark-missing" not in {block["rule"] for block in after["blocks"]}

    async def test_are_refused_for_items_that_mark_themselves(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.opened(case)
        answer = await desk.rita.put(f"/v1/visits/{case.visit}/review/marks", json={"marks": {"tidy": "0.5"}})
        assert_problem(answer, 422, "answers-refused")


class TestApproval:
    async def test_says_from_when_on_the_visit_may_be_published(self, desk: Desk) -> None:
        """D8.3"""
        case = await desk.submitted()
        await desk.opened(case)
        await desk.excused(case)
        await desk.judge(case)

        approval = (await desk.approve(case, summary_for_outlet="Kind; no smoking, please.")).json()

        assert (approval["state"], approval["publish_after"]) == ("approved", "2026-03-03T09:00:00Z")
        assert [one["rule"] for one in approval["remarks"]] == ["second-marking-excused"]
        assert_problem(await desk.approve(case), 409, "visit-wrong-state")

    async def test_lists_everything_that_stands_in_the_way(self, desk: Desk) -> None:
        case = await desk.submitted(processed=False)
        await desk.opened(case)

        problem = assert_problem(await desk.approve(case), 409, "approval-blocked")

        assert [one["rule"] for one in problem["blocks"]] == [
            "veto-unconfirmed",
            "second-marking-missing",
            "recording-missing",
        ]

    async def test_without_files_needs_a_reason_and_is_said(self, desk: Desk) -> None:
        case = await desk.submitted(processed=False)
        await desk.opened(case)
        await desk.excused(case)
        await desk.judge(case)

        answer = await desk.approve(case, without_files_because="The recorder was stolen on the train.")

        assert [one["rule"] for one in answer.json()["remarks"]] == [
            "second-marking-excused",
            "recording-missing",
        ]

    async def test_of_a_visit_that_saw_too_little_is_possible_and_said(self, desk: Desk) -> None:
        """D3.4"""
        visit = await desk.scene.arranged()
        await desk.scene.entered(visit)
        video, photos = await desk.scene.left(visit)
        unseen = {code: {"state": "not_observed"} for code in ("greeting", "patience", "no-smoking", "tidy")}
        await desk.scene.answered(visit, None, **unseen)
        await desk.arrived(visit, video, Kind.VIDEO, by=desk.scene.ivy)
        for photo in photos:
            await desk.arrived(visit, photo, Kind.PHOTO, by=desk.scene.ivy)
        await desk.scene.submitted(visit)
        await desk.rita.post(f"/v1/visits/{visit}/review/open")

        answer = await desk.rita.post(f"/v1/visits/{visit}/review/approve", json={})

        assert [one["rule"] for one in answer.json()["remarks"]] == ["insufficient-evidence"]

    async def test_can_be_taken_back_before_publication(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.approved(case)
        reopened = await desk.rita.post(
            f"/v1/visits/{case.visit}/review/reopen", json={"reason": "A second look at the clip."}
        )
        assert reopened.json()["state"] == "in_review"
        desk.world.clock.advance(hours=5)
        assert (await desk.approve(case)).json()["publish_after"] == "2026-03-03T14:00:00Z"
