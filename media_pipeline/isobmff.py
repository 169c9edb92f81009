"""The boxes of an MP4 file, as far as they are read for evidence or changed in a file of our own making."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEADER_BYTES = 8
_LARGE_HEADER_BYTES = 16
_MOST_BOXES = 10_000  # of one level; a phone writes a handful, a live recorder one per fragment


@dataclass(frozen=True, slots=True)
class Box:
    """Where it starts, where its content does, and where it ends, in bytes from the start of the file."""

    kind: bytes
    start: int
    content: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """Those of one level. Stops without a word where the bytes make no sense as a box."""
    for _ in range(_MOST_BOXES):
        if start + _HEADER_BYTES > end:
            return
        file.seek(start)
        header = file.read(_LARGE_HEADER_BYTES)
        size, content = int.from_bytes(header[:4], "big"), start + _HEADER_BYTES
        if size == 1:
            size, content = int.from_bytes(header[8:], "big"), start + _LARGE_HEADER_BYTES
        elif size == 0:
            size = end - start
        if content > start + size or start + size > end:
            return
        yield Box(header[4:8], start, content, start + size)
        start += size


def inside(file: BinaryIO, outer: Box, *path: bytes) -> Iterator[Box]:
    """The boxes at `path` within, such as `b"mdia", b"mdhd"`; several where one of that name repeats."""
    if not path:
        yield outer
        return
    for box in boxes(file, outer.content, outer.end):
        if box.kind == path[0]:
            yield from inside(file, box, *path[1:])


def content_of(file: BinaryIO, box: Box, most_bytes: int) -> bytes:
    file.seek(box.content)
    return file.read(min(most_bytes, box.end - box.content))


def blank_user_data(path: Path) -> None:
    """Turn `moov/udta` into free space of the same size, so that byte ranges stay right.

    ffmpeg's HLS muxer passes `bitexact` to no muxer below it, and that one leaves its name there.
    """
    with path.open("r+b") as file:
        whole = Box(b"", 0, 0, file.seek(0, 2))
        for box in list(inside(file, whole, b"moov", b"udta")):
            file.seek(box.start + 4)
            file.write(b"free" + bytes(box.end - box.start - _HEADER_BYTES))
