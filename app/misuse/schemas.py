"""What goes over the wire about alerts."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.events.schemas import TextOut
from app.kit.wire import Out
from app.misuse.rules import Rule


class NamedOut(Out):
    id: UUID
    name: str = Field(examples=["Rita Lin"])
    email: str = Field(examples=["rita@example.org"])


class AlertOut(Out):
    id: UUID
    rule: Rule
    at: datetime = Field(description="when it was noticed")
    since: datetime = Field(description="the first of what was counted")
    until: datetime = Field(description="the last of it")
    how_many: int = Field(examples=[63])
    alert_at: int = Field(description="from so many on it is told", examples=[40])
    people: list[NamedOut] = Field(description="who did it; of tried and guessed accounts, whose they are")
    about: list[str] = Field(
        description="ids of the visits or recordings, or names of the lists: the first 200",
        examples=[["0199a1b2-0000-7000-8000-000000000001"]],
    )
    what: TextOut
    next: TextOut = Field(description="what to do about it")
    trail: str = Field(
        description="where the audit trail tells of that time",
        examples=["/v1/audit?actor_id=0199a1b2-0000-7000-8000-000000000001"],
    )
