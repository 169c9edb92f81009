"""The boxes of an MP4 file, as far as one of our own making must be changed in place."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_HEADER_BYTES = 8


def blank_user_data(path: Path) -> None:
    """Turn `moov/udta` into free space of the same size, so that byte ranges stay right.

    ffmpeg's HLS muxer passes `bitexact` to no muxer below it, and that one leaves its name there.
    """
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        for kind, start, end in _boxes(file, 0, size):
            if kind == b"moov":
                for inner, at, stop in _boxes(file, start + _HEADER_BYTES, end):
                    if inner == b"udta":
                        file.seek(at + 4)
                        file.write(b"free" + bytes(stop - at - _HEADER_BYTES))
                return


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and end of each. Raises `ValueError` for sizes of more than 32 bits, which we do not write."""
    while start + _HEADER_BYTES <= end:
        file.seek(start)
        header = file.read(_HEADER_BYTES)
        size = int.from_bytes(header[:4], "big")
        if size < _HEADER_BYTES or start + size > end:
            raise ValueError("a box does not end where it says")
        yield header[4:], start, start + size
        start += size
