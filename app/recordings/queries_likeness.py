"""Looking for recordings that hold what another holds; one organisation's among themselves (D10.6)."""

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.batches import batched
from app.recordings.models import Duplicate, FingerprintKey, Recording
from app.recordings.rules import State


async def sharing_keys(session: AsyncSession, recording: Recording, keys: Collection[int]) -> list[UUID]:
    """Recordings of other visits that share keys with this one, those with the most first."""
    shared: Counter[UUID] = Counter()
    for some in batched(keys):
        rows = await session.execute(having_keys(recording.organisation_id, some))
        for recording_id, number in rows:
            shared[recording_id] += number
    here = set(await session.scalars(sa.select(Recording.id).where(Recording.visit_id == recording.visit_id)))
    return [one for one, _number in shared.most_common() if one not in here]


def having_keys(organisation_id: UUID, keys: Sequence[int]) -> sa.Select[UUID, int]:
    """How many of the keys each recording has; answered from the primary key alone."""
    return (
        sa.select(FingerprintKey.recording_id, sa.func.count().label("number"))
        .where(FingerprintKey.organisation_id == organisation_id, FingerprintKey.key.in_(keys))
        .group_by(FingerprintKey.recording_id)
    )


async def same_files(session: AsyncSession, recording: Recording) -> Sequence[UUID]:
    """Recordings of other visits with the very same bytes, that arrived and were read back."""
    rows = await session.scalars(
        sa.select(Recording.id)
        .where(
            Recording.organisation_id == recording.organisation_id,
            Recording.sha256 == recording.sha256,
            Recording.visit_id != recording.visit_id,
            Recording.state.in_((State.VERIFIED, State.PROCESSED)),
        )
        .order_by(Recording.created_at, Recording.id)
    )
    return rows.all()


async def duplicates_of(session: AsyncSession, recording_ids: Collection[UUID]) -> Sequence[Duplicate]:
    """What was found of each, the most alike first; the caller has found out who may see it."""
    rows = await session.scalars(
        sa.select(Duplicate)
        .where(Duplicate.recording_id.in_(recording_ids))
        .order_by(Duplicate.recording_id, Duplicate.similarity.desc(), Duplicate.earlier_id)
    )
    return rows.all()


async def visits_of(session: AsyncSession, recording_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """By recording, the visit it belongs to."""
    rows = await session.execute(
        sa.select(Recording.id, Recording.visit_id).where(Recording.id.in_(recording_ids))
    )
    return {row.id: row.visit_id for row in rows}
