"""Every SELECT over people and log-ins."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor, Role
from app.identity.models import (
    Device,
    Invitation,
    Login,
    LoginAttempt,
    Organisation,
    PasswordLink,
    Person,
    PersonRole,
    RecoveryCode,
    RefreshToken,
    SecondFactor,
)
from app.identity.problems import InvitationInvalid, PasswordLinkInvalid
from app.kit.problems import NotFound

SEES_PEOPLE = (Role.ADMIN, Role.SUPERVISOR, Role.REVIEWER)


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether an access token still counts."""

    person: Person
    login: Login
    roles: frozenset[Role]
    has_second_factor: bool


def visible_to(actor: Actor) -> sa.Select[Person]:
    """People the actor may see: staff see their organisation, everybody else only themselves (D10.1)."""
    rows = sa.select(Person).where(Person.organisation_id == actor.organisation_id)
    return rows if actor.has(*SEES_PEOPLE) else rows.where(Person.id == actor.person_id)


async def get_person(session: AsyncSession, actor: Actor, person_id: UUID) -> Person:
    person = await session.scalar(visible_to(actor).where(Person.id == person_id))
    if person is None:
        raise NotFound("There is no person with this id among those you may see.")
    return person


async def get_account(session: AsyncSession, person_id: UUID) -> Person:
    """For those who tell the person something of the own account."""
    return (await session.execute(sa.select(Person).where(Person.id == person_id))).scalar_one()


async def names_of(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, str]:
    """For those who were allowed to see what these people did."""
    rows = await session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(people)))
    return {row.id: row.name for row in rows}


async def get_organisation(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """For those who come from a person or an invitation of it."""
    return (
        await session.execute(sa.select(Organisation).where(Organisation.id == organisation_id))
    ).scalar_one()


async def organisation_slugs(session: AsyncSession) -> set[str]:
    """Of all tenants; for whoever runs the product."""
    return set(await session.scalars(sa.select(Organisation.slug)))


async def organisations(session: AsyncSession) -> dict[str, UUID]:
    """All tenants by their slugs; for whoever runs the product."""
    rows = await session.execute(sa.select(Organisation.slug, Organisation.id).order_by(Organisation.slug))
    return {row.slug: row.id for row in rows}


async def roles_of(session: AsyncSession, people: list[UUID]) -> dict[UUID, list[Role]]:
    rows = await session.scalars(
        sa.select(PersonRole).where(PersonRole.person_id.in_(people)).order_by(PersonRole.role)
    )
    found: dict[UUID, list[Role]] = {person_id: [] for person_id in people}
    for row in rows:
        found[row.person_id].append(row.role)
    return found


async def people_with_role(session: AsyncSession, organisation_id: UUID, role: Role) -> set[UUID]:
    """Ids of the active people of an organisation who hold `role`."""
    rows = await session.scalars(
        sa.select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.organisation_id == organisation_id, PersonRole.role == role, Person.active)
    )
    return set(rows)


async def find_standing(session: AsyncSession, login_id: UUID, person_id: UUID) -> Standing | None:
    row = (
        await session.execute(
            sa.select(Person, Login, SecondFactor.confirmed_at)
            .join(Login, Login.person_id == Person.id)
            .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
            .where(Login.id == login_id, Person.id == person_id)
        )
    ).one_or_none()
    if row is None:
        return None
    roles = await roles_of(session, [person_id])
    person, login, confirmed_at = row
    return Standing(person, login, frozenset(roles[person_id]), confirmed_at is not None)


async def find_account(session: AsyncSession, organisation: str, email: str) -> Person | None:
    return await session.scalar(
        sa.select(Person)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Organisation.slug == organisation.lower(), Person.email == email.lower(), Person.active)
    )


async def find_refresh_token(session: AsyncSession, token_hash: str) -> RefreshToken | None:
    """The token, locked against a second use at the same time (SQLite has one writer anyway)."""
    return await session.scalar(
        sa.select(RefreshToken).where(RefreshToken.token_hash == token_hash).with_for_update()
    )


async def get_token(session: AsyncSession, token_id: UUID) -> RefreshToken:
    return (await session.execute(sa.select(RefreshToken).where(RefreshToken.id == token_id))).scalar_one()


async def get_login(session: AsyncSession, login_id: UUID) -> tuple[Login, Person]:
    row = (
        await session.execute(
            sa.select(Login, Person).join(Person, Person.id == Login.person_id).where(Login.id == login_id)
        )
    ).one()
    return row[0], row[1]


async def failed_logins(
    session: AsyncSession, *, account_hash: str, address_hash: str, since: datetime
) -> tuple[int, int]:
    """Failures of the account and of the address since then."""
    recent = sa.select(sa.func.count()).select_from(LoginAttempt).where(LoginAttempt.at > since)
    by_account = await session.scalar(recent.where(LoginAttempt.account_hash == account_hash))
    by_address = await session.scalar(recent.where(LoginAttempt.address_hash == address_hash))
    return by_account or 0, by_address or 0


