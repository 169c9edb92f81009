"""Photos as a phone takes them: with the maker's traces in them, which no outlet may ever get."""

import struct
import subprocess
from pathlib import Path

from app.demo.clips import ClipFailed, find_ffmpeg

# What the camera app writes of itself and its owner, as EXIF tags of the first directory.
TELLTALE_EXIF = {
    0x010F: "Huaweichen",  # make
    0x0110: "Mate-XT-771",  # model
    0x010E: "Photo by Inspector Li Xiaolong",  # description
    0x013B: "Li Xiaolong",  # artist
}
_ASCII = 2
_START = b"\xff\xd8"


def take_photo(path: Path, *, seed: int, size: str = "1280x720") -> Path:
    """One JPEG; another seed gives another picture."""
    picture = f"testsrc2=size={size}:rate=1,hue=h={37 * seed}"
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture]
    try:
        subprocess.run(  # noqa: S603 - our own arguments
            [*command, "-frames:v", "1", "-q:v", "4", str(path)], check=True, capture_output=True, timeout=60
        )
    except subprocess.CalledProcessError as error:
        raise ClipFailed(error.stderr.decode(errors="replace").strip()) from error
    path.write_bytes(with_exif(path.read_bytes(), TELLTALE_EXIF))
    return path


def with_exif(jpeg: bytes, tags: dict[int, str]) -> bytes:
    """The picture with an EXIF segment of texts (EXIF 2.3, 4.6: a TIFF directory in an APP1 segment)."""
    values = {tag: text.encode("ascii") + b"\0" for tag, text in sorted(tags.items())}
    offset = 8 + 2 + 12 * len(values) + 4
    entries, texts = b"", b""
    for tag, value in values.items():
        entries += struct.pack("<HHII", tag, _ASCII, len(value), offset + len(texts))
        texts += value
    directory = struct.pack("<H", len(values)) + entries + struct.pack("<I", 0) + texts
    body = b"Exif\0\0" + b"II*\0" + struct.pack("<I", 8) + directory
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return _START + segment + jpeg.removeprefix(_START)
