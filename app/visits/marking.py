"""From a checklist document and answers to a score (D3, D4). Pure: no clock, no database.

- An item is asked when its `purposes` name the visit's purpose or it names none. Without a purpose everything
  is asked. Answers to items that are not asked are kept out of the score and named in `not_asked`.
- `required_if` decides whether an open item counts: while its condition does not hold, an unanswered item
  is left out of the score; once answered, it counts.
- A text or photo counts when it has a weight and a reviewer gave it a mark; until then it is unanswered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from app.checklists.document import Document, Item, Load, Profile, Stage
from app.checklists.lock import name_of
from app.checklists.weights import choose_profile
from app.scoring import Json, Result, Scheme, fired_vetoes, scheme, score
from app.visits.answers import Answer, PhotoReference
from app.visits.problems import AnswersRefused, PurposeUnknown
from app.visits.values import AnswerProblem, earned, what_is_wrong

Answers = Mapping[str, Answer]
Marks = Mapping[str, Decimal]

UNANSWERED = Answer()
NO_MARKS: Marks = {}


@dataclass(frozen=True, slots=True)
class Marking:
    """A score and everything it was computed with, so that it can be computed again (D3.5)."""

    checklist: str
    fingerprint: str
    profile: str | None
    purpose: str | None
    not_asked: tuple[str, ...]
    result: Result

    def to_json(self) -> dict[str, Json]:
        """The result with its origin; decimals as strings."""
        return {
            "checklist": self.checklist,
            "fingerprint": self.fingerprint,
            "profile": self.profile,
            "purpose": self.purpose,
            "not_asked": list(self.not_asked),
            **self.result.to_json(),
        }


class Why(StrEnum):
    """Why a required answer does not count as given."""

    UNANSWERED = "unanswered"
    TOO_SHORT = "too_short"
    PHOTOS_MISSING = "photos_missing"


@dataclass(frozen=True, slots=True)
class Missing:
    """One required answer that the leave gate waits for."""

    item: str
    why: Why


def mark(
    document: Document,
    answers: Answers,
    *,
    tier: str | None = None,
    stage: Stage | None = None,
    load: Load | None = None,
    purpose: str | None = None,
    marks: Marks = NO_MARKS,
) -> Marking:
    """The score of a visit to an outlet of this tier, stage and load.

    Raises AnswersRefused with every answer that is wrong, PurposeUnknown and TierUnknown.
    """
    asked = {item.code for item in asked_items(document, purpose=purpose)}
    _refuse(document, answers, marks)
    profile = choose_profile(document, tier=tier, stage=stage, load=load)
    tree = _scheme(document, answers, asked=asked, profile=profile)
    return Marking(
        checklist=name_of(document),
        fingerprint=document.fingerprint(),
        profile=profile.code if profile else None,
        purpose=purpose,
        not_asked=tuple(sorted(answers.keys() - asked)),
        result=score(tree, _scored(document, answers, marks=marks, tree=tree)),
    )


def asked_items(document: Document, *, purpose: str | None) -> tuple[Item, ...]:
    """The items a visit for this purpose asks for. Raises PurposeUnknown."""
    known = [each.code for each in document.purposes]
    if purpose is not None and purpose not in known:
        offered = f"it has {', '.join(known)}" if known else "it has none"
        raise PurposeUnknown(f"{document.id} has no visit purpose {purpose!r}; {offered}")
    return tuple(
        item
        for item in document.items()
        if purpose is None or item.purposes is None or purpose in item.purposes
    )


def answer_problems(
    document: Document, answers: Answers, marks: Marks = NO_MARKS
) -> tuple[AnswerProblem, ...]:
    """Every answer that cannot be kept, drafts included: unknown items, wrong values, N/A without a reason."""
    items = {item.code: item for item in document.items()}
    problems = []
    for code, answer in answers.items():
        item = items.get(code)
        message = what_is_wrong(item, answer) if item else f"not an item of {name_of(document)}"
        if message:
            problems.append(AnswerProblem(code, message))
    for code in marks:
        item = items.get(code)
        if item is None or item.type not in {"text", "photo"} or item.weight is None:
            problems.append(AnswerProblem(code, "is not an item that a reviewer gives a mark"))
    return tuple(problems)


def missing_required(document: Document, answers: Answers, *, purpose: str | None) -> tuple[Missing, ...]:
    """The required answers that are not there, for the leave gate (D7.3).

    "Not applicable" and "not observed" are answers. A text that was begun must be long enough, required or not.
    """
    missing = []
    for item in asked_items(document, purpose=purpose):
        answer = answers.get(item.code, UNANSWERED)
        match state_of(item, answer):
            case scheme.State.UNANSWERED if is_required(item, answers):
                lacks_photos = item.type == "photo" and any_photo(answer)
                missing.append(Missing(item.code, Why.PHOTOS_MISSING if lacks_photos else Why.UNANSWERED))
            case scheme.State.SCORED if item.type == "text" and _length(answer) < item.min_length:
                missing.append(Missing(item.code, Why.TOO_SHORT))
            case _:
                pass
    return tuple(missing)


def breached_vetoes(document: Document, answers: Answers, *, purpose: str | None) -> tuple[str, ...]:
    """The basic norms that these answers say were breached, in the order of the checklist (D4.1)."""
    asked = {item.code for item in asked_items(document, purpose=purpose)}
    _refuse(document, answers, NO_MARKS)
    tree = _scheme(document, answers, asked=asked, profile=None)
    return tuple(veto.item for veto in fired_vetoes(tree, _scored(document, answers, marks={}, tree=tree)))


def vetoes_without_evidence(document: Document, answers: Answers, *, purpose: str | None) -> tuple[str, ...]:
    """The breached norms for which no time code in a recording and no photo was given (D4.3)."""
    breached = breached_vetoes(document, answers, purpose=purpose)
    return tuple(code for code in breached if not answers[code].evidence)


def is_required(item: Item, answers: Answers) -> bool:
    """Whether the item must be answered, given the other answers."""
    return item.required if item.required_if is None else _holds(item, answers)


def state_of(item: Item, answer: Answer) -> scheme.State:
    """The state an answer puts its item in, before any reviewer."""
    if answer.state in {scheme.State.NOT_APPLICABLE, scheme.State.NOT_OBSERVED}:
        return answer.state
    match item.type:
        case "photo":
            photos = sum(isinstance(each, PhotoReference) for each in answer.evidence)
            given = photos >= item.min_count
        case "text":
            given = _length(answer) > 0
        case _:
            given = answer.value is not None
    return scheme.State.SCORED if given else scheme.State.UNANSWERED


def any_photo(answer: Answer) -> bool:
    """Whether at least one photo belongs to the answer."""
    return any(isinstance(each, PhotoReference) for each in answer.evidence)


def _refuse(document: Document, answers: Answers, marks: Marks) -> None:
    problems = answer_problems(document, answers, marks)
    if problems:
        raise AnswersRefused(problems)


def _holds(item: Item, answers: Answers) -> bool:
    condition = item.required_if
    if condition is None:
        return True
    value = answers.get(condition.item, UNANSWERED).value
    return any(type(value) is type(wanted) and value == wanted for wanted in condition.any_of)


def _length(answer: Answer) -> int:
    return len(answer.value.strip()) if isinstance(answer.value, str) else 0


def _counts(item: Item, answers: Answers, *, asked: set[str]) -> bool:
    if item.code not in asked or item.weight is None:
        return False
    is_open = state_of(item, answers.get(item.code, UNANSWERED)) is scheme.State.UNANSWERED
    return _holds(item, answers) or not is_open


def _scheme(document: Document, answers: Answers, *, asked: set[str], profile: Profile | None) -> Scheme:
    dimensions = []
    for dimension in document.dimensions:
        indicators = tuple(
            scheme.Indicator(
                code=indicator.code,
                weight=Fraction(profile.indicators[indicator.code]) if profile else Fraction(1),
                items=tuple(_item(i) for i in indicator.items if _counts(i, answers, asked=asked)),
            )
            for indicator in dimension.indicators
        )
        own = profile.dimensions[dimension.code] if profile and profile.dimensions else None
        together = sum((part.weight for part in indicators), Fraction(0))
        dimensions.append(
            scheme.Dimension(dimension.code, together if own is None else Fraction(own), indicators)
        )
    return Scheme(
        mode=scheme.Mode(document.mode),
        completeness_threshold=Fraction(document.completeness_threshold),
        dimensions=tuple(dimensions),
    )


def _item(item: Item) -> scheme.Item:
    veto = item.veto
    return scheme.Item(
        code=item.code,
        weight=Fraction(item.weight or 0),
        bonus=item.bonus,
        not_applicable=scheme.NotApplicable(item.not_applicable),
        veto=scheme.Veto(
            scope=scheme.VetoScope(veto.scope),
            cap=None if veto.cap is None else Fraction(veto.cap),
            breached_at=Fraction(veto.breached_at),
        )
        if veto
        else None,
    )


def _scored(document: Document, answers: Answers, *, marks: Marks, tree: Scheme) -> dict[str, scheme.Answer]:
    counted = {item.code for item in tree.items()}
    return {
        item.code: _answer(item, answers.get(item.code, UNANSWERED), marks.get(item.code))
        for item in document.items()
        if item.code in counted
    }


def _answer(item: Item, answer: Answer, given: Decimal | None) -> scheme.Answer:
    state = state_of(item, answer)
    if state is not scheme.State.SCORED:
        return scheme.Answer(state)
    if item.type in {"text", "photo"}:
        return (
            scheme.Answer.scored(Fraction(given))
            if given is not None
            else scheme.Answer(scheme.State.UNANSWERED)
        )
    return scheme.Answer.scored(earned(item, answer.value))
