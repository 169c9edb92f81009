"""What must hold in a checklist beyond the shape of its fields. Pure; every check is one function.

A check yields findings and never stops at the first: an author wants the whole list.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from app.checklists.sentences import Says

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.checklists.document import Document, Indicator, Item, Number, Profile
    from app.kit.sentences import Sentence

Path: TypeAlias = "tuple[str | int, ...]"

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `where` names the place in codes, `line` the line of the file if there is one."""

    path: Path
    said: Sentence
    where: str = ""
    line: int | None = None

    @property
    def message(self) -> str:
        return self.said.text

    @property
    def code(self) -> str:
        return self.said.code

    @property
    def values(self) -> dict[str, str | int]:
        return dict(self.said.values)

    def __str__(self) -> str:
        place = ": ".join(part for part in (f"line {self.line}" if self.line else "", self.where) if part)
        return f"{place}: {self.message}" if place else self.message


def findings(document: Document) -> tuple[Finding, ...]:
    """Everything that is wrong with a document whose fields are right one by one."""
    checks = (_codes, _indicators, _items, _profiles)
    return tuple(finding for check in checks for finding in check(document))


def variant_findings(variant: Document, base: Document) -> tuple[Finding, ...]:
    """What keeps `variant` from being compared with `base` on shared items (D2.3, D9.7)."""
    theirs = {item.code: item for item in base.items()}
    shared = 0
    problems = []
    for path, item in _every_item(variant):
        if item.code not in theirs:
            continue
        shared += 1
        if _scale(item) != _scale(theirs[item.code]):
            problems.append(Finding(path, Says.ANSWERED_OTHERWISE.of(base=base.id)))
    if not shared:
        problems.append(Finding(("shares_items_with",), Says.NOTHING_SHARED.of(base=base.id)))
    return tuple(problems)


def matched_items(one: Document, other: Document) -> tuple[str, ...]:
    """The codes asked in both, in the order of `one`."""
    theirs = {item.code for item in other.items()}
    return tuple(item.code for item in one.items() if item.code in theirs)


def _codes(document: Document) -> Iterator[Finding]:
    indicators = [(path, part.code) for path, part in _every_indicator(document)]
    yield from _twice(
        Says.DIMENSION_TWICE, [(("dimensions", n), d.code) for n, d in enumerate(document.dimensions)]
    )
    yield from _twice(Says.INDICATOR_TWICE, indicators)
    yield from _twice(Says.ITEM_TWICE, [(path, item.code) for path, item in _every_item(document)])
    yield from _twice(
        Says.PURPOSE_TWICE, [(("purposes", n), p.code) for n, p in enumerate(document.purposes)]
    )
    yield from _twice(
        Says.PROFILE_TWICE, [(("profiles", n), p.code) for n, p in enumerate(document.profiles)]
    )


def _twice(says: Says, codes: Iterable[tuple[Path, str]]) -> Iterator[Finding]:
    places = list(codes)
    counts = Counter(code for _, code in places)
    seen: set[str] = set()
    for path, code in places:
        if counts[code] > 1 and code in seen:
            yield Finding((*path, "code"), says.of(value=code))
        seen.add(code)


def _indicators(document: Document) -> Iterator[Finding]:
    for path, indicator in _every_indicator(document):
        if not any(item.weight and not item.bonus for item in indicator.items):
            yield Finding((*path, "items"), Says.NOTHING_EARNS.of())


def _items(document: Document) -> Iterator[Finding]:
    for path, item in _every_item(document):
        for problem in (*_weight(item), *_fractions(item), *_veto(item), *_asked(item, document)):
            yield Finding((*path, *problem.path), problem.said)


def _weight(item: Item) -> Iterator[Finding]:
    if item.weight == ZERO and item.veto is None:
        yield Finding(("weight",), Says.WEIGHT_NEEDED.of())
    if item.bonus and item.veto is not None:
        yield Finding(("bonus",), Says.NO_BONUS_VETO.of())
    if item.bonus and item.weight is None:
        yield Finding(("bonus",), Says.BONUS_WEIGHT.of())


def _fractions(item: Item) -> Iterator[Finding]:
    match item.type:
        case "choice":
            yield from _twice(
                Says.OPTION_TWICE, [(("options", n), o.code) for n, o in enumerate(item.options)]
            )
            if max(option.fraction for option in item.options) != ONE:
                yield Finding(("options",), Says.NO_WHOLE_OPTION.of())
        case "rating":
            if not item.lowest < item.highest:
                yield Finding(("highest",), Says.ABOVE_LOWEST.of())
        case "number":
            yield from _bands(item)
        case "yes_no" | "deductions" | "text" | "photo":
            pass


def _bands(item: Number) -> Iterator[Finding]:
    steps = [band.up_to for band in item.bands]
    if any(later <= earlier for earlier, later in pairwise(steps)):
        yield Finding(("bands",), Says.BANDS_ORDER.of())
    if ONE not in {item.otherwise, *(band.fraction for band in item.bands)}:
        yield Finding(("bands",), Says.NO_WHOLE_BAND.of())
    if item.maximum is not None and item.maximum <= item.minimum:
        yield Finding(("maximum",), Says.ABOVE_MINIMUM.of())
    if steps[0] < item.minimum:
        yield Finding(("bands", 0), Says.BELOW_MINIMUM.of())


