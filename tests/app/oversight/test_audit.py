"""Reading the audit trail."""

from typing import Any
from uuid import UUID

import pytest

from app.identity.actor import Role
from tests.support.places import a_grant, a_region, an_outlet
from tests.support.tampering import tamper
from tests.support.visits import Scene, a_scene
from tests.support.world import Caller, World, assert_problem


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


async def listed(who: Caller, **wanted: str | int) -> list[dict[str, Any]]:
    answer = await who.get("/v1/audit", params=wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def actions(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["action"] for entry in entries]


async def closed(who: Caller, outlet: UUID, day: str) -> None:
    body = {"starts_on": day, "ends_on": day, "reason": "Stocktaking"}
    answer = await who.post(f"/v1/outlets/{outlet}/closures", json=body)
    assert answer.status_code == 201, answer.text


@pytest.fixture
async def trail(world: World, scene: Scene) -> Scene:
    """alice closes an outlet of the south, then one of the north, and a day later the former again."""
    alice = await world.person("alice")
    north = await a_region(world, "north", jurisdiction="CN-11")
    elsewhere = await an_outlet(world, "bj-1", region=north)
    await closed(alice, scene.outlet.id, "2026-10-01")
    await closed(alice, elsewhere.id, "2026-10-01")
    world.clock.advance(days=1)
    await closed(alice, scene.outlet.id, "2026-10-02")
    return scene


class TestList:
    async def test_admins_read_who_did_what_newest_first(self, world: World, trail: Scene) -> None:
        alice = await world.person("alice")

        newest, *older = await listed(alice)

        assert (newest["action"], newest["actor_id"], newest["subject_id"]) == (
            "outlet.closed",
            str(alice.id),
            str(trail.outlet.id),
        )
        assert [entry["number"] for entry in [newest, *older]] == list(range(len(older) + 1, 0, -1))

    async def test_pages_follow_each_other(self, world: World, trail: Scene) -> None:
        alice = await world.person("alice")

        first = (await alice.get("/v1/audit", params={"limit": 2})).json()
        rest = await listed(alice, cursor=first["next_cursor"])

        assert first["items"] + rest == await listed(alice)

    async def test_it_is_narrowed_to_a_subject_an_actor_an_action_or_a_period(
        self, world: World, trail: Scene
    ) -> None:
        alice = await world.person("alice")
        today = world.clock.now.isoformat()

        of_one = await listed(alice, subject_id=str(trail.outlet.id), action="outlet.closed")
        since = await listed(alice, since=today)
        until = await listed(alice, until=today, action="outlet")
        by_sam = await listed(alice, actor_id=str(trail.sam.id), action="outlet")

        assert len(of_one) == 2
        assert actions(since) == ["outlet.closed"]
        assert actions(until) == ["outlet.closed", "outlet.closed"]
        assert by_sam == []

    async def test_auditors_read_what_was_done_in_the_places_of_their_grants(
        self, world: World, trail: Scene
    ) -> None:
        """D10.6"""
        otto = await world.person("otto")
        before = await listed(otto)
        grant = await a_grant(world, otto, region=trail.region)

        entries = await listed(otto)

        assert before == []
        assert {entry["subject_id"] for entry in entries} == {str(trail.outlet.id)}
        assert len(entries) == 2
        world.clock.now = grant.valid_until
        assert await listed(otto) == []

    async def test_a_grant_that_names_no_place_is_for_everything(self, world: World, trail: Scene) -> None:
        otto = await world.person("otto")
        await a_grant(world, otto)

        assert await listed(otto) == await listed(await world.person("alice"))

    async def test_another_role_beside_does_not_widen_what_an_auditor_reads(
        self, world: World, trail: Scene
    ) -> None:
        """A supervisor's region is for the desk; the trail of it needs a grant."""
        uma = await world.newcomer("uma", Role.SUPERVISOR, Role.AUDITOR)

        assert await listed(uma) == []

    async def test_the_desk_reads_none(self, trail: Scene) -> None:
        assert_problem(await trail.sam.get("/v1/audit"), 403, "forbidden")

    async def test_another_organisation_has_its_own(self, world: World, trail: Scene) -> None:
        assert await listed(await world.person("bob")) == []


class TestVerification:
    async def test_a_trail_nobody_touched_is_whole(self, world: World, trail: Scene) -> None:
        alice = await world.person("alice")

        answer = await alice.get("/v1/audit/verification")

        assert answer.json() == {
            "entries": (await listed(alice))[0]["number"],
            "is_whole": True,
            "is_complete": True,
            "broken_at": None,
            "fault": None,
        }

    async def test_it_names_the_first_entry_that_was_tampered_with(self, world: World, trail: Scene) -> None:
        newest = (await listed(await world.person("alice")))[0]["number"]
        await tamper(
            world.database,
            "UPDATE audit_entries SET actor_id = NULL WHERE id = (SELECT entry_id FROM audit_links ORDER BY number DESC LIMIT 1)",
            unguarded=("audit_entries",),
        )

        told = (await (await world.person("alice")).get("/v1/audit/verification")).json()

        assert (told["is_whole"], told["broken_at"], told["fault"]) == (
            False,
            newest,
            "the entry's content was changed",
        )

    async def test_it_goes_on_where_it_left_off(
        self, world: World, trail: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.kit.chains.BATCH", 1)
        alice = await world.person("alice")

        first = (await alice.get("/v1/audit/verification", params={"limit": 2})).json()
        rest = (await alice.get("/v1/audit/verification", params={"after": 2})).json()
        beyond = (await alice.get("/v1/audit/verification", params={"after": 999})).json()

        assert (first["entries"], first["is_complete"], first["is_whole"]) == (2, False, True)
        assert (rest["is_complete"], rest["is_whole"]) == (True, True)
        assert beyond["fault"] == "entry 999 is missing"

    async def test_it_needs_a_reader_of_everything(self, world: World, trail: Scene) -> None:
        otto = await world.person("otto")
        await a_grant(world, otto, region=trail.region)
        assert_problem(await otto.get("/v1/audit/verification"), 403, "forbidden")

        await a_grant(world, otto)

        assert (await otto.get("/v1/audit/verification")).json()["is_whole"]
