"""From rows to wire types: actions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import queries_files, views_files
from app.cases.models_actions import Action, ActionStep
from app.cases.rechecking import MICRO
from app.cases.rules_actions import State
from app.cases.schemas_actions import (
    ActionDetail,
    ActionOut,
    ActionStepOut,
    BoardCountsOut,
    LinkedReportOut,
    OwnerOut,
    StateCount,
)
from app.checklists.document import Text
from app.identity import queries as identity
from app.outlets.models import Outlet
from app.review import queries_reports
from app.review.models import Publication
from app.review.schemas_reports import ReportedOutlet


async def listed(session: AsyncSession, actions: Sequence[Action], *, now: datetime) -> list[ActionOut]:
    wanted = {one for row in actions for one in (row.publication_id, row.verified_in) if one is not None}
    publications = await queries_reports.publications_by_id(session, wanted)
    outlets = await queries_reports.outlets_of(session, list(publications.values()))
    owners = await identity.names_of(session, {row.owner_id for row in actions if row.owner_id})
    return [_line(row, publications, outlets, owners, now=now) for row in actions]


async def detail(session: AsyncSession, action: Action, *, now: datetime) -> ActionDetail:
    (line,) = await listed(session, [action], now=now)
    proofs = [views_files.file(one) for one in await queries_files.files_of(session, action)]
    return ActionDetail(**dict(line), proofs=proofs)


async def steps(session: AsyncSession, rows: Sequence[ActionStep]) -> list[ActionStepOut]:
    publications = await queries_reports.publications_by_id(
        session, {row.publication_id for row in rows if row.publication_id is not None}
    )
    return [
        ActionStepOut(
            kind=row.kind,
            state=row.state,
            note=row.note,
            actor_id=row.actor_id,
            report=_linked(publications, row.publication_id),
            at=row.at,
        )
        for row in rows
    ]


def counts(found: Mapping[State, int], overdue: int) -> BoardCountsOut:
    return BoardCountsOut(
        states=[StateCount(state=state, count=found.get(state, 0)) for state in State], overdue=overdue
    )


def _line(
    row: Action,
    publications: Mapping[UUID, Publication],
    outlets: Mapping[UUID, Outlet],
    owners: Mapping[UUID, str],
    *,
    now: datetime,
) -> ActionOut:
    report = _linked(publications, row.publication_id)
    assert report is not None
    return ActionOut(
        id=row.id,
        outlet=ReportedOutlet.model_validate(outlets[row.outlet_id]),
        checklist=row.checklist_code,
        item=row.item_code,
        text=Text.model_validate(row.item_text),
        state=row.state,
        origin=row.origin,
        reason=row.reason,
        target=Decimal(row.target_micro) / MICRO,
        owner=None if row.owner_id is None else OwnerOut(id=row.owner_id, name=owners[row.owner_id]),
        report=report,
        recording=row.recording_number,
        at_ms=row.at_ms,
        opened_at=row.opened_at,
        due_on=row.due_on,
        overdue=row.closed_at is None and now >= row.due_at,
        times_failed=row.times_failed,
        verified_by=_linked(publications, row.verified_in),
        closed_at=row.closed_at,
        closed_because=row.closed_because,
        version=row.version,
    )


def _linked(publications: Mapping[UUID, Publication], wanted: UUID | None) -> LinkedReportOut | None:
    return None if wanted is None else LinkedReportOut.model_validate(publications[wanted])
