"""What goes over the wire about comments at a second of a published recording."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.kit.wire import Id, In, Out, Remark
from app.recordings.schemas import Milliseconds
from app.review.rules_comments import Side


class CommentIn(In):
    """Said once and not edited; it may be retracted. Sent twice with one id, it is one comment."""

    id: Id = Field(description="made by the client (D11)")
    at_ms: Milliseconds = Field(description="on the recording's timeline", examples=[83_000])
    text: Remark = Field(examples=["The queue machine is behind the pillar, and it works."])


class CommentOut(Out):
    """`text` is null once it was retracted."""

    id: UUID
    at_ms: int
    text: str | None = Field(examples=["The queue machine is behind the pillar, and it works."])
    side: Side = Field(description="who speaks: the outlet, or those who inspect")
    author: str | None = Field(
        description="a name for the own side; the other side is told none (D10.1)", examples=["Mona Li"]
    )
    is_mine: bool
    made_at: datetime
    retracted_at: datetime | None
