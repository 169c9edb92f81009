"""The independent check finds what is wrong, and says so."""

from datetime import date, timedelta

import pytest

from app.planning.check import check
from app.planning.hard_rules import Rule
from app.planning.instance import Instance
from app.planning.parts import Exposure, Pin
from app.planning.plan import Plan, PlannedVisit


def with_visit(plan: Plan, old: PlannedVisit, **changes: object) -> Plan:
    changed = old.model_copy(update=changes)
    return plan.model_copy(update={"visits": tuple(changed if one is old else one for one in plan.visits)})


def rules(month: Instance, plan: Plan) -> set[Rule]:
    return {violation.rule for violation in check(month, plan)}


def with_outlet(month: Instance, name: str, **changes: object) -> Instance:
    outlets = tuple(one.model_copy(update=changes) if one.id == name else one for one in month.outlets)
    return month.model_copy(update={"outlets": outlets})


def with_inspector(month: Instance, name: str, **changes: object) -> Instance:
    staff = tuple(one.model_copy(update=changes) if one.id == name else one for one in month.inspectors)
    return month.model_copy(update={"inspectors": staff})


def with_history(month: Instance, exposure: Exposure) -> Instance:
    return month.model_copy(update={"history": (*month.history, exposure)})


class TestASoundPlan:
    def test_has_no_violation(self, month: Instance, plan: Plan) -> None:
        """D6.4"""
        assert check(month, plan) == []
        assert len(plan.visits) > 50


class TestAccounting:
    def test_a_visit_missing_from_both_lists_is_noticed(self, month: Instance, plan: Plan) -> None:
        """D6.1: never dropped in silence"""
        shorter = plan.model_copy(update={"visits": plan.visits[1:]})
        assert Rule.ACCOUNTING in rules(month, shorter)

    def test_a_visit_nobody_asked_for_is_noticed(self, month: Instance, plan: Plan) -> None:
        assert rules(month, with_visit(plan, plan.visits[0], visit="X#1")) == {Rule.UNKNOWN, Rule.ACCOUNTING}


class TestRotation:
    def test_history_exactly_three_months_before_still_blocks(self, month: Instance, plan: Plan) -> None:
        """D5.1: allowed only after the day, and D5.4"""
        visit = plan.visits[0]
        before = date(visit.on.year, visit.on.month - 3, visit.on.day)
        exposure = Exposure(inspector=visit.inspectors[0], outlet=visit.outlet, on=before)
        assert rules(with_history(month, exposure), plan) == {Rule.ROTATION}

    def test_the_day_before_that_does_not(self, month: Instance, plan: Plan) -> None:
        """D5.1"""
        visit = next(one for one in plan.visits if one.on.day > 1)
        before = date(visit.on.year, visit.on.month - 3, visit.on.day - 1)
        exposure = Exposure(inspector=visit.inspectors[0], outlet=visit.outlet, on=before)
        assert rules(with_history(month, exposure), plan) == set()

    def test_a_later_booking_blocks_too(self, month: Instance, plan: Plan) -> None:
        """D5.4"""
        visit = plan.visits[0]
        exposure = Exposure(
            inspector=visit.inspectors[0], outlet=visit.outlet, on=visit.on + timedelta(days=60)
        )
        assert rules(with_history(month, exposure), plan) == {Rule.ROTATION}

    def test_somebody_seen_openly_may_not_come_covertly(self, month: Instance, plan: Plan) -> None:
        """D5.6"""
        visit = next(one for one in plan.visits if one.kind == "covert")
        long_ago = Exposure(
            inspector=visit.inspectors[0], outlet=visit.outlet, on=date(2024, 1, 5), overt=True
        )
        assert rules(with_history(month, long_ago), plan) == {Rule.BARRED}


