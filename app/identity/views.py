"""From rows to wire types."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity import queries
from app.identity.actor import Actor, Role
from app.identity.models import Invitation, Person
from app.identity.schemas import InvitationMadeOut, InvitationOut, MeOut, OrganisationOut, PersonOut


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
    organisation = await queries.get_organisation(session, actor)
    (person,) = await people(session, [row])
    return MeOut(**person.model_dump(), organisation=OrganisationOut.model_validate(organisation))


def invitations_for(actor: Actor) -> sa.Select[Invitation]:
    actor.require(Role.ADMIN)
    return queries.invitations_of(actor)


def invitation_made(row: Invitation, token: str) -> InvitationMadeOut:
    return InvitationMadeOut(**InvitationOut.model_validate(row).model_dump(), token=token)
