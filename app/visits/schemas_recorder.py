"""What goes over the wire about what a phone's recorder noticed of itself."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from app.kit.wire import In, Out, Whole
from app.visits.interruptions import Why

FileMoment = Annotated[Whole, Field(ge=0, le=86_400_000)]


class RecorderGapIn(In):
    """A stretch of a file at which its recorder noticed that it was interrupted."""

    from_ms: FileMoment
    to_ms: FileMoment
    why: Why

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.to_ms < self.from_ms:
            raise ValueError("a gap does not end before it begins")
        return self


class RecorderGapOut(Out):
    from_ms: int
    to_ms: int
    why: Why
