"""What may be uploaded and how it is cut: parts, limits, types, and whose object the store holds. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.recordings.rules import MIB, Kind

PART_BYTES = (
    5 * 1024 * 1024
)  # S3's least; on a bad line smaller parts waste least when it breaks (1.6× against 4×)
MAX_PARTS = 10_000  # S3's limit
MAX_SIGNED_AT_ONCE = 500  # a background upload of 2.5 GB signs its parts in one request
UPLOAD_IDLE_LIMIT = timedelta(days=14)  # a phone in a drawer; after that its parts are swept away

PERSON_PERIOD = timedelta(days=1)
MAX_PHOTO_BYTES = 64 * MIB  # what the photo renderer reads into memory
MAX_DOCUMENT_BYTES = 64 * MIB

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MD5 = re.compile(r"[0-9a-f]{32}")

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
