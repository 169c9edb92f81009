"""From what was published of a visit to the rows that are added up. Pure: the same visit always gives the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from app.insight.figures import POINT, SHARE
from app.scoring import Mode
from app.visits.rules import REPORTED, State


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator or item of one score, as `Vector` stores it; None: it did not count."""

    code: str
    stored: tuple[int, int, int] | None  # value, lost, weight


@dataclass(frozen=True, slots=True)
class Told:
    """What one score says. Without a number (D3.4) it says nothing of its parts, and still lists its vetoes."""

    indicators: tuple[Figure, ...]
    items: tuple[Figure, ...]
    vetoes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed what is published: a revision that names a score, or a new state of the visit."""

    at: datetime
    score_revision_id: UUID | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time in which a publication said one thing."""

    said_from: datetime
    said_until: datetime | None
    score_revision_id: UUID
    provisional: bool


def tell(explanation: Mapping[str, Any]) -> Told:
    """Read a score's own explanation (D3.6)."""
    vetoes = tuple(explanation["vetoes"])
    if explanation["total"] is None:
        return Told((), (), vetoes)
    indicators = [one for dimension in explanation["dimensions"] for one in dimension["indicators"]]
    pooled = explanation["mode"] == Mode.POINTS_POOL
    pool = _weight([item for one in indicators for item in one["items"]])
    return Told(
        indicators=tuple(_indicator(one) for one in indicators),
        items=tuple(
            _item(item, whole=pool if pooled else _weight(one["items"]))
            for one in indicators
            for item in one["items"]
            if not item["bonus"]
        ),
        vetoes=vetoes,
    )


def stretches(events: Sequence[Event]) -> list[Stretch]:
    """The history of a publication: what it said, from when to when. Events come in the order in which they happened."""
    found: list[Stretch] = []
    score: UUID | None = None
    state: State | None = None
    for number, event in enumerate(events):
        score = event.score_revision_id or score
        state = event.state or state
        if number + 1 < len(events) and events[number + 1].at == event.at:
            continue  # only the last word of an instant was ever read
        _go_on(found, event.at, score if state in REPORTED else None, provisional=state is State.APPEALED)
    return found


def _go_on(found: list[Stretch], at: datetime, score: UUID | None, *, provisional: bool) -> None:
    last = found[-1] if found and found[-1].said_until is None else None
    if last is not None:
        if (last.score_revision_id, last.provisional) == (score, provisional):
            return
        found[-1] = Stretch(last.said_from, at, last.score_revision_id, last.provisional)
    if score is not None:
        found.append(Stretch(at, None, score, provisional))


def _indicator(one: Mapping[str, Any]) -> Figure:
    if one["score"] is None or not Decimal(one["weight"]):
        return Figure(one["code"], None)
    weight = _whole(Decimal(one["available"]) / 100 * SHARE)
    return Figure(one["code"], (_whole(Decimal(one["score"]) * SHARE), _lost(one), weight))


def _item(item: Mapping[str, Any], *, whole: Decimal) -> Figure:
    if item["fraction"] is None:
        return Figure(item["code"], None)
    weight = Decimal(item["weight"]) / whole if whole else Decimal(0)
    return Figure(
        item["code"], (_whole(Decimal(item["fraction"]) * SHARE), _lost(item), _whole(weight * SHARE))
    )


def _lost(part: Mapping[str, Any]) -> int:
    return _whole((Decimal(part["available"]) - Decimal(part["contribution"])) * POINT)


def _weight(items: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(item["weight"]) for item in items if not item["bonus"]), Decimal(0))


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
