"""Every SELECT over checklist versions. Everybody of an organisation may read its checklists: the standard is taught (D2.13)."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists.document import Document
from app.checklists.models import ChecklistVersion
from app.identity.actor import Actor
from app.kit.problems import NotFound

KNOWN_DOCUMENTS = 64  # a few hundred kB each
_parsed: dict[UUID, Document] = {}


def visible_to(actor: Actor) -> sa.Select[ChecklistVersion]:
    return sa.select(ChecklistVersion).where(ChecklistVersion.organisation_id == actor.organisation_id)


def versions_of(actor: Actor, code: str) -> sa.Select[ChecklistVersion]:
    return visible_to(actor).where(ChecklistVersion.code == code)


def latest_visible_to(actor: Actor) -> sa.Select[ChecklistVersion]:
    """The newest version of each checklist."""
    newest = (
        sa.select(ChecklistVersion.code, sa.func.max(ChecklistVersion.number).label("number"))
        .where(ChecklistVersion.organisation_id == actor.organisation_id)
        .group_by(ChecklistVersion.code)
        .subquery()
    )
    return visible_to(actor).join(
        newest,
        sa.and_(ChecklistVersion.code == newest.c.code, ChecklistVersion.number == newest.c.number),
    )


async def get_version(session: AsyncSession, actor: Actor, version_id: UUID) -> ChecklistVersion:
    version = await session.scalar(visible_to(actor).where(ChecklistVersion.id == version_id))
    if version is None:
        raise NotFound("There is no checklist version with this id in your organisation.")
    return version


async def get_numbered(session: AsyncSession, actor: Actor, code: str, number: int) -> ChecklistVersion:
    version = await find_numbered(session, actor, code, number)
    if version is None:
        raise NotFound(f"There is no version {number} of a checklist {code} in your organisation.")
    return version


async def find_numbered(
    session: AsyncSession, actor: Actor, code: str, number: int
) -> ChecklistVersion | None:
    return await session.scalar(versions_of(actor, code).where(ChecklistVersion.number == number))


async def find_newest(session: AsyncSession, actor: Actor, code: str) -> ChecklistVersion | None:
    return await session.scalar(latest_visible_to(actor).where(ChecklistVersion.code == code))


async def get_version_by_id(session: AsyncSession, version_id: UUID) -> ChecklistVersion:
    """For those who come from a row that refers to it, and were allowed to see that."""
    return (
        await session.execute(sa.select(ChecklistVersion).where(ChecklistVersion.id == version_id))
    ).scalar_one()


def document_of(version: ChecklistVersion) -> Document:
    """The parsed document. Versions are immutable, so each is parsed once per process as long as it is in use."""
    known = _parsed.get(version.id)
    if known is None:
        if len(_parsed) >= KNOWN_DOCUMENTS:
            _parsed.clear()
        known = _parsed[version.id] = Document.model_validate(version.document)
    return known
