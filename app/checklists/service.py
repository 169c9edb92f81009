"""Publishing: from a document to an immutable version."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.checklists import queries
from app.checklists.difference import Difference, diff
from app.checklists.document import Document
from app.checklists.lock import name_of
from app.checklists.models import ChecklistVersion
from app.checklists.problems import ChecklistRefused, VersionPublished
from app.checklists.reading import from_yaml
from app.checklists.rules import Finding
from app.identity.actor import Actor, Role
from app.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Examined:
    """`difference` is from the newest published version of the same id."""

    findings: tuple[Finding, ...]
    difference: Difference | None


async def publish(session: AsyncSession, actor: Actor, content: bytes, *, now: datetime) -> ChecklistVersion:
    """A YAML (or JSON) document as a new version. The same content again gives the version that is there.

    Raises `ChecklistRefused` with every finding, and `VersionPublished` for other content under a known number.
    """
    actor.require(Role.ADMIN)
    document = from_yaml(content)
    known = await queries.find_numbered(session, actor, document.id, document.version)
    if known is not None and known.fingerprint != document.fingerprint():
        raise VersionPublished(
            f"{name_of(document)} was published on {known.published_at.date()} with other content."
        )
    if known is not None:
        return known
    version = ChecklistVersion(
        id=new_id(),
        organisation_id=actor.organisation_id,
        code=document.id,
        number=document.version,
        fingerprint=document.fingerprint(),
        document=document.model_dump(mode="json"),
        published_by=actor.person_id,
        published_at=now,
    )
    session.add(version)
    record(
        session,
        actor,
        "checklist.published",
        subject_id=version.id,
        details={"name": name_of(document)},
        now=now,
    )
    await session.flush()
    return version


async def examine(session: AsyncSession, actor: Actor, content: bytes) -> Examined:
    """Everything that is wrong with a document, and if nothing is, what it would change. Keeps nothing."""
    try:
        document = from_yaml(content)
    except ChecklistRefused as refused:
        return Examined(refused.findings, None)
    newest = await queries.find_newest(session, actor, document.id)
    return Examined((), diff(queries.document_of(newest), document) if newest else None)


async def compare(session: AsyncSession, actor: Actor, code: str, *, before: int, after: int) -> Difference:
    """From one published version to another."""
    one = await queries.get_numbered(session, actor, code, before)
    other = await queries.get_numbered(session, actor, code, after)
    return diff(queries.document_of(one), queries.document_of(other))


def document_of(version: ChecklistVersion) -> Document:
    return queries.document_of(version)
