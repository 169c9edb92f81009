"""What inspectors did, each over the visits that they led."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from app.insight.figures import Floats, Whole
from app.insight.queries_works import Works
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
    visits = _counts(works, works.micro >= 0)
    means = _means(works, works.micro / MICRO)
    on_day, in_time = _means(works, works.on_planned_day), _means(works, works.in_time)
    completeness = _means(works, works.completeness / MICRO)
    width = len(works.inspectors) or 1
    pairs = np.unique(works.outlet * width + works.inspector)
    outlets = np.bincount(pairs % width, minlength=len(works.inspectors))
    return {
        one: Work(
            int(visits[number]), int(outlets[number]), _known(means[number]), _known(on_day[number]),
            _known(in_time[number]), _known(completeness[number]),
        )
        for number, one in enumerate(works.inspectors)
        if outlets[number]
    }  # fmt: skip


def _means(works: Works, values: Floats | Whole) -> Floats:
    """By inspector, over the visits that have one; NaN without any."""
    has = values >= 0
    count = _counts(works, has)
    sums = np.bincount(works.inspector[has], weights=values[has], minlength=len(works.inspectors))
    return np.asarray(np.where(count > 0, sums / np.maximum(count, 1), np.nan))


def _counts(works: Works, which: npt.NDArray[np.bool_]) -> Floats:
    return np.bincount(works.inspector[which], minlength=len(works.inspectors)).astype(np.float64)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
