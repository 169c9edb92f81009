"""How far inspectors and second markers see the same: per item, and per inspector over time (D8.1)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from uuid import UUID

from app.identity.models import Person
from app.kit.student import quantile
from app.review.queries_agreement import Difference, Pairs
from app.review.rules_agreement import (
    CONFIDENCE,
    Drift,
    Window,
    by_window,
    drift,
    kappa,
    raw_agreement,
    weighted_kappa,
)
from app.review.schemas_agreement import (
    DriftOut,
    DriftValue,
    DriftWindowOut,
    InspectorDriftOut,
    ItemAgreementOut,
)

MICRO = 1_000_000


def per_item(found: Sequence[Pairs]) -> list[ItemAgreementOut]:
    """`found` in the order of the items."""
    return [_item(code, list(pairs)) for code, pairs in groupby(found, key=lambda one: one.item)]


def per_inspector(found: Sequence[Difference], people: dict[UUID, Person], window: Window) -> DriftOut:
    """`found` in the order of the inspectors. A visit counts once, however many items it has."""
    told = [
        _inspector(people[inspector_id], [(one.visited_on, _mean(one)) for one in differences], window)
        for inspector_id, differences in groupby(found, key=lambda one: one.inspector_id)
    ]
    return DriftOut(window=window, inspectors=sorted(told, key=lambda one: -abs(one.overall.mean)))


def _item(code: str, pairs: Sequence[Pairs]) -> ItemAgreementOut:
    said: Counter[tuple[str, str]] = Counter()
    earned: Counter[tuple[Fraction, Fraction]] = Counter()
    for one in pairs:
        if one.inspector_category is not None and one.category is not None:
            said[one.inspector_category, one.category] += one.count
        if one.inspector_fraction_micro is not None and one.fraction_micro is not None:
            earned[Fraction(one.inspector_fraction_micro), Fraction(one.fraction_micro)] += one.count
    n = sum(said.values())
    return ItemAgreementOut(
        item=code,
        n=n,
        unpaired=sum(one.count for one in pairs) - n,
        raw=_decimal(raw_agreement(said)),
        kappa=_decimal(kappa(said)),
        weighted_kappa=_decimal(weighted_kappa(earned)),
    )


def _inspector(
    person: Person, differences: Sequence[tuple[date, Fraction]], window: Window
) -> InspectorDriftOut:
    return InspectorDriftOut(
        inspector_id=person.id,
        name=person.name,
        overall=DriftValue.model_validate(_told(_drift([one for _day, one in differences]))),
        windows=[
            DriftWindowOut.model_validate({"begins_on": day, **_told(_drift(within))})
            for day, within in by_window(differences, window).items()
        ],
    )


def _mean(one: Difference) -> Fraction:
    return Fraction(one.sum_micro, one.items * MICRO)


def _drift(differences: Sequence[Fraction]) -> Drift:
    degrees = len(differences) - 1
    return drift(differences, quantile=quantile((1 + CONFIDENCE) / 2, degrees) if degrees else 0.0)


def _told(found: Drift) -> dict[str, float | int | None]:
    return {"mean": found.mean, "low": found.low, "high": found.high, "n": found.count}


def _decimal(value: Fraction | None) -> Decimal | None:
    """To six places."""
    return None if value is None else Decimal(round(value * MICRO)) / MICRO
