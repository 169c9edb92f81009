"""What the file's own wrapping tells of its history, beyond what ffprobe says. Reads little, and trusts no length."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from media_pipeline.isobmff import Box, boxes, content_of, inside

_LOOKED_AT_BYTES = 64 * 1024  # at either end of a file, and where the samples begin
_MOST_TAG_BYTES = 256 * 1024
_MOST_TRACKS = 32
_MOST_EDITS = 64
_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)  # ISO 14496-12
_TAG_BOXES = frozenset({b"udta", b"meta", b"uuid"})

# Programs that nobody uses but to cut, join or retouch.
_EDITORS = re.compile(
    rb"Adobe Premiere|Adobe Media Encoder|Adobe After Effects|Adobe Audition|Final Cut Pro|iMovie|DaVinci Resolve"
    rb"|CapCut|JianYing|com\.lemon\.lv|\xe5\x89\xaa\xe6\x98\xa0|InShot|KineMaster|Filmora|VivaVideo|VideoShow|Avidemux"
    rb"|LosslessCut|Shotcut|Kdenlive|OpenShot|Vegas Pro|Movie Maker|Audacity|GoldWave",
    re.IGNORECASE,
)
# Programs and libraries that copy or encode again; rarely, a recorder is built on them.
_PROGRAMS = re.compile(
    rb"Lav[fc]\d+\.\d+\.\d+|x264 - core \d+|x265 \(build \d+\)|HandBrake [\d.]+|mkvmerge v[\d.]+|GPAC[- ]\d[\w.-]*"
    rb"|L-SMASH|MEncoder [\w.-]+|VLC media player [\w.-]*"
)


@dataclass(frozen=True, slots=True)
class TrackStory:
    """`edits` are the stretches shown, as start in the media and length, both in seconds; `made_at` may be absent."""

    made_at: datetime | None
    length_s: float
    edits: tuple[tuple[float, float], ...]
    descriptions: int


@dataclass(frozen=True, slots=True)
class Container:
    """`dated` is whether this kind of file is wont to say when it was made."""

    dated: bool
    made_at: datetime | None
    changed_at: datetime | None
    tracks: tuple[TrackStory, ...]
    editors: tuple[str, ...]
    programs: tuple[str, ...]


def read_container(path: Path) -> Container:
    """Of any file; one that is no MP4 gives names of programs only."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        top = list(boxes(file, 0, size))
        movie = next((box for box in top if box.kind == b"moov"), None)
        looked = [_piece(file, 0), _piece(file, max(0, size - _LOOKED_AT_BYTES))]
        looked += [_piece(file, box.content) for box in top if box.kind == b"mdat"][:1]
        looked += [content_of(file, box, _MOST_TAG_BYTES) for box in _tags(file, top, movie)]
        made_at, changed_at, ticks = _movie_header(file, movie) if movie else (None, None, 1)
        return Container(
            dated=movie is not None,
            made_at=made_at,
            changed_at=changed_at,
            tracks=tuple(_tracks(file, movie, ticks)) if movie else (),
            editors=_named(_EDITORS, looked),
            programs=_named(_PROGRAMS, looked),
        )


def _piece(file: BinaryIO, start: int) -> bytes:
    file.seek(start)
    return file.read(_LOOKED_AT_BYTES)


def _tags(file: BinaryIO, top: list[Box], movie: Box | None) -> Iterator[Box]:
    yield from (box for box in top if box.kind in _TAG_BOXES)
    if movie is not None:
        yield from (box for box in boxes(file, movie.content, movie.end) if box.kind in _TAG_BOXES)


def _named(pattern: re.Pattern[bytes], pieces: list[bytes]) -> tuple[str, ...]:
    found = {match.decode(errors="replace") for piece in pieces for match in pattern.findall(piece)}
    return tuple(sorted(found))


def _movie_header(file: BinaryIO, movie: Box) -> tuple[datetime | None, datetime | None, int]:
    """When made, when changed, and ticks per second."""
    for box in inside(file, movie, b"mvhd"):
        made, changed, ticks, _ = _header(content_of(file, box, 40))
        return _moment(made), _moment(changed), ticks
    return None, None, 1


def _header(content: bytes) -> tuple[int, int, int, int]:
    """`mvhd` and `mdhd` begin alike: version, times of making and of changing, ticks per second, length."""
    wide = content[:1] == b"\1"
    at, step = 4, 8 if wide else 4
    made, changed = _number(content, at, step), _number(content, at + step, step)
    ticks = _number(content, at + 2 * step, 4)
    return made, changed, max(1, ticks), _number(content, at + 2 * step + 4, step)


def _tracks(file: BinaryIO, movie: Box, movie_ticks: int) -> Iterator[TrackStory]:
    for count, track in enumerate(inside(file, movie, b"trak")):
        if count == _MOST_TRACKS:
            return
        handler = b"".join(content_of(file, box, 12)[8:] for box in inside(file, track, b"mdia", b"hdlr"))
        if handler not in {b"vide", b"soun"}:
            continue
        for media in inside(file, track, b"mdia", b"mdhd"):
            made, _, ticks, length = _header(content_of(file, media, 40))
            described = inside(file, track, b"mdia", b"minf", b"stbl", b"stsd")
            yield TrackStory(
                made_at=_moment(made),
                length_s=length / ticks,
                edits=tuple(_edits(file, track, ticks, movie_ticks)),
                descriptions=max((_number(content_of(file, box, 8), 4, 4) for box in described), default=1),
            )


def _edits(file: BinaryIO, track: Box, ticks: int, movie_ticks: int) -> Iterator[tuple[float, float]]:
    """Those that show something: an empty edit only delays a track."""
    for box in inside(file, track, b"edts", b"elst"):
        content = content_of(file, box, 8 + 20 * _MOST_EDITS)
        step = 8 if content[:1] == b"\1" else 4
        count = min(_number(content, 4, 4), _MOST_EDITS, (len(content) - 8) // (2 * step + 4))
        for at in range(8, 8 + count * (2 * step + 4), 2 * step + 4):
            length, start = _number(content, at, step), _number(content, at + step, step)
            if start < 1 << (8 * step - 1):  # else −1: nothing is shown
                yield start / ticks, length / movie_ticks


def _number(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(content[at : at + size], "big")


def _moment(seconds: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(seconds=seconds) if seconds else None
    except OverflowError:
        return None
