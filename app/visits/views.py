"""From rows to wire types."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists.document import Document, Item, Load, Stage
from app.checklists.problems import TierUnknown
from app.checklists.weights import choose_profile
from app.identity.actor import Actor, Role
from app.outlets.models import Outlet
from app.visits import answering, leaving, marking, queries
from app.visits.answers import Answer as GivenAnswer
from app.visits.declared import Medium
from app.visits.models import (
    Answer,
    AnswersRevision,
    CrewMember,
    DraftAnswer,
    ScoreRevision,
    Visit,
    VisitTransition,
)
from app.visits.rules import next_states
from app.visits.schemas import (
    BriefOut,
    CrewOut,
    FindingOut,
    GateDemands,
    MissingOut,
    OutletBrief,
    ProgressOut,
    ScoreOut,
    TransitionOut,
    VisitOut,
)
from app.visits.schemas_answers import AnswerChangeOut, AnswerOut, AnswersDifferenceOut, AnswersOut
from app.visits.schemas_leaving import GateOut, GateRecordingOut, UnmetOut
from app.visits.terms import Terms, terms_of

BRIEF_GOOD_FOR = timedelta(days=7)  # an inspector may be days without a network; plans change meanwhile


async def visits(session: AsyncSession, rows: Sequence[Visit]) -> list[VisitOut]:
    outlets = await queries.outlets_of(session, rows)
    crews = await queries.crews_of(session, [row.id for row in rows])
    return [_visit(row, outlets[row.outlet_id], crews[row.id]) for row in rows]


async def visit(session: AsyncSession, row: Visit) -> VisitOut:
    return (await visits(session, [row]))[0]


def transitions(rows: Sequence[VisitTransition], viewer: Actor) -> list[TransitionOut]:
    """Inspectors see that something happened, and not who of the others did it: it may have been the outlet's side."""
    names_all = viewer.without(Role.INSPECTOR, Role.OUTLET_MANAGER).roles
    return [
        TransitionOut(
            from_state=row.from_state,
            to_state=row.to_state,
            actor_id=row.actor_id if names_all or row.actor_id == viewer.person_id else None,
            reason=row.reason,
            at=row.at,
        )
        for row in rows
    ]


async def brief(session: AsyncSession, row: Visit, *, now: datetime) -> BriefOut:
    document = await answering.document_of(session, row)
    answers = await answering.drafts(session, row)
    terms = terms_of(row)
    demands = terms.demands(row.recording_mode)
    return BriefOut(
        visit=await visit(session, row),
        checklist=document,
        veto_items=[item.code for item in _asked(document, row) if item.veto is not None],
        required_items=_required(document, row, answers),
        demands=GateDemands(
            recording=demands.medium,
            recording_minutes=demands.recording.total_seconds() / 60,
            coverage=demands.coverage,
            photos=demands.photos,
            questions=demands.questions,
            summary_characters=demands.summary_characters,
            check_out_distance_m=demands.check_out_distance_m,
        ),
        weight_profile=_profile(document, terms),
        completeness_threshold=max(document.completeness_threshold, terms.rules.completeness_threshold),
        live_score=terms.rules.live_score,
        offline_until=now + BRIEF_GOOD_FOR,
    )


def _profile(document: Document, terms: Terms) -> str | None:
    """The brief of a visit that cannot be scored is of use still: it says so by naming no weights."""
    try:
        found = choose_profile(document, tier=terms.tier, stage=Stage(terms.stage), load=Load(terms.load))
    except TierUnknown:
        return None
    return None if found is None else found.code


async def answers(session: AsyncSession, row: Visit, superseded: Sequence[str]) -> AnswersOut:
    document = await answering.document_of(session, row)
    drafts = await queries.drafts_of(session, row)
    known = {draft.item_code: answering.read(draft) for draft in drafts}
    missing = marking.missing_required(document, known, purpose=row.purpose)
    return AnswersOut(
        answers={draft.item_code: answer(draft) for draft in sorted(drafts, key=lambda one: one.item_code)},
        superseded=list(superseded),
        progress=ProgressOut(
            required=_required(document, row, known),
            missing=[MissingOut.model_validate(one) for one in missing],
            vetoes_without_evidence=list(
                marking.vetoes_without_evidence(document, known, purpose=row.purpose)
            ),
        ),
        summary=row.summary,
        questions_asked=row.questions_asked,
    )


