"""Recording devices in a plan: whoever leads a visit holds on that day what it needs (D6.7)."""

from datetime import timedelta
from functools import partial

import pytest

from app.planning.check import check
from app.planning.hard_rules import Rule
from app.planning.instance import Instance
from app.planning.parts import HeldDevices
from app.planning.plan import Cause, Plan, Remedy
from app.planning.solver.solve import solve
from app.planning.why_not import why_not
from tests.app.planning.conftest import QUICK

RECORDER = {"recorder": 1}


def equipped(month: Instance, *held: tuple[HeldDevices, ...]) -> Instance:
    """Every other outlet asks for a recorder; the inspectors hold what is given, in turn."""
    outlets = [
        one.model_copy(update={"devices": RECORDER if number % 2 else {}})
        for number, one in enumerate(month.outlets)
    ]
    people = [
        one.model_copy(update={"devices": held[number % len(held)]})
        for number, one in enumerate(month.inspectors)
    ]
    return month.model_copy(update={"outlets": tuple(outlets), "inspectors": tuple(people)})


@pytest.fixture(scope="module")
def shared(month: Instance) -> Instance:
    """A recorder passes from one to another in the middle of the month, a second one is always with somebody."""
    middle = month.days()[14]
    early, late = HeldDevices(kind="recorder", last=middle), HeldDevices(kind="recorder", first=middle)
    return equipped(month, (early,), (late,), (), (HeldDevices(kind="recorder"),))


@pytest.fixture(scope="module")
def shared_plan(shared: Instance) -> Plan:
    return solve(shared, seed=1, budget=QUICK)


def asks(month: Instance) -> set[str]:
    return {one.id for one in month.outlets if one.devices}


class TestAPlanWithDevices:
    def test_breaks_no_rule_and_uses_what_is_held(self, shared: Instance, shared_plan: Plan) -> None:
        """D6.4, D6.7"""
        assert check(shared, shared_plan) == []
        served = [one for one in shared_plan.visits if one.outlet in asks(shared)]
        assert len(served) >= 10
        assert any(len(one.inspectors) > 1 for one in shared_plan.visits)
        assert len({one.inspectors[0] for one in served}) > 2

    def test_would_break_the_rule_had_the_devices_not_been_there(
        self, shared: Instance, shared_plan: Plan
    ) -> None:
        bare = equipped(shared, ())

        found = check(bare, shared_plan)

        served = {one.visit for one in shared_plan.visits if one.outlet in asks(shared)}
        assert {one.rule for one in found} == {Rule.DEVICE}
        assert {one.visit for one in found} == served

    def test_counts_the_devices_of_a_kind(self, shared: Instance, shared_plan: Plan) -> None:
        two = [
            one.model_copy(update={"devices": {"recorder": 2} if one.devices else {}})
            for one in shared.outlets
        ]

        found = check(shared.model_copy(update={"outlets": tuple(two)}), shared_plan)

        assert {one.rule for one in found} == {Rule.DEVICE}
        assert all("of 2 recorder" in one.says for one in found)


class TestReasons:
    def test_the_nearest_one_to_be_given_a_device_is_named_and_could_then_come(
        self, plain_month: Instance
    ) -> None:
        """D6.1"""
        month = equipped(plain_month, ())

        plan = solve(month, seed=1, budget=QUICK)

        without = [one for one in plan.unserved if one.outlet in asks(month)]
        assert len(without) > 5
        assert {one.visit for one in without} >= {
            one.visit for one in plan.unserved if one.cause is Cause.NO_DEVICE
        }
        for one in [one for one in without if one.cause is Cause.NO_DEVICE][:5]:
            assert one.fix is not None
            assert one.fix.remedy is Remedy.DEVICE
            assert one.fix.inspector is not None
            assert one.fix.on is not None
            assert f"to {one.fix.inspector} by {one.fix.on}" in one.fix.says
            given = (HeldDevices(kind="recorder", first=one.fix.on),)
            asked = partial(why_not, plan=plan, visit=one.visit, inspector=one.fix.inspector, on=one.fix.on)
            assert Rule.DEVICE in {found.rule for found in asked(month)}
            assert Rule.DEVICE not in {found.rule for found in asked(equipped(month, given))}

    def test_why_not_names_the_days_on_which_it_was_held(self, shared: Instance, shared_plan: Plan) -> None:
        """D5.8"""
        one = shared.inspectors[0]
        outlet = next(outlet for outlet in shared.outlets if outlet.devices)
        last = one.devices[0].last
        assert last is not None

        found = why_not(
            shared, shared_plan, visit=f"{outlet.id}#1", inspector=one.id, on=last + timedelta(days=1)
        )

        (said,) = [one.says for one in found if one.rule is Rule.DEVICE]
        assert f"1 from … to {last}" in said
