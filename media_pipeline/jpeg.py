"""JPEG segments: which way up a photo was taken, and how to leave out everything but the picture."""

from collections.abc import Iterator

_START = b"\xff\xd8"
_APP0, _APP1, _APP14, _APP15, _COMMENT = 0xE0, 0xE1, 0xEE, 0xEF, 0xFE
_SCAN = 0xDA
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112
_SHORT = 3


def without_metadata(data: bytes) -> bytes:
    """The same picture without EXIF, XMP, colour profiles, comments or maker notes; APP0 and APP14 stay.

    Raises `ValueError` when the bytes are no JPEG.
    """
    kept = [_START]
    for marker, segment in _segments(data):
        dropped = marker == _COMMENT or (_APP1 <= marker <= _APP15 and marker != _APP14)
        if not dropped:
            kept.append(segment)
    return b"".join(kept)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height as the frame header says: baseline or progressive, 8 bits. Raises `ValueError`, `IndexError`."""
    frames = [segment for marker, segment in _segments(data) if marker in _FRAMES]
    if len(frames) != 1 or len(frames[0]) < 9 or frames[0][4] != 8:
        raise ValueError("a JPEG has one frame header, of 8 bits")
    return int.from_bytes(frames[0][7:9], "big"), int.from_bytes(frames[0][5:7], "big")


def orientation(data: bytes) -> int:
    """The EXIF orientation, 1–8; 1 (upright) where there is none or it makes no sense."""
    try:
        for marker, segment in _segments(data):
            if marker == _APP1 and segment[4:10] == _EXIF:
                return _orientation(segment[10:])
    except (ValueError, IndexError):
        pass
    return 1


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and whole segment, up to the scan, which is handed out with all that follows it."""
    if not data.startswith(_START):
        raise ValueError("not a JPEG")
    at = len(_START)
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise ValueError("a JPEG segment does not begin where it should")
        marker = data[at + 1]
        if marker == _SCAN:
            yield marker, data[at:]
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, data[at:end]
        at = end
    raise ValueError("the JPEG ends before its picture")


def _orientation(tiff: bytes) -> int:
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if order == "little" else "big")

    if order is None:
        return 1
    directory = number(4, 4)
    for entry in range(number(directory, 2)):
        at = directory + 2 + 12 * entry
        if number(at, 2) == _ORIENTATION and number(at + 2, 2) == _SHORT:
            value = number(at + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1
