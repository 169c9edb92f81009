"""How many visits a conclusion needs: variance of outlets, of inspectors, and the rest (generalizability theory).

A score is taken as the mean of all + what the outlet adds + what the inspector adds + the rest. The three
variances are estimated by Henderson's method 1 (1953), which does not mind that everybody visits other outlets;
on a balanced table it gives the classical analysis of variance.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.insight.estimates import CONFIDENCE, half_width

MOST_VISITS = 1000  # a conclusion that needs more will not be drawn
ROOM = 8  # for each visit: a table of all pairs of outlets and inspectors that has more is mostly empty

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Visits by outlet and inspector, who are numbered from 0: how many, and the sum of their scores.

    `squares` is the sum of the squared scores of all visits.
    """

    outlets: Numbers
    inspectors: Numbers
    counts: Floats
    sums: Floats
    squares: float

    @classmethod
    def of(cls, outlets: Numbers, inspectors: Numbers, scores: Floats) -> "Cells":
        """From one entry a visit."""
        width = int(inspectors.max(initial=0)) + 1
        pairs, counts, sums = tallied(outlets.astype(np.int64) * width + inspectors, scores)
        return cls(
            outlets=pairs // width,
            inspectors=pairs % width,
            counts=counts.astype(np.float64),
            sums=sums,
            squares=float(np.square(scores).sum()),
        )

    @property
    def visits(self) -> int:
        return int(self.counts.sum())

    def by_outlet(self, values: Floats) -> Floats:
        return _added_up(self.outlets, values)

    def by_inspector(self, values: Floats) -> Floats:
        return _added_up(self.inspectors, values)


@dataclass(frozen=True, slots=True)
class Components:
    """Variances in squared points; an estimate below zero is told as zero."""

    outlet: float
    inspector: float
    residual: float

    @property
    def error(self) -> float:
        """Of one visit as a measure of its outlet: rotation brings another inspector each time (D5.1)."""
        return self.inspector + self.residual


def components(cells: Cells) -> Components | None:
    """None where the visits cannot tell the three apart, as when each outlet was visited once."""
    if cells.visits == 0:
        return None
    n, s = cells.counts, cells.sums
    n_o, n_i = cells.by_outlet(n), cells.by_inspector(n)
    total = float(n.sum())
    seen_o, seen_i = n_o > 0, n_i > 0
    outlets, inspectors = cells.by_outlet(s)[seen_o] ** 2, cells.by_inspector(s)[seen_i] ** 2
    found = [
        cells.squares,
        float((outlets / n_o[seen_o]).sum()),
        float((inspectors / n_i[seen_i]).sum()),
        float(s.sum()) ** 2 / total,
    ]
    within_o = float((n**2 / n_o[cells.outlets]).sum())
    within_i = float((n**2 / n_i[cells.inspectors]).sum())
    # Columns: squared mean, outlet, inspector, residual.
    expected = [
        [total, total, total, total],
        [total, total, within_o, float(seen_o.sum())],
        [total, within_i, total, float(seen_i.sum())],
        [total, float((n_o**2).sum()) / total, float((n_i**2).sum()) / total, 1.0],
    ]
    matrix = np.array(expected) / total
    if np.linalg.matrix_rank(matrix, tol=1e-9) < 4:
        return None
    _, outlet, inspector, residual = np.linalg.solve(matrix, np.array(found) / total)
    return Components(*(max(0.0, float(one)) for one in (outlet, inspector, residual)))


def coefficient(parts: Components, visits: int) -> float | None:
    """Of the differences between means of so many visits, the share that lies in the outlets; None: no differences."""
    whole = parts.outlet + parts.error / visits
    return parts.outlet / whole if whole else None


def precision(parts: Components, visits: int, *, confidence: float = CONFIDENCE) -> float | None:
    """Half of the interval around an outlet's mean of so many visits, in points; None for a single one."""
    if visits < 2:
        return None
    return half_width(math.sqrt(parts.error / visits), visits - 1, confidence=confidence)


def visits_for_precision(parts: Components, half: float, *, confidence: float = CONFIDENCE) -> int | None:
    """The fewest visits to one outlet whose interval is at most ± `half` points; None beyond a thousand."""
    for visits in range(2, MOST_VISITS + 1):
        reached = precision(parts, visits, confidence=confidence)
        if reached is not None and reached <= half:
            return visits
    return None


def visits_for_reliability(parts: Components, wanted: float) -> int | None:
    """The fewest visits per outlet that tell outlets apart so reliably; None where outlets do not differ."""
    if parts.outlet == 0:
        return None
    needed = max(1, math.ceil(wanted / (1 - wanted) * parts.error / parts.outlet - 1e-9))
    return needed if needed <= MOST_VISITS else None


def tallied(numbers: Numbers, values: Floats) -> tuple[Numbers, Numbers, Floats]:
    """Each number that occurs, in order; how often; and the sum of its values."""
    room = int(numbers.max(initial=-1)) + 1
    if room > ROOM * len(numbers):
        present, numbers = np.unique(numbers, return_inverse=True)
        numbers = numbers.reshape(-1)
        return present, np.bincount(numbers), _added_up(numbers, values)
    counts = np.bincount(numbers)
    present = np.flatnonzero(counts)  # a tenth of the time of sorting them
    return present, counts[present], _added_up(numbers, values)[present]


def _added_up(places: Numbers, values: Floats) -> Floats:
    return np.asarray(np.bincount(places, weights=values), dtype=np.float64)
