"""The rules of D3 and D4, one by one, with numbers worked out by hand."""

import json
from fractions import Fraction

import pytest

from app.scoring import (
    ENGINE_VERSION,
    Answer,
    Indicator,
    Item,
    Mode,
    NotApplicable,
    Result,
    Scheme,
    State,
    Status,
    Veto,
    VetoScope,
    difference,
    score,
    shown,
)
from tests.support.trees import (
    FULL,
    NONE,
    NOT_APPLICABLE,
    NOT_OBSERVED,
    at,
    dimension,
    flat,
    indicator,
    item,
    scheme,
)

BOTH_MODES = pytest.mark.parametrize("mode", list(Mode))


def indicator_scores(result: Result) -> dict[str, Fraction | None]:
    return {part.code: part.score for whole in result.dimensions for part in whole.indicators}


def total(result: Result) -> str:
    assert result.total is not None
    return shown(result.total)


class TestTheVectorsOfTheRules:
    """D3, vectors."""

    @pytest.mark.parametrize(("mode", "expected"), [("weights_fixed", "77.50"), ("points_pool", "81.25")])
    def test_an_item_that_is_not_applicable(self, mode: str, expected: str) -> None:
        tree = flat(
            indicator("a", 60, item("a1", 10), item("a2", 20), item("a3", 30)),
            indicator("b", 40, item("b1", 40)),
            mode=Mode(mode),
        )

        result = score(tree, {"a1": FULL, "a2": NOT_APPLICABLE, "a3": at("0.5"), "b1": FULL})

        assert total(result) == expected

    @pytest.mark.parametrize(("mode", "without"), [("weights_fixed", "76.67"), ("points_pool", "77.78")])
    @pytest.mark.parametrize("nested", [True, False])
    def test_a_breached_veto(self, mode: str, without: str, nested: bool) -> None:
        a1 = indicator("a1", 40, item("a11", 10), item("a12", 10), item("a13", 20))
        a2 = indicator("a2", 20, item("a21", 10, veto=VetoScope.INDICATOR), item("a22", 10))
        b1 = indicator("b1", 40, item("b11", 40))
        tree = (
            scheme(dimension("a", 60, a1, a2), dimension("b", 40, b1), mode=Mode(mode))
            if nested
            else flat(a1, a2, b1, mode=Mode(mode))
        )
        answers = {
            "a11": FULL,
            "a12": NOT_APPLICABLE,
            "a13": at("0.5"),
            "a21": NONE,
            "a22": FULL,
            "b11": FULL,
        }

        result = score(tree, answers)

        assert total(result) == "66.67"
        assert result.total_without_vetoes is not None
        assert shown(result.total_without_vetoes) == without
        assert [veto.item for veto in result.vetoes] == ["a21"]


class TestItemsThatAreNotApplicable:
    """D3.1."""

    @BOTH_MODES
    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            (NotApplicable.EXCLUDE, "100.00"),
            (NotApplicable.COUNT_AS_ZERO, "50.00"),
            (NotApplicable.COUNT_AS_FULL, "100.00"),
        ],
    )
    def test_count_as_their_policy_says(self, mode: Mode, policy: NotApplicable, expected: str) -> None:
        tree = flat(indicator("a", 1, item("a1", 10), item("a2", 10, not_applicable=policy)), mode=mode)

        assert total(score(tree, {"a1": FULL, "a2": NOT_APPLICABLE})) == expected

    def test_are_refused_where_the_item_does_not_allow_it(self) -> None:
        tree = flat(indicator("a", 1, item("a1", not_applicable=NotApplicable.NOT_ALLOWED)))

        with pytest.raises(ValueError, match="a1: this item cannot be 'not applicable'"):
            score(tree, {"a1": NOT_APPLICABLE})

    def test_leave_an_indicator_without_a_score_when_nothing_else_is_there(self) -> None:
        tree = flat(indicator("a", 60, item("a1")), indicator("b", 40, item("b1")))

        result = score(tree, {"a1": NOT_APPLICABLE, "b1": at("0.5")})

        assert indicator_scores(result) == {"a": None, "b": Fraction(1, 2)}
        assert total(result) == "50.00"

    def test_give_their_weight_to_their_own_dimension_only(self) -> None:
        """D3.2: a dimension's weight is shared among its own indicators."""
        tree = scheme(
            dimension("x", 60, indicator("x1", 30, item("x11")), indicator("x2", 30, item("x21"))),
            dimension("y", 40, indicator("y1", 40, item("y11"))),
        )

        result = score(tree, {"x11": NOT_APPLICABLE, "x21": NONE, "y11": FULL})

        assert total(result) == "40.00"

    def test_leave_a_dimension_out_when_nothing_in_it_applies(self) -> None:
        tree = scheme(
            dimension("x", 60, indicator("x1", 30, item("x11"))),
            dimension("y", 40, indicator("y1", 40, item("y11"))),
        )

        result = score(tree, {"x11": NOT_APPLICABLE, "y11": at("0.7")})

        assert result.dimensions[0].score is None
        assert total(result) == "70.00"


