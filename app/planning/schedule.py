"""When a route can be driven: plain arithmetic of one day's stops in a given order."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """A stay that may start between `opens` and `latest`."""

    opens: int
    latest: int
    service: int


@dataclass(frozen=True, slots=True)
class Day:
    """The person's frame: shift and longest time from home to home."""

    starts: int
    ends: int
    longest: int


@dataclass(frozen=True, slots=True)
class Span:
    """Departures from home in [first, last] give the shortest possible day, `least` minutes."""

    first: int
    last: int
    least: int


def span(day: Day, stops: Sequence[Stop], legs: Sequence[int]) -> Span | None:
    """The departures that make the day shortest; None when windows or shift cannot be met.

    `legs` are the minutes home → first … last → home. The length limit is not applied: compare `least`.
    """
    first, last, least = day.starts, day.ends, 0
    for stop, leg in zip((*stops, Stop(day.starts, day.ends, 0)), legs, strict=True):
        until = least + leg
        if first + until > stop.latest:
            return None
        wait = max(0, stop.opens - until - last)
        first, last = max(stop.opens - until, first) - wait, min(stop.latest - until, last)
        least = until + wait + stop.service
    return Span(first, last, least)


def arrivals(departure: int, stops: Sequence[Stop], legs: Sequence[int]) -> list[int]:
    """The earliest start of each stay when leaving home at `departure`."""
    now, starts = departure, []
    for stop, leg in zip(stops, legs, strict=False):
        now = max(now + leg, stop.opens)
        starts.append(now)
        now += stop.service
    return starts


def keeps(day: Day, stops: Sequence[Stop], legs: Sequence[int], starts: Sequence[int]) -> bool:
    """Whether exactly these starts can be driven."""
    leaves = starts[0] - legs[0]
    now = leaves
    for stop, leg, start in zip(stops, legs, starts, strict=False):
        if now + leg > start or not stop.opens <= start <= stop.latest:
            return False
        now = start + stop.service
    returns = now + legs[-1]
    return day.starts <= leaves and returns <= day.ends and returns - leaves <= day.longest
