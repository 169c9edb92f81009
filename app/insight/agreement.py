"""How far an inspector and second, blind markers said the same, over all items (D8.1). Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.review.rules_agreement import kappa, raw_agreement

Table = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`raw` is the share of pairs that are the same; `kappa` is null where chance alone would agree for certain."""

    pairs: int
    raw: Fraction
    kappa: Fraction | None


def over_items(tables: Mapping[str, Table]) -> Agreement | None:
    """From how often each pair of categories came up, by item; None without pairs.

    Chance is reckoned within each item, where an answer has its meaning: of all the room it leaves, what share was
    agreed on? Items on which both always said the same one thing leave none, and count in the raw share alone.
    """
    counts = {item: sum(table.values()) for item, table in tables.items()}
    total = sum(counts.values())
    if not total:
        return None
    same = gained = room = Fraction(0)
    for item, table in tables.items():
        observed, beyond = raw_agreement(table), kappa(table)
        if observed is None:
            continue
        same += observed * counts[item]
        if beyond is not None:
            left = _room(table) * counts[item]
            room += left
            gained += beyond * left
    return Agreement(total, same / total, gained / room if room else None)


def _room(table: Table) -> Fraction:
    """One less the agreement that chance would give."""
    total = sum(table.values())
    first: dict[str, int] = {}
    second: dict[str, int] = {}
    for (one, other), count in table.items():
        first[one] = first.get(one, 0) + count
        second[other] = second.get(other, 0) + count
    return 1 - Fraction(sum(count * second.get(said, 0) for said, count in first.items()), total * total)
