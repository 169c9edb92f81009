"""The lifecycle of a visit under any order of requests (D6.8): each is done where it may be, and refused without a trace elsewhere."""

from collections.abc import Mapping
from uuid import UUID

import httpx2
import hypothesis
import sqlalchemy as sa
from hypothesis import strategies as st

from app.programmes.rules import RecordingMode
from app.visits.models import Visit, VisitTransition
from tests.support.places import an_outlet
from tests.support.review import Desk, a_desk
from tests.support.world import World

EXAMPLES, LONGEST = 12, 9
REASON = {"reason": "It was raining."}

# From which states a request leads where; from any other it is refused.
LEADS: Mapping[str, Mapping[str, str]] = {
    "accept": {"reserved": "accepted"},
    "decline": {"reserved": "declined", "accepted": "declined"},
    "cancel": {"reserved": "cancelled", "accepted": "cancelled"},
    "check-ins": {
        "reserved": "entered",
        "accepted": "entered",
        "entered": "entered",
        "left": "entered",
    },  # back in: D7.4
    "abort": {"entered": "aborted", "left": "aborted"},
    "leave": {"entered": "left"},
    "submit": {"left": "submitted"},
    "review/open": {"submitted": "in_review", "in_review": "in_review"},
    "review/send-back": {"submitted": "left", "in_review": "left"},
    "review/approve": {"in_review": "approved"},
    "publish": {"approved": "published", "published": "published"},
}


STRAIGHT = ("accept", "check-ins", "leave", "submit", "review/open", "review/approve", "publish")


class TestAnyOrder:
    async def test_is_the_lifecycle_or_is_refused_without_a_trace(self, world: World) -> None:
        desk = await a_desk(world, mode=RecordingMode.NONE, minimum_photos=0, publication_delay_hours=0)
        reached = set()
        for number, requests in enumerate(drawn()):
            hall = await an_outlet(world, f"hall-{number}", region=desk.scene.region)
            visit = await desk.scene.arranged(outlet_id=str(hall.id))
            state, way = "reserved", STRAIGHT[: number % (len(STRAIGHT) + 1)]
            for request in (*way, *requests):
                answer = await ask(desk, visit, request)
                expected = LEADS[request].get(state)
                told = f"{request} of one that is {state}: {answer.status_code} {answer.text[:300]}"
                assert answer.is_success == (expected is not None), told
                assert answer.is_success or answer.status_code == 409, told
                state = expected or state
                assert await steps(desk, visit) == state, told
            reached.add(state)

        assert len(reached) > 6


def drawn() -> list[list[str]]:
    """Orders in which requests may come, the same ones each time."""
    orders: list[list[str]] = []

    @hypothesis.settings(max_examples=EXAMPLES, derandomize=True, database=None)
    @hypothesis.given(st.lists(st.sampled_from(sorted(LEADS)), min_size=2, max_size=LONGEST))
    def draw(order: list[str]) -> None:
        orders.append(order)

    draw()
    return orders


async def ask(desk: Desk, visit: str, request: str) -> httpx2.Response:
    scene = desk.scene
    if request == "leave":
        await scene.answered(visit, None, **{"no-smoking": True})
        return await scene.leave(visit, [])
    items = [{"item": "tidy", "reason": "Look at the floor."}]
    bodies = {
        "check-ins": scene.check_in_body(),
        "review/send-back": {**REASON, "items": items},
        "review/approve": {},
        "decline": REASON,
        "abort": REASON,
    }
    who = desk.rita if request.startswith("review/") or request == "publish" else scene.ivy
    if request == "cancel":
        version = (await scene.sam.get(f"/v1/visits/{visit}")).headers["ETag"]
        return await scene.sam.post(f"/v1/visits/{visit}/cancel", json=REASON, headers={"If-Match": version})
    return await who.post(f"/v1/visits/{visit}/{request}", json=bodies.get(request))


async def steps(desk: Desk, visit: str) -> str:
    """Where the record of all steps leads, each from where the last one led."""
    async with desk.world.database.reading() as session:
        ours = VisitTransition.visit_id == UUID(visit)
        found = (await session.scalars(sa.select(VisitTransition).where(ours))).all()
        state = await session.scalar(sa.select(Visit.state).where(Visit.id == UUID(visit)))
    ends: list[str] = [one.to_state.value for one in found]
    begins = [one.from_state.value for one in found if one.from_state]
    assert sorted([*begins, str(state)]) == sorted(ends)
    return str(state)
