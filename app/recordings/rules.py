"""What an upload is and how it goes on: states, parts, limits, names in the store. Pure.

`created → uploading → completing → stored → verified → processed`, and `rejected` with a reason. The store is the
source of truth for parts: nothing here remembers which of them arrived.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PART_BYTES = (
    5 * 1024 * 1024
)  # S3's least; on a bad line smaller parts waste least when it breaks (1.6× against 4×)
MAX_PARTS = 10_000  # S3's limit
MAX_SIGNED_AT_ONCE = 500  # a background upload of 2.5 GB signs its parts in one request
UPLOAD_IDLE_LIMIT = timedelta(days=14)  # a phone in a drawer; after that its parts are swept away

PERSON_PERIOD = timedelta(days=1)
# Work on a file that died is begun again once an hour, in case the disk was full or a tool was missing; then a person looks.
MOST_TRIES = 5

MIB = 1024 * 1024
BYTES_PER_URGENCY = 64 * MIB  # some two minutes of a phone's film
FIRST_URGENCY, LAST_URGENCY = 1, 99  # before whatever else is in the queue (`kit.jobs.outbox.ORDINARY`)
MAX_PHOTO_BYTES = 64 * MIB  # what the photo renderer reads into memory
MAX_DOCUMENT_BYTES = 64 * MIB

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MD5 = re.compile(r"[0-9a-f]{32}")


class Kind(StrEnum):
    """What a file is evidence as."""

    VIDEO = "video"
    AUDIO = "audio"
    PHOTO = "photo"
    DOCUMENT = "document"


# As phones, recorders and browsers name what the media pipeline can read. The content decides in the end: the type
# a phone declares is never believed, only narrowed.
CONTENT_TYPES: Mapping[Kind, frozenset[str]] = {
    Kind.VIDEO: frozenset(
        {
            "video/3gpp",
            "video/3gpp2",
            "video/mp2t",
            "video/mp4",
            "video/quicktime",
            "video/webm",
            "video/x-matroska",
            "video/x-msvideo",
        }
    ),
    Kind.AUDIO: frozenset(
        {
            "audio/3gpp",
            "audio/aac",
            "audio/aiff",
            "audio/amr",
            "audio/flac",
            "audio/mp3",
            "audio/mp4",
            "audio/mpeg",
            "audio/ogg",
            "audio/wav",
            "audio/webm",
            "audio/x-aiff",
            "audio/x-caf",
            "audio/x-m4a",
            "audio/x-wav",
        }
    ),
    Kind.PHOTO: frozenset({"image/heic", "image/heif", "image/jpeg", "image/png", "image/webp"}),
    Kind.DOCUMENT: frozenset({"application/pdf"}),
}


class State(StrEnum):
    """How far the bytes of a file have come."""

    CREATED = "created"
    """Declared; no upload is pending. An aborted or swept upload comes back here."""
    UPLOADING = "uploading"
    """The store holds a pending upload."""
    COMPLETING = "completing"
    """The store was asked to make the object; its answer may have been lost."""
    STORED = "stored"
    """The object is there with the declared size and the predicted ETag."""
    VERIFIED = "verified"
    """A worker read all bytes and found the declared SHA-256. The phone may free its copy."""
    PROCESSED = "processed"
    """Report and renditions are made."""
    REJECTED = "rejected"
    """The bytes are not what was declared, or no recording. Kept for the auditor, with the reason."""


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.CREATED: frozenset({State.UPLOADING}),
    State.UPLOADING: frozenset({State.COMPLETING, State.CREATED}),
    State.COMPLETING: frozenset({State.STORED, State.UPLOADING, State.CREATED}),
    State.STORED: frozenset({State.VERIFIED, State.REJECTED}),
    State.VERIFIED: frozenset({State.PROCESSED, State.REJECTED}),
    State.PROCESSED: frozenset(),
    State.REJECTED: frozenset(),
}


def may_become(state: State, next_state: State) -> bool:
    return next_state in TRANSITIONS[state]


def accepts_parts(state: State) -> bool:
    """Whether URLs for parts may be signed: never again once the object is made."""
    return state is State.UPLOADING


def may_free_phone_copy(state: State) -> bool:
    """Only bytes that were read back and hashed count as safe."""
    return state in {State.VERIFIED, State.PROCESSED}


class Lack(StrEnum):
    """Why a declared file is not evidence yet, and whose turn it is."""

    NOT_BEGUN = "not_begun"
    UNFINISHED = "unfinished"
    IN_WORK = "in_work"
    STUCK = "stuck"
    """The work on it died again and again: an operator has to look (`plainclothes jobs list-dead`)."""
    REJECTED = "rejected"


def lack(state: State | None, *, tries: int) -> Lack | None:
    """`None` for what is processed. `state` is that of the upload, if one was begun."""
    match state:
        case None | State.CREATED:
            return Lack.NOT_BEGUN
        case State.UPLOADING | State.COMPLETING:
            return Lack.UNFINISHED
        case State.STORED | State.VERIFIED:
            return Lack.STUCK if tries >= MOST_TRIES else Lack.IN_WORK
        case State.REJECTED:
            return Lack.REJECTED
        case State.PROCESSED:
            return None


@dataclass(frozen=True, slots=True)
class PartPlan:
    """How a file is cut: numbers from 1, every part `part_bytes` long but the last."""

    size_bytes: int
    part_bytes: int = PART_BYTES

    def __post_init__(self) -> None:
        if self.size_bytes <= 0:
            raise ValueError("an empty file has no parts")
        if self.count > MAX_PARTS:
            raise ValueError(f"{self.count} parts are more than an object may have ({MAX_PARTS})")

    @property
    def count(self) -> int:
        return -(-self.size_bytes // self.part_bytes)

    @property
    def numbers(self) -> range:
        return range(1, self.count + 1)

    def first_byte_of(self, number: int) -> int:
        self._require(number)
        return (number - 1) * self.part_bytes

    def size_of(self, number: int) -> int:
        return min(self.part_bytes, self.size_bytes - self.first_byte_of(number))

    def unfinished(self, sizes_there: Mapping[int, int]) -> list[int]:
        """The numbers still to be sent, given number → size of what the store holds."""
        return [number for number in self.numbers if sizes_there.get(number) != self.size_of(number)]

    def foreign(self, numbers: Iterable[int]) -> list[int]:
        """Those of the numbers that this file does not have."""
        return sorted(number for number in numbers if number not in self.numbers)

    def _require(self, number: int) -> None:
        if number not in self.numbers:
            raise ValueError(f"there is no part {number} among 1 to {self.count}")


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one file may weigh, all files of one visit, and all that one person brings within a day."""

    recording_bytes: int
    visit_bytes: int
    person_bytes: int

    def of(self, kind: Kind) -> int:
        match kind:
            case Kind.VIDEO | Kind.AUDIO:
                return min(self.recording_bytes, PART_BYTES * MAX_PARTS)
            case Kind.PHOTO:
                return MAX_PHOTO_BYTES
            case Kind.DOCUMENT:
                return MAX_DOCUMENT_BYTES


