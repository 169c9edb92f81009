"""Reading the trail, and having its chain recomputed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.chain import TRAIL
from app.audit.models import AuditLink
from app.audit.queries import entries_among
from app.identity.actor import Actor
from app.kit.chains import ChainReport, verify_chain
from app.kit.paging import Key, Slice, paginate
from app.oversight import queries
from app.oversight.schemas import AuditEntryOut, AuditFilter, VerificationFilter


async def list_entries(
    session: AsyncSession, actor: Actor, wanted: AuditFilter, *, now: datetime
) -> Slice[AuditLink]:
    """Newest first. Raises `Forbidden`."""
    rows = queries.narrowed(await queries.visible_to(session, actor, now=now), wanted)
    return await paginate(session, rows, wanted, by=[Key(AuditLink.number, descending=True)])


async def shown(session: AsyncSession, links: Sequence[AuditLink]) -> list[AuditEntryOut]:
    entries = await entries_among(session, [link.entry_id for link in links])
    return [
        AuditEntryOut(
            number=link.number,
            at=entry.at,
            actor_id=entry.actor_id,
            action=entry.action,
            subject_id=entry.subject_id,
            details=entry.details,
            hash=link.hash,
        )
        for link, entry in ((link, entries[link.entry_id]) for link in links)
    ]


async def verify(
    session: AsyncSession, actor: Actor, wanted: VerificationFilter, *, now: datetime
) -> ChainReport:
    """Raises `Forbidden`."""
    await queries.require_everything(session, actor, now=now)
    return await verify_chain(session, TRAIL, actor.organisation_id, after=wanted.after, most=wanted.limit)
