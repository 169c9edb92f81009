"""A mean of totals with what it rests on. Standard library only."""

from dataclasses import dataclass

from app.insight.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Score:
    """`visits` have a number; `without_number` were seen and have none (D3.4)."""

    estimate: Estimate | None
    visits: int
    outlets: int
    provisional: int
    without_number: int


NOTHING = Score(None, 0, 0, 0, 0)
