"""A whole checklist, filled: most of it well, some of it middling, and one basic norm breached."""

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from app.checklists.document import (
    Choice,
    Deductions,
    Document,
    FreeText,
    Item,
    Number,
    Photo,
    Rating,
    YesNo,
    plain,
)
from app.demo.phone import Haul
from app.scoring import State
from app.visits.answers import PhotoReference, RecordingMoment, Value
from app.visits.marking import asked_items
from app.visits.schemas_answers import AnswerIn, AnswersIn

BREACHED = (
    "discipline-no-private-matters"  # a basic norm of the telecom hall checklist: veto over its indicator
)
BREACH_AT_MS = 31_000
ABSENT = "facilities-accessibility"
BATCH = 15
MIDDLING_EVERY = 7  # every so manieth answer is a middling one, so that the score is not a row of full marks
WORDS = (
    "问：流量不够用，有没有更合适的套餐？答：推荐了两档，说明了合约期和违约金。"
    "问：现在改什么时候生效？答：次月一日生效，当月不重复收费。"
)
SUMMARY = (
    "大厅整洁，客户较多，引导员主动分流，等候约七分钟。柜员解释耐心，资费说明完整，推荐了合适的套餐并主动告知合约期。"
    "但办理期间，三号台席人员在客户面前玩手机聊天约半分钟，无人制止，影响观感。建议加强现场管理。"
)


def fill(
    document: Document, *, purpose: str, haul: Haul, at: datetime, is_faultless: bool = False
) -> dict[str, AnswerIn]:
    """An answer to every item that a visit for this purpose asks for; conditional ones when their condition holds."""
    answers: dict[str, AnswerIn] = {}
    for number, item in enumerate(asked_items(document, purpose=purpose)):
        condition = item.required_if
        told = answers.get(condition.item) if condition else None
        if condition is None or (told is not None and told.value in condition.any_of):
            answers[item.code] = _answer(item, number, haul=haul, at=at, is_faultless=is_faultless)
    return answers


def in_batches(answers: dict[str, AnswerIn]) -> Iterator[AnswersIn]:
    """As a phone sends them when it finds a network; words and counts go with the first."""
    listed = list(answers.items())
    for start in range(0, len(listed), BATCH):
        batch = dict(listed[start : start + BATCH])
        yield (
            AnswersIn(answers=batch)
            if start
            else AnswersIn(answers=batch, clock_offset_ms=0, summary=SUMMARY, questions_asked=2)
        )


def _answer(item: Item, number: int, *, haul: Haul, at: datetime, is_faultless: bool) -> AnswerIn:
    if item.code == BREACHED and not is_faultless:
        seen = (
            RecordingMoment(recording=haul.good.id, at_ms=BREACH_AT_MS),
            PhotoReference(photo=haul.photos[-1].id),
        )
        return AnswerIn(value=True, evidence=seen, note="counter 3, a phone game", device_at=at)
    if item.code == ABSENT:
        return AnswerIn(
            state=State.NOT_APPLICABLE, reason="The ramp is shared with the mall next door.", device_at=at
        )
    if isinstance(item, Photo):
        pictures = tuple(PhotoReference(photo=photo.id) for photo in haul.photos[: item.min_count])
        return AnswerIn(state=State.SCORED, evidence=pictures, device_at=at)
    return AnswerIn(
        value=_value(item, middling=number % MIDDLING_EVERY == 0 and not is_faultless), device_at=at
    )


def _value(item: YesNo | Choice | Rating | Number | Deductions | FreeText, *, middling: bool) -> Value:
    match item:
        case YesNo():
            return item.expected
        case Choice():
            best_first = sorted(item.options, key=lambda option: -option.fraction)
            return best_first[1 if middling else 0].code
        case Rating():
            return item.highest - (2 if middling else 1)
        case Number():
            return plain(item.bands[min(middling, len(item.bands) - 1)].up_to)
        case Deductions():
            return int(middling)
        case FreeText():
            return WORDS if item.min_length <= len(WORDS) else SUMMARY
        case _:
            assert_never(item)
