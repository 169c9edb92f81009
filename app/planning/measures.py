"""What a plan is worth, in numbers: computed from the documents alone."""

from collections import Counter
from dataclasses import dataclass
from statistics import mean, pstdev

from app.planning.cells import part_of
from app.planning.instance import Instance
from app.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class Measures:
    """`load_spread` is the coefficient of variation of each inspector's used share of own capacity."""

    served: int
    unserved: int
    unserved_by_tier: dict[str, int]
    unserved_by_cause: dict[str, int]
    travel_minutes: int
    travel_per_visit: float
    routes: int
    visits_per_route: float
    load_spread: float
    day_parts: dict[str, float]


def measure(instance: Instance, plan: Plan) -> Measures:
    served = len(plan.visits)
    travel = sum(route.travel_minutes for route in plan.routes)
    stops = sum(len(route.visits) for route in plan.routes)
    names = [part.name for part in instance.rules.day_parts]
    parts = Counter(part_of(instance.rules, visit.arrive) for visit in plan.visits)
    return Measures(
        served=served,
        unserved=len(plan.unserved),
        unserved_by_tier=dict(Counter(one.tier for one in plan.unserved)),
        unserved_by_cause={
            str(cause): count for cause, count in Counter(one.cause for one in plan.unserved).items()
        },
        travel_minutes=travel,
        travel_per_visit=round(travel / max(1, served), 2),
        routes=len(plan.routes),
        visits_per_route=round(stops / max(1, len(plan.routes)), 2),
        load_spread=_load_spread(instance, plan),
        day_parts={name: round(parts[number] / max(1, served), 3) for number, name in enumerate(names)},
    )


def _load_spread(instance: Instance, plan: Plan) -> float:
    loads = Counter(name for visit in plan.visits for name in visit.inspectors)
    shares = [loads[one.id] / max(1, one.max_days * one.max_visits_per_day) for one in instance.inspectors]
    return round(pstdev(shares) / mean(shares), 3) if shares and mean(shares) else 0.0
