"""Recording what somebody did."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import chain
from app.audit.models import AuditEntry

SHEET_TAKEN = "sheet.taken"


class Doer(Protocol):
    """Whoever does something: a person of an organisation. (Identity stands above and is audited itself.)"""

    @property
    def person_id(self) -> UUID: ...
    @property
    def organisation_id(self) -> UUID: ...


JsonValue = str | int | float | bool | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]


def record_by_itself(
    session: AsyncSession,
    organisation_id: UUID,
    action: str,
    *,
    subject_id: UUID,
    now: datetime,
    details: Mapping[str, JsonValue] | None = None,
) -> None:
    """As `record`, for what the service did by itself."""
    _add(session, organisation_id, None, action, subject_id=subject_id, now=now, details=details)


def record(
    session: AsyncSession,
    actor: Doer,
    action: str,
    *,
    subject_id: UUID,
    now: datetime,
    details: Mapping[str, JsonValue] | None = None,
) -> None:
    """Add an entry to the open transaction: `action` is `<noun>.<verb in the past>`, as in `outlet.created`."""
    organisation_id, actor_id = actor.organisation_id, actor.person_id
    _add(session, organisation_id, actor_id, action, subject_id=subject_id, now=now, details=details)


async def record_sheet(session: AsyncSession, actor: Doer, name: str, format_: str, *, now: datetime) -> None:
    """That somebody took a list out as a file: what is in it is out of the product's hands."""
    details = {"list": name, "format": format_}
    record(session, actor, SHEET_TAKEN, subject_id=actor.person_id, details=details, now=now)


def _add(
    session: AsyncSession,
    organisation_id: UUID,
    actor_id: UUID | None,
    action: str,
    *,
    subject_id: UUID,
    now: datetime,
    details: Mapping[str, JsonValue] | None,
) -> None:
    chain.add(
        session,
        AuditEntry(
            organisation_id=organisation_id,
            actor_id=actor_id,
            action=action,
            subject_id=subject_id,
            details=dict(details or {}),
            at=now,
        ),
    )
