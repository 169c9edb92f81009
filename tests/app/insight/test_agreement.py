"""Agreement with second markings over all items of an inspector (D8.1)."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.insight.agreement import over_items
from app.review.rules_agreement import kappa

TABLE = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
TABLES = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), st.integers(1, 30), min_size=1
)


class TestOverItems:
    def test_of_one_item_is_cohens_kappa(self) -> None:
        """The textbook table: 0.7 raw, 0.4 beyond chance."""
        found = over_items({"greeting": TABLE})
        assert found is not None
        assert (found.pairs, found.raw, found.kappa) == (50, Fraction(7, 10), Fraction(4, 10))

    def test_reckons_chance_within_each_item(self) -> None:
        """Two items of which each is always answered the same say nothing, though their answers differ."""
        found = over_items({"greeting": {("yes", "yes"): 9}, "smoking": {("no", "no"): 9}})
        assert found is not None
        assert found.raw == 1
        assert found.kappa is None

    def test_without_pairs_is_nothing(self) -> None:
        assert over_items({}) is None
        assert over_items({"greeting": {}}) is None

    @given(TABLES, st.integers(2, 4))
    def test_of_the_same_item_several_times_is_that_of_one(
        self, table: dict[tuple[str, str], int], times: int
    ) -> None:
        found = over_items({str(number): table for number in range(times)})
        assert found is not None
        assert found.kappa == kappa(table)
