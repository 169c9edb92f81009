"""Indicators and items as vectors: one for each visit and each month of an outlet, added up by column.

A hundred thousand visits have millions of items. Kept as one row each they take a second to add up; as vectors,
whose columns are named by a layout, they take a tenth of that, on either database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.insight.estimates import Estimate, Sums, estimate

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Codes = tuple[str, ...]

FIGURES = ("visits", "value", "lost", "weight")
STORED = {"visits": "<u2", "value": "<u4", "lost": "<i4", "weight": "<u4"}

# What one visit's figure is stored in. Sums of 2,000 visits of one outlet in a year fit: five on every day.
SHARE = 1_000_000  # parts of a share earned, and of a weight
POINT = 10_000  # parts of a point lost
HUNDRED = 100.0


@dataclass(frozen=True, slots=True)
class Vector:
    """Sums over visits, a column for each code. `visits` is how many had that part; without any, all are 0.

    Of an indicator `weight` is its share of the total, of an item its share of its indicator, or of the pool where
    points are pooled (D3.2).
    """

    codes: Codes
    visits: Whole
    value: Whole
    lost: Whole
    weight: Whole

    def packed(self) -> dict[str, bytes]:
        """By name of the figure. Raises `OverflowError` for what does not fit."""
        return {name: _packed(getattr(self, name), STORED[name]) for name in FIGURES}


@dataclass(frozen=True, slots=True)
class Packed:
    """Vectors as they are stored: which unit (outlet or visit) each row is, below 0 for none of those asked for."""

    units: Sequence[int]
    codes: Codes
    figures: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Table:
    """One row a unit, one column a code. `value` is the mean in points of 100, NaN where a unit has no visit with it."""

    codes: Codes
    visits: Whole
    value: Floats
    lost: Floats
    weight: Floats

    def rows(self, which: npt.NDArray[np.bool_]) -> "Table":
        """Some of the units."""
        return Table(self.codes, self.visits[which], self.value[which], self.lost[which], self.weight[which])


@dataclass(frozen=True, slots=True)
class PartScore:
    """The mean over units of one indicator or item. `lost` is in points of the total."""

    estimate: Estimate
    visits: int
    lost: float
    weight: float


def vector(figures: Iterable[tuple[str, int, int, int]], *, codes: Codes) -> Vector:
    """Of one visit, from (code, value, lost, weight) as they are stored; a code without a figure did not count."""
    table = np.zeros((4, len(codes)), dtype=np.int64)
    column = {code: number for number, code in enumerate(codes)}
    for code, *stored in figures:
        table[:, column[code]] = (1, *stored)
    return Vector(codes, *table)


def added(vectors: Sequence[Vector]) -> Vector:
    """Column by column; where the layouts differ, the columns of each in the order in which they first appear."""
    codes = joined([one.codes for one in vectors])
    table = np.zeros((4, len(codes)), dtype=np.int64)
    for one in vectors:
        table[:, places(one.codes, codes)] += np.stack([getattr(one, name) for name in FIGURES])
    return Vector(codes, *table)


def joined(layouts: Iterable[Codes]) -> Codes:
    """All codes, in the order in which they first appear."""
    return tuple(dict.fromkeys(code for codes in layouts for code in codes))


def places(codes: Codes, among: Codes) -> slice | Whole:
    if codes == among:
        return slice(None)
    column = {code: number for number, code in enumerate(among)}
    return np.array([column[code] for code in codes], dtype=np.int64)


def unpacked(figures: Mapping[str, bytes], codes: Codes) -> Vector:
    """What `packed` made."""
    return Vector(codes, **{name: _unpacked(figures[name], STORED[name]) for name in FIGURES})


def unstacked(figures: Mapping[str, bytes], codes: Codes, *, rows: int) -> list[Vector]:
    """What `repacked` made, without the columns' common order."""
    tables = [_unpacked(figures[name], STORED[name]).reshape(rows, len(codes)) for name in FIGURES]
    return [Vector(codes, *(table[number] for table in tables)) for number in range(rows)]


