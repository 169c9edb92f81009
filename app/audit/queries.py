"""Every SELECT over the audit trail that is made for nobody in particular; who may read it is decided above."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEntry, AuditHead, AuditLink


async def chained_organisations(session: AsyncSession) -> Sequence[UUID]:
    """Organisations of which anything was ever written down."""
    heads = sa.select(AuditHead.organisation_id)
    links = sa.select(AuditLink.organisation_id)
    entries = sa.select(AuditEntry.organisation_id)
    return (await session.scalars(sa.union(heads, links, entries))).all()


async def links_after(
    session: AsyncSession, organisation_id: UUID, number: int, *, limit: int
) -> Sequence[tuple[AuditLink, AuditEntry | None]]:
    """The links of a chain that follow that number, in order, with what they speak of if it is there."""
    rows = await session.execute(
        sa.select(AuditLink, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
        .where(AuditLink.organisation_id == organisation_id, AuditLink.number > number)
        .order_by(AuditLink.number)
        .limit(limit)
    )
    return [(link, entry) for link, entry in rows]


def _outside(organisation_id: UUID) -> sa.Select[AuditEntry]:
    linked = sa.exists().where(AuditLink.entry_id == AuditEntry.id)
    return sa.select(AuditEntry).where(AuditEntry.organisation_id == organisation_id, ~linked)


async def count_outside(session: AsyncSession, organisation_id: UUID) -> int:
    """Entries that no link speaks of."""
    entries = _outside(organisation_id).subquery()
    return int(await session.scalar(sa.select(sa.func.count()).select_from(entries)) or 0)


async def entries_outside(
    session: AsyncSession, organisation_id: UUID, *, limit: int
) -> Sequence[AuditEntry]:
    """Those, oldest first."""
    rows = await session.scalars(
        _outside(organisation_id).order_by(AuditEntry.at, AuditEntry.id).limit(limit)
    )
    return rows.all()


async def entries_among(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, AuditEntry]:
    rows = await session.scalars(sa.select(AuditEntry).where(AuditEntry.id.in_(ids)))
    return {row.id: row for row in rows}
