"""Which items open actions, and what a report does to those that are open (D8.5)."""

from datetime import date
from decimal import Decimal

import pytest

from app.cases.rules_actions import Effect, Finding, Looked, Origin, Rule, Standing, effect

TARGET = Decimal("0.6")
THIRD = date(2026, 3, 3)


def finding(
    fraction: str | None, *, code: str = "tidy", indicator: str = "b1", vetoed: bool = False
) -> Finding:
    return Finding(code, indicator, None if fraction is None else Decimal(fraction), vetoed)


def rule(
    *,
    automatic: bool = True,
    items: frozenset[str] | None = None,
    indicators: frozenset[str] | None = None,
    vetoes_always: bool = True,
) -> Rule:
    return Rule(automatic, TARGET, items, indicators, vetoes_always)


def looked(
    *,
    origin: bool = False,
    later: bool = True,
    first: bool = True,
    failed_here: bool = False,
    on: date = THIRD,
) -> Looked:
    return Looked(origin, later, first, failed_here, on)


class TestRule:
    @pytest.mark.parametrize(
        ("fraction", "opens"), [("0.599999", True), ("0.6", False), ("1", False), ("0", True), (None, False)]
    )
    def test_opens_an_action_below_the_target_and_not_at_it(self, fraction: str | None, opens: bool) -> None:
        assert rule().opens(finding(fraction)) is opens

    def test_may_be_about_some_items_or_indicators_only(self) -> None:
        assert rule(items=frozenset({"tidy"})).opens(finding("0"))
        assert not rule(items=frozenset({"greeting"})).opens(finding("0"))
        assert rule(indicators=frozenset({"b1"})).opens(finding("0"))
        assert not rule(items=frozenset({"tidy"}), indicators=frozenset({"a1"})).opens(finding("0"))

    def test_opens_one_for_every_breached_norm_unless_told_otherwise(self) -> None:
        breached = finding("0", code="no-smoking", vetoed=True)
        assert rule(items=frozenset()).opens(breached)
        assert not rule(items=frozenset(), vetoes_always=False).opens(breached)
        assert not rule(automatic=False).opens(breached)


class TestStanding:
    def test_is_below_where_a_veto_fired_and_unseen_where_nothing_was_scored(self) -> None:
        assert finding("1", vetoed=True).against(TARGET) is Standing.BELOW
        assert finding(None).against(TARGET) is Standing.UNSEEN


class TestEffect:
    @pytest.mark.parametrize(
        ("seen", "standing", "what"),
        [
            (looked(), Standing.MET, Effect.VERIFY),
            (looked(), Standing.BELOW, Effect.FAIL),
            (looked(), Standing.UNSEEN, Effect.NOTE_UNSEEN),
            (looked(later=False), Standing.MET, Effect.NONE),
            (looked(later=False), Standing.BELOW, Effect.NONE),
            (looked(origin=True, later=False), Standing.BELOW, Effect.NONE),
            (looked(origin=True, later=False, first=False), Standing.BELOW, Effect.NONE),
            (looked(origin=True, later=False, first=False), Standing.MET, Effect.CANCEL),
            (looked(origin=True, later=False, first=False), Standing.UNSEEN, Effect.CANCEL),
            (looked(first=False), Standing.MET, Effect.VERIFY),
            (looked(first=False), Standing.BELOW, Effect.NONE),
            (looked(first=False, failed_here=True), Standing.MET, Effect.VERIFY),
            (looked(first=False, failed_here=True), Standing.UNSEEN, Effect.TAKE_FAILURE_BACK),
            (looked(first=False), Standing.UNSEEN, Effect.NONE),
        ],
    )
    def test_of_a_report_on_an_action_of_the_rule(
        self, seen: Looked, standing: Standing, what: Effect
    ) -> None:
        assert effect(seen, standing, origin=Origin.RULE, proof_on=None) is what

    def test_of_a_visit_before_the_proof_or_on_its_day_says_nothing_of_it(self) -> None:
        for proof_on, what in (
            (date(2026, 3, 2), Effect.FAIL),
            (THIRD, Effect.FAIL_BEFORE_PROOF),
            (date(2026, 3, 4), Effect.FAIL_BEFORE_PROOF),
        ):
            assert effect(looked(), Standing.BELOW, origin=Origin.RULE, proof_on=proof_on) is what

    def test_of_a_revision_leaves_what_was_opened_by_hand(self) -> None:
        seen = looked(origin=True, later=False, first=False)
        assert effect(seen, Standing.MET, origin=Origin.HAND, proof_on=None) is Effect.NONE
