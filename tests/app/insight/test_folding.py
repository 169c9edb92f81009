"""The facts follow what is published, whatever happens to it (D8.6), on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import (
    checking,
    folding,
    gathering,
    queries_facts,
    queries_parts,
    queries_scores,
    queries_works,
)
from app.insight.facts import Event, Stretch, stretches
from app.insight.models import MonthVectors, Pending, ScoreVectors, SpanVectors, VetoFact, VisitScore
from app.insight.queries import Asked, Group
from app.insight.rules import Level, Period
from app.insight.working import work_of
from app.kit.ids import new_id
from app.outlets.models import Outlet
from app.visits import queries as visits
from app.visits.rules import Kind, State
from app.visits.transitions import become
from tests.support.insight import a_hall, are_right, correct, insight, published, visit_row
from tests.support.published import Written, write
from tests.support.review import Case, Desk


async def turn(desk: Desk, case: Case, state: State) -> None:
    """What an appeal or its decision does to the visit."""
    async with desk.world.database.writing() as session:
        visit = await visits.get_visit(
            session, desk.scene.sam.actor, UUID(case.visit), now=desk.world.clock.now, lock=True
        )
        become(session, visit, state, actor=desk.scene.sam.actor, reason="", now=desk.world.clock.now)


async def value(desk: Desk) -> tuple[float | None, int, int]:
    """The hall as mona sees it: mean, visits, and how many are provisional."""
    score = (await insight(desk.mona, f"outlets/{desk.scene.outlet.id}", month="2026-03"))["score"]
    return score["value"], score["visits"], score["provisional"]


class TestReading:
    async def test_has_what_was_just_published_without_any_job(self, desk: Desk) -> None:
        assert await value_or_none(desk) is None

        await published(desk, values={"tidy": False})

        assert await value(desk) == (60.0, 1, 0)
        assert await are_right(desk)

    async def test_has_a_score_under_appeal_as_provisional(self, desk: Desk) -> None:
        """D8.4"""
        case = await published(desk, values={"tidy": False})
        desk.world.clock.advance(hours=1)
        await turn(desk, case, State.APPEALED)
        appealed = await value(desk)
        desk.world.clock.advance(hours=1)
        await turn(desk, case, State.FINAL)

        assert appealed == (60.0, 1, 1)
        assert await value(desk) == (60.0, 1, 0)
        assert await are_right(desk)

    async def test_has_the_newest_revision_and_nothing_of_the_one_before(self, desk: Desk) -> None:
        """D8.6"""
        case = await published(desk, values={"tidy": False, "uniform": False})
        before = await value(desk)
        desk.world.clock.advance(hours=1)
        await correct(desk, case, uniform=True)

        assert before == (50.0, 1, 0)
        assert await value(desk) == (60.0, 1, 0)
        assert await are_right(desk)

    async def test_has_nothing_of_a_visit_that_was_declared_void(self, desk: Desk) -> None:
        case = await published(desk, values={"tidy": False})
        assert await value(desk) == (60.0, 1, 0)
        desk.world.clock.advance(hours=1)
        version = (await visit_row(desk, case)).version
        gone = await desk.scene.sam.post(
            f"/v1/visits/{case.visit}/void",
            json={"reason": "The inspector was never there."},
            headers={"If-Match": f'"{version}"'},
        )
        assert gone.status_code == 200, gone.text

        assert await value_or_none(desk) is None
        async with desk.world.database.reading() as session:
            assert (await session.scalars(sa.select(MonthVectors))).all() == []
        assert await are_right(desk)

    async def test_has_nothing_of_what_is_not_published_yet(self, desk: Desk) -> None:
        await published(desk, values={"tidy": False})
        halls = [await a_hall(desk, f"gz-{number}") for number in (2, 3)]
        waiting = await desk.scene.arranged(desk.scene.ivy, outlet_id=str(halls[0].id))
        await desk.scene.entered(waiting)
        network = await insight(desk.scene.sam, "network", month="2026-03")

        assert (network["score"]["visits"], network["score"]["outlets"]) == (1, 1)

    async def test_of_two_who_read_at_once_both_have_it(self, desk: Desk) -> None:
        halls = [desk.scene.outlet, *[await a_hall(desk, f"gz-{number}") for number in (2, 3)]]
        for hall in halls:
            await published(desk, hall)
        found = await asyncio.gather(*(insight(desk.scene.sam, "network", month="2026-03") for _ in range(4)))

        assert [one["score"]["outlets"] for one in found] == [3] * 4
        assert await are_right(desk)


class TestMarking:
    async def test_stands_and_falls_with_its_transaction(self, desk: Desk) -> None:
        case = await published(desk)
        assert await are_right(desk)
        with pytest.raises(RuntimeError, match="after all"):
            await fail_after(desk, case)

        async with desk.world.database.reading() as session:
            assert await queries_facts.count_pending(session, desk.rita.actor.organisation_id) == 0

    async def test_is_taken_by_the_job_too(self, desk: Desk) -> None:
        await published(desk)
        assert await folding.catch_up_everywhere(desk.world.database, now=desk.world.clock.now) == 1
        async with desk.world.database.reading() as session:
            assert (await session.scalars(sa.select(Pending))).all() == []
            assert len((await session.scalars(sa.select(VisitScore))).all()) == 1

    async def test_twice_is_folded_once(self, desk: Desk) -> None:
        case = await published(desk)
        home = desk.rita.actor.organisation_id
        async with desk.world.database.writing() as session:
            session.add_all([Pending(organisation_id=home, visit_id=UUID(case.visit)) for _ in range(3)])
        assert await are_right(desk)
        assert await value(desk) == (100.0, 1, 0)


class TestAsOf:
    async def test_an_instant_gives_what_was_published_then(self, desk: Desk) -> None:
        case = await published(desk, values={"tidy": False, "uniform": False})
        first = desk.world.clock.now
        desk.world.clock.advance(hours=1)
        await correct(desk, case, uniform=True)
        corrected = desk.world.clock.now
        desk.world.clock.advance(hours=1)
        await turn(desk, case, State.VOID)
        home = desk.rita.actor.organisation_id
        await folding.catch_up(desk.world.database, home, now=desk.world.clock.now)

        found = [await as_of(desk, instant) for instant in (first, corrected, desk.world.clock.now)]

        assert found == [(50.0, 50.0), (60.0, 100.0), (None, None)]
        assert await are_right(desk)

    async def test_now_is_what_the_months_say(self, desk: Desk) -> None:
        await published(desk, values={"tidy": False})
        await published(desk, await a_hall(desk, "gz-2"), values={"uniform": False})
        home = desk.rita.actor.organisation_id
        await folding.catch_up(desk.world.database, home, now=desk.world.clock.now)
        async with desk.world.database.reading() as session:
            group = Group(Outlet.organisation_id == home)
            asked = Asked(desk.scene.programme, Kind.COVERT, Period.of_month(desk.world.clock.now.date()))
            then = Asked(asked.programme, asked.kind, asked.period, as_of=desk.world.clock.now)
            for level in Level:
                stored = await queries_parts.parts(session, asked, group, level)
                assert stored
                assert await queries_parts.parts(session, then, group, level) == stored


class TestCheckingAndRebuilding:
    @pytest.mark.parametrize("what", ["total", "month", "vector", "missing", "veto", "span"])
    async def test_find_and_mend_what_was_spoilt(self, desk: Desk, what: str) -> None:
        await published(desk, values={"tidy": False})
        await published(desk, await a_hall(desk, "gz-2"))
        home, database = desk.rita.actor.organisation_id, desk.world.database
        assert await are_right(desk)

        async with database.writing() as session:
            await session.execute(SPOILT[what])
        found = await checking.check(database, home)
        assert not found.is_right
        assert found.visits == 2

        assert await folding.rebuild(database, home, now=desk.world.clock.now) == 2
        assert (await checking.check(database, home)).is_right

    async def test_from_nothing_give_what_folding_gave(self, desk: Desk) -> None:
        case = await published(desk, values={"tidy": False})
        await published(desk, await a_hall(desk, "gz-2"))
        desk.world.clock.advance(hours=1)
        await correct(desk, case, tidy=True)
        assert await are_right(desk)
        before = await everything(desk)
        async with desk.world.database.writing() as session:
            for table in (VisitScore, VetoFact, ScoreVectors, MonthVectors):
                await session.execute(sa.delete(table))

        await folding.rebuild(desk.world.database, desk.rita.actor.organisation_id, now=desk.world.clock.now)

        assert await are_right(desk)
        assert await everything(desk) == before

    async def test_count_what_is_pending_as_pending_and_not_as_wrong(self, desk: Desk) -> None:
        await published(desk)
        found = await checking.check(desk.world.database, desk.rita.actor.organisation_id)
        assert (found.pending, found.wrong_visits, found.visits) == (1, [], 1)


class TestSpans:
    async def test_are_gone_with_the_first_change_and_made_again(self, desk: Desk) -> None:
        """D8.6: a quarter and a year are there and right, or not there and the months are read."""
        case = await published(desk, values={"tidy": False, "uniform": False})
        assert await are_right(desk)
        made = await spans(desk)
        desk.world.clock.advance(hours=1)
        await correct(desk, case, uniform=True)
        year = {"visited_from": "2026-01-01", "visited_until": "2026-12-31"}
        found = await insight(desk.scene.sam, "network", **year)  # folds what was corrected
        left = await spans(desk)

        assert {(first, last) for first, last, _ in made} == {
            (date(2026, 1, 1), date(2026, 12, 31)), (date(2026, 1, 1), date(2026, 3, 31)),
        }  # fmt: skip
        assert (found["score"]["value"], left) == (60.0, [])
        assert await are_right(desk)
        assert [one[:2] for one in await spans(desk)] == [one[:2] for one in made]
        assert await insight(desk.scene.sam, "network", **year) == found

    async def test_go_with_a_visit_that_was_declared_void(self, desk: Desk) -> None:
        case = await published(desk, values={"tidy": False})
        assert await are_right(desk)
        desk.world.clock.advance(hours=1)
        await turn(desk, case, State.VOID)

        assert await are_right(desk)
        assert await spans(desk) == []

    @pytest.mark.parametrize("by_traffic", [False, True], ids=["equal", "by-traffic"])
    async def test_give_what_the_visits_give(self, desk: Desk, by_traffic: bool) -> None:
        """Whatever is kept added up, and whatever the question: the same as counted one by one."""
        programme, south = desk.scene.programme, desk.scene.region
        programme.rules = {**programme.rules, "weight_by_traffic": by_traffic}
        await scattered(desk)
        now = datetime(2027, 1, 1, tzinfo=UTC)
        async with desk.world.database.reading() as session:
            assert len((await session.scalars(sa.select(SpanVectors))).all()) > 0
            group = Group(Outlet.organisation_id == programme.organisation_id)
            for first, last in (((2025, 1), (2026, 6)), ((2025, 11), (2026, 2)), ((2025, 3), (2025, 3))):
                period = Period(date(*first, 1), Period.of_month(date(*last, 1)).last)
                kept = Asked(programme, Kind.COVERT, period)
                counted = Asked(programme, Kind.COVERT, period, as_of=now)
                for question in QUESTIONS:
                    found, wanted = (
                        await question(session, kept, group),
                        await question(session, counted, group),
                    )
                    assert found, question
                    assert plain(found) == plain(wanted), question
                regions = [
                    await queries_scores.scores_by_region(session, one, group, [south.id])
                    for one in (kept, counted)
                ]
                assert plain(regions[0]) == plain(regions[1])

    async def test_are_read_as_months_where_an_older_release_wrote_one(self, desk: Desk) -> None:
        """It knows of no totals: then the visits are counted."""
        await published(desk, values={"tidy": False})
        assert await are_right(desk)
        async with desk.world.database.writing() as session:
            await session.execute(sa.update(MonthVectors).values(totals=None, works=None, inspector_ids=None))
            await session.execute(sa.delete(SpanVectors))
        home = desk.rita.actor.organisation_id
        assert await gathering.gather(desk.world.database, home, now=desk.world.clock.now) == 2

        for path in ("network", "ranking", "inspectors"):
            year = await insight(desk.scene.sam, path, visited_from="2026-01-01", visited_until="2026-12-31")
            days = await insight(desk.scene.sam, path, visited_from="2026-01-01", visited_until="2026-12-30")
            assert {name: value for name, value in year.items() if name not in UNLIKE} == {
                name: value for name, value in days.items() if name not in UNLIKE
            }


UNLIKE = ("about", "change", "peers")  # these are of the period before, or for whole months alone


async def spans(desk: Desk) -> list[tuple[date, date, int]]:
    async with desk.world.database.reading() as session:
        rows = await session.execute(
            sa.select(SpanVectors.first_on, SpanVectors.last_on, SpanVectors.shard).order_by(
                SpanVectors.first_on, SpanVectors.last_on
            )
        )
        return [(row[0], row[1], row[2]) for row in rows]


async def scattered(desk: Desk) -> None:
    """A year and a half of visits to four outlets of two tiers, some without a number, some items not applicable."""
    chance = Random(4)  # noqa: S311 (nothing here is secret)
    halls = [
        desk.scene.outlet,
        *[
            await a_hall(desk, f"h-{number}", tier=tier, traffic_per_day=traffic)
            for number, (tier, traffic) in enumerate((("flagship", 50), ("tier-2", None), ("tier-2", 400)))
        ],
    ]
    await write(
        desk.world.database,
        desk.scene.programme,
        desk.scene.version,
        [
            Written(
                chance.choice(halls).id,
                chance.choice([None, *[chance.randint(0, 1000) / 10 for _ in range(9)]]),
                on=date(2025, 1, 1) + timedelta(days=chance.randrange(540)),
                inspector=chance.choice([desk.scene.ivy.id, desk.scene.ian.id]),
                parts={"patience": None} if chance.random() < 0.3 else {},
            )
            for _ in range(80)
        ],
    )


def plain(found: Any) -> Any:
    """Numbers to twelve places: databases add up in orders of their own."""
    match found:
        case float():
            return round(found, 9)
        case dict():
            return {one: plain(value) for one, value in found.items()}
        case np.ndarray():
            return sorted(tuple(row) for row in found.round(9).tolist())
        case _ if is_dataclass(found) and not isinstance(found, type):
            return {field.name: plain(getattr(found, field.name)) for field in fields(found)}
        case _:
            return found


async def _parts(session: AsyncSession, asked: Asked, group: Group) -> Any:
    return [await queries_parts.parts(session, asked, group, level) for level in Level]


async def _worked(session: AsyncSession, asked: Asked, group: Group) -> Any:
    return work_of(await queries_works.works(session, asked, group))


QUESTIONS: tuple[Callable[[AsyncSession, Asked, Group], Awaitable[Any]], ...] = (
    queries_scores.score,
    queries_scores.scores_by_month,
    queries_scores.scores_by_outlet,
    queries_scores.scores_by_tier,
    queries_scores.means_by_outlet,
    queries_parts.parts_by_month,
    _parts,
    _worked,
)


class TestHistory:
    def test_is_cut_where_what_is_said_changes(self) -> None:
        one, two = new_id(), new_id()
        hours = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in range(6)]
        events = [
            Event(hours[0], score_revision_id=one),
            Event(hours[0], state=State.PUBLISHED),
            Event(hours[1], state=State.APPEALED),
            Event(hours[2], score_revision_id=two),
            Event(hours[2], state=State.FINAL),
            Event(hours[4], state=State.VOID),
        ]
        assert stretches(events) == [
            Stretch(hours[0], hours[1], one, provisional=False),
            Stretch(hours[1], hours[2], one, provisional=True),
            Stretch(hours[2], hours[4], two, provisional=False),
        ]

    def test_goes_on_over_a_change_that_says_nothing_new(self) -> None:
        one, at, later = new_id(), datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
        events = [
            Event(at, score_revision_id=one),
            Event(at, state=State.PUBLISHED),
            Event(later, state=State.FINAL),
        ]
        assert stretches(events) == [Stretch(at, None, one, provisional=False)]

    def test_of_nothing_is_empty(self) -> None:
        assert stretches([]) == []
        assert stretches([Event(datetime(2026, 3, 2, tzinfo=UTC), state=State.VOID)]) == []


SPOILT: dict[str, sa.Executable] = {
    "total": sa.update(VisitScore).values(total_micro=99_000_000),
    "month": sa.update(MonthVectors).values(item_value=MonthVectors.item_lost),
    "vector": sa.update(ScoreVectors).values(indicator_value=ScoreVectors.indicator_weight),
    "missing": sa.delete(MonthVectors),
    "veto": sa.delete(VisitScore),
    "span": sa.update(SpanVectors).values(item_value=SpanVectors.item_lost),
}


async def value_or_none(desk: Desk) -> float | None:
    answer = await desk.mona.get(f"/v1/insight/outlets/{desk.scene.outlet.id}", params={"month": "2026-03"})
    if answer.status_code == 404:  # nothing was ever published: no programme to speak of
        return None
    found: float | None = answer.json()["score"]["value"]
    return found


async def as_of(desk: Desk, instant: datetime) -> tuple[float | None, float | None]:
    """The hall's mean total and its norms, as published at an instant."""
    asked = Asked(
        desk.scene.programme, Kind.COVERT, Period.of_month(desk.world.clock.now.date()), as_of=instant
    )
    group = Group(Outlet.id == desk.scene.outlet.id)
    async with desk.world.database.reading() as session:
        score = await queries_scores.score(session, asked, group)
        parts = await queries_parts.parts(session, asked, group, Level.INDICATOR)
    total = score.estimate.mean if score.estimate else None
    return total, parts["a2"].estimate.mean if "a2" in parts else None


async def everything(desk: Desk) -> list[list[tuple[Any, ...]]]:
    async with desk.world.database.reading() as session:
        found = []
        tables: list[Any] = [VisitScore, VetoFact, ScoreVectors, MonthVectors, SpanVectors]
        for table in tables:
            columns = table.__table__.columns
            rows = await session.execute(sa.select(*columns).order_by(*table.__table__.primary_key))
            found.append([tuple(row) for row in rows])
    return found


async def fail_after(desk: Desk, case: Case) -> None:
    async with desk.world.database.writing() as session:
        visit = await visits.get_visit(
            session, desk.scene.sam.actor, UUID(case.visit), now=desk.world.clock.now
        )
        become(session, visit, State.APPEALED, actor=None, reason="", now=desk.world.clock.now)
        await session.flush()
        raise RuntimeError("after all, no")