class TestBonusItems:
    """D3.3: they add to earned points only; the total is capped at 100."""

    @BOTH_MODES
    def test_add_to_what_was_earned(self, mode: Mode) -> None:
        tree = flat(indicator("a", 1, item("a1", 10), item("plus", 2, bonus=True)), mode=mode)

        assert total(score(tree, {"a1": at("0.5"), "plus": FULL})) == "70.00"
        assert total(score(tree, {"a1": at("0.5"), "plus": NONE})) == "50.00"
        assert total(score(tree, {"a1": at("0.5")})) == "50.00"

    @BOTH_MODES
    def test_never_lift_the_total_above_100(self, mode: Mode) -> None:
        tree = flat(indicator("a", 1, item("a1", 10), item("plus", 5, bonus=True)), mode=mode)

        result = score(tree, {"a1": FULL, "plus": FULL})

        assert total(result) == "100.00"
        assert result.subtotal == 150
        assert indicator_scores(result) == {"a": Fraction(3, 2)}

    def test_alone_make_no_score_of_an_indicator_but_count_in_a_pool(self) -> None:
        parts = (indicator("a", 1, item("plus", 5, bonus=True)), indicator("b", 1, item("b1", 10)))
        answers = {"plus": FULL, "b1": at("0.2")}

        fixed = score(flat(*parts), answers)
        pool = score(flat(*parts, mode=Mode.POINTS_POOL), answers)

        assert indicator_scores(fixed) == {"a": None, "b": Fraction(1, 5)}
        assert (total(fixed), total(pool)) == ("20.00", "70.00")

    @BOTH_MODES
    def test_are_lost_with_a_vetoed_indicator(self, mode: Mode) -> None:
        norm = item("norm", 10, veto=VetoScope.INDICATOR)
        tree = flat(indicator("a", 1, norm, item("plus", 5, bonus=True)), mode=mode)

        assert total(score(tree, {"norm": NONE, "plus": FULL})) == "0.00"

    def test_do_not_enter_completeness(self) -> None:
        tree = flat(indicator("a", 1, item("a1", 10), item("plus", 5, bonus=True)))

        assert score(tree, {"a1": FULL}).completeness == 1

    def test_cannot_be_vetoes(self) -> None:
        with pytest.raises(ValueError, match="a bonus item cannot be a veto"):
            item("plus", bonus=True, veto=VetoScope.VISIT)


