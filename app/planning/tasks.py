"""What the service asks of a solving process, and what that says: one JSON document a line."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from app.planning.instance import Instance
from app.planning.plan import Plan
from app.planning.predictability import VisitHistory


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Solve(_Line):
    """Make a plan; or, given one, repair it with the fewest changes."""

    instance: Instance
    seed: int
    seconds: float | None = None
    iterations: int | None = None
    repaired: Plan | None = None
    frozen_until: date | None = None


class Task(_Line):
    """Exactly one of them."""

    solve: Solve | None = None
    bound: Instance | None = None
    guess: VisitHistory | None = None


class Told(_Line):
    """How far the search is."""

    seconds: float
    iterations: int
    cost: float
    unserved: int


class Load(_Line):
    region: str
    visits: int
    capacity: int
    unserved: int


class TooSmall(_Line):
    outlet: str
    region: str
    visits: int
    crew: int
    eligible: int
    suitable: int
    needed: int
    cause: str
    brand: str | None = None


class Bounds(_Line):
    visits: int
    unserved: int
    unserved_cost: float
    unserved_by_tier: dict[str, int]
    regions: list[Load]
    shortages: list[TooSmall]
    method: str


class Measured(_Line):
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


class Rates(_Line):
    cell: float
    weekday: float
    part: float


class Guessable(_Line):
    outlet: str
    guesses: int
    best_predictor: str
    hits: int
    alarm: bool


class Guessed(_Line):
    guesses: int
    chance: Rates
    predictors: dict[str, Rates]
    best_predictor: str
    best: float
    times_chance: float
    outlets: list[Guessable]


class Says(_Line):
    """Progress any number of times, then one of the others."""

    progress: Told | None = None
    plan: Plan | None = None
    measures: Measured | None = None
    bounds: Bounds | None = None
    guessed: Guessed | None = None
    refused: str | None = None


STOP = b"stop\n"
