"""Who was to lead how many visits: months as they were counted give what the visits give, whatever happens to these."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.insight import assigning, checking
from app.insight.models import Assignments, Replanned
from app.insight.queries import Asked, Group
from app.insight.queries_assigned import Counts, assigned_to
from app.insight.rules import Period
from app.outlets.models import Outlet
from app.visits.models import CrewMember, Visit
from app.visits.rules import CrewRole, Kind, State
from tests.support.insight import a_hall, are_right, insight, published
from tests.support.review import Desk

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
APRIL = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture
async def waiting(desk: Desk) -> UUID:
    """A visit that ivy was assigned and never made, beside one that she made; both planned in March."""
    await published(desk)
    visit = await desk.scene.arranged(
        desk.scene.ivy, outlet_id=str((await a_hall(desk, "gz-2")).id), on="2026-03-04"
    )
    assert await are_right(desk)
    return UUID(visit)


async def found(desk: Desk, period: Period, group: Group | None = None) -> Counts:
    programme = desk.scene.programme
    ours = group or Group(Outlet.organisation_id == programme.organisation_id)
    async with desk.world.database.reading() as session:
        return await assigned_to(session, Asked(programme, Kind.COVERT, period), ours)


async def kept(desk: Desk) -> list[date]:
    async with desk.world.database.reading() as session:
        return list(await session.scalars(sa.select(Assignments.month).order_by(Assignments.month)))


async def marked(desk: Desk) -> list[date]:
    async with desk.world.database.reading() as session:
        return list(await session.scalars(sa.select(Replanned.planned_on)))


async def settle(desk: Desk) -> int:
    return await assigning.settle(desk.world.database, desk.rita.actor.organisation_id, now=APRIL)


async def change(desk: Desk, *statements: sa.Executable) -> None:
    async with desk.world.database.writing() as session:
        for statement in statements:
            await session.execute(statement)


class TestMonths:
    async def test_give_what_the_visits_give(self, desk: Desk, waiting: UUID) -> None:
        ivy, hall = desk.scene.ivy.id, Group(Outlet.id == desk.scene.outlet.id)
        asked = ((MARCH, None), (YEAR, None), (Period(MARCH.first, date(2026, 3, 3)), None), (MARCH, hall))
        counted = [await found(desk, *one) for one in asked]

        assert (await settle(desk), await settle(desk)) == (1, 0)

        assert await kept(desk) == [MARCH.first]
        assert counted == [{ivy: (2, 1)}, {ivy: (2, 1)}, {ivy: (1, 1)}, {ivy: (1, 1)}]
        assert [await found(desk, *one) for one in asked] == counted

    async def test_stand_in_the_table_of_inspectors(self, desk: Desk, waiting: UUID) -> None:
        before = await insight(desk.scene.sam, "inspectors", month="2026-03")
        await settle(desk)
        assert await insight(desk.scene.sam, "inspectors", month="2026-03") == before
        assert [(one["assigned"], one["carried_out"]) for one in before["inspectors"]] == [(2, 1)]

    async def test_give_what_the_visits_give_after_every_change(self, desk: Desk, waiting: UUID) -> None:
        ivy, ian = desk.scene.ivy.id, desk.scene.ian.id
        for name, (statements, wanted) in changes(waiting, ivy, ian).items():
            await settle(desk)
            assert await kept(desk) == [MARCH.first]
            await change(desk, *statements)
            assert await found(desk, MARCH) == wanted, name
            await settle(desk)
            assert await found(desk, MARCH) == wanted, name
            assert (await checking.check(desk.world.database, desk.rita.actor.organisation_id)).is_right, name

    async def test_stay_with_a_change_that_was_taken_back(self, desk: Desk, waiting: UUID) -> None:
        await settle(desk)
        with pytest.raises(RuntimeError, match="after all"):
            await change_and_fail(desk, waiting)
        assert await marked(desk) == []
        assert await found(desk, MARCH) == {desk.scene.ivy.id: (2, 1)}

    async def test_are_not_touched_by_what_changes_no_count(self, desk: Desk, waiting: UUID) -> None:
        """An appeal a year later does not have them counted again."""
        await settle(desk)
        await change(
            desk, sa.update(Visit).where(Visit.id != waiting).values(state=State.APPEALED, summary="x")
        )
        assert await marked(desk) == []

    async def test_that_change_while_they_are_counted_are_counted_from_the_visits(
        self, desk: Desk, waiting: UUID
    ) -> None:
        """Where somebody else may write meanwhile; SQLite lets one write at a time."""
        database = desk.world.database
        async with database.writing() as session:
            await session.execute(called_off(waiting))
            if not database.is_sqlite:
                assert await settle(desk) == 1  # it does not see the change
        assert await found(desk, MARCH) == {desk.scene.ivy.id: (1, 1)}
        await settle(desk)
        assert await found(desk, MARCH) == {desk.scene.ivy.id: (1, 1)}
        assert await kept(desk) == [MARCH.first]


class TestCheckingAndRebuilding:
    async def test_find_and_mend_what_was_spoilt(self, desk: Desk, waiting: UUID) -> None:
        home, database = desk.rita.actor.organisation_id, desk.world.database
        await settle(desk)
        assert (await checking.check(database, home)).is_right

        await change(desk, sa.update(Assignments).values(counts=b"\1" + b"\0" * 12))
        spoilt = await checking.check(database, home)
        assert (spoilt.wrong_assignments, spoilt.is_right) == (1, False)

        assert await assigning.rebuild(database, home, now=APRIL) == 1
        assert (await checking.check(database, home)).is_right


def called_off(visit: UUID) -> sa.Executable:
    return sa.update(Visit).where(Visit.id == visit).values(state=State.CANCELLED)


def changes(visit: UUID, ivy: UUID, ian: UUID) -> dict[str, tuple[list[sa.Executable], Counts]]:
    """Everything that can happen to the second visit, one after another, and what is to be read then."""
    lead = sa.and_(CrewMember.visit_id == visit, CrewMember.role == CrewRole.LEAD)

    def of_visit(**values: Any) -> list[sa.Executable]:
        return [sa.update(Visit).where(Visit.id == visit).values(**values)]

    with_ian: Counts = {ivy: (1, 1), ian: (1, 0)}
    return {
        "called off": ([called_off(visit)], {ivy: (1, 1)}),
        "taken up again": (of_visit(state=State.RESERVED), {ivy: (2, 1)}),
        "given to ian": ([sa.update(CrewMember).where(lead).values(person_id=ian)], with_ian),
        "put off": (of_visit(planned_on=date(2026, 4, 2)), {ivy: (1, 1)}),
        "brought forward": (of_visit(planned_on=date(2026, 3, 9)), with_ian),
        "entered": (of_visit(entered_at=APRIL), {ivy: (1, 1), ian: (1, 1)}),
        "of nobody": ([sa.delete(CrewMember).where(lead)], {ivy: (1, 1)}),
        "given to ivy": (
            [sa.insert(CrewMember).values(visit_id=visit, person_id=ivy, role=CrewRole.LEAD)], {ivy: (2, 2)},
        ),
        "another kind": (of_visit(kind=Kind.OVERT), {ivy: (1, 1)}),
    }  # fmt: skip


async def change_and_fail(desk: Desk, visit: UUID) -> None:
    async with desk.world.database.writing() as session:
        await session.execute(called_off(visit))
        raise RuntimeError("after all, no")