class TestCompleteness:
    """D3.4."""

    @BOTH_MODES
    def test_falls_with_what_was_not_observed_and_not_with_what_does_not_apply(self, mode: Mode) -> None:
        tree = flat(indicator("a", 1, item("a1", 20), item("a2", 20), item("a3", 60)), mode=mode)

        assert score(tree, {"a1": FULL, "a2": NOT_OBSERVED, "a3": FULL}).completeness == Fraction(4, 5)
        assert score(tree, {"a1": FULL, "a2": NOT_APPLICABLE, "a3": FULL}).completeness == 1
        assert score(tree, {"a1": FULL, "a3": FULL}).completeness == Fraction(4, 5)

    @BOTH_MODES
    def test_under_the_threshold_gives_no_number(self, mode: Mode) -> None:
        tree = flat(indicator("a", 1, item("a1", 59), item("a2", 41)), mode=mode, threshold="0.6")

        result = score(tree, {"a1": FULL, "a2": NOT_OBSERVED})

        assert result.status is Status.INSUFFICIENT_EVIDENCE
        assert (result.total, result.total_without_vetoes, result.subtotal) == (None, None, None)
        assert result.completeness == Fraction(59, 100)

    @BOTH_MODES
    def test_of_exactly_the_threshold_is_enough(self, mode: Mode) -> None:
        tree = flat(indicator("a", 1, item("a1", 60), item("a2", 40)), mode=mode, threshold="0.6")

        assert total(score(tree, {"a1": FULL, "a2": NOT_OBSERVED})) == "100.00"

    def test_weighs_an_indicator_as_the_total_does(self) -> None:
        small_items = indicator("a", 70, item("a1", 1), item("a2", 1))
        large_items = indicator("b", 30, item("b1", 500), item("b2", 500))
        answers = {"a1": NOT_OBSERVED, "a2": NOT_OBSERVED, "b1": FULL, "b2": FULL}

        assert score(flat(small_items, large_items), answers).completeness == Fraction(3, 10)
        pool = score(flat(small_items, large_items, mode=Mode.POINTS_POOL), answers)
        assert pool.completeness == Fraction(1000, 1002)

    @pytest.mark.parametrize("policy", [NotApplicable.COUNT_AS_ZERO, NotApplicable.COUNT_AS_FULL])
    def test_takes_a_counted_not_applicable_as_decided(self, policy: NotApplicable) -> None:
        tree = flat(indicator("a", 1, item("a1", not_applicable=policy), item("a2")))

        assert score(tree, {"a1": NOT_APPLICABLE}).completeness == Fraction(1, 2)

    @BOTH_MODES
    def test_of_a_visit_to_which_nothing_applies_is_unknown(self, mode: Mode) -> None:
        tree = flat(indicator("a", 1, item("a1")), mode=mode)

        result = score(tree, {"a1": NOT_APPLICABLE})

        assert result.completeness is None
        assert result.status is Status.INSUFFICIENT_EVIDENCE

    @BOTH_MODES
    def test_too_low_hides_the_number_even_when_a_veto_took_the_visit(self, mode: Mode) -> None:
        norm = item("norm", 10, veto=VetoScope.VISIT)
        tree = flat(indicator("a", 1, norm, item("a1", 90)), mode=mode, threshold="0.6")

        result = score(tree, {"norm": NONE})

        assert result.total is None
        assert [veto.item for veto in result.vetoes] == ["norm"]


class TestScopesOfAVeto:
    """D4.1, each scope on the same visit: x1 and x2 in dimension x (60), y1 in y (40)."""

    @staticmethod
    def result(veto: Veto, mode: Mode = Mode.WEIGHTS_FIXED, norm: str = "0") -> Result:
        tree = scheme(
            dimension(
                "x",
                60,
                indicator("x1", 30, item("norm", 10, veto=veto), item("x12", 20)),
                indicator("x2", 30, item("x21", 30)),
            ),
            dimension("y", 40, indicator("y1", 40, item("y11", 40))),
            mode=mode,
        )
        return score(tree, {"norm": at(norm), "x12": FULL, "x21": FULL, "y11": at("0.5")})

    @BOTH_MODES
    @pytest.mark.parametrize(
        ("scope", "expected"),
        [("item", "70.00"), ("indicator", "50.00"), ("dimension", "20.00"), ("visit", "0.00")],
    )
    def test_take_their_part_and_keep_its_weight(self, mode: Mode, scope: str, expected: str) -> None:
        result = self.result(Veto(VetoScope(scope)), mode)

        assert total(result) == expected
        assert result.total_without_vetoes == 70

    @BOTH_MODES
    def test_name_what_they_took(self, mode: Mode) -> None:
        targets = [
            self.result(Veto(scope), mode).vetoes[0].target
            for scope in (VetoScope.ITEM, VetoScope.INDICATOR, VetoScope.DIMENSION, VetoScope.VISIT)
        ]

        assert targets == ["norm", "x1", "x", None]

    @BOTH_MODES
    def test_a_cap_limits_the_total_and_nothing_else(self, mode: Mode) -> None:
        result = self.result(Veto(VetoScope.CAP, cap=Fraction(59)), mode)

        assert result.total == 59
        assert result.subtotal == 70
        assert result.total_without_vetoes == 70

    def test_a_cap_never_lifts_a_lower_total(self) -> None:
        assert self.result(Veto(VetoScope.CAP, cap=Fraction(90))).total == 70

    def test_of_several_caps_the_smallest_counts(self) -> None:
        tree = flat(
            indicator(
                "a",
                1,
                item("n1", 1, veto=Veto(VetoScope.CAP, cap=Fraction(59))),
                item("n2", 1, veto=Veto(VetoScope.CAP, cap=Fraction(40))),
                item("a1", 98),
            )
        )

        assert score(tree, {"n1": NONE, "n2": NONE, "a1": FULL}).total == 40
        assert score(tree, {"n1": NONE, "n2": FULL, "a1": FULL}).total == 59

    def test_a_veto_may_be_breached_above_zero(self) -> None:
        """A norm on a rating: two of five and below takes the whole item."""
        veto = Veto(VetoScope.ITEM, breached_at=Fraction(1, 4))

        assert self.result(veto, norm="0.25").vetoes[0].item == "norm"
        assert total(self.result(veto, norm="0.25")) == "70.00"
        assert self.result(veto, norm="0.5").vetoes == ()
        assert total(self.result(veto, norm="0.5")) == "75.00"

    def test_two_vetoes_on_one_indicator_take_it_once(self) -> None:
        two = indicator(
            "a", 40, item("n1", veto=VetoScope.INDICATOR), item("n2", veto=VetoScope.INDICATOR), item("a1")
        )
        result = score(
            flat(two, indicator("b", 60, item("b1"))), {"n1": NONE, "n2": NONE, "a1": FULL, "b1": FULL}
        )

        assert total(result) == "60.00"
        assert result.dimensions[0].indicators[0].vetoed_by == ("n1", "n2")

    @pytest.mark.parametrize(
        ("scope", "cap"), [(VetoScope.CAP, None), (VetoScope.VISIT, 59), (VetoScope.CAP, 101)]
    )
    def test_a_cap_belongs_to_its_scope(self, scope: VetoScope, cap: int | None) -> None:
        with pytest.raises(ValueError, match="cap"):
            Veto(scope, cap=None if cap is None else Fraction(cap))


