"""Arithmetic on stretches of time, checked against sets of milliseconds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.timeline import Interval, Intervals, at_least, merged, total_ms, where, without

intervals = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: Interval(pair[0], sum(pair))),
    max_size=8,
)


def milliseconds(pieces: Intervals | list[Interval]) -> set[int]:
    return {ms for piece in pieces for ms in range(piece.start_ms, piece.end_ms)}


class TestInterval:
    @pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5), (-1, 5)])
    def test_runs_forward_from_zero(self, start: int, end: int) -> None:
        with pytest.raises(ValueError, match="forward"):
            Interval(start, end)


class TestMerged:
    @given(intervals)
    def test_covers_the_same_time_in_order_without_touching(self, pieces: list[Interval]) -> None:
        joined = merged(pieces)

        assert milliseconds(joined) == milliseconds(pieces)
        assert all(one.end_ms < other.start_ms for one, other in pairwise(joined))
        assert total_ms(joined) == len(milliseconds(pieces))

    def test_closes_small_gaps_when_asked(self) -> None:
        assert merged([Interval(0, 10), Interval(13, 20)], bridge_ms=3) == (Interval(0, 20),)


class TestWithout:
    @given(intervals, intervals)
    def test_is_the_difference(self, pieces: list[Interval], holes: list[Interval]) -> None:
        assert milliseconds(without(pieces, holes)) == milliseconds(pieces) - milliseconds(holes)


class TestWhere:
    @given(st.lists(st.booleans(), max_size=30))
    def test_marks_exactly_the_samples_that_hold(self, holds: list[bool]) -> None:
        edges = [10 * index for index in range(len(holds) + 1)]

        found = where(edges, holds)

        assert milliseconds(found) == {
            ms for index, held in enumerate(holds) if held for ms in range(10 * index, 10 * index + 10)
        }

    def test_wants_an_edge_on_both_sides_of_every_sample(self) -> None:
        with pytest.raises(ValueError, match="edge"):
            where([0, 1], [True, False])


class TestAtLeast:
    def test_drops_what_is_shorter(self) -> None:
        assert at_least([Interval(0, 4), Interval(10, 15)], 5) == (Interval(10, 15),)
