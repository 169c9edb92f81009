"""What each part could bring to the total and what it brought, in points of 100 (D3.6)."""

from collections.abc import Sequence
from fractions import Fraction

from app.scoring.result import DimensionScore, IndicatorScore, ItemScore
from app.scoring.scheme import HUNDRED, Mode
from app.scoring.tally import ZERO, DimensionTally, IndicatorTally, ItemTally


def explain(tallies: Sequence[DimensionTally], *, mode: Mode) -> tuple[DimensionScore, ...]:
    """The whole tree, in the order of the checklist."""
    match mode:
        case Mode.WEIGHTS_FIXED:
            weight = sum((part.dimension.weight for part in tallies if part.score is not None), ZERO)
            available = [
                _share(HUNDRED, part.dimension.weight, weight) if part.score is not None else ZERO
                for part in tallies
            ]
        case Mode.POINTS_POOL:
            pool = sum((part.possible for part in tallies), ZERO)
            available = [_share(HUNDRED, part.possible, pool) for part in tallies]
    point = _pool_point(tallies, mode=mode)
    return tuple(_dimension(part, points, point) for part, points in zip(tallies, available, strict=True))


def _pool_point(tallies: Sequence[DimensionTally], *, mode: Mode) -> Fraction | None:
    """What one point of an item's weight is worth in a pool; None where every indicator has its own rate."""
    if mode is Mode.WEIGHTS_FIXED:
        return None
    return _share(HUNDRED, Fraction(1), sum((part.possible for part in tallies), ZERO))


def _dimension(part: DimensionTally, available: Fraction, point: Fraction | None) -> DimensionScore:
    weight = sum((each.indicator.weight for each in part.indicators if each.score is not None), ZERO)
    indicators = []
    for each in part.indicators:
        if point is not None:
            points = each.possible * point
        elif each.score is not None:
            points = _share(available, each.indicator.weight, weight)
        else:
            points = ZERO
        indicators.append(_indicator(each, points, point, lost=bool(part.vetoed_by)))
    return DimensionScore(
        code=part.dimension.code,
        weight=part.dimension.weight,
        score=part.score,
        completeness=part.completeness,
        available=available,
        contribution=sum((each.contribution for each in indicators), ZERO),
        vetoed_by=part.vetoed_by,
        indicators=tuple(indicators),
    )


def _indicator(
    part: IndicatorTally, available: Fraction, point: Fraction | None, *, lost: bool
) -> IndicatorScore:
    rate = point if point is not None else _share(available, Fraction(1), part.possible)
    items = tuple(_item(each, rate, lost=lost or bool(part.vetoed_by)) for each in part.items)
    return IndicatorScore(
        code=part.indicator.code,
        weight=part.indicator.weight,
        score=part.score,
        completeness=part.completeness,
        available=available,
        contribution=sum((each.contribution for each in items), ZERO),
        vetoed_by=part.vetoed_by,
        items=items,
    )


def _item(part: ItemTally, rate: Fraction, *, lost: bool) -> ItemScore:
    return ItemScore(
        code=part.item.code,
        state=part.state,
        weight=part.item.weight,
        bonus=part.item.bonus,
        counted=part.fraction is not None,
        fraction=part.fraction,
        points=part.earned,
        available=part.possible * rate,
        contribution=ZERO if lost else part.earned * rate,
        vetoed_by=part.vetoed_by,
    )


def _share(points: Fraction, part: Fraction, whole: Fraction) -> Fraction:
    return points * part / whole if whole else ZERO