class TestAVetoBesideNotApplicable:
    """D4.2."""

    @BOTH_MODES
    def test_a_breach_beats_siblings_that_do_not_apply(self, mode: Mode) -> None:
        tree = flat(
            indicator("a", 50, item("norm", 10, veto=VetoScope.INDICATOR), item("a1", 40)),
            indicator("b", 50, item("b1", 50)),
            mode=mode,
        )

        result = score(tree, {"norm": NONE, "a1": NOT_APPLICABLE, "b1": FULL})

        assert indicator_scores(result)["a"] == 0
        assert total(result) == ("50.00" if mode is Mode.WEIGHTS_FIXED else "83.33")

    @BOTH_MODES
    def test_a_breached_gate_of_weight_zero_still_keeps_the_weight(self, mode: Mode) -> None:
        tree = flat(
            indicator("a", 50, item("gate", 0, veto=VetoScope.INDICATOR), item("a1", 50)),
            indicator("b", 50, item("b1", 50)),
            mode=mode,
        )

        result = score(tree, {"gate": NONE, "a1": NOT_APPLICABLE, "b1": FULL})

        assert indicator_scores(result)["a"] == 0
        assert total(result) == "50.00"
        assert result.total_without_vetoes == 100

    @BOTH_MODES
    def test_a_kept_gate_of_weight_zero_earns_nothing(self, mode: Mode) -> None:
        gate = item("gate", 0, veto=VetoScope.INDICATOR)
        tree = flat(indicator("a", 50, gate, item("a1", 50)), mode=mode)

        assert total(score(tree, {"gate": FULL, "a1": at("0.3")})) == "30.00"

    @BOTH_MODES
    @pytest.mark.parametrize("scope", [VetoScope.ITEM, VetoScope.INDICATOR, VetoScope.VISIT])
    @pytest.mark.parametrize("answer", [NOT_APPLICABLE, NOT_OBSERVED, Answer(State.UNANSWERED)])
    def test_a_norm_that_was_not_seen_never_fires(self, mode: Mode, scope: VetoScope, answer: Answer) -> None:
        tree = flat(indicator("a", 1, item("norm", veto=scope), item("a1")), mode=mode)

        result = score(tree, {"norm": answer, "a1": FULL})

        assert result.vetoes == ()
        assert total(result) == "100.00"

    def test_not_applicable_counted_as_zero_is_no_breach(self) -> None:
        norm = item("norm", veto=VetoScope.VISIT, not_applicable=NotApplicable.COUNT_AS_ZERO)

        result = score(flat(indicator("a", 1, norm, item("a1"))), {"norm": NOT_APPLICABLE, "a1": FULL})

        assert (result.vetoes, total(result)) == ((), "50.00")

    @BOTH_MODES
    def test_a_vetoed_dimension_keeps_the_scores_of_its_indicators_for_the_reader(self, mode: Mode) -> None:
        tree = scheme(
            dimension(
                "x",
                50,
                indicator("x1", 10, item("norm", 10, veto=VetoScope.DIMENSION)),
                indicator("x2", 40, item("x21", 40)),
            ),
            dimension("y", 50, indicator("y1", 50, item("y11", 50))),
            mode=mode,
        )

        result = score(tree, {"norm": NONE, "x21": FULL, "y11": FULL})

        assert indicator_scores(result) == {"x1": 0, "x2": 1, "y1": 1}
        assert result.dimensions[0].contribution == 0
        assert total(result) == "50.00"


