"""Variance components and severity, against a published table, the analysis of variance and the whole model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from app.insight.reliability import (
    Cells,
    Components,
    coefficient,
    components,
    precision,
    visits_for_precision,
    visits_for_reliability,
)
from app.insight.severity import severities

# Shrout and Fleiss (1979), table 2: six targets judged by the same four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def of_table(table: np.ndarray) -> Cells:
    outlets, inspectors = np.indices(table.shape)
    return Cells.of(outlets.ravel(), inspectors.ravel(), table.ravel().astype(float))


def simulated(
    seed: int, *, outlets: int, inspectors: int, visits: int, parts: Components
) -> tuple[np.ndarray, ...]:
    chance = np.random.default_rng(seed)
    o = chance.integers(0, outlets, visits)
    i = chance.integers(0, inspectors, visits)
    a = chance.normal(0, parts.outlet**0.5, outlets)
    b = chance.normal(0, parts.inspector**0.5, inspectors)
    return o, i, 75 + a[o] + b[i] + chance.normal(0, parts.residual**0.5, visits), b


class TestComponents:
    def test_are_those_of_the_published_table(self) -> None:
        """Mean squares 11.24, 32.49 and 1.02; ICC(2,1) is .29 and ICC(2,4) .62."""
        found = components(of_table(SHROUT_FLEISS))

        assert found is not None
        assert found.outlet == pytest.approx((11.24 - 1.02) / 4, abs=0.01)
        assert found.inspector == pytest.approx((32.49 - 1.02) / 6, abs=0.01)
        assert found.residual == pytest.approx(1.02, abs=0.005)
        assert coefficient(found, 1) == pytest.approx(0.29, abs=0.005)
        assert coefficient(found, 4) == pytest.approx(0.62, abs=0.005)

    @given(st.integers(0, 10_000), st.integers(2, 7), st.integers(2, 6))
    def test_on_a_balanced_table_are_the_analysis_of_variance(
        self, seed: int, rows: int, columns: int
    ) -> None:
        table = np.random.default_rng(seed).uniform(0, 100, (rows, columns))
        grand = table.mean()
        ms_rows = columns * ((table.mean(axis=1) - grand) ** 2).sum() / (rows - 1)
        ms_columns = rows * ((table.mean(axis=0) - grand) ** 2).sum() / (columns - 1)
        rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + grand
        ms_rest = (rest**2).sum() / ((rows - 1) * (columns - 1))

        found = components(of_table(table))

        assert found is not None
        assert found.residual == pytest.approx(ms_rest, rel=1e-6, abs=1e-6)
        assert found.outlet == pytest.approx(max(0, (ms_rows - ms_rest) / columns), rel=1e-6, abs=1e-6)
        assert found.inspector == pytest.approx(max(0, (ms_columns - ms_rest) / rows), rel=1e-6, abs=1e-6)

    def test_on_an_unbalanced_table_come_out_right_on_average(self) -> None:
        """Henderson's first method is unbiased; who went where is drawn anew each time."""
        truth = Components(outlet=36, inspector=9, residual=64)
        found = []
        for seed in range(60):
            o, i, y, _ = simulated(seed, outlets=80, inspectors=25, visits=400, parts=truth)
            one = components(Cells.of(o, i, y))
            assert one is not None
            found.append((one.outlet, one.inspector, one.residual))

        means, errors = np.mean(found, axis=0), stats.sem(found, axis=0)

        assert np.all(np.abs(means - [36, 9, 64]) < 4 * errors), (means, errors)

    def test_are_not_known_where_each_outlet_was_visited_once(self) -> None:
        assert components(Cells.of(np.arange(5), np.arange(5), np.arange(5.0))) is None

    def test_are_not_known_from_a_single_inspector_or_from_nothing(self) -> None:
        assert components(Cells.of(np.array([0, 0, 1, 1]), np.zeros(4, int), np.arange(4.0))) is None
        nothing = np.zeros(0, int)
        assert components(Cells.of(nothing, nothing, np.zeros(0))) is None

    @given(st.permutations(range(24)))
    def test_do_not_depend_on_the_order_of_visits(self, order: list[int]) -> None:
        outlets, inspectors = (one.ravel()[order] for one in np.indices(SHROUT_FLEISS.shape))
        found = components(Cells.of(outlets, inspectors, SHROUT_FLEISS.ravel()[order].astype(float)))
        plain = components(of_table(SHROUT_FLEISS))
        assert found is not None
        assert plain is not None
        assert found.outlet == pytest.approx(plain.outlet)
        assert found.residual == pytest.approx(plain.residual)


