"""Reality changes: what is confirmed stays, as little else as possible moves."""

from datetime import date

from app.planning.check import check
from app.planning.compare import Change, compare
from app.planning.instance import Instance
from app.planning.parts import Pin
from app.planning.plan import Plan
from app.planning.solver.anytime import Budget
from app.planning.solver.solve import repair

QUICK = Budget(iterations=1500)


def sick(month: Instance, name: str, days: set[date]) -> Instance:
    staff = tuple(
        one.model_copy(update={"unavailable": (*one.unavailable, *sorted(days))}) if one.id == name else one
        for one in month.inspectors
    )
    return month.model_copy(update={"inspectors": staff})


class TestASickCall:
    def test_moves_the_sick_persons_visits_and_hardly_any_other(
        self, plain_month: Instance, plain_plan: Plan
    ) -> None:
        """D6.5"""
        route = plain_plan.routes[len(plain_plan.routes) // 2]
        month = sick(plain_month, route.inspector, {route.on})
        repaired = repair(month, plain_plan, seed=2, budget=QUICK)
        assert check(month, repaired) == []
        moved = [
            one
            for one in compare(plain_plan, repaired)
            if one.visit not in route.visits
            and {Change.PERSON, Change.DAY, Change.DROPPED} & set(one.changes)
        ]
        assert len(moved) <= 3

    def test_confirmed_visits_stay_to_the_minute(self, plain_month: Instance, plain_plan: Plan) -> None:
        """D6.5"""
        route = plain_plan.routes[0]
        confirmed = [one for one in plain_plan.visits if one.visit not in route.visits][::3]
        pins = tuple(
            Pin(
                outlet=one.outlet,
                number=one.number,
                inspectors=one.inspectors,
                on=one.on,
                arrive=one.arrive,
                confirmed=True,
            )
            for one in confirmed
        )
        month = sick(plain_month, route.inspector, {route.on}).model_copy(update={"pins": pins})
        repaired = repair(month, plain_plan, seed=2, budget=QUICK)
        assert check(month, repaired) == []
        after = {one.visit: one for one in repaired.visits}
        for one in confirmed:
            same = after[one.visit]
            assert (same.inspectors, same.on, same.arrive) == (one.inspectors, one.on, one.arrive)

    def test_days_that_have_passed_stay_as_they_were(self, month: Instance, plan: Plan) -> None:
        """D6.5, with crews"""
        until = date(2026, 10, 14)
        route = next(one for one in plan.routes if one.on > until)
        changed = sick(month, route.inspector, {route.on})
        repaired = repair(changed, plan, seed=2, budget=QUICK, frozen_until=until)
        assert check(changed, repaired) == []
        for_all = {one.visit: (one.inspectors, one.on) for one in repaired.visits}
        passed = [one for one in plan.visits if one.on <= until]
        assert passed
        assert all(for_all[one.visit] == (one.inspectors, one.on) for one in passed)
        assert {one.visit for one in repaired.visits if one.on <= until} == {one.visit for one in passed}


class TestNothingChanged:
    def test_the_plan_stays_as_it_is(self, plain_month: Instance, plain_plan: Plan) -> None:
        repaired = repair(plain_month, plain_plan, seed=99, budget=QUICK)
        left = {one.visit for one in plain_plan.unserved}
        assert [one for one in compare(plain_plan, repaired) if one.visit not in left] == []

    def test_a_plan_does_not_differ_from_itself(self, plain_plan: Plan) -> None:
        assert compare(plain_plan, plain_plan) == []


class TestANewOutlet:
    def test_is_added_without_moving_the_others(self, plain_month: Instance, plain_plan: Plan) -> None:
        """D6.5"""
        new = plain_month.outlets[7].model_copy(update={"id": "NEW", "visits": 1, "languages": ()})
        month = plain_month.model_copy(update={"outlets": (*plain_month.outlets, new)})
        repaired = repair(month, plain_plan, seed=2, budget=QUICK)
        assert check(month, repaired) == []
        changes = {one.visit: one.changes for one in compare(plain_plan, repaired)}
        assert changes.get("NEW#1") == (Change.ADDED,)
        people = [name for name, kinds in changes.items() if {Change.PERSON, Change.DAY} & set(kinds)]
        assert len(people) <= 2
