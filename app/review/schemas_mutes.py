"""What goes over the wire about muting."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.kit.wire import In, Out, Reason
from app.recordings.rules import Rendering
from app.recordings.schemas import Milliseconds

MOST_STRETCHES = 200


class StretchIn(In):
    """`[start_ms, end_ms)` on the recording's timeline."""

    start_ms: Milliseconds = Field(examples=[83_000])
    end_ms: Milliseconds = Field(examples=[91_000])

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end_ms <= self.start_ms:
            raise ValueError("end_ms must be after start_ms")
        return self


class MutesIn(In):
    """All stretches at once; one that is left out is heard again."""

    mute: Annotated[list[StretchIn], Field(max_length=MOST_STRETCHES)]
    reason: Reason = Field(examples=["A customer says their telephone number."])


class MutedOut(Out):
    start_ms: int
    end_ms: int


class MutesOut(Out):
    number: int
    mute: list[MutedOut] = Field(description="in order, overlaps joined")
    reason: str = Field(examples=["A customer says their telephone number."])
    made_by: UUID
    made_at: datetime


class MutingOut(Out):
    """`number` is the ETag of the marks as they stand, 0 before the first."""

    number: int
    is_rendered: bool = Field(description="whether what is played follows them")
    rendering: Rendering
    revisions: list[MutesOut] = Field(description="newest first")
