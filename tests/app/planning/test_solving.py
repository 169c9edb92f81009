"""Plans for random months: sound, reproducible, honest about what they leave out."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.planning.check import check
from app.planning.generate import Recipe, generate
from app.planning.instance import Instance
from app.planning.parts import DayPart, Geographic, Matrix, Pin, Planar, Row, Rules, Weights
from app.planning.plan import Cause, Plan, Remedy
from app.planning.solver.anytime import Budget, Progress
from app.planning.solver.solve import solve
from app.planning.travel import travel_minutes
from app.planning.why_not import why_not

QUICK = Budget(iterations=1500)
RANDOM = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

recipes = st.builds(
    Recipe,
    outlets=st.integers(1, 60),
    inspectors=st.integers(1, 9),
    seed=st.integers(0, 10_000),
    cities=st.just(1),
    days_worked=st.sampled_from([(0, 2), (2, 5), (5, 9)]),
    crew_share=st.sampled_from([0.0, 0.3]),
    backup_share=st.sampled_from([0.0, 0.3]),
    overt_share=st.sampled_from([0.0, 0.4]),
    community_share=st.sampled_from([0.0, 0.4]),
    certificate_share=st.sampled_from([0.0, 0.3]),
)


class TestAnyMonth:
    @given(recipe=recipes, seed=st.integers(0, 1000))
    @RANDOM
    def test_breaks_no_hard_rule_and_accounts_for_every_visit(self, recipe: Recipe, seed: int) -> None:
        """D6.4, D6.1"""
        month = generate(recipe)
        plan = solve(month, seed=seed, budget=QUICK)
        assert check(month, plan) == []

    @given(recipe=recipes)
    @RANDOM
    def test_leaves_nothing_out_that_fits(self, recipe: Recipe) -> None:
        """D6.1: a finished search has no visit unserved that somebody could still make"""
        month = generate(recipe)
        plan = solve(month, seed=1, budget=QUICK)
        assert Cause.SEARCH not in {one.cause for one in plan.unserved}

    def test_same_seed_and_iterations_give_the_same_plan_on_any_number_of_threads(self) -> None:
        """D6.5"""
        month = generate(Recipe(1300, 65, cities=3, days_worked=(5, 8)))
        one = solve(month, seed=7, budget=Budget(iterations=4000, workers=1))
        three = solve(month, seed=7, budget=Budget(iterations=4000, workers=3))
        assert one == three
        assert one.visits != solve(month, seed=8, budget=Budget(iterations=4000, workers=2)).visits


class TestTheSearch:
    def test_tells_its_progress_and_stops_when_told(self, month: Instance) -> None:
        told: list[Progress] = []

        def three_rounds(progress: Progress) -> bool:
            told.append(progress)
            return len(told) < 3

        plan = solve(month, seed=1, budget=Budget(seconds=30), watch=three_rounds)
        assert len(told) == 3
        assert [one.cost for one in told] == sorted((one.cost for one in told), reverse=True)
        assert check(month, plan) == []

    def test_gives_every_crew_the_hour_of_the_best_plan_not_of_the_last(self) -> None:
        """D6.4: crews are drawn anew during the search; seed 7 drew one for which the best plan had another hour"""
        month = generate(
            Recipe(46, 2, seed=7, cities=1, days_worked=(2, 5), history_months=0, crew_share=0.3)
        )
        assert check(month, solve(month, seed=0, budget=Budget(iterations=1000))) == []

    def test_more_search_is_not_worse(self, month: Instance) -> None:
        short = solve(month, seed=2, budget=Budget(iterations=50))
        long = solve(month, seed=2, budget=Budget(iterations=5000))
        assert long.costs.total < short.costs.total

    def test_needs_one_measure_of_effort(self) -> None:
        with pytest.raises(ValueError, match="either"):
            Budget()


class TestPins:
    def test_a_confirmed_visit_stays_to_the_minute(self, plain_month: Instance, plain_plan: Plan) -> None:
        """D6.5"""
        kept = plain_plan.visits[::7]
        pins = tuple(
            Pin(
                outlet=one.outlet,
                number=one.number,
                inspectors=one.inspectors,
                on=one.on,
                arrive=one.arrive,
                confirmed=True,
            )
            for one in kept
        )
        changed = plain_month.model_copy(update={"pins": pins})
        plan = solve(changed, seed=9, budget=QUICK)
        assert check(changed, plan) == []
        after = {one.visit: (one.inspectors, one.on, one.arrive) for one in plan.visits}
        assert all(after[one.visit] == (one.inspectors, one.on, one.arrive) for one in kept)

    def test_a_pinned_day_is_met_or_the_visit_is_reported(self, plain_month: Instance) -> None:
        outlet = plain_month.outlets[0]
        day = next(day for day in plain_month.days() if day.weekday() == 2 and day not in outlet.closures)
        changed = plain_month.model_copy(update={"pins": (Pin(outlet=outlet.id, number=1, on=day),)})
        plan = solve(changed, seed=1, budget=QUICK)
        on = {one.on for one in plan.visits if one.visit == f"{outlet.id}#1"}
        assert on <= {day}
        assert check(changed, plan) == []

    def test_a_confirmed_visit_that_breaks_a_rule_is_refused_by_name(self, plain_month: Instance) -> None:
        outlet, person = plain_month.outlets[0], plain_month.inspectors[0]
        sunday = next(day for day in plain_month.days() if day.weekday() == 6)
        pin = Pin(outlet=outlet.id, number=1, inspectors=(person.id,), on=sunday, confirmed=True)
        with pytest.raises(ValueError, match=f"{outlet.id}#1"):
            solve(plain_month.model_copy(update={"pins": (pin,)}), seed=1, budget=QUICK)

    def test_a_pin_for_no_visit_is_refused(self, plain_month: Instance) -> None:
        pin = Pin(outlet=plain_month.outlets[0].id, number=31)
        with pytest.raises(ValueError, match="nobody asks for"):
            solve(plain_month.model_copy(update={"pins": (pin,)}), seed=1, budget=QUICK)


class TestPlaces:
    def test_a_matrix_gives_the_same_answers_as_the_points_it_was_made_from(
        self, plain_month: Instance
    ) -> None:
        drive = travel_minutes(plain_month)
        places = [one.at for one in plain_month.outlets] + [one.home for one in plain_month.inspectors]
        table = tuple(tuple(drive(here, there) for there in places) for here in places)
        outlets = tuple(
            one.model_copy(update={"at": Row(row=number)}) for number, one in enumerate(plain_month.outlets)
        )
        staff = tuple(
            one.model_copy(update={"home": Row(row=len(outlets) + number)})
            for number, one in enumerate(plain_month.inspectors)
        )
        changes = {"travel": Matrix(minutes=table), "outlets": outlets, "inspectors": staff}
        by_table = plain_month.model_copy(update=changes)
        plan = solve(by_table, seed=1, budget=QUICK)
        assert check(by_table, plan) == []
        assert check(plain_month, plan) == []

    def test_a_one_way_street_is_respected(self, plain_month: Instance) -> None:
        count = len(plain_month.outlets) + len(plain_month.inspectors)
        table = tuple(tuple(0 if a == b else 10 + 7 * (a > b) for b in range(count)) for a in range(count))
        outlets = tuple(
            one.model_copy(update={"at": Row(row=number)}) for number, one in enumerate(plain_month.outlets)
        )
        staff = tuple(
            one.model_copy(update={"home": Row(row=len(outlets) + number)})
            for number, one in enumerate(plain_month.inspectors)
        )
        changes = {"travel": Matrix(minutes=table), "outlets": outlets, "inspectors": staff}
        month = plain_month.model_copy(update=changes)
        assert check(month, solve(month, seed=1, budget=QUICK)) == []

    def test_positions_on_the_globe_work(self, plain_month: Instance) -> None:
        def on_globe(place: object) -> Geographic:
            assert isinstance(place, Planar)
            return Geographic(lat=30 + place.y_km / 111, lon=104 + place.x_km / 96)

        outlets = tuple(one.model_copy(update={"at": on_globe(one.at)}) for one in plain_month.outlets)
        staff = tuple(one.model_copy(update={"home": on_globe(one.home)}) for one in plain_month.inspectors)
        month = plain_month.model_copy(update={"outlets": outlets, "inspectors": staff})
        plan = solve(month, seed=1, budget=QUICK)
        assert check(month, plan) == []
        assert plan.visits


class TestVariation:
    def test_a_hall_that_saw_two_monday_mornings_gets_no_third(self, plain_month: Instance) -> None:
        """D6.3"""
        mornings = Rules(day_parts=(DayPart(name="all day", until=24 * 60),), min_gap_days=4, same_cell_run=3)
        month = plain_month.model_copy(update={"rules": mornings})
        plan = solve(month, seed=1, budget=QUICK)
        assert check(month, plan) == []

    def test_the_off_peak_share_is_drawn(self, plain_month: Instance) -> None:
        """D6.3"""
        rules = plain_month.rules.model_copy(update={"off_peak_parts": ("afternoon",), "off_peak_share": 0.9})
        usual = solve(plain_month, seed=1, budget=QUICK)
        late = solve(plain_month.model_copy(update={"rules": rules}), seed=1, budget=QUICK)
        afternoon = [sum(one.arrive >= 15 * 60 for one in made.visits) for made in (usual, late)]
        assert afternoon[1] > afternoon[0]


class TestPriority:
    def test_the_scarce_days_go_to_flagships_first(self) -> None:
        """D6.2"""
        recipe = Recipe(60, 4, seed=4, cities=1, days_worked=(1, 2))
        month = generate(recipe).model_copy(update={"weights": Weights()})
        plan = solve(month, seed=1, budget=QUICK)
        without = {one.cause for one in plan.unserved if one.tier == "flagship"}
        assert without <= {
            Cause.OUT_OF_REACH,
            Cause.NO_LANGUAGE,
            Cause.POOL_TOO_SMALL,
            Cause.ROTATION,
            Cause.GAP,
        }
        assert any(one.tier == "tier3" and one.cause is Cause.CAPACITY for one in plan.unserved)


class TestReasons:
    def test_one_more_working_day_would_really_serve_the_visit(self) -> None:
        """D6.1: the fix is true"""
        month = generate(Recipe(60, 4, seed=4, cities=1, days_worked=(1, 2)))
        plan = solve(month, seed=1, budget=QUICK)
        lacking = [one for one in plan.unserved if one.fix.remedy is Remedy.MAX_DAYS]
        assert lacking
        for one in lacking[:5]:
            fix = one.fix
            assert fix.inspector is not None
            assert fix.on is not None
            forbidden = why_not(month, plan, visit=one.visit, inspector=fix.inspector, on=fix.on)
            assert {found.rule for found in forbidden} == {"work_days"}
            staff = tuple(
                who.model_copy(update={"max_days": fix.value}) if who.id == fix.inspector else who
                for who in month.inspectors
            )
            relaxed = month.model_copy(update={"inspectors": staff})
            assert why_not(relaxed, plan, visit=one.visit, inspector=fix.inspector, on=fix.on) == []

    def test_a_language_nobody_speaks_is_named(self, plain_month: Instance) -> None:
        first = plain_month.outlets[0].model_copy(update={"languages": ("latin",)})
        month = plain_month.model_copy(update={"outlets": (first, *plain_month.outlets[1:])})
        plan = solve(month, seed=1, budget=QUICK)
        reason = next(one for one in plan.unserved if one.outlet == first.id)
        assert (reason.cause, reason.fix.remedy) == (Cause.NO_LANGUAGE, Remedy.LANGUAGE)
        assert "latin" in reason.fix.says

    def test_an_outlet_closed_all_month_is_named(self, plain_month: Instance) -> None:
        first = plain_month.outlets[0].model_copy(update={"closures": tuple(plain_month.days())})
        month = plain_month.model_copy(update={"outlets": (first, *plain_month.outlets[1:])})
        plan = solve(month, seed=1, budget=QUICK)
        assert {one.cause for one in plan.unserved if one.outlet == first.id} == {Cause.CLOSED}


class TestWhyNot:
    def test_what_is_planned_is_allowed(self, plain_month: Instance, plain_plan: Plan) -> None:
        """D5.8"""
        for one in plain_plan.visits:
            assert (
                why_not(plain_month, plain_plan, visit=one.visit, inspector=one.inspectors[0], on=one.on)
                == []
            )

    def test_the_blocking_date_and_the_last_blocked_day_are_named(
        self, plain_month: Instance, plain_plan: Plan
    ) -> None:
        """D5.8"""
        past = next(one for one in plain_month.history if one.on >= date(2026, 9, 1))
        found = why_not(
            plain_month,
            plain_plan,
            visit=f"{past.outlet}#1",
            inspector=past.inspector,
            on=past.on + timedelta(days=40),
        )
        assert any(one.rule == "rotation" and str(past.on) in one.says for one in found)

    def test_nobody_and_nothing_unknown_is_answered_for(
        self, plain_month: Instance, plain_plan: Plan
    ) -> None:
        with pytest.raises(ValueError, match="no visit"):
            why_not(plain_month, plain_plan, visit="X#1", inspector="I0001", on=date(2026, 10, 5))
        with pytest.raises(ValueError, match="nobody"):
            why_not(plain_month, plain_plan, visit="O00001#1", inspector="X", on=date(2026, 10, 5))
