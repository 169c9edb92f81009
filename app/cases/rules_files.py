"""Files of appeals and actions: what is taken, and whether bytes are what they claim to be. Standard library only."""

from enum import StrEnum

MOST_BYTES = 20 * 1024 * 1024  # a scan of a dozen pages, a photo of any phone; one part, read back whole
MOST_FILES = 20  # of one case
KEY_PREFIX = "cases/"


class FileState(StrEnum):
    AWAITED = "awaited"
    STORED = "stored"
    REFUSED = "refused"


class ContentType(StrEnum):
    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"


SUFFIXES = {ContentType.JPEG: ".jpg", ContentType.PNG: ".png", ContentType.PDF: ".pdf"}
_BEGINNINGS = {
    ContentType.JPEG: b"\xff\xd8\xff",
    ContentType.PNG: b"\x89PNG\r\n\x1a\n",
    ContentType.PDF: b"%PDF-",
}


def is_really(content: bytes, content_type: ContentType) -> bool:
    """Whether a file begins as files of its type do: what a sender claims is not believed."""
    return content.startswith(_BEGINNINGS[content_type])


def file_name(noun: str, number: int, content_type: ContentType) -> str:
    """What a download is called: nothing of whoever sent it, nor of what they called it."""
    return f"{noun}-{number}{SUFFIXES[content_type]}"
