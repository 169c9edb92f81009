"""The rotation rule in the independent check (D5)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from app.planning.check_books import Books
from app.planning.demand import Kind
from app.planning.hard_rules import Fact, Rule, Violation, Why
from app.planning.parts import Exposure
from app.programmes.rules import RotationScope
from app.rotation.rules import last_blocked_day, may_both_be


@dataclass(frozen=True, slots=True)
class _Counted:
    """A date at an outlet, of a planned visit or else of history."""

    on: date
    outlet: str
    visit: str = ""


def rotation(books: Books) -> Iterator[Violation]:
    """Nobody comes back too soon, and nobody known at an outlet comes covertly."""
    counted: dict[tuple[str, str], list[_Counted]] = defaultdict(list)
    overt: dict[tuple[str, str], list[date]] = defaultdict(list)
    for exposure in books.instance.history:
        for place in _places_of(books, exposure):
            counted[exposure.inspector, place].append(_Counted(exposure.on, exposure.outlet))
        if exposure.overt:
            overt[exposure.inspector, exposure.outlet].append(exposure.on)
    for visit in books.visits:
        # A backup counts only on activation, but must then be allowed to (D5.6).
        for name in (*visit.inspectors, *visit.backups):
            place = _place(books, visit.outlet, books.outlets[visit.outlet].brand)
            counted[name, place].append(_Counted(visit.on, visit.outlet, visit.visit))
            if visit.kind is Kind.COVERT and (name, visit.outlet) in overt:
                since = overt[name, visit.outlet][0]
                says, facts = f"was there openly on {since} (D5.6)", {"since": since.isoformat()}
                yield Violation(
                    Rule.BARRED, visit.visit, name, visit.on, says, why=Why.KNOWN_THERE, facts=facts
                )
    for (name, place), dates in counted.items():
        for one, other in combinations(dates, 2):
            if (one.visit or other.visit) and not may_both_be(one.on, other.on, _months(books)):
                on = max(one.on, other.on)
                broken = Violation(Rule.ROTATION, other.visit or one.visit, name, on)
                yield _dated(books, place, one, other, broken)


def _months(books: Books) -> int:
    return books.instance.rules.rotation_months


def _place(books: Books, outlet: str, brand: str | None) -> str:
    """What nobody may come back to too soon: the outlet, or the brand where rotation is by brand (D5.7)."""
    by_brand = books.instance.rules.rotation_scope is RotationScope.BRAND
    return f"brand {brand}" if by_brand and brand else f"outlet {outlet}"


def _places_of(books: Books, exposure: Exposure) -> set[str]:
    """The outlet's own place, and the brand a date says it counts for."""
    known = books.outlets.get(exposure.outlet)
    brands = {known.brand if known else None, exposure.brand}
    return {_place(books, exposure.outlet, brand) for brand in brands}


def _dated(books: Books, place: str, one: _Counted, other: _Counted, broken: Violation) -> Violation:
    """The violation with the dates that show it, and the first one that is free (D5.8)."""
    first = min(one, other, key=lambda counted: counted.on)
    is_same = one.outlet == other.outlet
    there = "" if is_same else f" at {first.outlet} of {place}"
    until = last_blocked_day(first.on, _months(books))
    facts: dict[str, Fact] = {
        "blocking": first.on.isoformat(),
        "until": until.isoformat(),
        "first_allowed": (until + timedelta(days=1)).isoformat(),
    }
    if not is_same:
        facts["outlet"] = first.outlet
    return replace(
        broken,
        says=f"{first.on}{there} blocks until {until} (D5.1)",
        why=Why.ROTATION if is_same else Why.ROTATION_OF_BRAND,
        facts=facts,
    )
