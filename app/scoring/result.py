"""What the engine gives back: a total that explains itself (D3.6).

`available` and `contribution` are points of the 100: what a part could bring to this visit's total and
what it brought. The contributions of all items add up to `subtotal`; from there only the cap at 100, a
visit-wide veto and vetoes with a cap lead to `total`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from app.scoring.decimals import kept, shown
from app.scoring.scheme import Mode, State, VetoScope

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"


class Status(StrEnum):
    """Whether there is a number at all (D3.4)."""

    SCORED = "scored"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"


@dataclass(frozen=True, slots=True)
class FiredVeto:
    """A breached basic norm and what it took. `target` is the code of that part, None for the visit."""

    item: str
    scope: VetoScope
    target: str | None
    cap: Fraction | None

    def to_json(self) -> dict[str, Json]:
        """Decimals as strings."""
        return {"item": self.item, "scope": self.scope, "target": self.target, "cap": _kept(self.cap)}


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item. `fraction` is what counts: after the policy for "not applicable" and an item-wide veto."""

    code: str
    state: State
    weight: Fraction
    bonus: bool
    counted: bool
    fraction: Fraction | None
    points: Fraction
    available: Fraction
    contribution: Fraction
    vetoed_by: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """Decimals as strings."""
        return {
            "code": self.code,
            "state": self.state,
            "weight": kept(self.weight),
            "bonus": self.bonus,
            "counted": self.counted,
            "fraction": _kept(self.fraction),
            "points": kept(self.points),
            "available": kept(self.available),
            "contribution": kept(self.contribution),
            "vetoed_by": list(self.vetoed_by),
        }


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """One indicator. `score` is None when nothing in it was scored and no veto of its own fired."""

    code: str
    weight: Fraction
    score: Fraction | None
    completeness: Fraction | None
    available: Fraction
    contribution: Fraction
    vetoed_by: tuple[str, ...]
    items: tuple[ItemScore, ...]

    def to_json(self) -> dict[str, Json]:
        """Decimals as strings."""
        return {
            "code": self.code,
            "weight": kept(self.weight),
            "score": _kept(self.score),
            "completeness": _kept(self.completeness),
            "available": kept(self.available),
            "contribution": kept(self.contribution),
            "vetoed_by": list(self.vetoed_by),
            "items": [item.to_json() for item in self.items],
        }


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """One dimension; reads like an indicator, one level up."""

    code: str
    weight: Fraction
    score: Fraction | None
    completeness: Fraction | None
    available: Fraction
    contribution: Fraction
    vetoed_by: tuple[str, ...]
    indicators: tuple[IndicatorScore, ...]

    def to_json(self) -> dict[str, Json]:
        """Decimals as strings."""
        return {
            "code": self.code,
            "weight": kept(self.weight),
            "score": _kept(self.score),
            "completeness": _kept(self.completeness),
            "available": kept(self.available),
            "contribution": kept(self.contribution),
            "vetoed_by": list(self.vetoed_by),
            "indicators": [indicator.to_json() for indicator in self.indicators],
        }


@dataclass(frozen=True, slots=True)
class Result:
    """One visit's score. `total` and `total_without_vetoes` are None exactly when evidence is insufficient."""

    engine_version: str
    mode: Mode
    status: Status
    total: Fraction | None
    total_without_vetoes: Fraction | None
    subtotal: Fraction | None
    completeness: Fraction | None
    completeness_threshold: Fraction
    vetoes: tuple[FiredVeto, ...]
    dimensions: tuple[DimensionScore, ...]

    def items(self) -> Iterator[ItemScore]:
        """Every item, in the order of the checklist."""
        for dimension in self.dimensions:
            for indicator in dimension.indicators:
                yield from indicator.items

    def to_json(self) -> dict[str, Json]:
        """Ready for `json.dumps`; decimals as strings, kept to 12 places, and shown to 2 beside the totals."""
        return {
            "engine_version": self.engine_version,
            "mode": self.mode,
            "status": self.status,
            "total": _kept(self.total),
            "total_display": _shown(self.total),
            "total_without_vetoes": _kept(self.total_without_vetoes),
            "total_without_vetoes_display": _shown(self.total_without_vetoes),
            "subtotal": _kept(self.subtotal),
            "completeness": _kept(self.completeness),
            "completeness_threshold": kept(self.completeness_threshold),
            "vetoes": [veto.to_json() for veto in self.vetoes],
            "dimensions": [dimension.to_json() for dimension in self.dimensions],
        }


def _kept(value: Fraction | None) -> str | None:
    return None if value is None else kept(value)


def _shown(value: Fraction | None) -> str | None:
    return None if value is None else shown(value)
