"""Rotation by brand (D5.7) in the planner: nobody twice at one brand, whichever of its outlets."""

import itertools
from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.planning.bound import Shortage, bound
from app.planning.check import check
from app.planning.generate import Recipe, generate
from app.planning.hard_rules import Rule
from app.planning.instance import Instance
from app.planning.parts import Exposure
from app.planning.plan import Cause, Plan
from app.planning.solver.anytime import Budget
from app.planning.solver.solve import repair, solve
from app.planning.why_not import why_not
from app.programmes.rules import RotationScope
from app.rotation.rules import add_months

QUICK = Budget(iterations=1000)
RANDOM = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def branded(month: Instance, brands: int) -> Instance:
    """The outlets dealt to so many brands in turn, every fifth to none; history beyond the month goes to some too."""
    outlets = tuple(
        one.model_copy(update={"brand": f"B{number % brands}" if number % 5 else None})
        for number, one in enumerate(month.outlets)
    )
    elsewhere = tuple(
        Exposure(inspector=one.id, outlet="elsewhere", brand=f"B{number % brands}", on=month.days()[number])
        for number, one in enumerate(month.inspectors[::3])
    )
    rules = month.rules.model_copy(update={"rotation_scope": RotationScope.BRAND})
    return Instance.model_validate(
        {
            **{name: getattr(month, name) for name in Instance.model_fields},
            "rules": rules,
            "outlets": outlets,
            "history": (*month.history, *elsewhere),
        }
    )


def meetings(month: Instance, plan: Plan) -> dict[tuple[str, str], list[tuple[date, bool]]]:
    """By person and brand, or outlet of none: the dates, and whether the plan made them."""
    brand = {one.id: one.brand or one.id for one in month.outlets}
    found: dict[tuple[str, str], list[tuple[date, bool]]] = defaultdict(list)
    for past in month.history:
        found[past.inspector, past.brand or brand[past.outlet]].append((past.on, False))
    for visit in plan.visits:
        for name in (*visit.inspectors, *visit.backups):
            found[name, brand[visit.outlet]].append((visit.on, True))
    return found


recipes = st.builds(
    Recipe,
    outlets=st.integers(2, 50),
    inspectors=st.integers(1, 9),
    seed=st.integers(0, 10_000),
    cities=st.just(1),
    days_worked=st.sampled_from([(2, 5), (5, 9)]),
    crew_share=st.sampled_from([0.0, 0.3]),
    backup_share=st.sampled_from([0.0, 0.3]),
    certificate_share=st.sampled_from([0.0, 0.3]),
    history_months=st.integers(0, 2),
)


@pytest.fixture(scope="module")
def month() -> Instance:
    return branded(generate(Recipe(40, 12, seed=3, cities=1, days_worked=(5, 9), history_months=1)), 12)


@pytest.fixture(scope="module")
def plan(month: Instance) -> Plan:
    return solve(month, seed=1, budget=QUICK)


class TestAnyMonth:
    @given(recipe=recipes, brands=st.integers(1, 12), seed=st.integers(0, 1000))
    @RANDOM
    def test_nobody_meets_a_brand_twice_within_the_interval(
        self, recipe: Recipe, brands: int, seed: int
    ) -> None:
        """D5.1, D5.4, D5.7: by the check, and counted here again without it; no worse than the bound."""
        month = branded(generate(recipe), brands)
        plan = solve(month, seed=seed, budget=QUICK)
        assert check(month, plan) == []
        for dates in meetings(month, plan).values():
            ordered = sorted(dates)
            for (one, ours), (other, theirs) in itertools.pairwise(ordered):
                assert other > add_months(one, 3) or not (ours or theirs)
        assert Cause.SEARCH not in {one.cause for one in plan.unserved}
        assert bound(month).unserved <= len(plan.unserved)

    def test_same_seed_gives_the_same_plan_on_any_number_of_threads(self) -> None:
        """D6.5: the outlets of a brand lie in the shares of several threads."""
        month = branded(generate(Recipe(1300, 65, cities=3, days_worked=(5, 8))), 150)
        one = solve(month, seed=7, budget=Budget(iterations=3000, workers=1))
        three = solve(month, seed=7, budget=Budget(iterations=3000, workers=3))
        assert one == three
        assert check(month, one) == []

    def test_a_repair_of_a_month_by_brand_changes_nothing_without_need(
        self, month: Instance, plan: Plan
    ) -> None:
        """D6.5"""
        again = repair(month, plan, seed=1, budget=QUICK)
        assert [(one.visit, one.inspectors, one.on) for one in again.visits] == [
            (one.visit, one.inspectors, one.on) for one in plan.visits
        ]

    def test_a_plan_by_outlet_is_none_by_brand(self, month: Instance) -> None:
        """The brand binds: the same month with rotation by outlet is planned in ways the check refuses."""
        free = month.model_copy(
            update={"rules": month.rules.model_copy(update={"rotation_scope": RotationScope.OUTLET})}
        )
        assert Rule.ROTATION in {one.rule for one in check(month, solve(free, seed=1, budget=QUICK))}


