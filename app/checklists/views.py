"""From rows to wire types."""

from collections.abc import Sequence

from app.checklists.difference import diff
from app.checklists.models import ChecklistVersion
from app.checklists.queries import document_of
from app.checklists.rules import Finding
from app.checklists.schemas import (
    ChangeOut,
    DifferenceOut,
    FindingOut,
    ValidationOut,
    VersionOut,
    VersionWithDocument,
)


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


def validation(findings: Sequence[Finding]) -> ValidationOut:
    return ValidationOut(valid=not findings, findings=[FindingOut.model_validate(one) for one in findings])


def difference(before: ChecklistVersion, after: ChecklistVersion) -> DifferenceOut:
    found = diff(document_of(before), document_of(after))
    return DifferenceOut(
        before=found.before,
        after=found.after,
        added=list(found.added),
        removed=list(found.removed),
        changes=[ChangeOut.model_validate(change) for change in found.changes],
    )
