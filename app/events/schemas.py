"""What goes over the wire about inboxes."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.events.kinds import Kind
from app.kit.paging import PageRequest
from app.kit.wire import In, Out


class TextOut(Out):
    zh: str = Field(examples=["您有新的检查任务。"])
    en: str = Field(examples=["A visit was assigned to you."])


class AboutOut(Out):
    """What the reader may know of it; null: nothing, or nothing there."""

    subject_id: UUID | None = Field(description="of what the kind names: the visit, the appeal, the action")
    visit_id: UUID | None
    outlet_id: UUID | None
    alias: str | None = Field(description="of the report")
    items: list[str] | None = Field(examples=[["no-smoking"]])
    item: str | None
    due_on: str | None = Field(examples=["2026-03-17"])
    due_at: str | None = Field(examples=["2026-03-17T09:00:00+00:00"])


class EntryOut(Out):
    id: UUID
    kind: Kind
    at: datetime
    read_at: datetime | None
    text: TextOut
    headline: TextOut = Field(description="the text without its details, which stand in `about`")
    about: AboutOut


class InboxFilter(PageRequest):
    unread: bool = Field(False, description="only what was not read yet")


class CountOut(Out):
    unread: int = Field(examples=[3])
    total: int = Field(examples=[12])


class ReadOut(Out):
    read: int = Field(examples=[3], description="how many were not read before")


class PreferencesIn(In):
    by_mail: list[Kind] = Field(
        max_length=len(Kind),
        examples=[["visit.assigned", "review.sent_back"]],
        description="what is mailed too",
    )


class OfferedOut(Out):
    kind: Kind
    headline: TextOut


class PreferencesOut(Out):
    by_mail: list[Kind] = Field(description="what is mailed too")
    offered: list[Kind] = Field(description="what a person with these roles may find in the inbox")
    headlines: list[OfferedOut] = Field(description="what is said of each kind that is offered")
