"""The demo's answers fit the checklist that ships, whatever the visit is for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.checklists.reading import read
from app.demo.filling import BATCH, BREACHED, fill, in_batches
from app.demo.network import hall_checklist
from app.demo.phone import BUTTON, PHONE, Haul, Taken
from app.kit.ids import new_id
from app.visits.declared import Medium, Quality
from app.visits.marking import answer_problems, mark, missing_required, vetoes_without_evidence

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HALL = read(hall_checklist())


def taken(medium: Medium, device: str) -> Taken:
    return Taken(
        new_id(),
        Path("unused"),
        medium,
        "video/mp4",
        device,
        "0" * 64,
        timedelta(minutes=1),
        Quality.GOOD,
        (),
    )


HAUL = Haul(
    good=taken(Medium.VIDEO, PHONE),
    covered=taken(Medium.VIDEO, BUTTON),
    photos=tuple(taken(Medium.PHOTO, PHONE) for _ in range(4)),
)


class TestFill:
    @pytest.mark.parametrize("purpose", [purpose.code for purpose in HALL.purposes])
    def test_leaves_nothing_open_and_breaches_one_norm_with_evidence(self, purpose: str) -> None:
        """D4.3, D7.3"""
        answers = fill(HALL, purpose=purpose, haul=HAUL, at=NOON)

        assert answer_problems(HALL, answers) == ()
        assert list(missing_required(HALL, answers, purpose=purpose)) == []
        assert list(vetoes_without_evidence(HALL, answers, purpose=purpose)) == []
        fired = mark(HALL, answers, tier="flagship", purpose=purpose).result.vetoes
        assert [veto.item for veto in fired] == [BREACHED]


class TestInBatches:
    def test_sends_every_answer_once_and_the_words_with_the_first(self) -> None:
        answers = fill(HALL, purpose="enquiry", haul=HAUL, at=NOON)

        batches = list(in_batches(answers))

        sent = [code for batch in batches for code in batch.answers]
        assert sent == list(answers)
        assert max(len(batch.answers) for batch in batches) == BATCH
        assert [batch.summary is not None for batch in batches] == [True] + [False] * (len(batches) - 1)
