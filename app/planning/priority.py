"""What leaving a visit unserved costs (D6.2): flagship, central city, tier, days since the last visit, a draw."""

from datetime import date

import numpy as np

from app.planning.demand import DemandedVisit
from app.planning.instance import Instance

LONGEST_WAIT = 365  # days; also taken for an outlet nobody has ever visited


def prizes(instance: Instance, visits: list[DemandedVisit], *, seed: int) -> list[float]:
    """One cost per visit, in the order of `visits`."""
    weights = instance.weights
    first_day = instance.days()[0]
    waited = _waits(instance, first_day)
    draws = np.random.default_rng([seed, 2]).random(len(visits)) * weights.draw
    return [
        weights.tiers[visit.outlet.tier]
        + (weights.central if visit.outlet.central else 0.0)
        + (weights.first_visit if visit.number == 1 else 0.0)
        + weights.waiting_day * waited.get(visit.outlet.id, LONGEST_WAIT)
        + float(draw)
        for visit, draw in zip(visits, draws, strict=True)
    ]


def _waits(instance: Instance, first_day: date) -> dict[str, int]:
    waited: dict[str, int] = {}
    for exposure in instance.history:
        if exposure.on < first_day:
            days = min((first_day - exposure.on).days, LONGEST_WAIT)
            waited[exposure.outlet] = min(days, waited.get(exposure.outlet, LONGEST_WAIT))
    return waited
