"""Stretches of a recording's timeline, in milliseconds from its start."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`[start_ms, end_ms)`, never empty, never before the start."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms < self.end_ms:
            raise ValueError(f"an interval runs forward from 0 ms: {self.start_ms}–{self.end_ms}")

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


Intervals = tuple[Interval, ...]


def total_ms(intervals: Iterable[Interval]) -> int:
    return sum(interval.length_ms for interval in intervals)


def merged(intervals: Iterable[Interval], *, bridge_ms: int = 0) -> Intervals:
    """In order, overlaps joined, gaps of up to `bridge_ms` closed."""
    joined: list[Interval] = []
    for interval in sorted(intervals):
        if joined and interval.start_ms <= joined[-1].end_ms + bridge_ms:
            last = joined.pop()
            interval = Interval(last.start_ms, max(last.end_ms, interval.end_ms))  # noqa: PLW2901
        joined.append(interval)
    return tuple(joined)


def without(intervals: Iterable[Interval], holes: Iterable[Interval]) -> Intervals:
    """What of `intervals` lies outside `holes`."""
    left = list(merged(intervals))
    for hole in holes:
        left = [piece for interval in left for piece in _cut(interval, hole)]
    return tuple(left)


def _cut(interval: Interval, hole: Interval) -> list[Interval]:
    if hole.end_ms <= interval.start_ms or hole.start_ms >= interval.end_ms:
        return [interval]
    pieces = []
    if interval.start_ms < hole.start_ms:
        pieces.append(Interval(interval.start_ms, hole.start_ms))
    if hole.end_ms < interval.end_ms:
        pieces.append(Interval(hole.end_ms, interval.end_ms))
    return pieces


def at_least(intervals: Iterable[Interval], shortest_ms: int) -> Intervals:
    return tuple(interval for interval in intervals if interval.length_ms >= shortest_ms)


def where(edges_ms: Sequence[int], holds: Sequence[bool], *, bridge_ms: int = 0) -> Intervals:
    """The stretches on which `holds`; sample *i* stands for `[edges[i], edges[i + 1])`."""
    if len(edges_ms) != len(holds) + 1:
        raise ValueError("samples need one edge more than there are of them")
    marked = (
        Interval(start, end)
        for (start, end), held in zip(pairwise(edges_ms), holds, strict=True)
        if held and start < end
    )
    return merged(marked, bridge_ms=bridge_ms)
