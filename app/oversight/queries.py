"""Every SELECT over the audit trail that somebody may read."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEntry, AuditLink
from app.identity.actor import Actor, Role
from app.kit.problems import Forbidden
from app.outlets import queries as outlets
from app.outlets.models import Outlet
from app.outlets.queries_duties import grants_of, names_nothing
from app.oversight.schemas import AuditFilter
from app.recordings.models import Recording
from app.visits.models import Visit

READERS = (Role.ADMIN, Role.AUDITOR)


async def visible_to(session: AsyncSession, actor: Actor, *, now: datetime) -> sa.Select[AuditLink]:
    """Places of the chain whose entries the actor may read, joined with these: admins all of the organisation, auditors
    what a grant names: without a place in it everything, otherwise what was done to its outlets, their visits and
    recordings. `Forbidden` for other roles.
    """
    actor.require(*READERS)
    rows = (
        sa.select(AuditLink)
        .join(AuditEntry, AuditEntry.id == AuditLink.entry_id)
        .where(AuditLink.organisation_id == actor.organisation_id)
    )
    if await sees_everything(session, actor, now=now):
        return rows
    return rows.where(AuditEntry.subject_id.in_(_subjects(actor, now)))


async def sees_everything(session: AsyncSession, actor: Actor, *, now: datetime) -> bool:
    if actor.has(Role.ADMIN):
        return True
    whole = grants_of(actor, now).where(names_nothing()).exists()
    return actor.has(Role.AUDITOR) and bool(await session.scalar(sa.select(whole)))


async def require_everything(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
    if not await sees_everything(session, actor, now=now):
        raise Forbidden("The chain is one: this needs an admin, or an auditor whose grant names no place.")


def narrowed(rows: sa.Select[AuditLink], wanted: AuditFilter) -> sa.Select[AuditLink]:
    """Fewer of `rows`; what is null does not narrow."""
    if wanted.subject_id is not None:
        rows = rows.where(AuditEntry.subject_id == wanted.subject_id)
    if wanted.actor_id is not None:
        rows = rows.where(AuditEntry.actor_id == wanted.actor_id)
    if wanted.action is not None:
        rows = rows.where(_is_of(wanted.action))
    if wanted.since is not None:
        rows = rows.where(AuditEntry.at >= wanted.since)
    return rows if wanted.until is None else rows.where(AuditEntry.at < wanted.until)


def _is_of(action: str) -> sa.ColumnElement[bool]:
    if "." in action:
        return AuditEntry.action == action
    return AuditEntry.action.startswith(f"{action}.", autoescape=True)


def _subjects(actor: Actor, now: datetime) -> sa.CompoundSelect[UUID]:
    granted = Actor(actor.person_id, actor.organisation_id, frozenset({Role.AUDITOR}), actor.login_id)
    own = Outlet.organisation_id == actor.organisation_id
    halls = sa.select(Outlet.id).where(own, outlets.in_reach_of(granted, Outlet.id, now=now))
    visits = sa.select(Visit.id).where(
        Visit.organisation_id == actor.organisation_id, outlets.in_reach_of(granted, Visit.outlet_id, now=now)
    )
    recordings = sa.select(Recording.id).where(Recording.visit_id.in_(visits))
    return sa.union_all(halls, visits, recordings)
