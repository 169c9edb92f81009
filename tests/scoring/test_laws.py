"""Laws that hold for every checklist and every set of answers (D3, D4), and an oracle beside the engine."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from app.scoring import (
    Answer,
    Dimension,
    Indicator,
    Item,
    Mode,
    NotApplicable,
    Result,
    Scheme,
    State,
    Veto,
    VetoScope,
    score,
)
from tests.support.trees import NOT_APPLICABLE

Answers = dict[str, Answer]
Visit = tuple[Scheme, Answers]

QUARTERS = [Fraction(n, 4) for n in range(5)]


@st.composite
def vetoes(draw: st.DrawFn) -> Veto:
    scope = draw(st.sampled_from(list(VetoScope)))
    cap = draw(st.integers(0, 100).map(Fraction)) if scope is VetoScope.CAP else None
    return Veto(scope, cap=cap, breached_at=draw(st.sampled_from(QUARTERS[:-1])))


@st.composite
def items(draw: st.DrawFn, code: str) -> Item:
    bonus = draw(st.booleans()) and draw(st.booleans())
    veto = draw(st.none() | vetoes()) if not bonus else None
    lightest = 0 if veto else 1
    return Item(
        code,
        Fraction(draw(st.integers(lightest, 40)), draw(st.integers(1, 3))),
        bonus=bonus,
        veto=veto,
        not_applicable=draw(
            st.sampled_from([p for p in NotApplicable if p is not NotApplicable.NOT_ALLOWED])
        ),
    )


@st.composite
def visits(draw: st.DrawFn, mode: Mode | None = None) -> Visit:
    dimensions = []
    for d in range(draw(st.integers(1, 3))):
        indicators = []
        for i in range(draw(st.integers(1, 3))):
            inside = [draw(items(f"d{d}i{i}q{q}")) for q in range(draw(st.integers(1, 4)))]
            indicators.append(Indicator(f"d{d}i{i}", Fraction(draw(st.integers(1, 60))), tuple(inside)))
        dimensions.append(Dimension(f"d{d}", Fraction(draw(st.integers(1, 60))), tuple(indicators)))
    scheme = Scheme(mode or draw(st.sampled_from(list(Mode))), Fraction(0), tuple(dimensions))
    return scheme, {item.code: draw(answers) for item in scheme.items()}


answers = st.sampled_from(QUARTERS).map(Answer.scored) | st.sampled_from(
    [Answer(state) for state in State if state is not State.SCORED]
)


def reweighted(scheme: Scheme, *, items_by: Callable[[Indicator], Fraction], tree_by: Fraction) -> Scheme:
    return replace(
        scheme,
        dimensions=tuple(
            replace(
                dimension,
                weight=dimension.weight * tree_by,
                indicators=tuple(
                    replace(
                        part,
                        weight=part.weight * tree_by,
                        items=tuple(replace(i, weight=i.weight * items_by(part)) for i in part.items),
                    )
                    for part in dimension.indicators
                ),
            )
            for dimension in scheme.dimensions
        ),
    )


def parts(result: Result) -> dict[str, Fraction | None]:
    return {part.code: part.score for whole in result.dimensions for part in whole.indicators}


class TestLaws:
    @given(visits())
    def test_a_total_lies_between_0_and_100(self, visit: Visit) -> None:
        result = score(*visit)

        for total in (result.total, result.total_without_vetoes):
            assert total is None or 0 <= total <= 100
        assert result.completeness is None or 0 <= result.completeness <= 1

    @given(visits())
    def test_a_veto_never_raises_a_total(self, visit: Visit) -> None:
        result = score(*visit)

        assume(result.total is not None and result.total_without_vetoes is not None)
        assert result.total is not None
        assert result.total_without_vetoes is not None
        assert result.total <= result.total_without_vetoes
        if not result.vetoes:
            assert result.total == result.total_without_vetoes

    @given(visits(Mode.WEIGHTS_FIXED), st.data())
    def test_not_applicable_never_changes_the_score_of_another_indicator(
        self, visit: Visit, data: st.DataObject
    ) -> None:
        scheme, given_answers = visit
        code = data.draw(st.sampled_from(sorted(given_answers)))

        before = parts(score(scheme, given_answers))
        after = parts(score(scheme, given_answers | {code: NOT_APPLICABLE}))

        own = code.split("q", maxsplit=1)[0]
        assert {k: v for k, v in before.items() if k != own} == {k: v for k, v in after.items() if k != own}

    @given(visits(), st.fractions(Fraction(1, 9), 9))
    def test_scaling_all_weights_changes_nothing(self, visit: Visit, factor: Fraction) -> None:
        scheme, given_answers = visit
        scaled = reweighted(scheme, items_by=lambda _: factor, tree_by=factor)

        before, after = score(scheme, given_answers), score(scaled, given_answers)

        assert (before.total, before.completeness, parts(before)) == (
            after.total,
            after.completeness,
            parts(after),
        )

    @given(visits(Mode.WEIGHTS_FIXED), st.integers(2, 9))
    def test_scaling_the_items_inside_one_indicator_changes_nothing_when_weights_are_fixed(
        self, visit: Visit, factor: int
    ) -> None:
        scheme, given_answers = visit
        scaled = reweighted(
            scheme,
            items_by=lambda part: Fraction(factor) if part.code == "d0i0" else Fraction(1),
            tree_by=Fraction(1),
        )

        before, after = score(scheme, given_answers), score(scaled, given_answers)

        assert (before.total, before.completeness) == (after.total, after.completeness)

    @given(visits(), st.randoms(use_true_random=False))
    def test_the_order_of_the_answers_changes_nothing(self, visit: Visit, chance: random.Random) -> None:
        scheme, given_answers = visit
        shuffled = list(given_answers.items())
        chance.shuffle(shuffled)

        assert score(scheme, given_answers).to_json() == score(scheme, dict(shuffled)).to_json()

    @given(visits())
    def test_contributions_add_up_to_the_subtotal(self, visit: Visit) -> None:
        """D3.6: every score explains itself."""
        result = score(*visit)

        assume(result.subtotal is not None)
        assert sum(each.contribution for each in result.items()) == result.subtotal
        assert sum(each.contribution for each in result.dimensions) == result.subtotal
        assert all(each.contribution <= each.available or each.bonus for each in result.items())

    @given(visits(), st.data())
    def test_a_better_answer_never_lowers_the_total(self, visit: Visit, data: st.DataObject) -> None:
        scheme, given_answers = visit
        scored = sorted(code for code, answer in given_answers.items() if answer.fraction is not None)
        assume(scored)
        code = data.draw(st.sampled_from(scored))

        before = score(scheme, given_answers)
        after = score(scheme, given_answers | {code: Answer.scored(Fraction(1))})

        if before.total is not None and after.total is not None:
            assert after.total >= before.total

    @given(visits(), st.data())
    def test_not_observed_never_raises_completeness(self, visit: Visit, data: st.DataObject) -> None:
        """D3.4."""
        scheme, given_answers = visit
        applicable = sorted(c for c, a in given_answers.items() if a.state is not State.NOT_APPLICABLE)
        assume(applicable)
        code = data.draw(st.sampled_from(applicable))

        before = score(scheme, given_answers).completeness
        after = score(scheme, given_answers | {code: Answer(State.NOT_OBSERVED)}).completeness

        assert before is None or (after is not None and after <= before)


class TestBesideAnIndependentOracle:
    """The formulas of D3.1, D3.2 and D4.2, written down a second time in another way: one flat sum."""

    @given(visits(Mode.WEIGHTS_FIXED))
    def test_weights_fixed(self, visit: Visit) -> None:
        scheme, given_answers = visit

        expected = limited(nested_mean(scheme, given_answers), scheme, given_answers)

        result = score(scheme, given_answers)
        assert result.total == (expected if result.completeness is not None else None)

    @given(visits(Mode.POINTS_POOL))
    def test_points_pool(self, visit: Visit) -> None:
        scheme, given_answers = visit

        expected = limited(pool(scheme, given_answers), scheme, given_answers)

        result = score(scheme, given_answers)
        assert result.total == (expected if result.completeness is not None else None)


def value(item: Item, answer: Answer) -> Fraction | None:
    by_policy = {NotApplicable.COUNT_AS_ZERO: Fraction(0), NotApplicable.COUNT_AS_FULL: Fraction(1)}
    return by_policy.get(item.not_applicable) if answer.state is State.NOT_APPLICABLE else answer.fraction


def is_breached(item: Item, answer: Answer, *scopes: VetoScope) -> bool:
    veto = item.veto
    seen = answer.state is State.SCORED and answer.fraction is not None
    return bool(veto and seen and veto.scope in scopes and (answer.fraction or 0) <= veto.breached_at)


def nested_mean(scheme: Scheme, given_answers: Mapping[str, Answer]) -> Fraction | None:
    top: list[tuple[Fraction, Fraction]] = []
    for dimension in scheme.dimensions:
        middle: list[tuple[Fraction, Fraction]] = []
        inside = [item for part in dimension.indicators for item in part.items]
        for part in dimension.indicators:
            sums = points(part.items, given_answers)
            if any(is_breached(i, given_answers[i.code], VetoScope.INDICATOR) for i in part.items):
                middle.append((part.weight, Fraction(0)))
            elif sums[1]:
                middle.append((part.weight, sums[0] / sums[1]))
        if any(is_breached(i, given_answers[i.code], VetoScope.DIMENSION) for i in inside):
            top.append((dimension.weight, Fraction(0)))
        elif middle:
            top.append((dimension.weight, mean(middle)))
    return 100 * mean(top) if top else None


def pool(scheme: Scheme, given_answers: Mapping[str, Answer]) -> Fraction | None:
    earned = possible = Fraction(0)
    for dimension in scheme.dimensions:
        inside = [item for part in dimension.indicators for item in part.items]
        gone = any(is_breached(i, given_answers[i.code], VetoScope.DIMENSION) for i in inside)
        dimension_possible = Fraction(0)
        for part in dimension.indicators:
            sums = points(part.items, given_answers)
            vetoed = any(is_breached(i, given_answers[i.code], VetoScope.INDICATOR) for i in part.items)
            earned += 0 if gone or vetoed else sums[0]
            dimension_possible += sums[1] or (regular(part.items) if vetoed else 0)
        possible += dimension_possible or (regular(inside) if gone else 0)
    return 100 * earned / possible if possible else None


def points(inside: tuple[Item, ...], given_answers: Mapping[str, Answer]) -> tuple[Fraction, Fraction]:
    earned = possible = Fraction(0)
    for item in inside:
        answer = given_answers[item.code]
        fraction = Fraction(0) if is_breached(item, answer, VetoScope.ITEM) else value(item, answer)
        if fraction is not None:
            earned += item.weight * fraction
            possible += 0 if item.bonus else item.weight
    return earned, possible


def regular(inside: tuple[Item, ...] | list[Item]) -> Fraction:
    return sum((item.weight for item in inside if not item.bonus), Fraction(0))


def mean(weighted: list[tuple[Fraction, Fraction]]) -> Fraction:
    return sum((w * v for w, v in weighted), Fraction(0)) / sum((w for w, _ in weighted), Fraction(0))


def limited(total: Fraction | None, scheme: Scheme, given_answers: Mapping[str, Answer]) -> Fraction | None:
    if total is None:
        return None
    for item in scheme.items():
        if is_breached(item, given_answers[item.code], VetoScope.VISIT):
            total = Fraction(0)
        if (
            is_breached(item, given_answers[item.code], VetoScope.CAP)
            and item.veto
            and item.veto.cap is not None
        ):
            total = min(total, item.veto.cap)
    return min(total, Fraction(100))
