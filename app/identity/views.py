"""From rows to wire types."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity import queries
from app.identity.actor import Actor, Role
from app.identity.login import needs_second_factor
from app.identity.models import Invitation, Person
from app.identity.schemas import (
    InvitationMadeOut,
    InvitationOut,
    InvitedOut,
    MeOut,
    OrganisationOut,
    PersonOut,
)
from app.identity.schemas_factor import HeldFactorOut, SecondFactorOut
from app.identity.tokens import fingerprint
from app.settings import Settings


async def people(session: AsyncSession, rows: list[Person]) -> list[PersonOut]:
    roles = await queries.roles_of(session, [row.id for row in rows])
    return [
        PersonOut(
            id=row.id,
            name=row.name,
            email=row.email,
            language=row.language,
            active=row.active,
            roles=roles[row.id],
            version=row.version,
        )
        for row in rows
    ]


async def me(session: AsyncSession, actor: Actor, row: Person) -> MeOut:
    organisation = await queries.get_organisation(session, actor.organisation_id)
    (person,) = await people(session, [row])
    return MeOut(
        **person.model_dump(),
        organisation=OrganisationOut.model_validate(organisation),
        second_factor_due=actor.second_factor_due,
    )


async def second_factor(session: AsyncSession, actor: Actor, settings: Settings) -> SecondFactorOut:
    factor = await queries.find_factor(session, actor.person_id)
    return SecondFactorOut(
        on_since=None if factor is None else factor.confirmed_at,
        required=needs_second_factor(settings, actor.roles),
        recovery_codes_left=len(await queries.recovery_codes_left(session, actor.person_id)),
    )


async def held_factor(session: AsyncSession, actor: Actor, person_id: UUID) -> HeldFactorOut:
    """Raises `Forbidden` and `NotFound`."""
    actor.require(Role.ADMIN)
    person = await queries.get_person(session, actor, person_id)
    factor = await queries.find_factor(session, person.id)
    return HeldFactorOut(on_since=None if factor is None else factor.confirmed_at)


def invitations_for(actor: Actor) -> sa.Select[Invitation]:
    actor.require(Role.ADMIN)
    return queries.invitations_of(actor)


def invitation_made(row: Invitation, token: str) -> InvitationMadeOut:
    return InvitationMadeOut(**InvitationOut.model_validate(row).model_dump(), token=token)


async def invited(session: AsyncSession, token: str, *, now: datetime) -> InvitedOut:
    """Raises `InvitationInvalid`."""
    row = await queries.get_open_invitation(session, fingerprint(token), now=now, locked=False)
    organisation = await queries.get_organisation(session, row.organisation_id)
    return InvitedOut(
        organisation=OrganisationOut.model_validate(organisation),
        email=row.email,
        name=row.name,
        roles=[Role(role) for role in row.roles],
        expires_at=row.expires_at,
    )
