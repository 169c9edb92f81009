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


Share = Annotated[float, Field(strict=True, ge=0, le=1)]


class BlurIn(StretchIn):
    """A rectangle of the upright picture, which is one wide and one high, for a stretch of time."""

    left: Share = Field(examples=[0.25])
    top: Share = Field(examples=[0.1])
    width: Share = Field(examples=[0.2])
    height: Share = Field(examples=[0.3])

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if not (self.width and self.height):
            raise ValueError("a rectangle has a width and a height")
        if self.left + self.width > 1 or self.top + self.height > 1:
            raise ValueError("the rectangle must lie inside the picture")
        return self


class MutesIn(In):
    """All marks at once; what is left out is heard and seen again."""

    blur: Annotated[list[BlurIn], Field(max_length=MOST_STRETCHES)] = Field(
        default_factory=list, description="parts of the picture to be hidden"
    )
    blur_faces: Annotated[bool, Field(strict=True)] = Field(
        False,
        description="find and hide faces too; best effort, to be confirmed. A programme may want it always",
    )
    mute: Annotated[list[StretchIn], Field(max_length=MOST_STRETCHES)]
    reason: Reason = Field(examples=["A customer says their telephone number."])


class MutedOut(Out):
    start_ms: int
    end_ms: int


class BlurredOut(MutedOut):
    left: float
    top: float
    width: float
    height: float


class MutesOut(Out):
    number: int
    blur: list[BlurredOut]
    blur_faces: bool
    mute: list[MutedOut] = Field(description="in order, overlaps joined")
    reason: str = Field(examples=["A customer says their telephone number."])
    made_by: UUID
    made_at: datetime


class MutingOut(Out):
    """`number` is the ETag of the marks as they stand, 0 before the first."""

    number: int
    is_rendered: bool = Field(description="whether what is played follows them")
    rendering: Rendering
    hidden: list[BlurredOut] = Field(
        description="in the rendition as it is: what was marked, and every face that was found"
    )
    faces_to_confirm: bool = Field(description="faces were hidden, and nobody has looked through it yet")
    revisions: list[MutesOut] = Field(description="newest first")
