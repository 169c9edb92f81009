"""Announcing what happened."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import JsonValue
from app.events.kinds import Kind
from app.events.models import Event, InboxEntry
from app.kit.ids import new_id


def announce(
    session: AsyncSession,
    kind: Kind,
    *,
    organisation_id: UUID,
    subject_id: UUID,
    visit_id: UUID | None = None,
    outlet_id: UUID | None = None,
    people: Iterable[UUID] = (),
    data: Mapping[str, JsonValue] | None = None,
    now: datetime,
) -> None:
    """Add an event to the open transaction; `people` find it in their inbox, each once.

    `subject_id` is the row the noun of the kind names: the visit of `visit.left`, the appeal of `appeal.filed`. Give
    `visit_id` and `outlet_id` wherever there is one. `data` may hold what some reader may know: nobody is told a
    value that is not on the list for the kind and the reader's role.
    """
    event = Event(
        id=new_id(),
        organisation_id=organisation_id,
        kind=kind,
        subject_id=subject_id,
        visit_id=visit_id,
        outlet_id=outlet_id,
        data=dict(data or {}),
        at=now,
    )
    session.add(event)
    for person_id in sorted(set(people)):
        session.add(InboxEntry(id=new_id(), event=event, person_id=person_id, at=now, read_at=None))
