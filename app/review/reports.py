"""A published report, put together from what was frozen at its publication (D3.6, D8.6, D10.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists.document import Choice, Dimension, Document, Indicator, Item, Text
from app.outlets.models import Outlet
from app.recordings import queries as recordings
from app.review import queries_reports
from app.review.models import Publication, PublishedFile
from app.review.queries_reports import Edition
from app.review.rules import PublishedMedium
from app.review.schemas_reports import (
    ReportDetail,
    ReportedDimension,
    ReportedEvidence,
    ReportedFile,
    ReportedIndicator,
    ReportedItem,
    ReportedItemScore,
    ReportedOutlet,
    ReportedVeto,
    ReportOut,
    ReportRevision,
)
from app.scoring import State
from app.visits import answering, interruptions, marking
from app.visits import queries as visits
from app.visits.answers import Answer, PhotoReference, RecordingMoment
from app.visits.models import ScoreRevision, Visit
from app.visits.schemas_recordings import StretchOut

Explained = Mapping[str, JsonValue]
Numbers = Mapping[tuple[PublishedMedium, UUID], int]


async def listed(session: AsyncSession, publications: Sequence[Publication]) -> list[ReportOut]:
    editions = await queries_reports.editions_of(session, publications)
    outlets = await queries_reports.outlets_of(session, publications)
    return [_line(one, editions[one.id], outlets[one.outlet_id]) for one in publications]


async def whole(session: AsyncSession, publication: Publication) -> ReportDetail:
    """The newest revision, with all that explains it."""
    edition = (await queries_reports.editions_of(session, [publication]))[publication.id]
    outlet = (await queries_reports.outlets_of(session, [publication]))[publication.outlet_id]
    score = edition.score
    visit = await queries_reports.get_visit_behind(session, publication)
    document = await answering.document_of(session, visit)
    rows = await visits.answers_in(session, score.answers_revision_id)
    files = await queries_reports.files_of(session, publication)
    told = _Told(
        answers={row.item_code: answering.read(row) for row in rows},
        asked={item.code for item in marking.asked_items(document, purpose=visit.purpose)},
        numbers={(file.medium, file.recording_id): file.number for file in files},
        scores=scores_by_item(score),
    )
    return ReportDetail(
        **dict(_line(publication, edition, outlet)),
        checklist=document.title,
        mode=score.explanation["mode"],
        completeness_threshold=score.explanation["completeness_threshold"],
        summary=edition.revision.summary_for_outlet,
        veto_list=[told.veto(document, veto) for veto in score.explanation["vetoes"]],
        dimensions=[
            told.dimension(dimension, explained)
            for dimension, explained in zip(document.dimensions, score.explanation["dimensions"], strict=True)
        ],
        files=await _files(session, visit, files),
        revisions=[
            ReportRevision(
                number=revision.number,
                total=as_decimal(then.explanation["total"]),
                reason=revision.reason,
                made_at=revision.made_at,
            )
            for revision, then in await queries_reports.revisions_of(session, publication)
        ],
    )


async def _files(session: AsyncSession, visit: Visit, files: Sequence[PublishedFile]) -> list[ReportedFile]:
    """Without what the inspector tapped: the seconds of taps are times of drafts (D10.1)."""
    reports = await recordings.reports_of(session, [file.recording_id for file in files])
    declared = {entry.recording_id: entry for entry in await visits.manifest_of(session, visit)}

    def one(file: PublishedFile) -> ReportedFile:
        is_played = file.medium is PublishedMedium.RECORDING
        report, entry = reports.get(file.recording_id), declared.get(file.recording_id)
        noticed = interruptions.read(entry.gaps) if is_played and entry is not None else []
        return ReportedFile(
            medium=file.medium,
            number=file.number,
            duration_ms=report.duration_ms if is_played and report is not None else None,
            gaps=[StretchOut(start_ms=gap.from_ms, end_ms=gap.to_ms) for gap in noticed if gap.lasts],
        )

    return [one(file) for file in files]


@dataclass(frozen=True, slots=True)
class _Told:
    """What an inspector answered, and how much of it an outlet is told."""

    answers: Mapping[str, Answer]
    asked: set[str]
    numbers: Numbers
    scores: Mapping[str, Explained]

    def veto(self, document: Document, veto: Explained) -> ReportedVeto:
        item = next(item for item in document.items() if item.code == veto["item"])
        return ReportedVeto.model_validate({**veto, "text": item.text, "evidence": self._evidence(item.code)})

    def dimension(self, dimension: Dimension, explained: Mapping[str, list[Explained]]) -> ReportedDimension:
        pairs = zip(dimension.indicators, explained["indicators"], strict=True)
        return ReportedDimension.model_validate(
            {
                **explained,
                "title": dimension.title,
                "indicators": [self._indicator(one, told) for one, told in pairs],
            }
        )

    def _indicator(self, indicator: Indicator, explained: Explained) -> ReportedIndicator:
        items = [self._item(item) for item in indicator.items if item.code in self.asked]
        return ReportedIndicator.model_validate({**explained, "title": indicator.title, "items": items})

    def _item(self, item: Item) -> ReportedItem:
        answer = self.answers.get(item.code, marking.UNANSWERED)
        score = self.scores.get(item.code)
        return ReportedItem(
            code=item.code,
            text=item.text,
            type=item.type,
            state=State.UNANSWERED if answer == marking.UNANSWERED else marking.state_of(item, answer),
            value=None if item.type == "text" else answer.value,
            value_text=_words(item, answer),
            score=None if score is None else ReportedItemScore.model_validate(score),
            evidence=self._evidence(item.code),
        )

    def _evidence(self, code: str) -> list[ReportedEvidence]:
        """Only what was published has a number; the rest is not mentioned."""
        answer = self.answers.get(code, marking.UNANSWERED)
        found = [self._one(reference) for reference in answer.evidence]
        return [one for one in found if one is not None]

    def _one(self, reference: RecordingMoment | PhotoReference) -> ReportedEvidence | None:
        match reference:
            case RecordingMoment(recording=recording, at_ms=at_ms):
                number = self.numbers.get((PublishedMedium.RECORDING, recording))
                if number is not None:
                    return ReportedEvidence(recording=number, at_ms=at_ms, photo=None)
            case PhotoReference(photo=photo):
                number = self.numbers.get((PublishedMedium.PHOTO, photo))
                if number is not None:
                    return ReportedEvidence(recording=None, at_ms=None, photo=number)
        return None


def _line(publication: Publication, edition: Edition, outlet: Outlet) -> ReportOut:
    told = edition.score.explanation
    return ReportOut(
        alias=publication.alias,
        outlet=ReportedOutlet.model_validate(outlet),
        visited_on=publication.visited_on,
        day_part=publication.day_part,
        kind=publication.kind,
        status=told["status"],
        total=as_decimal(told["total"]),
        total_without_vetoes=as_decimal(told["total_without_vetoes"]),
        completeness=as_decimal(told["completeness"]),
        vetoes=len(told["vetoes"]),
        provisional=edition.provisional,
        published_at=publication.published_at,
        revision=edition.revision.number,
    )


def scores_by_item(score: ScoreRevision) -> dict[str, Explained]:
    return {
        item["code"]: item
        for dimension in score.explanation["dimensions"]
        for indicator in dimension["indicators"]
        for item in indicator["items"]
    }


def _words(item: Item, answer: Answer) -> Text | None:
    if not isinstance(item, Choice):
        return None
    return next((option.text for option in item.options if option.code == answer.value), None)


def as_decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
