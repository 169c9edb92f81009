"""The desk's live day: visits changing state in the listener's regions, as a stream that can be gone on with."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.identity.actor import Role
from app.visits.reminding import tell_assigned
from tests.support.places import a_region, in_charge
from tests.support.recordings import Phone
from tests.support.visits import Scene, a_scene
from tests.support.world import Caller, World, assert_problem


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


async def listened(
    caller: Caller, last: str | None = None, for_s: float = 0.0, *, event: str = "visit"
) -> list[tuple[str, dict[str, Any]]]:
    """The id and the body of each event."""
    headers = {} if last is None else {"Last-Event-ID": last}
    answer = await caller.get("/v1/events/stream", params={"for_s": for_s}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            assert fields["event"] == event
            found.append((fields["id"], json.loads(fields["data"])))
    return found


class TestStream:
    async def test_tells_what_happened_behind_the_last_event(self, scene: Scene) -> None:
        visit = await scene.arranged(scene.ivy)

        first = await listened(scene.sam, "0-0")
        await scene.ivy.post(f"/v1/visits/{visit}/accept")
        await scene.entered(visit)
        rest = await listened(scene.sam, first[-1][0])

        assert [body["kind"] for _, body in first] == ["visit.proposed", "visit.reserved"]
        assert [body["kind"] for _, body in rest] == ["visit.accepted", "visit.entered"]
        assert {(body["visit_id"], body["outlet_id"]) for _, body in rest} == {(visit, str(scene.outlet.id))}
        assert await listened(scene.sam, rest[-1][0]) == []

    async def test_tells_when_a_file_of_a_visit_has_arrived(self, scene: Scene, a_picture: bytes) -> None:
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        before = await listened(scene.sam, "0-0")

        await Phone(scene.ivy, visit, a_picture, medium="photo", content_type="image/jpeg").upload()
        told = [body for _, body in await listened(scene.sam, before[-1][0])]

        assert [(one["kind"], one["visit_id"], one["outlet_id"]) for one in told] == [
            ("recording.stored", visit, str(scene.outlet.id))
        ]

    async def test_begins_with_what_happens_from_now_on(self, scene: Scene) -> None:
        await scene.arranged(scene.ivy)

        assert await listened(scene.sam) == []

    async def test_is_of_the_listeners_regions_only(self, world: World, scene: Scene) -> None:
        """D10.6"""
        sue = await world.newcomer("sue", Role.SUPERVISOR)
        await in_charge(world, sue, region=await a_region(world, "north", jurisdiction="CN-11"))
        await scene.arranged(scene.ivy)

        assert await listened(sue, "0-0") == []

    async def test_tells_everybody_else_of_their_inbox_and_no_more(self, world: World, scene: Scene) -> None:
        """D10.1: not of which visit, nor where."""
        others = [await world.person(name) for name in ("mona", "otto")]
        visit = await scene.arranged(scene.ivy)
        world.clock.now = datetime(2026, 3, 1, 9, tzinfo=UTC)  # the day before: the crew may see it
        await world.database.transact(lambda session: tell_assigned(session, now=world.clock.now))

        told = await listened(scene.ivy, "0-0", event="inbox")

        assert [body["kind"] for _, body in told] == ["visit.assigned"]
        assert [(body["visit_id"], body["outlet_id"]) for _, body in told] == [(None, None)]
        assert await listened(scene.ivy, told[-1][0], event="inbox") == []
        for other in others:
            assert await listened(other, "0-0") == []
        await scene.ivy.post(f"/v1/visits/{visit}/accept")
        assert await listened(scene.ivy, told[-1][0]) == []

    @pytest.mark.parametrize("last", ["x", "1", "-1-2", "1-2-3", "9" * 19 + "-1"])
    async def test_refuses_an_id_it_never_gave(self, scene: Scene, last: str) -> None:
        answer = await scene.sam.get(
            "/v1/events/stream", params={"for_s": 0}, headers={"Last-Event-ID": last}
        )

        assert_problem(answer, 400, "bad-request")
