"""What goes over the wire when samples of a recording are looked at before its bytes are there."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.kit.wire import Id, In, Out, Whole
from app.recordings.quick_rules import (
    LEAST_SNIPPETS,
    MOST_FRAME_BYTES,
    MOST_FRAMES,
    MOST_SNIPPET_BYTES,
    MOST_SNIPPETS,
)
from app.recordings.schemas import Milliseconds, Sha256


class SampledMedium(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"


def _base64(most_bytes: int) -> object:
    """Base64 of at most so many bytes."""
    return StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=-(-most_bytes // 3) * 4)


class FrameIn(In):
    at_ms: Milliseconds
    jpeg: Annotated[str, _base64(MOST_FRAME_BYTES)] = Field(
        description="Base64 of a JPEG, at most 640 pixels a side; 160 across will do", examples=["/9j/4AAQ"]
    )


class SnippetIn(In):
    at_ms: Milliseconds
    wav: Annotated[str, _base64(MOST_SNIPPET_BYTES)] = Field(
        description="Base64 of a WAV: 16 kHz, mono, 16 bits, up to five seconds", examples=["UklGRiQA"]
    )


class QuickCheckIn(In):
    """Samples of a recording: pictures for a video, and snippets of sound, from all of its quarters."""

    id: Id = Field(description="made by the phone; sent twice, it is one check (D11)")
    medium: SampledMedium
    sha256: Sha256 = Field(description="of the whole file; the check is good for no other")
    duration_ms: Annotated[Whole, Field(gt=0, le=86_400_000)]
    frames: Annotated[list[FrameIn], Field(max_length=MOST_FRAMES)]
    snippets: Annotated[list[SnippetIn], Field(min_length=LEAST_SNIPPETS, max_length=MOST_SNIPPETS)] = Field(
        examples=[[{"at_ms": at_ms, "wav": "UklGRiQA"} for at_ms in range(0, 900_000, 225_000)]]
    )


class FoundInSamplesOut(Out):
    kind: str = Field(examples=["covered"])
    severity: str = Field(examples=["failed"])
    zh: str
    en: str


class QuickCheckOut(Out):
    """What samples gave away. To find nothing is provisional: the look at the whole file can only add to it."""

    id: UUID
    recording_id: UUID
    basis: str = Field(description="always `samples`", examples=["samples"])
    black: bool
    silent: bool
    checks: list[FoundInSamplesOut]
    performed: list[str] = Field(description="everything that was looked for")
    made_at: datetime