def tabulated(stored: Sequence[Packed], *, units: int) -> Table:
    """Add up the rows of each unit. Figures that were not fetched are zero."""
    return _means(*_summed(stored, units=units))


def repacked(stored: Sequence[Packed], *, units: int) -> tuple[Codes, dict[str, bytes]]:
    """Add up the rows of each unit, packed again by name of the figure, and what the columns are."""
    codes, sums = _summed(stored, units=units)
    return codes, {name: _packed(sums[name], STORED[name]) for name in FIGURES}


def _summed(stored: Sequence[Packed], *, units: int) -> tuple[Codes, dict[str, Whole]]:
    codes = joined({one.codes: None for one in stored})
    sums = {name: np.zeros((units, len(codes)), dtype=np.int64) for name in FIGURES}
    for layout in {one.codes: None for one in stored}:
        some = [one for one in stored if one.codes == layout]
        which = np.array([unit for one in some for unit in one.units], dtype=np.int64)
        for name in FIGURES:
            if layout and name in some[0].figures:
                block = _unpacked(b"".join(one.figures[name] for one in some), STORED[name])
                sums[name][:, places(layout, codes)] += _by_unit(which, block.reshape(len(which), -1), units)
    return codes, sums


def averages(table: Table, weights: Floats) -> dict[str, PartScore]:
    """By code: the weighted mean over the units that have it, with its uncertainty."""
    found = {}
    for number, code in enumerate(table.codes):
        has = table.visits[:, number] > 0
        x, w = table.value[has, number], weights[has]
        mean = estimate(sums_of(x, w))
        if mean is not None:
            total = float(w.sum())
            found[code] = PartScore(
                mean,
                visits=int(table.visits[:, number].sum()),
                lost=float((w * table.lost[has, number]).sum()) / total,
                weight=float((w * table.weight[has, number]).sum()) / total,
            )
    return found


def medians(table: Table) -> dict[str, tuple[float, int]]:
    """By code: the median over the units that have it, and how many."""
    found = {}
    for number, code in enumerate(table.codes):
        has = table.visits[:, number] > 0
        if has.any():
            found[code] = (float(np.median(table.value[has, number])), int(has.sum()))
    return found


def sums_of(x: Floats, w: Floats) -> Sums:
    return Sums(
        count=len(x),
        w=float(w.sum()),
        wx=float((w * x).sum()),
        ww=float((w * w).sum()),
        wwx=float((w * w * x).sum()),
        wwxx=float((w * w * x * x).sum()),
    )


def _by_unit(which: Whole, block: Whole, units: int) -> Whole:
    order = np.argsort(which, kind="stable")
    order = order[np.searchsorted(which[order], 0) :]
    sums = np.zeros((units, block.shape[1]), dtype=np.int64)
    if order.size:
        present, starts = np.unique(which[order], return_index=True)
        sums[present] = np.add.reduceat(block[order], starts, axis=0)
    return sums


def _means(codes: Codes, sums: Mapping[str, Whole]) -> Table:
    visits = sums["visits"]
    divisor = np.where(visits > 0, visits, 1)
    value = np.where(visits > 0, sums["value"] / divisor / (SHARE / HUNDRED), np.nan)
    return Table(codes, visits, value, sums["lost"] / divisor / POINT, sums["weight"] / divisor / SHARE)


def _packed(values: Whole, stored: str) -> bytes:
    kind = np.dtype(stored)
    bounds = np.iinfo(kind)
    if values.size and (values.min() < bounds.min or values.max() > bounds.max):
        raise OverflowError(f"a sum does not fit into {stored}")
    return values.astype(kind).tobytes()


def _unpacked(packed: bytes, stored: str) -> Whole:
    return np.frombuffer(packed, dtype=stored).astype(np.int64)
