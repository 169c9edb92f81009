"""What a recording is and how it goes on: states, urgency, names in the store, what is made of it. Pure.

`created → uploading → completing → stored → verified → processed`, and `rejected` with a reason. The store is the
source of truth for parts: nothing here remembers which of them arrived.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Work on a file that died is begun again once an hour, in case the disk was full or a tool was missing; then a person looks.
MOST_TRIES = 5

MIB = 1024 * 1024
BYTES_PER_URGENCY = 64 * MIB  # some two minutes of a phone's film
FIRST_URGENCY, LAST_URGENCY = 1, 99  # before whatever else is in the queue (`kit.jobs.outbox.ORDINARY`)


class Kind(StrEnum):
    """What a file is evidence as."""

    VIDEO = "video"
    AUDIO = "audio"
    PHOTO = "photo"
    DOCUMENT = "document"


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


def urgency(kind: Kind, size_bytes: int) -> int:
    """The job's priority: smaller goes first. What is done soon goes first, so that an hour of film keeps no short visit
    from its review; equals in the order in which they came."""
    if kind not in {Kind.VIDEO, Kind.AUDIO}:
        return FIRST_URGENCY
    return min(LAST_URGENCY, FIRST_URGENCY + size_bytes // BYTES_PER_URGENCY)


INCOMING, SEALED, RENDITIONS = "incoming/", "sealed/", "renditions/"


def upload_key(name: str) -> str:
    """Where a phone's parts go; each attempt draws a name, so that an old URL never meets a new upload.

    Names of objects are random throughout: they show in links, and an id made by a phone would tell whose file it
    is and when it was begun (D10.1).
    """
    return f"{INCOMING}{name}"


def sealed_key(name: str) -> str:
    """The copy of an original that is verified and kept: no phone ever gets a URL for it."""
    return f"{SEALED}{name}"


def rendition_key(name: str, suffix: str) -> str:
    """`suffix` with its dot; players and proxies look at it."""
    return f"{RENDITIONS}{name}{suffix}"


class Rendering(StrEnum):
    """Whether what is played of a recording follows what people marked in it."""

    DONE = "done"
    IN_WORK = "in_work"
    STUCK = "stuck"
    """It died again and again: nothing is played or published of it until an operator has looked."""


def rendering(*, is_awaited: bool, tries: int) -> Rendering:
    if not is_awaited:
        return Rendering.DONE
    return Rendering.STUCK if tries >= MOST_TRIES else Rendering.IN_WORK


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
