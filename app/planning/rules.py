"""Decisions of planning on plain values: months, shifts, purposes, priorities. Standard library only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

TIER_STEP = 1000.0  # minutes of travel an unserved visit of the lowest tier costs; each tier adds as much


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Minutes after midnight, and the ISO weekdays on which somebody works them."""

    starts: int
    ends: int
    weekdays: tuple[int, ...]


def days_of(month: str) -> list[date]:
    """Every date of a month such as `2026-03`. Raises `ValueError`."""
    first = date.fromisoformat(f"{month}-01")
    days = (first + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == first.month]


def widest_shift(week: Sequence[tuple[int, int] | None]) -> WorkingHours:
    """The hours that make the most of a week, Monday first, when every worked day must have the same ones.

    Days whose own shift does not hold them are not worked. Raises `ValueError` for a week without work.
    """
    shifts = [(number, *span) for number, span in enumerate(week, start=1) if span is not None]
    found: list[tuple[int, WorkingHours]] = []
    for starts in {shift[1] for shift in shifts}:
        for ends in {shift[2] for shift in shifts}:
            days = tuple(day for day, begin, end in shifts if begin <= starts < ends <= end)
            found.append((len(days) * (ends - starts), WorkingHours(starts, ends, days)))
    best = max(found, key=lambda one: (one[0], -one[1].starts, one[1].ends), default=None)
    if best is None or not best[1].weekdays:
        raise ValueError("nobody works on no day")
    return best[1]


def deal(shares: Mapping[str, int], count: int, *, seed: int) -> list[str]:
    """`count` draws that keep the shares as exactly as whole numbers can, in a secret order (D2.5, D6.3)."""
    total = sum(shares.values())
    if not total:
        return []
    exact = {name: share * count / total for name, share in shares.items()}
    whole = {name: int(value) for name, value in exact.items()}
    short = count - sum(whole.values())
    for name in sorted(exact, key=lambda name: (whole[name] - exact[name], name))[:short]:
        whole[name] += 1
    dealt = [name for name in sorted(whole) for _ in range(whole[name])]
    Random(seed).shuffle(dealt)  # noqa: S311 (a plan is reproducible from its seed, which is secret)
    return dealt


def priorities(tiers: Sequence[str]) -> tuple[dict[str, float], float]:
    """What an unserved visit of each tier costs, best tier first, and what a central city adds.

    Lexicographic as D6.2 asks: the first tier above everything, a central city above the other tiers, a tier above
    what waiting and the draw can add (under 400).
    """
    others = {code: TIER_STEP * (len(tiers) - rank) for rank, code in enumerate(tiers) if rank}
    central = TIER_STEP * (len(tiers) + 1)
    first = dict.fromkeys(tiers[:1], 2 * central)
    return first | others, central
