"""A forgotten password: an admin hands over a link with which its owner sets a new one, once and for a while.

It opens no log-in: whoever has a second factor needs it afterwards as before.
"""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record, record_by_itself
from app.identity import queries
from app.identity.actor import Actor, Role
from app.identity.letters import Change
from app.identity.models import PasswordLink
from app.identity.passwords import Passwords
from app.identity.schemas import NewPasswordIn, PasswordLinkOut
from app.identity.strength import require_strength
from app.identity.telling import tell
from app.identity.tokens import fingerprint, new_secret
from app.kit.ids import new_id
from app.settings import Settings


async def make(
    session: AsyncSession, actor: Actor, person_id: UUID, *, settings: Settings, now: datetime
) -> PasswordLinkOut:
    """Its token, which is shown once and stored as a hash; one made earlier is void. Raises `Forbidden`, `NotFound`."""
    actor.require(Role.ADMIN)
    person = await queries.get_person(session, actor, person_id)
    secret = new_secret()
    expires_at = now + timedelta(hours=settings.invitation_hours)
    await session.execute(sa.delete(PasswordLink).where(PasswordLink.person_id == person.id))
    session.add(
        PasswordLink(
            id=new_id(),
            person_id=person.id,
            token_hash=fingerprint(secret),
            created_at=now,
            expires_at=expires_at,
        )
    )
    record(session, actor, "password_link.made", subject_id=person.id, now=now)
    await tell(session, person.id, Change.PASSWORD_LINK, now=now)
    return PasswordLinkOut(token=secret, expires_at=expires_at)


async def use(session: AsyncSession, body: NewPasswordIn, *, passwords: Passwords, now: datetime) -> None:
    """Raises `PasswordLinkInvalid` or `WeakPassword`. All log-ins of the person end."""
    link = await queries.get_password_link(session, fingerprint(body.token), now=now)
    person = await queries.get_account(session, link.person_id)
    await require_strength(passwords, body.new_password, about=person.email)
    person.password_hash = await passwords.hash(body.new_password)
    await session.delete(link)
    await session.execute(queries.end_logins(person_id=person.id, now=now, because="password changed"))
    organisation_id = person.organisation_id
    record_by_itself(session, organisation_id, "password.changed", subject_id=person.id, now=now)
    await tell(session, person.id, Change.PASSWORD, now=now)
