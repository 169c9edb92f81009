"""Inviting people, changing what they may do, and taking access away."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import sqlalchemy.orm
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record, record_by_itself
from app.identity import queries
from app.identity.actor import Actor, Role
from app.identity.letters import Change
from app.identity.models import Invitation, Organisation, Person, PersonRole
from app.identity.passwords import Passwords
from app.identity.problems import LastAdmin
from app.identity.proving import Credentials, proven_again
from app.identity.schemas import AcceptIn, InvitationIn, PasswordChangeIn, PersonIn, ProofIn
from app.identity.strength import require_strength
from app.identity.telling import tell
from app.identity.tokens import fingerprint, new_secret
from app.kit.etags import require_version
from app.kit.ids import new_id
from app.settings import Settings


async def invite(
    session: AsyncSession, actor: Actor, body: InvitationIn, *, settings: Settings, now: datetime
) -> tuple[Invitation, str]:
    """The invitation and its token, which is shown once and stored as a hash."""
    actor.require(Role.ADMIN)
    invitation, secret = make_invitation(
        actor.organisation_id,
        body.email,
        body.name,
        body.roles,
        invited_by=actor.person_id,
        settings=settings,
        now=now,
    )
    session.add(invitation)
    record(
        session,
        actor,
        "person.invited",
        subject_id=invitation.id,
        details={"roles": list(body.roles)},
        now=now,
    )
    await session.flush()
    return invitation, secret


def make_invitation(
    organisation_id: UUID,
    email: str,
    name: str,
    roles: Iterable[Role],
    *,
    invited_by: UUID | None,
    settings: Settings,
    now: datetime,
) -> tuple[Invitation, str]:
    secret = new_secret()
    invitation = Invitation(
        id=new_id(),
        organisation_id=organisation_id,
        email=email,
        name=name,
        roles=sorted({str(role) for role in roles}),
        token_hash=fingerprint(secret),
        invited_by=invited_by,
        created_at=now,
        expires_at=now + timedelta(hours=settings.invitation_hours),
    )
    return invitation, secret


async def withdraw_invitation(
    session: AsyncSession, actor: Actor, invitation_id: UUID, *, now: datetime
) -> None:
    actor.require(Role.ADMIN)
    invitation = await queries.get_invitation(session, actor, invitation_id)
    invitation.revoked_at = invitation.revoked_at or now
    record(session, actor, "invitation.withdrawn", subject_id=invitation.id, now=now)


async def accept(session: AsyncSession, body: AcceptIn, *, passwords: Passwords, now: datetime) -> Person:
    """The new person. Raises `InvitationInvalid`, `WeakPassword` or `EmailTaken`."""
    invitation = await queries.get_open_invitation(session, fingerprint(body.token), now=now, locked=True)
    await require_strength(passwords, body.password, about=invitation.email)
    person = Person(
        id=new_id(),
        organisation_id=invitation.organisation_id,
        email=invitation.email,
        name=invitation.name,
        language=body.language,
        password_hash=await passwords.hash(body.password),
        active=True,
        created_at=now,
    )
    session.add(person)
    invitation.accepted_at = now
    await session.flush()
    session.add_all(PersonRole(person_id=person.id, role=Role(role)) for role in invitation.roles)
    await tell(session, person.id, Change.INVITATION_USED, now=now)
    await session.flush()
    return person


async def change_person(
    session: AsyncSession,
    actor: Actor,
    person_id: UUID,
    body: PersonIn,
    *,
    expected_version: int,
    now: datetime,
) -> Person:
    """Name, language, roles, and whether the person may log in at all; taking that away ends all log-ins.

    Raises `Stale`, and `LastAdmin` for the change that would leave nobody in charge.
    """
    actor.require(Role.ADMIN)
    person = await queries.get_person(session, actor, person_id)
    require_version(person, expected_version)
    await _require_an_admin_left(session, person, body)
    before = (await queries.roles_of(session, [person.id]))[person.id]
    if (set(before), person.active) != (set(body.roles), body.active):
        roles = sorted(set(body.roles))
        await tell(session, person.id, Change.ACCESS, roles=roles, active=body.active, now=now)
    person.name, person.language, person.active = body.name, body.language, body.active
    sa.orm.attributes.flag_modified(person, "name")  # a change of roles alone is a new version too
    await session.execute(sa.delete(PersonRole).where(PersonRole.person_id == person.id))
    session.add_all(PersonRole(person_id=person.id, role=role) for role in set(body.roles))
    if not body.active:
        await session.execute(queries.end_logins(person_id=person.id, now=now, because="deactivated"))
    record(
        session,
        actor,
        "person.changed",
        subject_id=person.id,
        details={"roles_before": list(before), "roles": sorted(set(body.roles)), "active": body.active},
        now=now,
    )
    await session.flush()
    return person


async def change_password(
    with_: Credentials, actor: Actor, body: PasswordChangeIn, *, address: str, now: datetime
) -> None:
    """Raises `WeakPassword`, and what `proven_again` raises. All other log-ins end."""
    proof = ProofIn(password=body.current_password, code=body.code)
    async with proven_again(with_, actor, proof, address=address, now=now) as (session, proved):
        person = await queries.get_account(session, proved.id)
        await require_strength(with_.passwords, body.new_password, about=person.email)
        person.password_hash = await with_.passwords.hash(body.new_password)
        await session.execute(
            queries.end_logins(person_id=person.id, now=now, because="password changed", but=actor.login_id)
        )
        record(session, actor, "password.changed", subject_id=person.id, now=now)
        await tell(session, person.id, Change.PASSWORD, now=now)


async def revoke_device(session: AsyncSession, actor: Actor, device_id: UUID, *, now: datetime) -> None:
    """End every log-in of a lost phone."""
    device = await queries.get_device(session, actor, device_id)
    device.revoked_at = device.revoked_at or now
    await session.execute(
        queries.end_logins(person_id=actor.person_id, device_id=device.id, now=now, because="device revoked")
    )
    record(session, actor, "device.revoked", subject_id=device.id, now=now)


async def end_log_ins(session: AsyncSession, actor: Actor, person_id: UUID, *, now: datetime) -> None:
    """All of somebody's, but for the one this is done with. Raises `Forbidden` and `NotFound`."""
    actor.require(Role.ADMIN)
    person = await queries.get_person(session, actor, person_id)
    await session.execute(
        queries.end_logins(person_id=person.id, now=now, because="ended by an admin", but=actor.login_id)
    )
    record(session, actor, "person.logged_out", subject_id=person.id, now=now)
    await tell(session, person.id, Change.LOG_INS_ENDED, now=now)


async def found_organisation(
    session: AsyncSession,
    *,
    slug: str,
    name: str,
    admin_email: str,
    admin_name: str,
    settings: Settings,
    now: datetime,
) -> tuple[Organisation, str]:
    """A new tenant and the token with which its first admin makes an account (for the command line)."""
    organisation = Organisation(id=new_id(), slug=slug, name=name, created_at=now)
    session.add(organisation)
    await session.flush()
    invitation, secret = make_invitation(
        organisation.id, admin_email, admin_name, [Role.ADMIN], invited_by=None, settings=settings, now=now
    )
    session.add(invitation)
    record_by_itself(session, organisation.id, "organisation.founded", subject_id=organisation.id, now=now)
    await session.flush()
    return organisation, secret


async def _require_an_admin_left(session: AsyncSession, person: Person, body: PersonIn) -> None:
    if body.active and Role.ADMIN in body.roles:
        return
    admins = await queries.people_with_role(session, person.organisation_id, Role.ADMIN)
    if admins == {person.id}:
        raise LastAdmin