class TestVisitsNeeded:
    PARTS = Components(outlet=36, inspector=9, residual=64)

    def test_for_a_precision_are_the_fewest_whose_t_interval_is_narrow_enough(self) -> None:
        wanted = visits_for_precision(self.PARTS, 5)
        assert wanted is not None
        for visits, enough in ((wanted, True), (wanted - 1, False)):
            half = stats.t.ppf(0.975, visits - 1) * (73 / visits) ** 0.5
            assert precision(self.PARTS, visits) == pytest.approx(half)
            assert bool(half <= 5) is enough

    def test_for_a_reliability_follow_spearman_and_brown(self) -> None:
        wanted = visits_for_reliability(self.PARTS, 0.8)
        assert wanted == 9  # 0.8 / 0.2 · 73 / 36 = 8.1
        assert (coefficient(self.PARTS, 9) or 0) >= 0.8 > (coefficient(self.PARTS, 8) or 0)

    def test_are_not_told_where_none_would_do(self) -> None:
        assert visits_for_precision(self.PARTS, 0.1) is None
        assert visits_for_reliability(Components(0, 1, 1), 0.8) is None
        assert precision(self.PARTS, 1) is None
        assert coefficient(Components(0, 0, 0), 3) is None


class TestSeverity:
    def test_is_the_solution_of_the_whole_model(self) -> None:
        """Against the mixed model equations written out with every outlet and every inspector."""
        parts = Components(outlet=30, inspector=12, residual=50)
        o, i, y, _ = simulated(3, outlets=15, inspectors=6, visits=70, parts=parts)
        design = np.zeros((70, 1 + 15 + 6))
        design[:, 0] = 1
        design[np.arange(70), 1 + o] = 1
        design[np.arange(70), 16 + i] = 1
        shrink = np.diag([0.0] + [50 / 30] * 15 + [50 / 12] * 6)
        inverse = np.linalg.inv(design.T @ design + shrink)
        whole = inverse @ design.T @ y

        found = severities(Cells.of(o, i, y), parts)

        assert [-one.points for one in found] == pytest.approx(whole[16:])
        assert [one.error for one in found] == pytest.approx(np.sqrt(50 * np.diag(inverse)[16:]))

    def test_finds_who_is_severe_whatever_outlets_they_were_sent_to(self) -> None:
        """One inspector marks 8 points less and went to the best outlets only: their plain mean looks fine."""
        chance = np.random.default_rng(1)
        outlets = np.repeat(np.arange(40), 6)
        level = np.linspace(60, 90, 40)
        inspectors = chance.integers(1, 8, 240)
        inspectors[(outlets >= 30) & (chance.random(240) < 0.5)] = 0
        scores = level[outlets] - 8.0 * (inspectors == 0) + chance.normal(0, 2, 240)

        cells = Cells.of(outlets, inspectors, scores)
        parts = components(cells)
        assert parts is not None
        found = severities(cells, parts)

        assert scores[inspectors == 0].mean() > scores.mean()
        assert found[0].points == max(one.points for one in found)
        assert found[0].low > 4
        assert all(abs(one.points) < 3 for one in found[1:])

    def test_shrinks_those_of_whom_little_is_known(self) -> None:
        parts = Components(outlet=25, inspector=16, residual=64)
        outlets = np.array([*range(20)] * 5 + [0])
        inspectors = np.array([1] * 50 + [2] * 50 + [0])
        scores = np.where(inspectors == 0, 40.0, 75.0)
        found = severities(Cells.of(outlets, inspectors, scores), parts)
        assert 0 < found[0].points < 10  # of the 35 that one visit shows

    def test_is_none_where_inspectors_do_not_differ(self) -> None:
        cells = of_table(SHROUT_FLEISS)
        assert {one.points for one in severities(cells, Components(4, 0, 2))} == {0.0}

    def test_needs_no_differences_between_outlets(self) -> None:
        found = severities(of_table(SHROUT_FLEISS), Components(0, 5, 1))
        assert found[1].points == max(one.points for one in found)
