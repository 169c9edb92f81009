"""Copies on phones and desks: what changed, and what is no longer there to be seen (D11).

sam plans in the south, ivy and ian inspect. A copy keeps what it was given until it is told to forget it.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from app.events.kinds import Kind
from app.events.service import announce
from app.identity.actor import Role
from app.kit.ids import new_id
from app.sync.jobs import forget_idle
from app.sync.models import Holding, Replica
from app.sync.rules import IDLE_FOR, MOST_VISITS
from tests.support.places import a_region, an_outlet, in_charge
from tests.support.recordings import resources_of
from tests.support.review import Desk, a_desk
from tests.support.visits import Scene, a_scene
from tests.support.world import Caller, World, assert_problem


@dataclass
class Copy:
    """What a client keeps: it does with each answer as the document of the API says."""

    who: Caller
    cursor: str | None = None
    visits: dict[str, dict[str, Any]] = field(default_factory=dict)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    answers: int = 0

    async def asked(self) -> dict[str, Any]:
        """One answer, which may be lost on the way."""
        query = {} if self.cursor is None else {"cursor": self.cursor}
        answer = await self.who.get("/v1/sync", params=query)
        assert answer.status_code == 200, answer.text
        self.answers += 1
        document: dict[str, Any] = answer.json()
        return document

    def take(self, document: dict[str, Any]) -> None:
        for one in document["visits"]:
            self.visits[one["visit"]["id"]] = one
        for gone in document["gone"]:
            self.visits.pop(gone, None)
        self.inbox += document["inbox"]
        self.cursor = document["cursor"]

    async def sync(self) -> dict[str, Any]:
        """All there is; the last answer."""
        more = True
        while more:
            document = await self.asked()
            self.take(document)
            more = document["more"]
        return document

    @property
    def states(self) -> dict[str, str]:
        return {key: one["visit"]["state"] for key, one in self.visits.items()}


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


class TestFirstSync:
    async def test_gives_everything_as_it_is(self, scene: Scene) -> None:
        visit = await scene.arranged(scene.ivy)
        phone, desk, other = Copy(scene.ivy), Copy(scene.sam), Copy(scene.ian)

        for copy in (phone, desk, other):
            await copy.sync()

        assert phone.states == desk.states == {visit: "reserved"}
        assert phone.visits[visit]["changed"] == []
        assert other.states == {}

    async def test_comes_in_pages(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.sync.service.MOST_VISITS", 2)
        made = [await scene.arranged(on=f"2026-0{month}-10", crew=[]) for month in (4, 5, 6)]
        desk = Copy(scene.sam)

        await desk.sync()

        assert sorted(desk.visits) == sorted(made)
        assert desk.answers == 2
        assert MOST_VISITS > 2

    async def test_gives_a_manager_no_visit(self, world: World) -> None:
        """D10.1"""
        desk: Desk = await a_desk(world)
        case = await desk.submitted()
        await desk.published(case)
        copy = Copy(desk.mona)

        answer = await desk.mona.get("/v1/sync")

        copy.take(answer.json())
        assert copy.visits == {}
        assert case.visit not in answer.text


class TestChanges:
    async def test_are_told_with_what_happened_and_once(self, scene: Scene) -> None:
        visit = await scene.arranged(scene.ivy)
        quiet = await scene.arranged(scene.ian, on="2026-03-09")
        desk = Copy(scene.sam)
        await desk.sync()

        await scene.ivy.post(f"/v1/visits/{visit}/accept")
        await scene.entered(visit)
        changed = await desk.sync()
        nothing = await desk.sync()

        assert [one["visit"]["id"] for one in changed["visits"]] == [visit]
        assert changed["visits"][0]["changed"] == ["visit.accepted", "visit.entered"]
        assert desk.states == {visit: "entered", quiet: "reserved"}
        assert (nothing["visits"], nothing["gone"], nothing["more"]) == ([], [], False)

    async def test_of_recordings_and_send_backs_come_with_their_visit(self, world: World) -> None:
        desk = await a_desk(world)
        case = await desk.submitted()
        phone = Copy(desk.scene.ivy)
        await phone.sync()
        await desk.opened(case)
        body = {
            "reason": "The greeting was heard.",
            "items": [{"item": "greeting", "reason": "Listen at 0:12."}],
        }
        sent = await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=body)
        assert sent.status_code == 200, sent.text

        changed = await phone.sync()

        (one,) = changed["visits"]
        assert one["visit"]["state"] == "left"
        assert [back["items"][0]["item"] for back in one["send_backs"]] == ["greeting"]
        assert {file["state"] for file in one["recordings"]} == {"processed"}
        assert all(file["may_free_copy"] for file in one["recordings"])

    async def test_come_again_when_the_answer_was_lost(self, scene: Scene) -> None:
        visit = await scene.arranged(scene.ivy)
        phone = Copy(scene.ivy)
        await phone.sync()
        await scene.ivy.post(f"/v1/visits/{visit}/accept")
        further = await scene.arranged(
            scene.ivy,
            on="2026-06-20",
            outlet_id=str((await an_outlet(scene.world, "gz-9", region=scene.region)).id),
        )
        scene.world.clock.advance(days=105)

        await phone.asked()  # lost
        await phone.asked()  # and this one
        await phone.sync()

        assert phone.states == {visit: "accepted", further: "reserved"}

    async def test_of_time_alone_count_too(self, scene: Scene) -> None:
        """D6.6: a visit is shown so long ahead; nothing happens at that moment."""
        visit = await scene.arranged(scene.ivy, on="2026-03-30")
        phone = Copy(scene.ivy)
        await phone.sync()
        assert phone.visits == {}

        scene.world.clock.advance(days=25)
        await phone.sync()

        assert phone.states == {visit: "reserved"}


class TestGone:
    async def test_is_what_was_given_to_somebody_else(self, scene: Scene) -> None:
        visit = await scene.arranged(scene.ivy)
        phone, other = Copy(scene.ivy), Copy(scene.ian)
        await phone.sync()
        await other.sync()

        version = (await scene.sam.get(f"/v1/visits/{visit}")).headers["etag"]
        crew = {"crew": [{"person_id": str(scene.ian.id), "role": "lead"}]}
        changed = await scene.sam.put(f"/v1/visits/{visit}/crew", json=crew, headers={"If-Match": version})
        assert changed.status_code == 200, changed.text
        told = await phone.sync()
        await other.sync()

        assert (told["gone"], phone.states) == ([visit], {})
        assert other.states == {visit: "reserved"}
        assert (await phone.sync())["gone"] == []

    async def test_is_told_again_until_the_copy_has_heard_it(self, scene: Scene) -> None:
        visit = await scene.arranged(scene.ivy)
        phone = Copy(scene.ivy)
        await phone.sync()
        await _hide(scene, visit)

        await phone.asked()  # lost
        assert (await phone.asked())["gone"] == [visit]
        await phone.sync()

        assert phone.states == {}

    async def test_is_what_lies_in_a_region_somebody_no_longer_supervises(
        self, world: World, scene: Scene
    ) -> None:
        """D10.6: nothing happened to the visits at all."""
        alice = await world.person("alice")
        made = [await scene.arranged(scene.ivy), await scene.arranged(scene.ian, on="2026-03-09")]
        desk = Copy(scene.sam)
        await desk.sync()

        released = await alice.delete(f"/v1/region-duties/{scene.sam.id}/{scene.region.id}")
        assert released.status_code == 204, released.text
        told = await desk.sync()

        assert sorted(told["gone"]) == sorted(made)
        assert desk.visits == {}

    async def test_comes_back_when_it_may_be_seen_again(self, world: World, scene: Scene) -> None:
        alice = await world.person("alice")
        visit = await scene.arranged(scene.ivy)
        desk = Copy(scene.sam)
        await desk.sync()
        duty = f"/v1/region-duties/{scene.sam.id}/{scene.region.id}"

        await alice.delete(duty)
        await desk.asked()  # lost
        await alice.put(duty)
        await desk.sync()

        assert desk.states == {visit: "reserved"}

    async def test_names_no_visit_the_copy_never_had(self, world: World, scene: Scene) -> None:
        """D6.6, D10.6: the ids of others' visits are none of the caller's business."""
        sue = await world.newcomer("sue", Role.SUPERVISOR)
        north = await a_region(world, "north", jurisdiction="CN-11")
        await in_charge(world, sue, region=north)
        desk = Copy(sue)
        await desk.sync()
        visit = await scene.arranged(scene.ivy)
        await scene.ivy.post(f"/v1/visits/{visit}/accept")

        answer = await sue.get("/v1/sync", params={"cursor": desk.cursor or ""})

        assert visit not in answer.text

    async def test_is_what_ended_long_ago(self, scene: Scene) -> None:
        visit = await scene.arranged(scene.ivy)
        await _hide(scene, visit, how="cancel")
        desk = Copy(scene.sam)
        await desk.sync()
        assert desk.states == {visit: "cancelled"}

        scene.world.clock.advance(days=100)
        await desk.sync()

        assert desk.states == {}


class TestInbox:
    async def test_entries_come_with_the_next_answer(self, world: World, scene: Scene) -> None:
        phone = Copy(scene.ivy)
        before = (await phone.sync())["unread"]
        async with world.database.writing() as session:
            announce(
                session,
                Kind.REVIEW_SENT_BACK,
                organisation_id=scene.ivy.actor.organisation_id,
                subject_id=new_id(),
                people=[scene.ivy.id],
                now=world.clock.now,
            )

        told = await phone.sync()

        assert [entry["kind"] for entry in told["inbox"]] == ["review.sent_back"]
        assert told["unread"] == before + 1
        assert (await phone.sync())["inbox"] == []


class TestCursor:
    async def test_of_somebody_else_is_one_of_a_copy_nobody_knows(self, scene: Scene) -> None:
        phone = Copy(scene.ivy)
        await phone.sync()

        assert_problem(
            await scene.ian.get("/v1/sync", params={"cursor": phone.cursor or ""}), 410, "sync-cursor-expired"
        )

    @pytest.mark.parametrize("cursor", ["x", "WzFd", "bnVsbA", "W10", "WyJhIiwxLDIsM10", "Ww" * 400])
    async def test_that_was_not_made_here_is_refused(self, scene: Scene, cursor: str) -> None:
        assert_problem(await scene.ivy.get("/v1/sync", params={"cursor": cursor}), 400, "bad-request")

    async def test_of_a_copy_nobody_asked_for_in_a_month_begins_again(self, scene: Scene) -> None:
        await scene.arranged(scene.ivy)
        phone = Copy(scene.ivy)
        await phone.sync()
        scene.world.clock.now += IDLE_FOR
        scene.world.clock.advance(hours=1)

        await forget_idle(resources_of(scene.world))

        answer = await scene.ivy.get("/v1/sync", params={"cursor": phone.cursor or ""})
        assert_problem(answer, 410, "sync-cursor-expired")
        async with scene.world.database.reading() as session:
            left = [
                await session.scalar(sa.select(sa.func.count()).select_from(one))
                for one in (Replica, Holding)
            ]
        assert left == [0, 0]

    async def test_there_are_only_so_many_copies_of_one_person(self, scene: Scene) -> None:
        copies = [Copy(scene.ivy) for _ in range(12)]
        for copy in copies:
            await copy.sync()

        statuses = [
            (await scene.ivy.get("/v1/sync", params={"cursor": copy.cursor or ""})).status_code
            for copy in copies
        ]

        assert statuses == [410, 410, *[200] * 10]


class TestRace:
    async def test_under_racing_writers_and_lost_answers_the_copy_ends_as_the_truth(
        self, world: World, scene: Scene
    ) -> None:
        outlets = [await an_outlet(world, f"gz-{number}", region=scene.region) for number in range(20, 28)]
        visits = [await scene.arranged(scene.ivy, outlet_id=str(one.id)) for one in outlets]
        desk, phone = Copy(scene.sam), Copy(scene.ivy)
        await desk.sync()

        async def go(visit: str) -> None:
            assert (await scene.ivy.post(f"/v1/visits/{visit}/accept")).status_code == 200
            assert (
                await scene.ivy.post(f"/v1/visits/{visit}/decline", json={"reason": "I am ill."})
            ).status_code == 200

        async def keep_up(copy: Copy) -> None:
            for number in range(6):
                document = await copy.asked()
                if number % 2:
                    copy.take(document)

        await asyncio.gather(*map(go, visits), keep_up(desk), keep_up(phone))
        await desk.sync()
        await phone.sync()

        for copy in (desk, phone):
            listed = (await copy.who.get("/v1/visits", params={"limit": 100})).json()["items"]
            assert copy.states == {one["id"]: one["state"] for one in listed}
            assert {key: one["visit"]["version"] for key, one in copy.visits.items()} == {
                one["id"]: one["version"] for one in listed
            }
        assert len(desk.visits) == len(visits)


async def _hide(scene: Scene, visit: str, *, how: str = "give") -> None:
    """From ivy: by giving it to ian, or by calling it off."""
    version = (await scene.sam.get(f"/v1/visits/{visit}")).headers["etag"]
    if how == "cancel":
        answer = await scene.sam.post(
            f"/v1/visits/{visit}/cancel",
            json={"reason": "The hall is closed."},
            headers={"If-Match": version},
        )
    else:
        crew = {"crew": [{"person_id": str(scene.ian.id), "role": "lead"}]}
        answer = await scene.sam.put(f"/v1/visits/{visit}/crew", json=crew, headers={"If-Match": version})
    assert answer.status_code == 200, answer.text
