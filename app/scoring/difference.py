"""What a correction or an appeal changed between two revisions of one visit's score (D3.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from app.scoring.decimals import kept
from app.scoring.result import FiredVeto, ItemScore, Json, Result
from app.scoring.scheme import State


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item that is judged otherwise, or whose part in the total moved. None: not asked in that revision."""

    code: str
    state_before: State | None
    state_after: State | None
    fraction_before: Fraction | None
    fraction_after: Fraction | None
    contribution_change: Fraction

    def to_json(self) -> dict[str, Json]:
        """Decimals as strings."""
        return {
            "code": self.code,
            "state_before": self.state_before,
            "state_after": self.state_after,
            "fraction_before": _kept(self.fraction_before),
            "fraction_after": _kept(self.fraction_after),
            "contribution_change": kept(self.contribution_change),
        }


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """From one result to the next. `total_change` is None when either side has no number."""

    total_before: Fraction | None
    total_after: Fraction | None
    total_change: Fraction | None
    vetoes_gone: tuple[FiredVeto, ...]
    vetoes_new: tuple[FiredVeto, ...]
    items: tuple[ItemChange, ...]

    def to_json(self) -> dict[str, Json]:
        """Decimals as strings."""
        return {
            "total_before": _kept(self.total_before),
            "total_after": _kept(self.total_after),
            "total_change": _kept(self.total_change),
            "vetoes_gone": [veto.to_json() for veto in self.vetoes_gone],
            "vetoes_new": [veto.to_json() for veto in self.vetoes_new],
            "items": [item.to_json() for item in self.items],
        }


def difference(before: Result, after: Result) -> ScoreDifference:
    """Every changed item, fired veto and the total; items in the order of the earlier result."""
    change = None if before.total is None or after.total is None else after.total - before.total
    return ScoreDifference(
        total_before=before.total,
        total_after=after.total,
        total_change=change,
        vetoes_gone=tuple(veto for veto in before.vetoes if veto not in after.vetoes),
        vetoes_new=tuple(veto for veto in after.vetoes if veto not in before.vetoes),
        items=tuple(_changes(before, after)),
    )


def _changes(before: Result, after: Result) -> Iterable[ItemChange]:
    old = {item.code: item for item in before.items()}
    new = {item.code: item for item in after.items()}
    for code in dict.fromkeys([*old, *new]):
        change = _change(code, old.get(code), new.get(code))
        if (
            change.state_before != change.state_after
            or change.fraction_before != change.fraction_after
            or change.contribution_change
        ):
            yield change


def _change(code: str, old: ItemScore | None, new: ItemScore | None) -> ItemChange:
    return ItemChange(
        code=code,
        state_before=old.state if old else None,
        state_after=new.state if new else None,
        fraction_before=old.fraction if old else None,
        fraction_after=new.fraction if new else None,
        contribution_change=(new.contribution if new else Fraction(0))
        - (old.contribution if old else Fraction(0)),
    )


def _kept(value: Fraction | None) -> str | None:
    return None if value is None else kept(value)
