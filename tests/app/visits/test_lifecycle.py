"""The lifecycle of visits under any order of requests (D6.8), against a model written from the rules alone."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import httpx2
import hypothesis
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from app.events.models import Event
from app.kit.ids import new_id
from app.programmes.rules import RecordingMode
from app.rotation.models import Exposure
from app.visits.models import Answer, AnswersRevision, ScoreRevision, Visit, VisitTransition
from tests.support.places import an_outlet
from tests.support.review import Desk, a_desk
from tests.support.world import Caller, World

EXAMPLES, LONGEST = 10, 12
REASON = {"reason": "It was raining."}
TODAY = date(2026, 3, 2)
# Around the interval from today and from each other: D5.1.
DAYS = (TODAY, date(2026, 4, 11), date(2026, 6, 2), date(2026, 6, 3), date(2026, 9, 4))
# By hand from the calendar: which of those days are too close to one another for the same person and hall.
TOO_CLOSE = frozenset(
    frozenset(pair)
    for pair in (
        *((day, day) for day in DAYS),
        (DAYS[0], DAYS[1]),
        (DAYS[0], DAYS[2]),
        (DAYS[1], DAYS[2]),
        (DAYS[1], DAYS[3]),
        (DAYS[2], DAYS[3]),
    )
)

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
RELEASED = {"declined", "cancelled"}  # before entry; whoever entered counts, whatever became of it (D5.6)
ANSWERABLE = {"reserved", "accepted", "entered", "left"}
OF_THE_DESK = {"cancel", "review/open", "review/send-back", "review/approve", "publish"}

Answered = TypeVar("Answered")


@dataclass
class Modelled:
    """What the rules say of a visit after all that was acknowledged."""

    id: str
    who: Caller = field(repr=False)
    on: date
    steps: list[str] = field(default_factory=lambda: ["proposed", "reserved"])
    tidy: bool | None = None
    submitted: list[bool | None] = field(default_factory=list)

    @property
    def state(self) -> str:
        return self.steps[-1]

    @property
    def counts(self) -> bool:
        return self.state not in RELEASED

    @property
    def is_secret(self) -> bool:
        """Its inspector does not know of it yet (D6.6)."""
        return self.on != TODAY

    def follow(self, request: str) -> str | None:
        """Where it leads, and that is where the visit now is."""
        reached = LEADS[request].get(self.state)
        if reached is not None and reached != self.state:
            self.steps.append(reached)
        return reached


class Lifecycle(RuleBasedStateMachine):
    """Two inspectors, one hall of their own for each run, any visits to it."""

    desk: ClassVar[Desk]
    loop: ClassVar[asyncio.AbstractEventLoop]
    reached: ClassVar[Counter[str]]

    def do(self, work: Coroutine[Any, Any, Answered]) -> Answered:
        """On the loop of the test, while hypothesis waits in its thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    @initialize()
    def begin(self) -> None:
        hall = self.do(an_outlet(self.desk.world, f"hall-{new_id()}", region=self.desk.scene.region))
        self.hall, self.visits = hall.id, list[Modelled]()

    @rule(first=st.booleans(), on=st.sampled_from(DAYS))
    def arrange(self, *, first: bool, on: date) -> None:
        self.arranged(first=first, on=on)

    def arranged(self, *, first: bool, on: date) -> list[Modelled]:
        """The visit, or none where rotation forbids it."""
        who = self.desk.scene.ivy if first else self.desk.scene.ian
        counted = [one.on for one in self.visits if one.counts and one.who is who]
        allowed = not any(frozenset((other, on)) in TOO_CLOSE for other in counted)

        answer = self.do(self.desk.scene.ask_for(who, on=str(on), outlet_id=str(self.hall)))

        if not allowed:
            assert (answer.status_code, answer.json()["type"]) == (409, "rotation-conflict")
            return []
        assert answer.status_code == 201, answer.text
        self.visits.append(Modelled(answer.json()["id"], who, on))
        return self.visits[-1:]

    @rule(first=st.booleans(), far=st.integers(1, len(STRAIGHT)))
    def bring(self, *, first: bool, far: int) -> None:
        """So that late states are reached in few steps."""
        for visit in self.arranged(first=first, on=TODAY):
            for request in STRAIGHT[:far]:
                self.ask(visit, request)

    @precondition(lambda self: self.visits)
    @rule(data=st.data(), request=st.sampled_from(sorted(LEADS)), twice=st.booleans())
    def request(self, *, data: st.DataObject, request: str, twice: bool) -> None:
        visit = data.draw(st.sampled_from(self.visits), label="visit")
        if visit.is_secret and request not in OF_THE_DESK:
            assert self.do(self._asked(visit, request, {})).status_code == 404
        else:
            self.ask(visit, request, twice=twice)

    def ask(self, visit: Modelled, request: str, *, twice: bool = False) -> None:
        before, expected = visit.state, visit.follow(request)
        key = {"Idempotency-Key": str(new_id())}
        answer = self.do(self._asked(visit, request, key))
        told = f"{request} of one that is {before}: {answer.status_code} {answer.text[:300]}"
        assert answer.is_success == (expected is not None), told
        assert answer.is_success or answer.status_code == 409, told
        if request == "submit" and answer.is_success:
            visit.submitted.append(visit.tidy)
        if twice and answer.is_success and request not in ("publish", "leave", "check-ins", "cancel"):
            again = self.do(self._asked(visit, request, key))
            assert (again.status_code, again.content) == (answer.status_code, answer.content), told
        self.reached[visit.state] += 1

    @precondition(lambda self: self.visits)
    @rule(data=st.data(), tidy=st.booleans())
    def answer(self, *, data: st.DataObject, tidy: bool) -> None:
        visit = data.draw(st.sampled_from(self.visits), label="visit")
        self.desk.world.clock.advance(seconds=1)

        answer = self.do(self._answered(visit, tidy=tidy))

        assert answer.is_success == (visit.state in ANSWERABLE and not visit.is_secret), answer.text
        if answer.is_success:
            visit.tidy = tidy

    async def _answered(self, visit: Modelled, *, tidy: bool) -> httpx2.Response:
        said = {"tidy": {"value": tidy, "device_at": self.desk.world.clock.now.isoformat()}}
        return await visit.who.put(f"/v1/visits/{visit.id}/answers", json={"answers": said})

    async def _asked(self, visit: Modelled, request: str, key: Mapping[str, str]) -> httpx2.Response:
        scene, path = self.desk.scene, f"/v1/visits/{visit.id}/{request}"
        if request == "leave":
            self.desk.world.clock.advance(seconds=1)
            answered = await scene.answered(visit.id, visit.who, **{"no-smoking": True})
            visit.tidy = True if answered.is_success else visit.tidy
            return await scene.leave(visit.id, [], visit.who)
        if request == "cancel":
            version = (await scene.sam.get(f"/v1/visits/{visit.id}")).headers["ETag"]
            return await scene.sam.post(path, json=REASON, headers={**key, "If-Match": version})
        items = [{"item": "tidy", "reason": "Look at the floor."}]
        bodies: Mapping[str, object] = {
            "check-ins": scene.check_in_body(),
            "review/send-back": {**REASON, "items": items},
            "review/approve": {},
            "decline": REASON,
            "abort": REASON,
        }
        who = self.desk.rita if request in OF_THE_DESK else visit.who
        headers = {} if request == "publish" else key
        return await who.post(path, json=bodies.get(request), headers=headers)

    @invariant()
    def is_as_the_model_says(self) -> None:
        if getattr(self, "visits", None):
            self.do(self._compared())

    async def _compared(self) -> None:
        async with self.desk.world.database.reading() as session:
            for visit in self.visits:
                ours = UUID(visit.id)
                state = await session.scalar(sa.select(Visit.state).where(Visit.id == ours))
                steps = await session.scalars(
                    sa.select(VisitTransition.to_state).where(VisitTransition.visit_id == ours)
                )
                kinds = await session.scalars(sa.select(Event.kind).where(Event.visit_id == ours))
                assert str(state) == visit.state
                # nothing acknowledged is lost, and nothing happens twice:
                assert Counter(map(str, steps)) == Counter(visit.steps)
                told = Counter(map(str, kinds))
                assert {step: told[f"visit.{step}"] for step in visit.steps} == Counter(visit.steps)
                await self._revisions(session, visit)
            dates = sa.select(Exposure.inspector_id, Exposure.visited_on).where(
                Exposure.outlet_id == self.hall, Exposure.counts
            )
            counted = [(who, on) for who, on in await session.execute(dates)]
        assert Counter(counted) == Counter((one.who.id, one.on) for one in self.visits if one.counts)

    async def _revisions(self, session: Any, visit: Modelled) -> None:
        """They only grow, and each keeps what was acknowledged before it."""
        of_it = AnswersRevision.visit_id == UUID(visit.id)
        said = sa.select(AnswersRevision.number, Answer.content).join(
            Answer, sa.and_(Answer.revision_id == AnswersRevision.id, Answer.item_code == "tidy")
        )
        kept = {number: content["value"] for number, content in await session.execute(said.where(of_it))}
        assert kept == dict(enumerate(visit.submitted, start=1))
        scores = await session.scalars(
            sa.select(ScoreRevision.number).where(ScoreRevision.visit_id == UUID(visit.id))
        )
        numbers = sorted(scores)
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= len(visit.submitted)


class TestAnyOrder:
    async def test_is_the_lifecycle_or_is_refused_without_a_trace(self, world: World) -> None:
        desk = await a_desk(world, mode=RecordingMode.NONE, minimum_photos=0, publication_delay_hours=0)
        reached: Counter[str] = Counter()
        bound = type(
            "Bound",
            (Lifecycle,),
            {"desk": desk, "loop": asyncio.get_running_loop(), "reached": reached},
        )
        settings = hypothesis.settings(
            max_examples=EXAMPLES,
            stateful_step_count=LONGEST,
            derandomize=True,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )

        await asyncio.to_thread(run_machine, bound, settings=settings)

        assert set(reached) >= {
            "reserved",
            "accepted",
            "entered",
            "left",
            "submitted",
            "in_review",
            "approved",
        }
        assert set(reached) & {"declined", "cancelled", "aborted"}
