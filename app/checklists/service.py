"""Publishing: from a document to an immutable version."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.checklists import queries
from app.checklists.document import Document
from app.checklists.lock import name_of
from app.checklists.models import ChecklistVersion
from app.checklists.problems import ChecklistRefused, VersionPublished
from app.checklists.reading import from_yaml
from app.checklists.rules import Finding
from app.identity.actor import Actor, Role
from app.kit.ids import new_id


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


def findings(content: bytes) -> tuple[Finding, ...]:
    """Everything that is wrong with a document; empty when it could be published."""
    try:
        from_yaml(content)
    except ChecklistRefused as refused:
        return refused.findings
    return ()


def document_of(version: ChecklistVersion) -> Document:
    return queries.document_of(version)
