"""What somebody may not see has no part in anything they are given (D8.1, D10.1, D10.6).

Rows nobody asked to see are changed at random, and every answer of those who may not see them stays as it was, to the
byte: of mona, who manages a hall in the south, of sam, who supervises it, and of max, who marks one of its visits blind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Role
from app.kit.ids import new_id
from app.review import queries_marking
from app.review.models import MarkingTask, SecondMark, SecondMarking, VetoVerdict
from app.review.rules import Verdict
from app.visits import queries as visits
from app.visits.models import Answer, AnswersRevision, ScoreRevision, Visit
from app.visits.rules import State
from tests.support.places import a_region, an_outlet, in_charge
from tests.support.review import Desk, a_desk
from tests.support.world import Caller, World

WAITING = (State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.LEFT)


class Change(StrEnum):
    """Something that happens to a visit somebody may not see."""

    STATE = "state"
    DUE = "due"
    DRAWN = "drawn"
    SUMMARY = "summary"
    SCORE = "score"
    ANSWERS = "answers"
    VERDICT = "verdict"
    SECOND_MARKING = "second marking"


CHANGES = st.lists(st.tuples(st.sampled_from(Change), st.integers(0, 1000)), min_size=1, max_size=4)


@dataclass
class Unseen:
    """Visits, and the addresses that each person asks for."""

    desk: Desk
    waiting: str  # at mona's hall, not published: hers to know later
    blind: str  # the one that max marks
    north: str  # of no concern to anybody in the south
    asked: Mapping[str, tuple[Caller, tuple[str, ...]]]

    async def answers(self, name: str) -> dict[str, str]:
        caller, addresses = self.asked[name]
        found = {address: await caller.get(address) for address in addresses}
        assert {one.status_code for one in found.values()} == {200}
        return {address: answer.text for address, answer in found.items()}


@pytest.fixture
async def unseen(world: World) -> Unseen:
    desk = await a_desk(world)
    scene = desk.scene
    max_ = await world.newcomer("max", Role.REVIEWER)
    sue = await world.newcomer("sue", Role.SUPERVISOR)
    north = await a_region(world, "north")
    await in_charge(world, max_, region=scene.region)
    await in_charge(world, sue, region=north)
    hall, square = (
        await an_outlet(world, "gz-2", region=scene.region),
        await an_outlet(world, "bj-1", region=north),
    )
    compared = await desk.submitted()
    await desk.marked(await desk.assigned(compared, max_), max_, tidy=False)
    await desk.opened(compared)
    assert (await desk.judge(compared)).status_code == 200
    assert (await desk.approve(compared)).status_code == 200
    world.clock.advance(hours=25)
    alias = (await desk.rita.post(f"/v1/visits/{compared.visit}/publish")).json()["alias"]
    on = world.clock.now.date().isoformat()
    waiting = await desk.submitted(scene.ian, on=on)
    blind = await desk.submitted(outlet_id=str(hall.id), on=on)
    task = await desk.assigned(blind, max_)
    body = scene.body(scene.ian, outlet_id=str(square.id), on=on)
    far = (await sue.post("/v1/visits", json=body)).json()["id"]
    await scene.entered(far, scene.ian)
    await scene.left(far, scene.ian)
    await scene.submitted(far, scene.ian)
    asked = {
        "mona": (desk.mona, ("/v1/reports", f"/v1/reports/{alias}")),
        "sam": (
            scene.sam,
            ("/v1/reviews", "/v1/reviews?has_veto=true", "/v1/reports", "/v1/second-markings/agreement", "/v1/second-markings/drift"),
        ),
        "max": (max_, (f"/v1/second-markings/{task}", "/v1/second-markings", "/v1/reviews", "/v1/visits")),
    }  # fmt: skip
    return Unseen(desk, waiting.visit, blind.visit, far, asked)


async def change(session: AsyncSession, visit_id: str, what: Change, number: int, desk: Desk) -> None:
    visit = await session.get_one(Visit, UUID(visit_id))
    match what:
        case Change.STATE:
            visit.state = WAITING[number % len(WAITING)]
        case Change.DUE:
            assert visit.review_due_at is not None
            visit.review_due_at += timedelta(hours=number - 500)
        case Change.DRAWN:
            visit.drawn_for_second_marking = number % 2 == 0
        case Change.SUMMARY:
            visit.summary = f"{number} words on another visit"
        case Change.SCORE:
            await rescore(session, visit, number, desk)
        case Change.ANSWERS:
            await answer_anew(session, visit, number, desk)
        case Change.VERDICT:
            await judge(session, visit, number, desk)
        case Change.SECOND_MARKING:
            await mark_again(session, visit, number, desk)


async def rescore(session: AsyncSession, visit: Visit, number: int, desk: Desk) -> None:
    last = await visits.latest_score(session, visit)
    assert last is not None
    kept = {column.key: getattr(last, column.key) for column in ScoreRevision.__table__.columns}
    told = {**last.explanation, "total": str(number % 101), "vetoes": []}
    changed: dict[str, Any] = {"id": new_id(), "number": last.number + 1, "explanation": told}
    session.add(ScoreRevision(**{**kept, **changed, "total_micro": number % 101 * 1_000_000}))


async def answer_anew(session: AsyncSession, visit: Visit, number: int, desk: Desk) -> None:
    last = await visits.latest_answers(session, visit)
    assert last is not None
    revision = AnswersRevision(
        id=new_id(),
        visit_id=visit.id,
        number=last.number + 1,
        made_by=last.made_by,
        made_at=desk.world.clock.now,
        reason="corrected",
    )
    session.add(revision)
    await session.flush()
    for row in await visits.answers_in(session, last.id):
        kept = {column.key: getattr(row, column.key) for column in Answer.__table__.columns}
        told = {**row.content, "note": f"note {number}"}
        session.add(Answer(**{**kept, "revision_id": revision.id, "content": told}))


async def judge(session: AsyncSession, visit: Visit, number: int, desk: Desk) -> None:
    last = await visits.latest_answers(session, visit)
    assert last is not None
    session.add(
        VetoVerdict(
            id=new_id(),
            organisation_id=visit.organisation_id,
            visit_id=visit.id,
            answers_revision_id=last.id,
            item_code="no-smoking",
            verdict=list(Verdict)[number % 2],
            reason=f"seen {number} times",
            decided_by=desk.rita.id,
            decided_at=desk.world.clock.now,
        )
    )


async def mark_again(session: AsyncSession, visit: Visit, number: int, desk: Desk) -> None:
    """Once; a visit that is being marked already stays so."""
    if await queries_marking.live_tasks(session, [visit.id]):
        return
    common = {"organisation_id": visit.organisation_id, "visit_id": visit.id, "marker_id": desk.rita.id}
    now = desk.world.clock.now
    task = MarkingTask(id=new_id(), assigned_by=None, assigned_at=now, called_off_at=None, **common)
    session.add(task)
    await session.flush()
    session.add(SecondMarking(task_id=task.id, submitted_at=now, **common))
    await session.flush()
    session.add(
        SecondMark(
            task_id=task.id,
            item_code="tidy",
            content={"value": True},
            category="true",
            fraction_micro=1_000_000,
            inspector_id=desk.scene.ivy.id,
            inspector_category=str(number % 2 == 0).lower(),
            inspector_fraction_micro=number % 2 * 1_000_000,
        )
    )


class TestWhatSomebodyMayNotSee:
    @pytest.mark.parametrize(
        ("which", "names"),
        [("waiting", ("mona",)), ("blind", ("mona", "max")), ("north", ("mona", "sam", "max"))],
        ids=["a visit that is not published", "a visit that is marked blind", "a visit of another region"],
    )
    @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(changes=CHANGES)
    async def test_changes_nothing_for_them(
        self, unseen: Unseen, which: str, names: tuple[str, ...], changes: list[tuple[Change, int]]
    ) -> None:
        before = {name: await unseen.answers(name) for name in names}

        async with unseen.desk.world.database.writing() as session:
            for what, number in changes:
                await change(session, getattr(unseen, which), what, number, unseen.desk)
                await session.flush()

        assert {name: await unseen.answers(name) for name in names} == before

    async def test_is_a_real_change_to_those_who_may(self, unseen: Unseen) -> None:
        """Otherwise seeing none would mean nothing."""
        before = await unseen.answers("sam")
        async with unseen.desk.world.database.writing() as session:
            for what in (Change.STATE, Change.SCORE, Change.SECOND_MARKING):
                await change(session, unseen.waiting, what, 1, unseen.desk)
                await session.flush()
        after = await unseen.answers("sam")
        changed = {address for address, text in after.items() if text != before[address]}
        assert changed >= {"/v1/reviews", "/v1/reviews?has_veto=true", "/v1/second-markings/agreement"}
