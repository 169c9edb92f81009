"""Actions: opened by a report or by hand, worked on, proven, and found in order at a later visit or not (D8.5)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from app.cases.models_actions import Action
from app.identity.actor import Role
from app.kit.database import violated_constraint
from app.kit.ids import new_id
from app.kit.jobs import Resources
from app.outlets.models import OutletDuty
from tests.support.cases import PNG, Court, a_court
from tests.support.jobs import jobs_done, working
from tests.support.places import a_region, an_outlet, in_charge
from tests.support.visits import CHECKLIST, a_version
from tests.support.world import World, assert_problem

GOOD = {"patience": "good", "no-smoking": True}


@pytest.fixture
async def court(world: World) -> Court:
    return await a_court(world)


class TestOpening:
    async def test_is_done_by_the_job_that_publication_enqueues(self, court: Court) -> None:
        """D8.5: for every item below the target, owned by who has managed the hall for longest."""
        alias = await court.desk.published(await court.desk.submitted())
        assert await court.actions() == []
        world = court.world
        resources = Resources(world.database, court.desk.storage, world.settings, world.clock)
        async with working(resources):
            await jobs_done(world.database)

        found = {one["item"]: one for one in await court.actions()}

        assert set(found) == {"no-smoking", "patience"}
        smoking = found["no-smoking"]
        told = {
            name: smoking[name] for name in ("state", "origin", "reason", "due_on", "times_failed", "target")
        }
        assert told == {
            "state": "open",
            "origin": "rule",
            "reason": "A basic norm was breached.",
            "due_on": "2026-03-18",
            "times_failed": 1,
            "target": "0.6",
        }
        assert smoking["owner"] == {"id": str(court.mona.id), "name": "Mona"}
        assert smoking["report"] == {"alias": alias, "visited_on": "2026-03-02"}
        assert found["patience"]["reason"] == "Below the target."

    async def test_by_the_rule_is_what_the_programme_chose(self, world: World) -> None:
        rule = {"items": ["tidy"], "vetoes_always": False}
        court = await a_court(world, rectification=rule, rectification_target="1", rectification_days=3)
        await court.published()
        assert await court.actions() == []
        await court.again(court.desk.scene.ian, {"tidy": False, **GOOD})
        assert [(one["item"], one["due_on"]) for one in await court.actions()] == [("tidy", "2026-03-27")]

    async def test_twice_of_one_report_is_once(self, court: Court) -> None:
        await court.published()
        before = await court.actions()
        await asyncio.gather(court.followed_up(), court.followed_up())
        assert await court.actions() == before

    async def test_by_hand_points_at_a_moment_of_the_recording(self, court: Court) -> None:
        """D8.5: by the outlet or the desk, for an item that nothing is open for."""
        alias = await court.published()
        body = {"item": "tidy", "reason": "The window is dirty.", "recording": 1, "at_ms": 61_000, "days": 5}
        address = f"/v1/reports/{alias}/actions"

        made = await court.sam.post(address, json=body)
        again = await court.mona.post(address, json=body)

        assert made.status_code == 201, made.text
        told = {
            name: made.json()[name] for name in ("origin", "recording", "at_ms", "due_on", "times_failed")
        }
        assert told == {
            "origin": "hand", "recording": 1, "at_ms": 61_000, "due_on": "2026-03-08", "times_failed": 0,
        }  # fmt: skip
        assert assert_problem(again, 409, "action-open")["action_id"] == made.json()["id"]
        for changed, status, slug in (
            ({"recording": 2}, 422, "no-such-moment"),
            ({"at_ms": 20 * 60_000 + 1}, 422, "no-such-moment"),
            ({"item": "parking"}, 422, "unknown-items"),
            ({"recording": None}, 422, "invalid-request"),
            ({"owner_id": str(court.sam.id)}, 409, "owner-unfit"),
        ):
            answer = await court.mona.post(address, json={**body, "item": "greeting", **changed})
            assert_problem(answer, status, slug)
        for reader in (court.desk.rita,):
            assert_problem(await reader.post(address, json=body), 403, "forbidden")
        assert_problem(await court.petra.post(address, json=body), 404, "not-found")

    async def test_twice_for_one_item_is_refused_by_the_database(self, court: Court) -> None:
        await court.published()
        known = UUID((await court.action("patience"))["id"])
        async with court.world.database.opened() as session:
            row = await session.get_one(Action, known)
            copy = {column.name: getattr(row, column.name) for column in Action.__table__.columns}
            session.add(Action(**{**copy, "id": new_id()}))
            with pytest.raises(DBAPIError) as refused:
                await session.flush()
        found = violated_constraint(refused.value) or ""
        assert "uq_actions_one_open" in found or "actions.outlet_id" in found


class TestWorking:
    async def test_goes_from_open_to_awaiting_its_recheck(self, court: Court) -> None:
        await court.published()
        action = (await court.action("patience"))["id"]
        assert_problem(await court.act(action, "submit-proof"), 409, "proof-missing")
        assert_problem(await court.act(action, "accept-proof", by=court.sam), 409, "action-wrong-state")
        assert (await court.act(action, "comment", note="The trainer comes.")).json()["state"] == "open"
        assert (await court.act(action, "start")).json()["state"] == "in_progress"
        await court.attached(f"/v1/actions/{action}/proofs", PNG, "image/png", by=court.mona)
        submitted = await court.act(action, "submit-proof", note="Trained on Monday.")
        refused = await court.act(action, "refuse-proof", by=court.sam, reason="Who was there?")
        assert (submitted.json()["state"], refused.json()["state"]) == ("proof_submitted", "in_progress")
        assert (await court.act(action, "submit-proof", note="All five.")).json()[
            "state"
        ] == "proof_submitted"
        accepted = await court.act(action, "accept-proof", by=court.sam)
        assert accepted.json()["state"] == "awaiting_recheck"
        again = assert_problem(await court.act(action, "start"), 409, "action-wrong-state")
        assert again["state"] == "awaiting_recheck"
        steps = (await court.mona.get(f"/v1/actions/{action}/steps", params={"limit": 3})).json()
        assert [one["kind"] for one in steps["items"]] == ["opened", "commented", "started"]
        assert steps["next_cursor"] is not None

    async def test_is_the_outlets_and_judging_it_the_desks(self, court: Court) -> None:
        await court.published()
        action = (await court.action("patience"))["id"]
        for move in ("accept-proof", "refuse-proof", "cancel"):
            body: dict[str, Any] = {} if move == "accept-proof" else {"reason": "Not so."}
            answer = await court.act(action, move, by=court.mona, **body)
            assert_problem(answer, 403, "forbidden")
        assert_problem(await court.act(action, "submit-proof", by=court.sam), 403, "forbidden")
        assert_problem(
            await court.act(action, "comment", by=court.desk.rita, note="Hm, hm."), 403, "forbidden"
        )
        for stranger in (court.petra, court.desk.scene.ivy, await court.world.person("bob")):
            assert_problem(await court.act(action, "start", by=stranger), 404, "not-found")
        gone = await court.act(action, "cancel", by=court.sam, reason="The counter is closed for good.")
        assert (gone.json()["state"], gone.json()["closed_because"]) == (
            "cancelled",
            "The counter is closed for good.",
        )

    async def test_is_given_to_somebody_of_the_outlet(self, court: Court) -> None:
        await court.published()
        action = (await court.action("patience"))["id"]
        nell = await court.world.newcomer("nell", Role.OUTLET_MANAGER)
        assert_problem(await court.act(action, "assign", owner_id=str(nell.id)), 409, "owner-unfit")
        await in_charge(court.world, nell, outlet=court.desk.scene.outlet)

        given = await court.act(action, "assign", owner_id=str(nell.id))

        assert given.json()["owner"] == {"id": str(nell.id), "name": "Nell"}
        assert [one["item"] for one in await court.actions(owner_id=str(nell.id))] == ["patience"]

    async def test_gets_another_date_and_target_from_the_desk(self, court: Court) -> None:
        """D2.13: a measure and a new target."""
        await court.published()
        action = (await court.action("patience"))["id"]
        address = f"/v1/actions/{action}/plan"
        etag = (await court.sam.get(f"/v1/actions/{action}")).headers["ETag"]
        body = {"due_on": "2026-04-01", "target": "0.5", "reason": "Half is enough for now."}
        planned = await court.sam.put(address, json=body, headers={"If-Match": etag})
        stale = await court.sam.put(address, json=body, headers={"If-Match": etag})
        late = await court.sam.put(
            address, json={**body, "due_on": "2026-03-02"}, headers={"If-Match": planned.headers["ETag"]}
        )
        outlets = await court.mona.put(address, json=body, headers={"If-Match": planned.headers["ETag"]})

        assert (planned.json()["due_on"], planned.json()["target"]) == ("2026-04-01", "0.5")
        assert_problem(stale, 412, "stale")
        assert_problem(late, 422, "invalid-request")
        assert_problem(outlets, 403, "forbidden")
        await court.again(court.desk.scene.ian, {"no-smoking": True})  # patience as before: 0.5
        assert (await court.action("patience"))["state"] == "verified"


class TestTheRecheck:
    async def test_opens_again_what_fails_again_and_counts(self, court: Court) -> None:
        """D8.5"""
        await court.published()
        action = (await court.action("no-smoking"))["id"]
        await court.proven(action)
        await court.again(court.desk.scene.ian, {"patience": "good"})

        again = await court.action("no-smoking")
        assert (again["id"], again["state"], again["times_failed"]) == (action, "reopened", 2)
        assert again["due_on"] == "2026-04-08"  # fifteen days from the report of the 24th
        assert_problem(await court.act(action, "submit-proof"), 409, "proof-missing")  # the old one failed

        await court.proven(action)
        third = await court.world.newcomer("ines", Role.INSPECTOR)
        later = await court.again(third, GOOD)
        done = await court.action("no-smoking")
        assert (done["state"], done["verified_by"]["alias"], done["times_failed"]) == ("verified", later, 2)

    async def test_waits_on_where_the_item_was_not_seen(self, court: Court) -> None:
        """D8.5: not observed, or no such thing there."""
        await court.published()
        smoking, patience = [(await court.action(item))["id"] for item in ("no-smoking", "patience")]
        await court.proven(smoking)
        await court.proven(patience)

        await court.again(
            court.desk.scene.ian,
            {
                "no-smoking": {"state": "not_observed"},
                "patience": {"state": "not_applicable", "reason": "Nobody asked anything."},
            },
        )

        for item in ("no-smoking", "patience"):
            assert (await court.action(item))["state"] == "awaiting_recheck"
        assert (await court.steps(smoking))[-1] == "not_seen"

    async def test_is_of_the_same_item_in_a_later_version_of_the_checklist(self, court: Court) -> None:
        await court.published()
        text = CHECKLIST.replace("version: 1", "version: 2").replace('en: "patience"', 'en: "much patience"')
        version = await a_version(court.world, court.sam, text)
        court.world.clock.advance(days=20)
        case = await court.handed_in(court.desk.scene.ian, GOOD, checklist_version_id=str(version.id))
        later = await court.out(case)
        assert (await court.action("patience"))["verified_by"]["alias"] == later

    async def test_of_a_visit_from_before_the_proof_says_nothing_of_it(self, court: Court) -> None:
        await court.published()
        action = (await court.action("no-smoking"))["id"]
        court.world.clock.advance(days=9)
        seen_before = await court.handed_in(court.desk.scene.ian, {"patience": "good"})
        await court.proven(action)

        await court.out(seen_before)

        assert (await court.action("no-smoking"))["state"] == "awaiting_recheck"
        assert (await court.steps(action))[-1] == "failed_before_proof"

    async def test_of_an_earlier_visit_published_late_opens_nothing_that_is_mended(
        self, court: Court
    ) -> None:
        case = await court.desk.submitted()  # on 2 March
        later = await court.again(court.desk.scene.ian, GOOD)
        await court.out(case)
        assert later
        assert [one["item"] for one in await court.actions()] == []

    async def test_reveals_no_visit_before_it_is_published(self, court: Court) -> None:
        """D6.6: nothing the outlet sees changes while the re-check is planned, made and reviewed."""
        await court.published()
        action = (await court.action("patience"))["id"]
        await court.proven(action)

        async def everything() -> list[str]:
            paths = ("/v1/actions", f"/v1/actions/{action}", f"/v1/actions/{action}/steps", "/v1/appeals")
            return [(await court.mona.get(path)).text for path in paths]

        before = await everything()
        case = await court.handed_in(court.desk.scene.ian, GOOD)
        await court.desk.opened(case)
        assert (await court.desk.approve(case)).status_code == 200
        assert await everything() == before


class TestARevisedScore:
    async def test_ends_what_rested_on_it_and_leaves_the_rest(self, court: Court) -> None:
        """D8.4, D8.5"""
        alias = await court.published()
        appeal = await court.admitted(alias, "no-smoking")
        await court.decided(appeal, "no-smoking", "insufficient_evidence")
        states = {one["item"]: one["state"] for one in await court.actions()}
        assert states == {"no-smoking": "cancelled", "patience": "open"}

    async def test_takes_a_failure_back(self, court: Court) -> None:
        await court.published()
        action = (await court.action("no-smoking"))["id"]
        await court.proven(action)
        second = await court.again(court.desk.scene.ian, {"patience": "good"})
        assert (await court.action("no-smoking"))["state"] == "reopened"

        appeal = await court.admitted(second, "no-smoking")
        await court.decided(appeal, "no-smoking", "insufficient_evidence")

        mended = await court.action("no-smoking")
        assert (mended["state"], mended["times_failed"]) == ("awaiting_recheck", 1)
        assert (await court.steps(action))[-1] == "failure_revised"

    async def test_opens_nothing_again_that_the_desk_called_off(self, court: Court) -> None:
        alias = await court.published()
        action = (await court.action("patience"))["id"]
        assert (await court.act(action, "cancel", by=court.sam, reason="As agreed.")).status_code == 200
        appeal = await court.admitted(alias, "tidy", panel=(court.petra,))
        await court.decided(appeal, "tidy", "rejected", court.petra)
        assert (await court.action("patience"))["state"] == "cancelled"


class TestTheBoard:
    async def test_is_narrowed_counted_and_paged(self, court: Court) -> None:
        world, scene = court.world, court.desk.scene
        await court.published()
        other = await an_outlet(world, "gz-2", region=await a_region(world, "harbour", parent=scene.region))
        await world.add(
            OutletDuty(
                organisation_id=court.mona.actor.organisation_id,
                person_id=court.mona.id,
                outlet_id=other.id,
                created_at=world.clock.now,
            )
        )
        world.clock.advance(days=1)
        await court.published(scene.ian, outlet_id=str(other.id))
        await court.act((await court.actions(outlet_id=str(other.id), item="patience"))[0]["id"], "start")
        world.clock.now = datetime(2026, 3, 18, 16, 0, tzinfo=UTC)  # the first two are overdue at the hall

        async def items(**params: Any) -> list[str]:
            return [f"{one['outlet']['code']} {one['item']}" for one in await court.actions(**params)]

        first = ["gz-1 no-smoking", "gz-1 patience"]
        assert sorted(await items(overdue=True)) == first
        assert sorted(await items(outlet_id=str(scene.outlet.id))) == first
        assert sorted(await items(region_id=str(other.region_id))) == ["gz-2 no-smoking", "gz-2 patience"]
        assert len(await items(region_id=str(scene.region.id))) == 4
        assert await items(state="in_progress") == ["gz-2 patience"]
        assert len(await items(state=["in_progress", "open"])) == 4
        assert await items(item="tidy") == []
        counts = (await court.mona.get("/v1/actions/counts")).json()
        assert counts["overdue"] == 2
        assert {one["state"]: one["count"] for one in counts["states"] if one["count"]} == {
            "open": 3,
            "in_progress": 1,
        }
        page = (await court.mona.get("/v1/actions", params={"limit": 3})).json()
        rest = await court.actions(limit=3, cursor=page["next_cursor"])
        assert len({one["id"] for one in [*page["items"], *rest]}) == len(page["items"]) + len(rest) == 4
        assert [one["item"] for one in await court.actions(court.petra)] == []

    async def test_tells_once_of_each_due_date_that_passes(self, court: Court) -> None:
        await court.published()
        closes = datetime(2026, 3, 18, 16, 0, tzinfo=UTC)
        court.world.clock.now = closes - timedelta(microseconds=1)
        early = (await court.tick())["escalate_actions"]
        court.world.clock.now = closes
        told = [(await court.tick())["escalate_actions"] for _ in range(2)]
        assert (early, told) == (0, [2, 0])

        action = await court.action("patience")
        etag = (await court.sam.get(f"/v1/actions/{action['id']}")).headers["ETag"]
        body = {"due_on": "2026-03-25", "target": "0.6", "reason": "The trainer was ill."}
        planned = await court.sam.put(
            f"/v1/actions/{action['id']}/plan", json=body, headers={"If-Match": etag}
        )
        assert planned.json()["overdue"] is False
        court.world.clock.now = datetime(2026, 3, 25, 16, 0, tzinfo=UTC)
        assert (await court.tick())["escalate_actions"] == 1
        assert (await court.steps(action["id"])).count("escalated") == 2
