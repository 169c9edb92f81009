"""Publication: later, in batches, under an alias, and never changed in silence (D8.3, D8.6, D10.1)."""

import asyncio
from uuid import UUID

import httpx2
import pytest

from app.identity.actor import Role
from app.kit.ids import new_id
from app.recordings import queries as recordings
from app.recordings.rules import RenditionKind
from app.review import publishing, queries_reports
from app.visits import queries as visits
from app.visits import submitting
from app.visits.models import Visit
from tests.support.places import a_region, in_charge
from tests.support.review import Case, Desk, a_desk
from tests.support.world import World, assert_problem


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


async def keys_of(desk: Desk, case: Case) -> dict[RenditionKind, str]:
    async with desk.world.database.reading() as session:
        found = await recordings.renditions_of(session, [UUID(case.video)])
    return {kind: one.key for kind, one in found[UUID(case.video)].items()}


class TestPublishing:
    async def test_waits_for_its_delay(self, desk: Desk) -> None:
        """D8.3"""
        case = await desk.submitted()
        await desk.approved(case)
        address = f"/v1/visits/{case.visit}/publish"

        early = assert_problem(await desk.rita.post(address), 409, "publication-too-early")
        desk.world.clock.advance(hours=24)
        done = await desk.rita.post(address)

        assert early["publish_after"].startswith("2026-03-03T09:00:00")
        assert (done.status_code, done.json()["visit_id"]) == (200, case.visit)
        state = (await desk.rita.get(f"/v1/visits/{case.visit}")).json()["state"]
        assert state == "published"

    async def test_those_who_publish_see_what_waits_and_for_what(self, desk: Desk) -> None:
        """D8.3, D10.2"""
        case = await desk.submitted()
        await desk.approved(case, summary_for_outlet="No smoking, please.")
        mutes = f"/v1/visits/{case.visit}/recordings/{case.video}/mutes"

        (early,) = (await desk.rita.get("/v1/publications")).json()["items"]
        muted = await desk.rita.put(
            mutes,
            json={"mute": [{"start_ms": 0, "end_ms": 900}], "reason": "A name."},
            headers={"If-Match": '"0"'},
        )
        desk.world.clock.advance(hours=24)
        (due,) = (await desk.rita.get("/v1/publications")).json()["items"]

        assert muted.status_code == 200, muted.text
        assert (early["due"], early["publish_after"][:13], early["being_rendered"]) == (
            False,
            "2026-03-03T09",
            [],
        )
        assert (early["visit"]["id"], early["approved_by"]) == (case.visit, str(desk.rita.id))
        assert early["summary_for_outlet"] == "No smoking, please."
        assert (due["due"], due["being_rendered"], due["faces_to_confirm"]) == (True, [case.video], [])
        assert (await desk.rita.post("/v1/publications")).json() == {"published": []}
        assert_problem(await desk.mona.get("/v1/publications"), 403, "forbidden")

    async def test_leaves_the_list_with_its_publication_and_stands_there_once_after_a_second_approval(
        self, desk: Desk
    ) -> None:
        case = await desk.submitted()
        await desk.approved(case)
        reopened = await desk.rita.post(
            f"/v1/visits/{case.visit}/review/reopen", json={"reason": "One more look."}
        )
        assert reopened.status_code == 200, reopened.text
        assert (await desk.rita.get("/v1/publications")).json()["items"] == []
        assert (await desk.approve(case, summary_for_outlet="Better words.")).status_code == 200

        (waiting,) = (await desk.rita.get("/v1/publications")).json()["items"]
        desk.world.clock.advance(hours=25)
        await desk.published_too(case)

        assert waiting["summary_for_outlet"] == "Better words."
        assert (await desk.rita.get("/v1/publications")).json()["items"] == []

    async def test_may_follow_at_once_where_the_programme_says_so(self, world: World) -> None:
        desk = await a_desk(world, publication_delay_hours=0)
        case = await desk.submitted()
        await desk.approved(case)
        assert (await desk.rita.post(f"/v1/visits/{case.visit}/publish")).status_code == 200

    async def test_needs_an_approval(self, desk: Desk) -> None:
        """D8.1"""
        case = await desk.submitted()
        await desk.opened(case)
        answer = await desk.rita.post(f"/v1/visits/{case.visit}/publish")
        assert_problem(answer, 409, "visit-wrong-state")

    async def test_done_twice_is_done_once(self, desk: Desk) -> None:
        case = await desk.submitted()
        alias = await desk.published(case)
        keys = await keys_of(desk, case)

        again = await desk.scene.sam.post(f"/v1/visits/{case.visit}/publish")

        assert again.json()["alias"] == alias
        assert await keys_of(desk, case) == keys

    async def test_by_two_people_at_once_is_one_publication(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.approved(case)
        desk.world.clock.advance(hours=25)
        callers = (desk.rita, desk.scene.sam, await desk.world.person("alice"))

        answers = await asyncio.gather(*(one.post(f"/v1/visits/{case.visit}/publish") for one in callers))

        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert len({answer.json()["alias"] for answer in answers}) == 1
        opened = await desk.mona.post(f"/v1/reports/{answers[0].json()['alias']}/recordings/1/play")
        async with httpx2.AsyncClient() as browser:
            assert (await browser.get(opened.json()["url"])).status_code == 200

    async def test_gives_every_file_a_fresh_name(self, desk: Desk) -> None:
        """D10.1: the time an object was stored would tell when the inspector's phone sent it."""
        case = await desk.submitted()
        before = await keys_of(desk, case)
        await desk.published(case)
        after = await keys_of(desk, case)

        assert before.keys() == after.keys()
        assert not set(before.values()) & set(after.values())
        assert await desk.storage.get_bytes(after[RenditionKind.OUTLET]) == b"outlet of a recording"

    async def test_draws_aliases_that_carry_no_time(self, desk: Desk) -> None:
        first = await desk.published(await desk.submitted())
        desk.world.clock.advance(days=6)
        on = desk.world.clock.now.date().isoformat()
        second = await desk.published(await desk.submitted(desk.scene.ian, on=on))

        assert len(first) == len(second) == 32
        assert first[:6] != second[:6]  # 24 bits: a UUIDv7 would repeat them for months


class TestBatches:
    async def test_publish_what_is_due_and_leave_the_rest(self, desk: Desk) -> None:
        """D8.3"""
        due = await desk.submitted()
        await desk.approved(due)
        desk.world.clock.advance(hours=20)
        waiting = await desk.submitted(desk.scene.ian, on="2026-03-03")
        await desk.approved(waiting)
        desk.world.clock.advance(hours=5)

        batch = (await desk.rita.post("/v1/publications")).json()["published"]
        again = (await desk.rita.post("/v1/publications")).json()["published"]

        assert [one["visit_id"] for one in batch] == [due.visit]
        assert again == []

    async def test_reach_as_far_as_the_caller(self, desk: Desk) -> None:
        """D10.6"""
        case = await desk.submitted()
        await desk.approved(case)
        desk.world.clock.advance(hours=25)
        rob = await desk.world.newcomer("rob", Role.REVIEWER)
        await in_charge(desk.world, rob, region=await a_region(desk.world, "north"))

        for stranger in (rob, await desk.world.person("bob")):
            assert (await stranger.post("/v1/publications")).json()["published"] == []
        for name in ("ivy", "mona", "otto"):
            caller = await desk.world.person(name)
            assert_problem(await caller.post("/v1/publications"), 403, "forbidden")
        assert len((await desk.scene.sam.post("/v1/publications")).json()["published"]) == 1


class TestRevisions:
    async def test_a_later_score_changes_nothing_until_a_revision_names_it(self, desk: Desk) -> None:
        """D8.6"""
        case = await desk.submitted()
        alias = await desk.published(case, summary_for_outlet="No smoking, please.")
        async with desk.world.database.writing() as session:
            visit = await session.get(Visit, UUID(case.visit))
            assert visit is not None
            answers = await visits.latest_answers(session, visit)
            assert answers is not None
            score = await submitting.make_score(
                session, visit, answers, made_by=None, reason="late upload", now=desk.world.clock.now
            )
        still = (await desk.mona.get(f"/v1/reports/{alias}")).json()

        async with desk.world.database.writing() as session:
            publication = await queries_reports.get_report(
                session, desk.rita.actor, alias, now=desk.world.clock.now
            )
            await publishing.revise(
                session,
                desk.rita.actor,
                publication,
                score,
                summary_for_outlet="As before.",
                reason="late upload",
                now=desk.world.clock.now,
            )
        revised = (await desk.mona.get(f"/v1/reports/{alias}")).json()

        assert (still["revision"], still["summary"]) == (1, "No smoking, please.")
        assert (revised["revision"], revised["summary"]) == (2, "As before.")
        assert [one["reason"] for one in revised["revisions"]] == ["published", "late upload"]

    async def test_the_database_itself_keeps_what_was_published(self, desk: Desk) -> None:
        case = await desk.submitted()
        alias = await desk.published(case)
        async with desk.world.database.opened() as session:
            publication = await queries_reports.get_report(
                session, desk.rita.actor, alias, now=desk.world.clock.now
            )
            publication.alias = new_id().hex
            with pytest.raises(Exception, match="publications_is_append_only"):
                await session.flush()