class TestTheExplanation:
    """D3.6."""

    @BOTH_MODES
    def test_adds_up_to_the_subtotal(self, mode: Mode) -> None:
        tree = scheme(
            dimension(
                "x", 7, indicator("x1", 3, item("a", 3), item("b", 4)), indicator("x2", 9, item("c", 5))
            ),
            dimension("y", 11, indicator("y1", 2, item("d", 6, veto=VetoScope.INDICATOR), item("e", 1))),
            mode=mode,
        )

        result = score(tree, {"a": at("0.3"), "b": FULL, "c": NOT_OBSERVED, "d": NONE, "e": FULL})

        assert result.subtotal == sum(each.contribution for each in result.items())
        assert result.subtotal == sum(each.contribution for each in result.dimensions)
        assert sum(each.available for each in result.items()) == 100
        assert sum(each.available for each in result.dimensions) == 100

    def test_is_json_with_decimals_as_strings(self) -> None:
        tree = flat(indicator("a", 3, item("a1", 1), item("a2", 2)), threshold="0.6")

        explained = json.loads(json.dumps(score(tree, {"a1": FULL, "a2": NONE}).to_json()))

        assert explained["total"] == "33.333333333333"
        assert explained["total_display"] == "33.33"
        assert explained["engine_version"] == ENGINE_VERSION
        assert explained["dimensions"][0]["indicators"][0]["items"][0] == {
            "code": "a1",
            "state": "scored",
            "weight": "1.000000000000",
            "bonus": False,
            "counted": True,
            "fraction": "1.000000000000",
            "points": "1.000000000000",
            "available": "33.333333333333",
            "contribution": "33.333333333333",
            "vetoed_by": [],
        }

    def test_says_what_an_unfinished_draft_lacks(self) -> None:
        result = score(flat(indicator("a", 1, item("a1"), item("a2"))), {"a1": FULL})

        assert [each.state for each in result.items()] == [State.SCORED, State.UNANSWERED]


class TestTheDifferenceBetweenRevisions:
    """D3.5: a correction or an appeal makes a new revision with a difference to the last."""

    def test_names_the_changed_items_the_veto_gone_and_the_gain(self) -> None:
        tree = flat(
            indicator("a", 50, item("norm", 10, veto=VetoScope.INDICATOR), item("a1", 10)),
            indicator("b", 50, item("b1")),
        )
        before = score(tree, {"norm": NONE, "a1": FULL, "b1": FULL})
        after = score(tree, {"norm": FULL, "a1": FULL, "b1": FULL})

        change = difference(before, after)

        assert change.total_change == 50
        assert [veto.item for veto in change.vetoes_gone] == ["norm"]
        assert change.vetoes_new == ()
        assert [(each.code, each.contribution_change) for each in change.items] == [
            ("norm", Fraction(25)),
            ("a1", Fraction(25)),
        ]
        assert json.loads(json.dumps(change.to_json()))["total_change"] == "50.000000000000"

    def test_has_no_gain_where_a_side_has_no_number(self) -> None:
        tree = flat(indicator("a", 1, item("a1")), threshold="0.6")

        change = difference(score(tree, {}), score(tree, {"a1": FULL}))

        assert (change.total_before, change.total_after, change.total_change) == (None, Fraction(100), None)


class TestRefusals:
    def test_an_answer_to_an_item_that_is_not_asked(self) -> None:
        with pytest.raises(ValueError, match="not asked: zzz"):
            score(flat(indicator("a", 1, item("a1"))), {"zzz": FULL})

    def test_a_code_given_twice(self) -> None:
        with pytest.raises(ValueError, match="item codes given twice: a1"):
            flat(indicator("a", 1, item("a1"), item("a1")))

    def test_a_float_as_weight(self) -> None:
        with pytest.raises(TypeError, match="exact fractions"):
            Item("a1", 0.1)  # type: ignore[arg-type]

    def test_a_negative_weight(self) -> None:
        with pytest.raises(ValueError, match="never negative"):
            Indicator("a", Fraction(-1), ())

    def test_a_fraction_beyond_one(self) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            at("1.01")

    def test_a_scored_answer_without_a_fraction(self) -> None:
        with pytest.raises(ValueError, match="carries a fraction"):
            Answer(State.SCORED)

    def test_a_threshold_in_percent(self) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            Scheme(Mode.WEIGHTS_FIXED, Fraction(60), ())
