"""Every SELECT over what may be misuse, and over the alerts that were raised."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEntry
from app.identity.actor import Actor, Role
from app.identity.models import Login, LoginAttempt, Person, PersonRole
from app.kit.batches import rows_by_id
from app.kit.problems import Forbidden
from app.misuse.models import Alert, Watch
from app.outlets.models import AuditorGrant
from app.outlets.queries_duties import names_nothing
from app.oversight.queries import READERS, require_everything
from app.recordings.models import Playback, Recording, Rendition
from app.recordings.rules import RenditionKind


async def visible_to(session: AsyncSession, actor: Actor, *, now: datetime) -> sa.Select[Alert]:
    """For admins, and auditors whose grant names no place. `Forbidden` for others, and for whoever is an outlet's too:
    an alert names people who inspect (D10.1).
    """
    actor.require(*READERS)
    if actor.has(Role.OUTLET_MANAGER):
        raise Forbidden("Alerts name people who inspect: whoever manages an outlet reads none.")
    await require_everything(session, actor, now=now)
    return sa.select(Alert).where(Alert.organisation_id == actor.organisation_id)


async def people_among(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Person]:
    """For those who may read the alerts that name them."""
    return await rows_by_id(session, Person, ids)


# What the job asks; nobody's leave is needed.


@dataclass(frozen=True, slots=True)
class Span:
    """Of one organisation, from a moment on up to another with it."""

    organisation_id: UUID
    since: datetime
    until: datetime


async def hold_watch(session: AsyncSession, organisation_id: UUID, *, otherwise: datetime) -> Watch:
    """Locked: two that look at the same organisation do so one after the other."""
    watch = await session.get(Watch, organisation_id, with_for_update=True)
    if watch is None:
        watch = Watch(organisation_id=organisation_id, until=otherwise)
        session.add(watch)
        await session.flush()
    return watch


async def readers_of(session: AsyncSession, organisation_id: UUID, *, now: datetime) -> set[UUID]:
    """Everybody to whom `visible_to` shows the organisation's alerts."""
    may = sa.or_(
        _holds(Role.ADMIN),
        sa.and_(
            _holds(Role.AUDITOR),
            sa.exists().where(
                AuditorGrant.person_id == Person.id,
                AuditorGrant.revoked_at.is_(None),
                AuditorGrant.valid_until > now,
                names_nothing(),
            ),
        ),
    )
    rows = await session.scalars(
        sa.select(Person.id).where(
            Person.organisation_id == organisation_id, Person.active, may, ~_holds(Role.OUTLET_MANAGER)
        )
    )
    return set(rows)


def _holds(role: Role) -> sa.Exists:
    return sa.exists().where(PersonRole.person_id == Person.id, PersonRole.role == role)


async def opened(session: AsyncSession, span: Span) -> Sequence[tuple[UUID, datetime, UUID, UUID, bool]]:
    """Players: whose, when, of which visit and recording, and whether of the original."""
    rows = await session.execute(
        sa.select(Playback.viewer_id, Playback.opened_at, Recording.visit_id, Recording.id, Rendition.kind)
        .join(Rendition, Rendition.id == Playback.rendition_id)
        .join(Recording, Recording.id == Rendition.recording_id)
        .where(
            Playback.organisation_id == span.organisation_id,
            Playback.opened_at > span.since,
            Playback.opened_at <= span.until,
        )
    )
    return [
        (viewer, at, visit, recording, kind is RenditionKind.ORIGINAL)
        for viewer, at, visit, recording, kind in rows
    ]


async def entries_of(session: AsyncSession, span: Span, *actions: str) -> Sequence[AuditEntry]:
    rows = await session.scalars(
        sa.select(AuditEntry).where(
            AuditEntry.organisation_id == span.organisation_id,
            AuditEntry.at > span.since,
            AuditEntry.at <= span.until,
            AuditEntry.action.in_(actions),
        )
    )
    return rows.all()


async def failures(session: AsyncSession, span: Span) -> Sequence[tuple[LoginAttempt, bool]]:
    """Failed log-ins of people of the organisation, and whether the person got in afterwards."""
    got_in = sa.exists().where(
        Login.person_id == LoginAttempt.person_id,
        Login.created_at > LoginAttempt.at,
        Login.created_at <= span.until,
    )
    rows = await session.execute(
        sa.select(LoginAttempt, got_in)
        .join(Person, Person.id == LoginAttempt.person_id)
        .where(
            Person.organisation_id == span.organisation_id,
            LoginAttempt.at > span.since,
            LoginAttempt.at <= span.until,
        )
    )
    return [(attempt, got_in) for attempt, got_in in rows]


async def raised_on(
    session: AsyncSession, organisation_id: UUID, days: Collection[object]
) -> set[tuple[str, str, object]]:
    """(rule, whose, day) of every alert of those days."""
    rows = await session.execute(
        sa.select(Alert.rule, Alert.whose, Alert.day).where(
            Alert.organisation_id == organisation_id, Alert.day.in_(days)
        )
    )
    return {(rule, whose, day) for rule, whose, day in rows}
