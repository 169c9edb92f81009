"""Who marks more strictly than others would at the same outlets.

Outlet and inspector add up; both are shrunk towards the mean by how much outlets and inspectors differ at all
(best linear unbiased prediction, Henderson's mixed model equations). Whoever made few visits is told little.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from app.insight.estimates import CONFIDENCE
from app.insight.reliability import Cells, Components, Floats

NEARLY_NOTHING = 1e-9  # of a variance: below it the effect is left out


@dataclass(frozen=True, slots=True)
class Severity:
    """Points that the inspector gives less than peers would at the same outlets; below zero: more."""

    points: float
    error: float

    @property
    def low(self) -> float:
        return self.points - _width() * self.error

    @property
    def high(self) -> float:
        return self.points + _width() * self.error


def severities(cells: Cells, parts: Components) -> list[Severity]:
    """By number of the inspector."""
    count = int(cells.inspectors.max()) + 1 if len(cells.inspectors) else 0
    if parts.inspector <= NEARLY_NOTHING * (parts.residual + parts.outlet):
        return [Severity(0.0, 0.0)] * count
    ratio = parts.residual / parts.inspector
    matrix, right = _equations(cells, _shrinkage(parts), ratio)
    inverse = _inverse(matrix, parts)
    effects = inverse @ right
    errors = np.sqrt(np.maximum(0, np.diag(inverse)) * parts.residual)
    return [Severity(-float(effects[j + 1]), float(errors[j + 1])) for j in range(count)]


def _inverse(matrix: Floats, parts: Components) -> Floats:
    """A residual shrinks everything; without one the equations may leave something open."""
    if parts.residual > NEARLY_NOTHING * (parts.outlet + parts.inspector):
        return np.asarray(np.linalg.inv(matrix))
    return np.asarray(np.linalg.pinv(matrix, hermitian=True))  # ten times the time


def _shrinkage(parts: Components) -> float:
    """Of the outlets; infinite where they do not differ."""
    small = parts.outlet <= NEARLY_NOTHING * (parts.residual + parts.inspector)
    return math.inf if small else parts.residual / parts.outlet


def _equations(cells: Cells, outlet_ratio: float, inspector_ratio: float) -> tuple[Floats, Floats]:
    """For the mean and the inspectors, after the outlets are eliminated."""
    n, s = cells.counts, cells.sums
    n_o, s_o = cells.by_outlet(n), cells.by_outlet(s)
    share = np.where(n_o > 0, 1 / np.maximum(n_o + outlet_ratio, NEARLY_NOTHING), 0.0)
    count = int(cells.inspectors.max()) + 1
    met = np.zeros((len(n_o), count + 1))
    met[:, 0] = n_o
    met[cells.outlets, cells.inspectors + 1] = n
    n_i, s_i = cells.by_inspector(n), cells.by_inspector(s)
    matrix = np.diag(np.concatenate([[n.sum()], n_i + inspector_ratio]))
    matrix[0, 1:] = matrix[1:, 0] = n_i
    matrix -= met.T @ (share[:, None] * met)
    right = np.concatenate([[s.sum()], s_i]) - met.T @ (share * s_o)
    return matrix, right


def _width() -> float:
    return NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
