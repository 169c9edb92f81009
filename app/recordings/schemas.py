"""What goes over the wire about recordings."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from app.kit.wire import Id, In, Line, Out, Whole
from app.recordings.rules import Kind, RenditionKind, State
from app.recordings.upload_rules import MAX_PARTS, MAX_SIGNED_AT_ONCE

Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Milliseconds = Annotated[Whole, Field(ge=0, le=86_400_000)]
Purpose = Annotated[Line, Field(min_length=3, examples=["review of the visit"])]


class RecordingIn(In):
    """A file as the device knows it. Sent twice, it is one recording; other content needs another id."""

    id: Id = Field(description="made by the phone; the same as in the leave gate's manifest (D11)")
    medium: Kind
    content_type: Annotated[
        str, StringConstraints(pattern=r"^[\w.+-]+/[\w.+-]+( ?;.*)?$", max_length=100)
    ] = Field(examples=["video/mp4"])
    device_kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")] = Field(
        examples=["phone", "recorder"]
    )
    size_bytes: Annotated[Whole, Field(gt=0, le=2**40)] = Field(examples=[48_318_382])
    sha256: Sha256 = Field(examples=["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"])


class RejectionOut(Out):
    code: str = Field(examples=["other-content"])
    zh: str
    en: str


class RecordingOut(Out):
    """How far a file is. The phone keeps its own copy until `may_free_copy`."""

    id: UUID
    visit_id: UUID
    medium: Kind
    size_bytes: int
    sha256: str
    state: State
    part_bytes: int = Field(description="every part has this size but the last")
    part_count: int
    progress: float = Field(description="of the work on the arrived file, between 0 and 1")
    stored_at: datetime | None
    verified_at: datetime | None
    settled_at: datetime | None
    may_free_copy: bool = Field(
        description="the server has read all bytes back and found the declared SHA-256"
    )
    rejected: RejectionOut | None


class PartIn(In):
    number: Annotated[Whole, Field(ge=1, le=MAX_PARTS)]
    md5: Md5 = Field(examples=["d41d8cd98f00b204e9800998ecf8427e"])


def _each_once(parts: list[PartIn]) -> list[PartIn]:
    if len({part.number for part in parts}) != len(parts):
        raise ValueError("name each part once")
    return parts


class PartsIn(In):
    parts: Annotated[
        list[PartIn], Field(min_length=1, max_length=MAX_SIGNED_AT_ONCE), AfterValidator(_each_once)
    ]


class SignedPartOut(Out):
    """A request for one part: send exactly its `size_bytes` with exactly these headers."""

    number: int
    size_bytes: int
    method: str = Field(examples=["PUT"])
    url: str
    headers: dict[str, str]


class SignedPartsOut(Out):
    parts: list[SignedPartOut]
    expires_at: datetime = Field(description="after it the store answers 403: ask for new URLs")


class PartOut(Out):
    number: int
    size_bytes: int
    md5: str = Field(description="of the content the store holds: compare it with your own")


class PartsOut(Out):
    """What the store holds of an upload; with the file at hand this is all that is needed to go on."""

    state: State
    part_bytes: int
    part_count: int
    parts: list[PartOut]
    unfinished: list[int]


class PlayIn(In):
    purpose: Purpose
    rendition: RenditionKind = Field(
        RenditionKind.OUTLET, description="`original` is for auditors alone (D10.2)"
    )


class WatermarkOut(Out):
    """To be shown over the picture: who looks, when, and a code by which operators find the player."""

    text: str = Field(examples=["mona@example.org · 2026-03-09 10:12 UTC · 5f3a09c2"])
    code: str = Field(examples=["5f3a09c2"])


class PlaybackOut(Out):
    """Links that live a minute or so; `renew` gives new ones, and the player goes on where it was."""

    id: UUID
    url: str
    content_type: str
    expires_at: datetime
    companions: dict[RenditionKind, str] = Field(description="poster, waveform and the like, as far as made")
    playlist: str | None = Field(
        description="of a long one: the path of its HLS playlist; fetch it again before the links expire",
        examples=["/v1/playbacks/0199a1b2-0000-7000-8000-000000000001/playlist"],
    )
    position_ms: int = Field(description="where this player last told that it was")
    watermark: WatermarkOut


class HeartbeatIn(In):
    """What was really played since the last heartbeat, on the rendition's timeline."""

    from_ms: Milliseconds
    to_ms: Milliseconds
    ended: bool = Field(False, description="the player was closed")
