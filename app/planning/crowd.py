"""The inspectors of a month, from their profiles, leave, bars and what they are booked for already."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.outlets.hours import clock_minutes
from app.outlets.positions import Position, to_wgs84
from app.planning import parts as documents
from app.planning.models import InspectorProfile
from app.planning.rules import WorkingHours, widest_shift
from app.planning.schemas_supply import Shifts

DAYS_PER_WEEK = 7


@dataclass(frozen=True, slots=True)
class Crowd:
    """`strangers` were at an outlet and have no profile now: their dates still keep visits apart (D6.3).

    `held` counts by kind what is in somebody's custody now and in service: a plan is for the days ahead, and nobody
    knows of hand-overs to come (D6.7).
    """

    profiles: Sequence[InspectorProfile]
    days: Sequence[date]
    over: AbstractSet[date]
    leave: Mapping[UUID, AbstractSet[date]]
    busy: Mapping[UUID, AbstractSet[date]]
    known_at: Mapping[UUID, AbstractSet[UUID]]
    refused_at: Mapping[UUID, AbstractSet[UUID]]
    regions: Mapping[UUID, Sequence[UUID]]
    outlets: Mapping[UUID, documents.Geographic]
    strangers: Mapping[UUID, UUID]
    held: Mapping[UUID, Mapping[str, int]]


def inspectors_of(crowd: Crowd) -> Iterator[documents.Inspector]:
    known: set[UUID] = set()
    for profile in crowd.profiles:
        known.add(profile.person_id)
        yield _inspector(crowd, profile)
    for person_id in sorted(crowd.strangers.keys() - known):
        yield documents.Inspector(
            id=str(person_id), home=crowd.outlets[crowd.strangers[person_id]], starts=0, ends=1, max_days=0
        )


def place_of(position: Position | None) -> documents.Geographic:
    assert position is not None
    there = to_wgs84(position)
    return documents.Geographic(lat=there.latitude, lon=there.longitude)


def hours_of(profile: InspectorProfile) -> WorkingHours:
    week = Shifts.model_validate(profile.shifts).by_day()
    return widest_shift(
        [(clock_minutes(shift.starts), clock_minutes(shift.ends)) if shift else None for shift in week]
    )


def _inspector(crowd: Crowd, profile: InspectorProfile) -> documents.Inspector:
    person_id = profile.person_id
    hours = hours_of(profile)
    away = _away(crowd, profile)
    booked = crowd.busy.get(person_id, frozenset())
    open_days = len(crowd.days) - len(crowd.over)
    most = round(profile.days_per_week * open_days / DAYS_PER_WEEK) - len(booked - crowd.over)
    return documents.Inspector(
        id=str(person_id),
        home=place_of(profile.home),
        region=str(profile.region_id or ""),
        regions=_served(crowd, profile),
        starts=hours.starts,
        ends=hours.ends,
        weekdays=hours.weekdays,
        unavailable=tuple(sorted(away)),
        max_visits_per_day=profile.visits_per_day,
        max_days=max(0, most),
        max_day_minutes=profile.max_day_minutes,
        reach_minutes=profile.reach_minutes,
        languages=tuple(profile.languages),
        communities=tuple(profile.communities),
        certificates=tuple(profile.certificates),
        devices=tuple(
            documents.HeldDevices(kind=kind, count=count)
            for kind, count in sorted(crowd.held.get(person_id, {}).items())
        ),
        not_covert_at=_here(crowd, crowd.known_at.get(person_id)),
        not_at=_here(crowd, crowd.refused_at.get(person_id)),
    )


def _away(crowd: Crowd, profile: InspectorProfile) -> set[date]:
    """Leave, days over, days before and after the person works for us, and days booked by other visits."""
    until = profile.active_until
    outside = {day for day in crowd.days if day < profile.active_from or (until is not None and day > until)}
    booked = crowd.busy.get(profile.person_id, frozenset())
    return outside | booked | crowd.over | crowd.leave.get(profile.person_id, frozenset())


def _served(crowd: Crowd, profile: InspectorProfile) -> tuple[str, ...] | None:
    if profile.region_id is None:
        return None
    return tuple(map(str, crowd.regions.get(profile.region_id, ())))


def _here(crowd: Crowd, outlet_ids: AbstractSet[UUID] | None) -> tuple[str, ...]:
    return tuple(str(one) for one in sorted(outlet_ids or ()) if one in crowd.outlets)
