"""Each person's own inbox: what there is to know, what was read, and what comes by mail too."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.events import queries
from app.events.kinds import Kind
from app.events.models import Event, InboxEntry, MailPreferences
from app.events.texts import MAILED
from app.events.whitelist import Told, kinds_for, told
from app.identity.actor import Actor, Role


def kinds_of(actor: Actor) -> list[Kind]:
    """What somebody with these roles may be told of; entries of other kinds are not shown, should there be any."""
    roles = [Role.OUTLET_MANAGER] if actor.has(Role.OUTLET_MANAGER) else actor.roles
    allowed = {kind for role in roles for kind in kinds_for(role)}
    return [kind for kind in Kind if kind in allowed]


def known_of(roles: frozenset[Role], event: Event) -> Told:
    """What its reader may know of an event."""
    return told(roles, event.kind, values_of(event, event.outlet_id)) or {}


def may_know(roles: frozenset[Role], event: Event) -> bool:
    return told(roles, event.kind, {}) is not None


def values_of(event: Event, outlet_id: UUID | None) -> dict[str, object]:
    """Everything there is to know of an event; who may know what, the whitelist says."""
    named = {"subject_id": event.subject_id, "visit_id": event.visit_id, "outlet_id": outlet_id}
    return {**event.data, **{name: str(value) for name, value in named.items() if value is not None}}


async def read(session: AsyncSession, actor: Actor, entry_id: UUID, *, now: datetime) -> InboxEntry:
    """Twice is once."""
    entry = await queries.get_entry(session, actor, kinds_of(actor), entry_id)
    entry.read_at = entry.read_at or now
    await session.flush()
    return entry


async def read_all(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
    """How many were unread."""
    unread, _total = await queries.counts_of(session, actor, kinds_of(actor))
    await session.execute(queries.mark_all_read(actor, now=now))
    return unread


async def preferences(session: AsyncSession, actor: Actor) -> list[Kind]:
    found = await queries.find_preferences(session, actor.person_id)
    return [kind for kind in kinds_of(actor) if kind in wanted_of(found)]


async def prefer(session: AsyncSession, actor: Actor, by_mail: list[Kind]) -> None:
    found = await queries.find_preferences(session, actor.person_id)
    if found is None:
        found = MailPreferences(person_id=actor.person_id)
        session.add(found)
    found.kinds = sorted({str(kind) for kind in by_mail})
    await session.flush()


def wanted_of(preferences: MailPreferences | None) -> frozenset[str]:
    return frozenset(MAILED if preferences is None else preferences.kinds)