class TestEachVisit:
    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"languages": ("klingon",)}, Rule.LANGUAGE),
            ({"certificates": ("diver",)}, Rule.CERTIFICATE),
            ({"devices": {"recorder": 1}}, Rule.DEVICE),
            ({"hours": ()}, Rule.OPENING),
            ({"region": "elsewhere"}, None),
        ],
    )
    def test_what_the_outlet_asks_for_is_held(
        self, month: Instance, plan: Plan, changes: dict[str, object], rule: Rule | None
    ) -> None:
        """D6.4"""
        found = rules(with_outlet(month, plan.visits[0].outlet, **changes), plan)
        assert found == ({rule} if rule else set())

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"languages": ()}, Rule.LANGUAGE),
            ({"reach_minutes": 1}, Rule.REACH),
            ({"regions": ("nowhere",)}, Rule.REACH),
            ({"weekdays": (7,)}, Rule.UNAVAILABLE),
            ({"max_visits_per_day": 1}, Rule.VISITS_PER_DAY),
            ({"max_days": 1}, Rule.WORK_DAYS),
            ({"max_day_minutes": 60}, Rule.DAY_LENGTH),
            ({"ends": 660}, Rule.SHIFT),
        ],
    )
    def test_what_the_inspector_can_do_is_held(
        self, month: Instance, plan: Plan, changes: dict[str, object], rule: Rule
    ) -> None:
        """D6.4"""
        busiest = max(plan.routes, key=lambda route: (len(route.visits), route.inspector)).inspector
        assert rule in rules(with_inspector(month, busiest, **changes), plan)

    def test_a_stay_before_opening_is_noticed(self, month: Instance, plan: Plan) -> None:
        visit = plan.visits[0]
        service = visit.leave - visit.arrive
        assert Rule.OPENING in rules(month, with_visit(plan, visit, arrive=300, leave=300 + service))

    def test_a_stay_that_the_way_leaves_no_time_for_is_noticed(self, month: Instance, plan: Plan) -> None:
        route = max(plan.routes, key=lambda one: len(one.visits))
        first, second = (next(one for one in plan.visits if one.visit == name) for name in route.visits[:2])
        service = second.leave - second.arrive
        moved = with_visit(plan, second, arrive=first.leave, leave=first.leave + service)
        assert Rule.TRAVEL in rules(month, moved)

    def test_half_a_crew_is_noticed(self, month: Instance, plan: Plan) -> None:
        pair = next(one for one in plan.visits if len(one.inspectors) == 2)
        assert Rule.CREW in rules(month, with_visit(plan, pair, inspectors=pair.inspectors[:1]))

    def test_one_person_twice_is_no_crew(self, month: Instance, plan: Plan) -> None:
        """D5.2"""
        pair = next(one for one in plan.visits if len(one.inspectors) == 2)
        assert Rule.CREW in rules(month, with_visit(plan, pair, inspectors=(pair.inspectors[0],) * 2))

    def test_a_backup_with_other_work_is_noticed(self, month: Instance, plan: Plan) -> None:
        backed = next(one for one in plan.visits if one.backups)
        busy = next(route.inspector for route in plan.routes if route.on == backed.on)
        assert Rule.BACKUP in rules(month, with_visit(plan, backed, backups=(busy,)))


class TestOutletRules:
    def test_visits_too_near_to_each_other_are_noticed(self, month: Instance, plan: Plan) -> None:
        """D6.3"""
        visit = plan.visits[0]
        other = next(one.id for one in month.inspectors if one.id not in visit.inspectors)
        near = Exposure(inspector=other, outlet=visit.outlet, on=visit.on - timedelta(days=3))
        assert Rule.GAP in rules(with_history(month, near), plan)

    def test_a_third_time_in_one_cell_is_noticed(self, month: Instance, plan: Plan) -> None:
        """D6.3: twice by chance is fine, always is not"""
        visit = next(one for one in plan.visits if one.on.day > 1)
        apart = (timedelta(days=7 * weeks) for weeks in (200, 201))
        same = [
            Exposure(inspector="I0001", outlet=visit.outlet, on=visit.on - gap, at=visit.arrive)
            for gap in apart
        ]
        earlier = tuple(one for one in month.history if one.outlet != visit.outlet)
        changed = month.model_copy(update={"history": (*earlier, *same)})
        assert Rule.VARIATION in rules(changed, plan)

    def test_a_confirmed_visit_may_not_vanish(self, month: Instance, plan: Plan) -> None:
        """D6.5"""
        gone = plan.unserved[0]
        outlet = next(one for one in month.outlets if one.id == gone.outlet)
        people = tuple(one.id for one in month.inspectors[: outlet.crew])
        pin = Pin(
            outlet=gone.outlet, number=gone.number, inspectors=people, on=month.days()[5], confirmed=True
        )
        assert Rule.PIN in rules(month.model_copy(update={"pins": (pin,)}), plan)

    def test_a_route_that_does_not_follow_from_its_visits_is_noticed(
        self, month: Instance, plan: Plan
    ) -> None:
        wrong = plan.routes[0].model_copy(update={"travel_minutes": 1})
        assert rules(month, plan.model_copy(update={"routes": (wrong, *plan.routes[1:])})) == {Rule.ROUTES}
