"""Comparison over the items that stand on both sides (D9.7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.matching import Part, Side, compare
from app.scoring import Mode

PARTS = [
    Part("a", 60, {"a1": 0.25, "a2": 0.25, "a3": 0.5}),
    Part("b", 40, {"b1": 1.0}),
]
POINTS = st.floats(0, 100)
CODES = ["a1", "a2", "a3", "b1"]


class TestComparing:
    def test_leaves_out_what_did_not_apply_on_either_side(self) -> None:
        """a2 was asked on our side only, a3 on theirs: a1 alone is matched, and stands for its indicator."""
        ours = Side({"a1": 80.0, "a2": 0.0, "b1": 50.0})
        theirs = Side({"a1": 60.0, "a3": 100.0, "b1": 70.0})

        found = compare(ours, theirs, PARTS, mode=Mode.WEIGHTS_FIXED)

        assert [(part.code, part.items, part.ours, part.theirs) for part in found.parts] == [
            ("a", ("a1",), 80.0, 60.0),
            ("b", ("b1",), 50.0, 70.0),
        ]
        assert found.ours == pytest.approx(0.6 * 80 + 0.4 * 50)
        assert found.theirs == pytest.approx(0.6 * 60 + 0.4 * 70)

    def test_renormalises_weights_inside_an_indicator(self) -> None:
        found = compare(
            Side({"a1": 100.0, "a3": 40.0}), Side({"a1": 0.0, "a3": 100.0}), PARTS, mode=Mode.WEIGHTS_FIXED
        )
        assert found.ours == pytest.approx((0.25 * 100 + 0.5 * 40) / 0.75)
        assert found.theirs == pytest.approx(0.5 * 100 / 0.75)

    def test_in_a_pool_weighs_an_indicator_by_what_is_matched_in_it(self) -> None:
        """D3.2: 20 and 80 points of a pool."""
        parts = [Part("a", 50, {"a1": 0.2}), Part("b", 50, {"b1": 0.8})]
        found = compare(
            Side({"a1": 100.0, "b1": 0.0}), Side({"a1": 0.0, "b1": 100.0}), parts, mode=Mode.POINTS_POOL
        )
        assert found.ours == pytest.approx(20)
        assert found.theirs == pytest.approx(80)

    def test_without_a_shared_item_there_is_no_comparison(self) -> None:
        found = compare(Side({"a1": 80.0}), Side({"b1": 80.0}), PARTS, mode=Mode.WEIGHTS_FIXED)
        assert (found.ours, found.theirs, found.parts) == (None, None, ())

    @given(st.dictionaries(st.sampled_from(CODES), POINTS), st.sampled_from(Mode))
    def test_of_equals_finds_no_difference(self, items: dict[str, float], mode: Mode) -> None:
        found = compare(Side(items), Side(items), PARTS, mode=mode)
        assert found.ours == found.theirs

    @given(
        st.dictionaries(st.sampled_from(CODES), POINTS, min_size=1),
        st.dictionaries(st.sampled_from(CODES), POINTS, min_size=1),
        POINTS,
    )
    def test_does_not_change_with_an_item_that_only_one_side_has(
        self, ours: dict[str, float], theirs: dict[str, float], value: float
    ) -> None:
        alone = [code for code in CODES if code in ours and code not in theirs]
        changed = ours | dict.fromkeys(alone, value)
        before = compare(Side(ours), Side(theirs), PARTS, mode=Mode.WEIGHTS_FIXED)
        assert compare(Side(changed), Side(theirs), PARTS, mode=Mode.WEIGHTS_FIXED) == before