def answer(row: DraftAnswer | Answer) -> AnswerOut:
    told = answering.read(row)
    return AnswerOut(
        value=told.value,
        state=told.state,
        reason=told.reason,
        note=told.note,
        evidence=list(told.evidence),
        device_at=row.device_at,
        received_at=row.received_at,
        clock_offset_ms=row.clock_offset_ms,
    )


async def answers_difference(
    session: AsyncSession, row: Visit, revision: AnswersRevision
) -> AnswersDifferenceOut:
    """From the revision before to this one. Raises `NotFound` for the first."""
    earlier = await queries.get_answers_revision(session, row, revision.number - 1)
    before = {one.item_code: one for one in await queries.answers_in(session, earlier.id)}
    after = {one.item_code: one for one in await queries.answers_in(session, revision.id)}
    return AnswersDifferenceOut(
        number=revision.number,
        before_number=earlier.number,
        made_at=revision.made_at,
        items=[
            AnswerChangeOut(item=item.code, text=item.text, before=_said(old), after=_said(new))
            for item in (await answering.document_of(session, row)).items()
            for old, new in [(before.get(item.code), after.get(item.code))]
            if (old and old.content) != (new and new.content)
        ],
    )


def _said(row: Answer | None) -> AnswerOut | None:
    return None if row is None else answer(row)


async def gate(session: AsyncSession, row: Visit) -> GateOut:
    judgement = await leaving.judge(session, row)
    return GateOut(
        may_leave=not judgement.unmet,
        unmet=[
            UnmetOut(rule=one.rule, message=one.message, where=list(one.where)) for one in judgement.unmet
        ],
        coverage=round(judgement.coverage, 6),
        recorded_minutes=round(judgement.recorded.total_seconds() / 60, 6),
        recordings=[
            GateRecordingOut(
                recording_id=UUID(file.id),
                quality=file.quality,
                basis=file.basis,
                findings=[FindingOut.model_validate(finding) for finding in file.findings],
            )
            for file in judgement.files
            if file.medium is not Medium.PHOTO
        ],
    )


def score(row: ScoreRevision) -> ScoreOut:
    told = row.explanation
    return ScoreOut(
        id=row.id,
        number=row.number,
        status=row.status,
        total=_exact(told["total"]),
        total_without_vetoes=_exact(told["total_without_vetoes"]),
        completeness=_exact(told["completeness"]),
        weight_profile=row.weight_profile,
        engine_version=row.engine_version,
        explanation=told,
        difference=row.difference,
        reason=row.reason,
        made_at=row.made_at,
    )


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _visit(row: Visit, outlet: Outlet, crew: Sequence[CrewMember]) -> VisitOut:
    return VisitOut(
        id=row.id,
        outlet=OutletBrief.model_validate(outlet),
        programme_id=row.programme_id,
        checklist_version_id=row.checklist_version_id,
        planned_on=row.planned_on,
        day_part=row.day_part,
        kind=row.kind,
        purpose=row.purpose,
        scenario=row.scenario,
        state=row.state,
        recording_mode=row.recording_mode,
        crew=[CrewOut.model_validate(member) for member in crew],
        entered_at=row.entered_at,
        left_at=row.left_at,
        submitted_at=row.submitted_at,
        summary=row.summary,
        questions_asked=row.questions_asked,
        breaks_rotation=row.breaks_rotation,
        version=row.version,
        next_states=next_states(row.state),
    )


def _asked(document: Document, row: Visit) -> Sequence[Item]:
    return marking.asked_items(document, purpose=row.purpose)


def _required(document: Document, row: Visit, answers: Mapping[str, GivenAnswer]) -> list[str]:
    return [item.code for item in _asked(document, row) if marking.is_required(item, answers)]