@dataclass(frozen=True, slots=True)
class SoFar:
    """What was declared before: for the visit, and by the person with a sign of life within `PERSON_PERIOD`."""

    visit_bytes: int
    person_bytes: int


class Refusal(StrEnum):
    """Why a declared file is not taken."""

    TYPE_NOT_ALLOWED = "type_not_allowed"
    EMPTY = "empty"
    FILE_TOO_LARGE = "file_too_large"
    VISIT_TOO_LARGE = "visit_too_large"
    PERSON_TOO_MUCH = "person_too_much"


def refuse_declaration(
    kind: Kind, *, content_type: str, size_bytes: int, limits: UploadLimits, so_far: SoFar
) -> Refusal | None:
    """The first reason not to take the file, before a byte of it is sent."""
    if base_type(content_type) not in CONTENT_TYPES[kind]:
        return Refusal.TYPE_NOT_ALLOWED
    if size_bytes <= 0:
        return Refusal.EMPTY
    if size_bytes > limits.of(kind):
        return Refusal.FILE_TOO_LARGE
    if so_far.visit_bytes + size_bytes > limits.visit_bytes:
        return Refusal.VISIT_TOO_LARGE
    if so_far.person_bytes + size_bytes > limits.person_bytes:
        return Refusal.PERSON_TOO_MUCH
    return None


