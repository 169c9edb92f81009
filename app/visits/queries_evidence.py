"""SELECTs over evidence that arrived and proves little. Public ones take the actor first."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.batches import batched
from app.recordings.models import Recording, RecordingReport
from app.recordings.rules import State as RecordingState
from app.visits.models import Excuse, ManifestEntry, Visit
from app.visits.queries import visible_to
from app.visits.rules import ON_SITE, State

OPEN = (*ON_SITE, State.SUBMITTED, State.IN_REVIEW, State.APPROVED)  # something can still be done about it


def failed_files(actor: Actor, *, now: datetime) -> sa.Select[Recording]:
    """Files of visits the actor may see that were rejected, or whose latest look found them black, silent or unusable.

    Those the desk has excused are not among them, and none of a visit that is published or over.
    """
    theirs = visible_to(actor, now=now).where(Visit.state.in_(OPEN)).with_only_columns(Visit.id)
    excused = sa.exists().where(Excuse.recording_id == Recording.id)
    return sa.select(Recording).where(
        Recording.visit_id.in_(theirs),
        sa.or_(Recording.state == RecordingState.REJECTED, _found_poor()),
        ~excused,
    )


async def declared_by_visit(session: AsyncSession, visit_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Ids of the files each visit's manifest declares."""
    found: dict[UUID, list[UUID]] = {visit_id: [] for visit_id in visit_ids}
    for some in batched(visit_ids):
        rows = await session.execute(
            sa.select(ManifestEntry.visit_id, ManifestEntry.recording_id)
            .where(ManifestEntry.visit_id.in_(some))
            .order_by(ManifestEntry.recording_id)
        )
        for visit_id, recording_id in rows:
            found[visit_id].append(recording_id)
    return found


def _found_poor() -> sa.ColumnElement[bool]:
    later = sa.orm.aliased(RecordingReport)
    latest = (
        sa.select(later.id)
        .where(later.recording_id == Recording.id)
        .order_by(later.made_at.desc(), later.id.desc())
        .limit(1)
        .correlate(Recording)
        .scalar_subquery()
    )
    return sa.exists().where(
        RecordingReport.id == latest,
        sa.or_(RecordingReport.black, RecordingReport.silent, RecordingReport.unusable),
    )
