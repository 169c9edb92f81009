"""Rows as callers get them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.events import queries as events
from app.events import views as inbox_views
from app.events.inbox import kinds_of
from app.identity.actor import Actor
from app.recordings.models import Recording
from app.recordings.rules import may_free_phone_copy
from app.review import queries as reviews
from app.review.models import SendBack, SendBackItem
from app.review.schemas import SendBackItemOut, SendBackOut
from app.sync import queries
from app.sync.schemas import SyncedRecordingOut, SyncedVisitOut, SyncOut
from app.sync.service import Changes
from app.visits import views as visit_views


async def of_changes(session: AsyncSession, actor: Actor, changes: Changes, *, now: datetime) -> SyncOut:
    shown = await visit_views.visits(session, changes.visits)
    ids = [visit.id for visit in changes.visits]
    recordings = await queries.recordings_among(session, ids)
    send_backs = await _send_backs(session, ids)
    unread, _total = await events.counts_of(session, actor, kinds_of(actor))
    return SyncOut(
        visits=[
            SyncedVisitOut(
                visit=visit,
                changed=changes.changed.get(visit.id, []),
                recordings=[_recording(row) for row in recordings.get(visit.id, [])],
                send_backs=send_backs.get(visit.id, []),
            )
            for visit in shown
        ],
        gone=list(changes.gone),
        inbox=[inbox_views.of_entry(actor, entry) for entry in changes.entries],
        unread=unread,
        cursor=str(changes.cursor),
        more=changes.more,
        at=now,
    )


async def _send_backs(session: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, list[SendBackOut]]:
    """By visit, newest first."""
    rows = await queries.send_backs_among(session, visit_ids)
    items = await reviews.items_of(session, [row for row, _number in rows])
    found: dict[UUID, list[SendBackOut]] = {}
    for row, number in rows:
        found.setdefault(row.visit_id, []).append(_send_back(row, number, items[row.id]))
    return found


def _send_back(row: SendBack, number: int, items: Sequence[SendBackItem]) -> SendBackOut:
    return SendBackOut(
        id=row.id,
        reason=row.reason,
        items=[SendBackItemOut(item=one.item_code, reason=one.reason) for one in items],
        answers_revision=number,
        sent_at=row.sent_at,
    )


def _recording(row: Recording) -> SyncedRecordingOut:
    return SyncedRecordingOut(
        id=row.id,
        medium=row.medium,
        state=row.state,
        may_free_copy=may_free_phone_copy(row.state),
        rejected_code=row.rejected_code,
    )
