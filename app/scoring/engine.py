"""The score of one visit (D3, D4). Pure, exact and deterministic; the standard library only.

What the rules leave open is decided here:

- A missing answer is `unanswered`. In drafts it reads like `not_observed`: not in the score, lowering
  completeness. So does an optional item that stays unanswered.
- Completeness (D3.4) is weighed as the total is: in `weights_fixed` by each item's share of the total, so
  that an unseen indicator of weight 30 costs 30 points of completeness however its items are weighted
  inside; in `points_pool` by the items' weights. Bonus items do not enter.
- "Not applicable" under `count_as_zero` or `count_as_full` is a decision, not a gap: it stands in the
  score and in completeness like a scored item. It never breaches a veto (D4.2).
- An indicator without a scored regular item has no score (None), whatever its bonus items earned: in
  `weights_fixed` a bonus needs something to be added to. In `points_pool` the bonus points count.
- A bonus may lift an indicator or a dimension above 1; only the total is capped at 100 (D3.3).
- A breached veto scores its scope 0, never None, though every sibling be not applicable (D4.2). A veto
  item of weight 0 is a pure gate: it earns nothing when kept. If a breached gate is all that was scored
  in its scope, the scope still keeps its weight: the indicator's or dimension's in `weights_fixed`,
  that of all its regular items in `points_pool`.
- Weight 0 on an indicator or dimension leaves it out of the total; a veto in it still fires.
- A veto on a dimension leaves the scores of its indicators as they are, for explanation, and takes their
  contributions.
- Under the completeness threshold there is no number, neither with nor without vetoes, though a
  visit-wide veto fired: the fired vetoes are listed all the same. Exactly the threshold is enough.
  Where nothing applicable weighs anything, completeness is None and evidence is insufficient.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from app.scoring.explanation import explain
from app.scoring.result import FiredVeto, Result, Status
from app.scoring.scheme import HUNDRED, Answer, Scheme, VetoScope
from app.scoring.tally import UNANSWERED, Breaches, completeness, subtotal, tally

ENGINE_VERSION = "1"  # part of every stored score; raised whenever the same input may give another result


def score(scheme: Scheme, answers: Mapping[str, Answer]) -> Result:
    """The total, the total without vetoes, and how each part led there.

    The order of `answers` has no influence. Raises ValueError for an answer to an item the scheme does not
    hold, and for "not applicable" where the item does not allow it.
    """
    _refuse_unknown(scheme, answers)
    vetoes = fired_vetoes(scheme, answers)
    with_vetoes = tally(scheme, answers, breaches=_by_target(vetoes))
    without_vetoes = tally(scheme, answers, breaches={})
    before_limits = subtotal(with_vetoes, mode=scheme.mode)
    seen = completeness(with_vetoes, mode=scheme.mode)
    enough = before_limits is not None and seen is not None and seen >= scheme.completeness_threshold
    return Result(
        engine_version=ENGINE_VERSION,
        mode=scheme.mode,
        status=Status.SCORED if enough else Status.INSUFFICIENT_EVIDENCE,
        total=_limited(before_limits, vetoes) if enough else None,
        total_without_vetoes=_limited(subtotal(without_vetoes, mode=scheme.mode), ()) if enough else None,
        subtotal=before_limits if enough else None,
        completeness=seen,
        completeness_threshold=scheme.completeness_threshold,
        vetoes=vetoes,
        dimensions=explain(with_vetoes, mode=scheme.mode),
    )


def fired_vetoes(scheme: Scheme, answers: Mapping[str, Answer]) -> tuple[FiredVeto, ...]:
    """Every basic norm that was seen to be breached (D4.1), in the order of the checklist."""
    fired = []
    for dimension in scheme.dimensions:
        for indicator in dimension.indicators:
            for item in indicator.items:
                earned = answers.get(item.code, UNANSWERED).fraction
                if item.veto is None or earned is None or earned > item.veto.breached_at:
                    continue
                target = _target(item.veto.scope, (item.code, indicator.code, dimension.code))
                fired.append(FiredVeto(item.code, item.veto.scope, target, item.veto.cap))
    return tuple(fired)


def _target(scope: VetoScope, codes: tuple[str, str, str]) -> str | None:
    item, indicator, dimension = codes
    match scope:
        case VetoScope.ITEM:
            return item
        case VetoScope.INDICATOR:
            return indicator
        case VetoScope.DIMENSION:
            return dimension
        case VetoScope.VISIT | VetoScope.CAP:
            return None


def _by_target(vetoes: Iterable[FiredVeto]) -> Breaches:
    breaches: defaultdict[tuple[VetoScope, str], tuple[str, ...]] = defaultdict(tuple)
    for veto in vetoes:
        if veto.target is not None:
            breaches[veto.scope, veto.target] += (veto.item,)
    return dict(breaches)


def _limited(points: Fraction | None, vetoes: tuple[FiredVeto, ...]) -> Fraction | None:
    if points is None:
        return None
    if any(veto.scope is VetoScope.VISIT for veto in vetoes):
        return Fraction(0)
    return min([points, HUNDRED, *(veto.cap for veto in vetoes if veto.cap is not None)])


def _refuse_unknown(scheme: Scheme, answers: Mapping[str, Answer]) -> None:
    unknown = sorted(answers.keys() - {item.code for item in scheme.items()})
    if unknown:
        raise ValueError(f"answers to items that are not asked: {', '.join(unknown)}")
