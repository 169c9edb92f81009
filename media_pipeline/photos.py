"""Photos: re-encoded, upright, bounded, and with nothing in them but the picture."""

from dataclasses import dataclass
from pathlib import Path

from media_pipeline.errors import BadFile, UnreadableMedia

# What each EXIF orientation asks for. Done by hand: ffmpeg 5 ignores it, later ones obey it.
TURNS: dict[int, tuple[str, ...]] = {
    1: (),
    2: ("hflip",),
    3: ("hflip", "vflip"),
    4: ("vflip",),
    5: ("transpose=0",),
    6: ("transpose=1",),
    7: ("transpose=3",),
    8: ("transpose=2",),
}
HEAD_BYTES = 64
LARGEST_BYTES = 64 * 1024**2  # a photo is read into memory once, for its orientation


@dataclass(frozen=True, slots=True)
class Photo:
    """A metadata-free JPEG."""

    path: Path
    width: int
    height: int
    size_bytes: int
    sha256: str


def demuxer_for(head: bytes) -> str | BadFile:
    """ffmpeg's demuxer by the first bytes, so that ffmpeg need not guess; or why there is none."""
    if not head:
        return BadFile.EMPTY
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg_pipe"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png_pipe"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp_pipe"
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"avif"}:
        return "mov"
    return BadFile.FORMAT_REFUSED


def read_photo(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_BYTES:
        raise UnreadableMedia(BadFile.TOO_COSTLY)
    return path.read_bytes()


def size_of_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height from the frame header of a JPEG we made ourselves."""
    at = 2
    while at + 9 <= len(data):
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xC3:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise ValueError("a JPEG without a frame header")
