"""From rows to wire types."""

from app.checklists.difference import Difference
from app.checklists.models import ChecklistVersion
from app.checklists.queries import document_of
from app.checklists.schemas import (
    ChangeOut,
    DifferenceOut,
    FindingOut,
    ValidationOut,
    VersionOut,
    VersionWithDocument,
)
from app.checklists.service import Examined


def version(row: ChecklistVersion) -> VersionOut:
    return VersionOut(
        id=row.id,
        code=row.code,
        number=row.number,
        title=document_of(row).title,
        fingerprint=row.fingerprint,
        published_at=row.published_at,
    )


def with_document(row: ChecklistVersion) -> VersionWithDocument:
    return VersionWithDocument(**dict(version(row)), document=document_of(row))


def validation(examined: Examined) -> ValidationOut:
    found = examined.difference
    return ValidationOut(
        valid=not examined.findings,
        findings=[FindingOut.model_validate(one) for one in examined.findings],
        difference=difference(found) if found else None,
    )


def difference(found: Difference) -> DifferenceOut:
    return DifferenceOut(
        before=found.before,
        after=found.after,
        added=list(found.added),
        removed=list(found.removed),
        changes=[ChangeOut.model_validate(change) for change in found.changes],
    )