def _veto(item: Item) -> Iterator[Finding]:
    veto = item.veto
    if veto is None:
        return
    if (veto.cap is not None) != (veto.scope == "cap"):
        yield Finding(("veto", "cap"), Says.CAP_WITH_SCOPE.of())
    if _least(item) > veto.breached_at:
        yield Finding(("veto", "breached_at"), Says.NEVER_FIRES.of())


def _least(item: Item) -> Decimal:
    match item.type:
        case "choice":
            return min(option.fraction for option in item.options)
        case "number":
            return min(item.otherwise, *(band.fraction for band in item.bands))
        case _:
            return ZERO


def _asked(item: Item, document: Document) -> Iterator[Finding]:
    known = {purpose.code for purpose in document.purposes}
    for unknown in sorted(set(item.purposes or ()) - known):
        yield Finding(("purposes",), Says.UNKNOWN_PURPOSE.of(value=unknown))
    condition = item.required_if
    if condition is None:
        return
    other = next((each for each in document.items() if each.code == condition.item), None)
    if other is None or other is item:
        yield Finding(("required_if", "item"), Says.NO_OTHER_ITEM.of(value=condition.item))
        return
    if other.purposes is not None and not set(item.purposes or known) <= set(other.purposes):
        yield Finding(("required_if", "item"), Says.NOT_ASKED_ALWAYS.of(value=other.code))
    for value in condition.any_of:
        if not _can_be(other, value):
            yield Finding(("required_if", "any_of"), Says.NO_ANSWER_OF.of(value=value, item=other.code))


def _can_be(item: Item, value: bool | int | str) -> bool:
    match item.type:
        case "yes_no":
            return isinstance(value, bool)
        case "choice":
            return value in {option.code for option in item.options}
        case "rating":
            return (
                isinstance(value, int)
                and not isinstance(value, bool)
                and item.lowest <= value <= item.highest
            )
        case _:
            return False


def _profiles(document: Document) -> Iterator[Finding]:
    if document.mode == "weights_fixed" and not any(_is_fallback(each) for each in document.profiles):
        yield Finding(("profiles",), Says.FALLBACK_NEEDED.of())
    seen: set[tuple[str | None, str | None, str | None]] = set()
    for place, profile in enumerate(document.profiles):
        axes = (profile.tier, profile.stage, profile.load)
        if axes in seen:
            yield Finding(("profiles", place), Says.SAME_PROFILE.of())
        seen.add(axes)
        indicators = {part.code for part in document.indicators()}
        yield from _covers(("profiles", place, "indicators"), set(profile.indicators), indicators)
        if profile.dimensions is not None:
            dimensions = {part.code for part in document.dimensions}
            yield from _covers(("profiles", place, "dimensions"), set(profile.dimensions), dimensions)
        if document.weights_sum is not None:
            yield from _adds_up(("profiles", place), profile, wanted=document.weights_sum)


def _adds_up(path: Path, profile: Profile, *, wanted: Decimal) -> Iterator[Finding]:
    """What is shared out among all: the weights of dimensions where they are given, else those of indicators."""
    field = "indicators" if profile.dimensions is None else "dimensions"
    total = sum((getattr(profile, field) or {}).values(), ZERO)
    if total != wanted:
        yield Finding((*path, field), Says.ADDS_UP_TO.of(total=f"{total:f}", wanted=f"{wanted:f}"))


def _is_fallback(profile: Profile) -> bool:
    return profile.tier is None and profile.stage is None and profile.load is None


def _covers(path: Path, given: set[str], wanted: set[str]) -> Iterator[Finding]:
    if wanted - given:
        yield Finding(path, Says.NO_WEIGHT_FOR.of(codes=", ".join(sorted(wanted - given))))
    for unknown in sorted(given - wanted):
        yield Finding((*path, unknown), Says.NOT_OF_CHECKLIST.of())


def _scale(item: Item) -> tuple[object, ...]:
    """What an answer means: equal scales make answers comparable whatever the weight."""
    match item.type:
        case "yes_no":
            return (item.type, item.expected)
        case "choice":
            return (item.type, tuple((option.code, option.fraction) for option in item.options))
        case "rating":
            return (item.type, item.lowest, item.highest)
        case "number":
            return (item.type, tuple((b.up_to, b.fraction) for b in item.bands), item.otherwise)
        case "deductions":
            return (item.type, item.each)
        case "text" | "photo":
            return (item.type,)


def _every_indicator(document: Document) -> Iterator[tuple[Path, Indicator]]:
    for d, dimension in enumerate(document.dimensions):
        for i, indicator in enumerate(dimension.indicators):
            yield ("dimensions", d, "indicators", i), indicator


def _every_item(document: Document) -> Iterator[tuple[Path, Item]]:
    for path, indicator in _every_indicator(document):
        for n, item in enumerate(indicator.items):
            yield (*path, "items", n), item
