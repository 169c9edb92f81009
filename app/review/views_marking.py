"""From rows to wire types, for second markings."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.outlets.models import Outlet
from app.recordings import queries as recordings
from app.review import queries_marking, second_marking
from app.review.casework import Casework
from app.review.models import MarkingTask, SecondMarking
from app.review.pairing import markable
from app.review.schemas_marking import (
    MarkedFileOut,
    MarkingSheetOut,
    MarkingTaskOut,
    PairOut,
    SaidOut,
    SecondMarkingOut,
)
from app.review.schemas_reports import ReportedOutlet
from app.visits import answering
from app.visits import queries as visits
from app.visits.answers import Answer
from app.visits.models import Visit


async def tasks(session: AsyncSession, rows: Sequence[MarkingTask]) -> list[MarkingTaskOut]:
    """What a marker may know: nothing of the crew, their words, the score or the review."""
    found = await queries_marking.visits_of(session, rows)
    outlets = await visits.outlets_of(session, list(found.values()))
    done = await queries_marking.markings_of(session, list(found))
    return [
        _task(row, visit, outlets[visit.outlet_id], done.get(visit.id))
        for row in rows
        for visit in [found[row.visit_id]]
    ]


async def sheet(session: AsyncSession, task: MarkingTask, visit: Visit) -> MarkingSheetOut:
    document = await answering.document_of(session, visit)
    drafts = await second_marking.drafts_of(session, task)
    return MarkingSheetOut(
        **dict((await tasks(session, [task]))[0]),
        checklist=document,
        items=[item.code for item in markable(document, purpose=visit.purpose)],
        files=await _files(session, visit),
        answers={code: said(answer) for code, answer in drafts.items()},
        open_items=second_marking.open_items(document, visit, drafts),
    )


def of_visit(work: Casework) -> SecondMarkingOut:
    """For the desk, after the marking is handed in with all it says."""
    return SecondMarkingOut(
        status=work.standing.status,
        is_drawn=work.standing.is_drawn,
        marker_id=work.task.marker_id if work.task else None,
        assigned_at=work.task.assigned_at if work.task else None,
        submitted_at=work.second.submitted_at if work.second else None,
        excused_by=work.excuse.decided_by if work.excuse else None,
        excused_because=work.excuse.reason if work.excuse else None,
        pairs=[
            PairOut(
                item=pair.item.code,
                text=pair.item.text,
                first=None if pair.first is None else said(pair.first),
                second=said(pair.second),
                differs=pair.differs,
            )
            for pair in work.pairs()
        ],
    )


def _task(row: MarkingTask, visit: Visit, outlet: Outlet, done: SecondMarking | None) -> MarkingTaskOut:
    assert visit.entered_on is not None
    return MarkingTaskOut(
        id=row.id,
        visit_id=visit.id,
        outlet=ReportedOutlet.model_validate(outlet),
        visited_on=visit.entered_on,
        kind=visit.kind,
        assigned_at=row.assigned_at,
        submitted_at=done.submitted_at if done else None,
    )


def said(answer: Answer) -> SaidOut:
    return SaidOut.model_validate({**dict(answer), "evidence": list(answer.evidence)})


async def _files(session: AsyncSession, visit: Visit) -> list[MarkedFileOut]:
    """Recordings and photos, in the order in which they were declared."""
    rows = await recordings.recordings_of_visit(session, visit.id)
    reports = await recordings.reports_of(session, [row.id for row in rows])
    return [
        MarkedFileOut(
            recording_id=row.id,
            medium=row.medium,
            duration_ms=reports[row.id].duration_ms if row.id in reports else None,
        )
        for row in rows
        if row.medium in second_marking.HEARD
    ]
