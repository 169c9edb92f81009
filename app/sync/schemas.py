"""What goes over the wire when phones and desks sync."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.events.kinds import Kind
from app.events.schemas import EntryOut
from app.kit.wire import In, Out
from app.recordings.rules import Kind as Medium
from app.recordings.rules import State as RecordingState
from app.review.schemas import SendBackOut
from app.visits.schemas import VisitOut


class SyncIn(In):
    cursor: str | None = Field(
        None,
        max_length=1000,
        description="`cursor` of the answer before; left out: everything, as a new copy",
    )


class StreamIn(In):
    for_s: float = Field(
        25.0, ge=0, le=25, description="seconds after which the answer ends, and the browser asks again"
    )


class LiveOut(Out):
    """Of a visit in the listener's regions: it came into another state, or a file of it arrived, was worked on or refused.

    Or, under the name `inbox`: something was put into the listener's inbox, where it says what it is about.
    """

    kind: Kind
    visit_id: UUID | None = Field(description="null: look into the inbox")
    outlet_id: UUID | None
    at: datetime


class SyncedRecordingOut(Out):
    id: UUID
    medium: Medium
    state: RecordingState
    may_free_copy: bool = Field(description="whether the phone may delete its own")
    rejected_code: str | None


class SyncedVisitOut(Out):
    visit: VisitOut
    changed: list[Kind] = Field(description="what happened since; empty for a visit that is new to this copy")
    recordings: list[SyncedRecordingOut]
    send_backs: list[SendBackOut]


class SyncOut(Out):
    """Put these in the place of what you have, throw away what is gone, keep the cursor; ask again while there is more."""

    visits: list[SyncedVisitOut] = Field(examples=[[]])
    gone: list[UUID] = Field(
        description="visits you may no longer see: cancelled for you, given to others, hidden"
    )
    inbox: list[EntryOut] = Field(description="new entries; without a cursor the latest unread ones")
    unread: int = Field(examples=[3])
    cursor: str = Field(examples=["WyIwMTk5YTFiMi0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLDEsMCw0MV0"])
    more: bool = Field(description="whether to ask again at once")
    at: datetime
