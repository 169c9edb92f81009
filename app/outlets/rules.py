"""What kinds of outlets there are, and by what a list of them is narrowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.programmes.rules import Ownership


class Stage(StrEnum):
    """How far the outlet's service has come (D2.2): decides the weight profile."""

    EARLY = "early"
    IMPROVED = "improved"


class LoadBand(StrEnum):
    """Pressure at the counters (D2.2): decides the weight profile."""

    HIGH = "high"
    LOW = "low"


class Succession(StrEnum):
    """Why an outlet goes on as another one (D5.6)."""

    MOVED = "moved"
    MERGED = "merged"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class OutletFilter:
    """What a list is narrowed to; `None` does not narrow."""

    region_id: UUID | None = None
    tier: str | None = None
    ownership: Ownership | None = None
    active: bool | None = None
    text: str | None = None


def goes_on_in(successors: Mapping[UUID, UUID], outlet_id: UUID) -> UUID:
    """Where an outlet is today, if it was moved, merged or renamed; successions never run in a circle (D5.6)."""
    while outlet_id in successors:
        outlet_id = successors[outlet_id]
    return outlet_id
