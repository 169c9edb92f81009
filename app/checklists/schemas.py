"""What goes over the wire about checklists."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.checklists.difference import Kind
from app.checklists.document import Document, Text
from app.kit.wire import Out


class VersionOut(Out):
    id: UUID
    code: str = Field(examples=["telecom-hall"])
    number: int
    title: Text
    fingerprint: str = Field(description="SHA-256 of the content")
    published_at: datetime


class VersionWithDocument(VersionOut):
    document: Document


class ChangeOut(Out):
    kind: Kind
    where: str
    field: str
    before: str | int | bool | None
    after: str | int | bool | None


class DifferenceOut(Out):
    before: str
    after: str
    added: list[str] = Field(description="codes of items that are new")
    removed: list[str]
    changes: list[ChangeOut]


class FindingOut(Out):
    where: str
    line: int | None
    message: str
    code: str = Field(description="of the sentence that `message` is the English of", examples=["adds-up-to"])
    values: dict[str, str | int] = Field(
        description="what stands in the sentence", examples=[{"total": "99.5", "wanted": "100"}]
    )


class ValidationOut(Out):
    valid: bool
    findings: list[FindingOut]
    difference: DifferenceOut | None = Field(
        description="from the newest version of the same id; null where there is none, or the checklist is not valid"
    )