class TestReasons:
    def test_why_not_names_the_brand_and_the_date(self, month: Instance, plan: Plan) -> None:
        """D5.8"""
        brand = {one.id: one.brand for one in month.outlets}
        made = next(one for one in plan.visits if brand[one.outlet])
        other = next(
            one
            for one in month.outlets
            if one.brand == brand[made.outlet] and one.id != made.outlet and made.on not in one.closures
        )
        on = made.on + timedelta(days=1)
        found = why_not(month, plan, visit=f"{other.id}#1", inspector=made.inspectors[0], on=on)
        (rotation,) = [one for one in found if one.rule is Rule.ROTATION and str(made.on) in one.says]
        assert f"brand {other.brand}" in rotation.says
        assert str(add_months(made.on, 3)) in rotation.says

    def test_a_visit_elsewhere_of_the_brand_is_the_reason_told(self) -> None:
        """D5.7, D6.1: the cause and the nearest way out name the brand, too"""
        small = generate(Recipe(2, 1, seed=3, cities=1, days_worked=(9, 9), history_months=0))
        (person,) = small.inspectors
        one, _ = small.outlets
        past = Exposure(inspector=person.id, outlet="far", brand="B1", on=small.days()[0] - timedelta(days=5))
        month = branded(small, 2).model_copy(
            update={
                "outlets": (one.model_copy(update={"brand": "B1", "languages": (), "visits": 1}),),
                "history": (past,),
            }
        )
        (missing,) = solve(month, seed=1, budget=QUICK).unserved
        assert missing.cause is Cause.ROTATION
        assert "brand" in missing.says
        assert "far of brand B1" in missing.fix.says
        assert str(past.on) in missing.fix.says


class TestPools:
    def test_a_brand_is_one_place(self) -> None:
        """D5.9: twelve outlets of one brand ask for 37 people, not for 4; four people serve four visits"""
        month = branded(generate(Recipe(15, 4, seed=3, cities=1, history_months=0)), 1)
        free = tuple(
            one.model_copy(update={"languages": (), "certificates": (), "visits": 1, "closures": ()})
            for one in month.outlets
        )
        staff = tuple(one.model_copy(update={"reach_minutes": None}) for one in month.inspectors)
        month = month.model_copy(update={"outlets": free, "inspectors": staff, "history": ()})
        found = bound(month)
        assert found.unserved == 12 - 4
        told = {one.outlet: (one.brand, one.needed, one.cause) for one in found.shortages}
        branded_ones = [one.id for one in month.outlets if one.brand]
        assert {told[name] for name in branded_ones} == {("B0", 37, Shortage.BRAND)}
        assert len(solve(month, seed=1, budget=QUICK).unserved) == 8


class TestFormat:
    def test_an_exposure_outside_the_month_says_its_brand(self, month: Instance) -> None:
        stray = Exposure(inspector=month.inspectors[0].id, outlet="nowhere", on=month.days()[0])
        fields = {name: getattr(month, name) for name in Instance.model_fields}
        with pytest.raises(ValueError, match="unknown pair"):
            Instance.model_validate({**fields, "history": (stray,)})
