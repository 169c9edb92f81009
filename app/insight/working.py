"""What inspectors did, each over the visits that they led."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np

from app.insight.figures import Floats, Whole
from app.insight.queries_works import Works
from app.insight.reliability import tallied
from app.insight.totals import MICRO


@dataclass(frozen=True, slots=True)
class Work:
    """Of one inspector as lead of published visits. Shares and means are null without any."""

    visits: int
    outlets: int
    mean: float | None
    on_planned_day: float | None
    handed_in_within_a_day: float | None
    completeness: float | None


def work_of(works: Works) -> dict[UUID, Work]:
    """By inspector; those who led nothing are not in it."""
    visits, means = _means(works, works.micro / MICRO)
    on_day, in_time, completeness = (
        _means(works, values)[1]
        for values in (works.on_planned_day, works.in_time, works.completeness / MICRO)
    )
    outlets = _outlets(works)
    return {
        one: Work(
            int(visits[number]), int(outlets[number]), _known(means[number]), _known(on_day[number]),
            _known(in_time[number]), _known(completeness[number]),
        )
        for number, one in enumerate(works.inspectors)
        if outlets[number]
    }  # fmt: skip


def _means(works: Works, values: Floats | Whole) -> tuple[Whole, Floats]:
    """By inspector, over the visits that have a value: how many these are, and their mean; NaN without any."""
    has = values >= 0
    inspector, known = (works.inspector, values) if has.all() else (works.inspector[has], values[has])
    count = np.bincount(inspector, minlength=len(works.inspectors))
    sums = np.bincount(inspector, weights=known, minlength=len(works.inspectors))
    return count, np.asarray(np.where(count > 0, sums / np.maximum(count, 1), np.nan))


def _outlets(works: Works) -> Whole:
    """By inspector: at how many different ones."""
    width = len(works.inspectors)
    pairs, _, _ = tallied(works.outlet * width + works.inspector, np.ones(len(works.outlet)))
    return np.bincount(pairs % max(width, 1), minlength=width)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
