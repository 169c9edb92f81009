"""Telling people by mail what became of their account (OWASP ASVS 4.0.3, 2.2.3): always, no preference ends it.

The job is enqueued with the change and knows ids; names and addresses are read when the letter is written.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity import queries
from app.identity.actor import Role
from app.identity.letters import Change, Told, subject_of, text_of
from app.kit.ids import new_id
from app.kit.jobs import Resources, enqueue
from app.kit.mail import Letter, post_of

TELL = "identity.tell"


async def tell(
    session: AsyncSession,
    person_id: UUID,
    change: Change,
    *,
    now: datetime,
    device_id: UUID | None = None,
    roles: Sequence[Role] = (),
    active: bool = True,
) -> None:
    """Have the person told, if the open transaction is committed."""
    told = Told(change=change, at=now, device_id=device_id, roles=tuple(roles), active=active)
    letter_id = new_id().hex
    waiting = told.model_dump(mode="json")
    await enqueue(session, TELL, letter_id, str(person_id), waiting, workflow_id=f"{TELL}:{letter_id}")


async def mail(resources: Resources, letter_id: str, person_id: UUID, told: Told) -> None:
    """One letter. Raises `MailFailed`."""
    async with resources.database.reading() as session:
        person = await queries.get_account(session, person_id)
        device = await queries.find_device(session, told.device_id) if told.device_id else None
    name = None if device is None else device.name
    await post_of(resources.settings).send(
        Letter(
            number=letter_id,
            to=person.email,
            subject=subject_of(told, person.language),
            text=text_of(told, person.language, device=name, address=resources.settings.address),
            unsubscribe_at=None,
            at=told.at,
        )
    )
