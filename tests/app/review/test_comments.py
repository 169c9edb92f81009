"""What the outlet and the desk say to each other at a second of a published recording (D10.1)."""

from typing import Any

import httpx2
import pytest

from app.identity.actor import Role
from app.kit.ids import new_id
from tests.support.places import a_grant, in_charge
from tests.support.review import Desk, a_desk
from tests.support.world import Caller, World, assert_problem

SAID = "The smoke came in from the street."


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


@pytest.fixture
async def alias(desk: Desk) -> str:
    return await desk.published(await desk.submitted())


async def say(who: Caller, alias: str, text: str = SAID, **body: Any) -> httpx2.Response:
    said = {"id": str(new_id()), "at_ms": 83_000, "text": text, **body}
    return await who.post(f"/v1/reports/{alias}/recordings/1/comments", json=said)


async def said(who: Caller, alias: str) -> list[dict[str, Any]]:
    answer = await who.get(f"/v1/reports/{alias}/recordings/1/comments")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestComment:
    async def test_is_read_by_both_sides_and_names_its_author_to_the_own_side_alone(
        self, desk: Desk, alias: str
    ) -> None:
        """D10.1"""
        moritz = await desk.world.newcomer("moritz", Role.OUTLET_MANAGER)
        await in_charge(desk.world, moritz, outlet=desk.scene.outlet)

        mine = await say(desk.mona, alias)
        theirs = await say(desk.rita, alias, "He holds a cigarette.", at_ms=1_000)

        assert (mine.status_code, theirs.status_code) == (201, 201), mine.text + theirs.text
        assert (mine.json()["author"], mine.json()["is_mine"]) == ("Mona", True)
        seen = {
            who: [(one["side"], one["author"], one["text"]) for one in await said(caller, alias)]
            for who, caller in {"moritz": moritz, "sam": desk.scene.sam}.items()
        }
        assert seen == {
            "moritz": [("desk", None, "He holds a cigarette."), ("outlet", "Mona", SAID)],
            "sam": [("desk", "Rita", "He holds a cigarette."), ("outlet", None, SAID)],
        }

    async def test_is_in_the_inbox_of_the_other_side(self, desk: Desk, alias: str) -> None:
        await say(desk.mona, alias)
        await say(desk.rita, alias)

        for reader in (desk.mona, desk.scene.sam):
            entries = (await reader.get("/v1/inbox")).json()["items"]
            told = [one["about"] for one in entries if one["kind"] == "comment.made"]
            assert [one["alias"] for one in told] == [alias]
            assert (told[0]["visit_id"] is None) is (reader is desk.mona)

    async def test_sent_twice_is_said_once(self, desk: Desk, alias: str) -> None:
        """D11"""
        comment = str(new_id())
        answers = [await say(desk.mona, alias, id=comment) for _ in range(2)]

        assert [one.status_code for one in answers] == [201, 201]
        assert len(await said(desk.scene.sam, alias)) == 1
        other = await say(desk.mona, alias, "Something else.", id=comment)
        assert_problem(other, 409, "already-exists")

    async def test_stands_within_the_recording(self, desk: Desk, alias: str) -> None:
        beyond = await say(desk.mona, alias, at_ms=1_200_001)

        assert_problem(beyond, 409, "second-outside")
        assert beyond.json()["duration_ms"] == 1_200_000
        nowhere = {"id": str(new_id()), "at_ms": 0, "text": SAID}
        answer = await desk.mona.post(f"/v1/reports/{alias}/recordings/2/comments", json=nowhere)
        assert_problem(answer, 404, "not-found")

    async def test_is_for_those_who_answer_for_the_outlet_or_the_review(self, desk: Desk, alias: str) -> None:
        """D10.6"""
        otto = await desk.world.person("otto")
        await a_grant(desk.world, otto, outlet=desk.scene.outlet)
        nina = await desk.world.newcomer("nina", Role.OUTLET_MANAGER)

        assert_problem(await say(otto, alias), 403, "forbidden")
        for stranger in (nina, desk.scene.ivy, await desk.world.person("bob")):
            assert_problem(await say(stranger, alias), 404, "not-found")


class TestRetraction:
    async def test_takes_the_words_back_and_leaves_the_place(self, desk: Desk, alias: str) -> None:
        comment = (await say(desk.mona, alias)).json()["id"]

        answers = [await desk.mona.post(f"/v1/reports/{alias}/comments/{comment}/retract") for _ in range(2)]

        assert [one.status_code for one in answers] == [200, 200]
        (left,) = await said(desk.scene.sam, alias)
        assert (left["text"], left["at_ms"], left["side"]) == (None, 83_000, "outlet")
        assert left["retracted_at"] == answers[1].json()["retracted_at"] is not None

    async def test_is_its_authors(self, desk: Desk, alias: str) -> None:
        comment = (await say(desk.mona, alias)).json()["id"]
        at = f"/v1/reports/{alias}/comments/{comment}/retract"

        assert_problem(await desk.rita.post(at), 403, "forbidden")
        assert_problem(await desk.scene.ivy.post(at), 404, "not-found")
        nowhere = f"/v1/reports/{alias}/comments/{new_id()}/retract"
        assert_problem(await desk.mona.post(nowhere), 404, "not-found")
        ((left,)) = await said(desk.mona, alias)
        assert left["text"] == SAID