def outdated_attempts(now: datetime) -> sa.Delete:
    """What the throttle no longer looks at, and the audit trail has."""
    noted = sa.or_(LoginAttempt.person_id.is_(None), LoginAttempt.noted_at.is_not(None))
    return sa.delete(LoginAttempt).where(LoginAttempt.at < now - timedelta(days=1), noted)


async def attempts_to_note(session: AsyncSession, *, limit: int) -> Sequence[tuple[LoginAttempt, Person]]:
    """Failed log-ins of people that the audit trail does not have yet, the oldest first; others pass over them."""
    rows = await session.execute(
        sa.select(LoginAttempt, Person)
        .join(Person, Person.id == LoginAttempt.person_id)
        .where(LoginAttempt.noted_at.is_(None))
        .order_by(LoginAttempt.at, LoginAttempt.id)
        .limit(limit)
        .with_for_update(of=LoginAttempt, skip_locked=True)
    )
    return [(attempt, person) for attempt, person in rows]


def devices_of(actor: Actor) -> sa.Select[Device]:
    return sa.select(Device).where(Device.person_id == actor.person_id)


async def get_device(session: AsyncSession, actor: Actor, device_id: UUID) -> Device:
    device = await session.scalar(devices_of(actor).where(Device.id == device_id))
    if device is None:
        raise NotFound("There is no device with this id among yours.")
    return device


async def is_known_device(session: AsyncSession, person_id: UUID, device_id: UUID) -> bool:
    device = await find_device(session, device_id)
    return device is not None and device.person_id == person_id


async def logged_in_without_device(session: AsyncSession, person_id: UUID, *, since: datetime) -> bool:
    """Whether somebody did, as this person, naming no device."""
    row = sa.exists().where(
        Login.person_id == person_id, Login.device_id.is_(None), Login.created_at >= since
    )
    return bool(await session.scalar(sa.select(row)))


async def find_device(session: AsyncSession, device_id: UUID) -> Device | None:
    return await session.get(Device, device_id)


def end_logins(
    *, person_id: UUID, now: datetime, because: str, device_id: UUID | None = None, but: UUID | None = None
) -> sa.Update:
    """The statement that ends the open log-ins of a person: all, those of one device, or all but one."""
    statement = (
        sa.update(Login)
        .where(Login.person_id == person_id, Login.revoked_at.is_(None))
        .values(revoked_at=now, revoked_because=because)
    )
    if device_id is not None:
        statement = statement.where(Login.device_id == device_id)
    return statement if but is None else statement.where(Login.id != but)


async def find_begun_factor(session: AsyncSession, person_id: UUID) -> SecondFactor | None:
    """On, or being enrolled."""
    return await session.get(SecondFactor, person_id)


async def find_factor(session: AsyncSession, person_id: UUID) -> SecondFactor | None:
    """The one that is on."""
    return await session.scalar(
        sa.select(SecondFactor).where(
            SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_not(None)
        )
    )


async def take_step(session: AsyncSession, person_id: UUID, step: int) -> bool:
    """Whether no code of this time step or a later one was used before. Of two at a time one gets it."""
    unused = sa.or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step)
    taken = await session.scalar(
        sa.update(SecondFactor)
        .where(SecondFactor.person_id == person_id, unused)
        .values(last_step=step)
        .returning(SecondFactor.person_id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


async def recovery_codes_left(session: AsyncSession, person_id: UUID) -> Sequence[RecoveryCode]:
    rows = await session.scalars(
        sa.select(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    )
    return rows.all()


async def take_recovery_code(session: AsyncSession, code_id: UUID, *, now: datetime) -> bool:
    """Whether it was not used before. Of two at a time one gets it."""
    taken = await session.scalar(
        sa.update(RecoveryCode)
        .where(RecoveryCode.id == code_id, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def invitations_of(actor: Actor) -> sa.Select[Invitation]:
    return sa.select(Invitation).where(Invitation.organisation_id == actor.organisation_id)


async def get_invitation(session: AsyncSession, actor: Actor, invitation_id: UUID) -> Invitation:
    invitation = await session.scalar(invitations_of(actor).where(Invitation.id == invitation_id))
    if invitation is None:
        raise NotFound("There is no invitation with this id in your organisation.")
    return invitation


async def get_open_invitation(
    session: AsyncSession, token_hash: str, *, now: datetime, locked: bool
) -> Invitation:
    """Raises `InvitationInvalid` alike for one that never was, was used, was withdrawn or ran out."""
    rows = sa.select(Invitation).where(
        Invitation.token_hash == token_hash,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now,
    )
    invitation = await session.scalar(rows.with_for_update() if locked else rows)
    if invitation is None:
        raise InvitationInvalid
    return invitation


async def get_password_link(session: AsyncSession, token_hash: str, *, now: datetime) -> PasswordLink:
    """Locked against a second use. Raises `PasswordLinkInvalid` alike for one that never was, was used or ran out."""
    link = await session.scalar(
        sa.select(PasswordLink)
        .where(PasswordLink.token_hash == token_hash, PasswordLink.expires_at > now)
        .with_for_update()
    )
    if link is None:
        raise PasswordLinkInvalid
    return link