def base_type(content_type: str) -> str:
    """`Audio/WebM; codecs=opus` is `audio/webm`."""
    return content_type.partition(";")[0].strip().lower()


def is_sha256(text: str) -> bool:
    return _SHA256.fullmatch(text) is not None


def is_md5(text: str) -> bool:
    return _MD5.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """The object at the upload's key."""

    size_bytes: int
    etag: str
    token: str | None


def is_the_upload(found: Found | None, *, token: str, size_bytes: int, etag: str) -> bool:
    """Whether the object came from this very upload, whole.

    Asked after every failed completion: its answer may have been lost, and an object at the key proves nothing.
    """
    return found == Found(size_bytes=size_bytes, etag=etag, token=token)


def is_idle(last_sign_of_life: datetime, *, now: datetime) -> bool:
    """Whether a pending upload is to be swept: a phone that comes back later begins again."""
    return now - last_sign_of_life > UPLOAD_IDLE_LIMIT


def urgency(kind: Kind, size_bytes: int) -> int:
    """The job's priority: smaller goes first. What is done soon goes first, so that an hour of film keeps no short visit
    from its review; equals in the order in which they came."""
    if kind not in {Kind.VIDEO, Kind.AUDIO}:
        return FIRST_URGENCY
    return min(LAST_URGENCY, FIRST_URGENCY + size_bytes // BYTES_PER_URGENCY)


def upload_key(name: str) -> str:
    """Where a phone's parts go; each attempt draws a name, so that an old URL never meets a new upload.

    Names of objects are random throughout: they show in links, and an id made by a phone would tell whose file it
    is and when it was begun (D10.1).
    """
    return f"incoming/{name}"


def sealed_key(name: str) -> str:
    """The copy of an original that is verified and kept: no phone ever gets a URL for it."""
    return f"sealed/{name}"


def rendition_key(name: str, suffix: str) -> str:
    """`suffix` with its dot; players and proxies look at it."""
    return f"renditions/{name}{suffix}"


@dataclass(frozen=True, slots=True)
class ServerQuality:
    """What the server found in a file: it counts more than what the phone said of it (D7.3)."""

    duration_ms: int
    black: bool
    silent: bool
    unusable: bool


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a file that arrived cannot be used; `code` is stable, the sentences are for people."""

    code: str
    zh: str
    en: str


OTHER_CONTENT = Rejection(
    "other-content",
    "收到的文件与申报的大小或校验值不一致。",
    "The file that arrived is not the one that was declared: its size or SHA-256 differs.",
)
PICTURE_IN_SOUND = Rejection(
    "picture-in-sound",
    "文件申报为录音，却含有画面。",
    "The file was declared as sound alone, but it holds a picture.",
)


class RenditionKind(StrEnum):
    """What was made of a recording. The original is listed too, so that each play names what was played."""

    ORIGINAL = "original"
    OUTLET = "outlet"
    PHOTO = "photo"
    POSTER = "poster"
    SPRITE = "sprite"
    CUES = "cues"
    PEAKS = "peaks"


# Beside the rendition that is played: what a player shows before and around it. Looking at these is no play.
COMPANIONS = frozenset({RenditionKind.POSTER, RenditionKind.SPRITE, RenditionKind.CUES, RenditionKind.PEAKS})
PLAYABLE = frozenset({RenditionKind.ORIGINAL, RenditionKind.OUTLET, RenditionKind.PHOTO})


class Act(StrEnum):
    """What an entry of the play ledger tells of (D10.3)."""

    OPENED = "opened"
    RENEWED = "renewed"
    PLAYED = "played"


PLAYBACK_LIFE = timedelta(hours=4)  # the longest recording; then the right to play is asked for again
LONGEST_HEARTBEAT_MS = 10 * 60 * 1000  # players tell every few seconds; a throttled tab every few minutes
