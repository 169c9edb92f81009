"""What is left to do once the pass is over: tile, trim, name, hash, and put in place."""

import asyncio
from pathlib import Path

from media_pipeline.digests import sha256_of
from media_pipeline.encoding import Outlet
from media_pipeline.graphs import SOUND_FILE, Pass, Thumbnails, compile_sprite, compile_stream
from media_pipeline.isobmff import blank_user_data
from media_pipeline.jpeg import without_metadata
from media_pipeline.photos import Photo, size_of_jpeg
from media_pipeline.renditions import (
    CUES,
    PEAKS,
    PLAYLIST,
    POSTER,
    SPRITE,
    STREAM,
    Rendition,
    Renditions,
    plan_sprite,
    write_cues,
    write_peaks,
)
from media_pipeline.report import MediaFacts
from media_pipeline.sound import open_samples
from media_pipeline.workshop import Workshop

_SPRITE_DEADLINE_S = 120.0
_STREAM_DEADLINE_S = 600.0  # copying only: a minute for 4 GB
_MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt",
    ".json": "application/json",
    ".m3u8": "application/vnd.apple.mpegurl",
}


async def finish_renditions(
    workshop: Workshop, facts: MediaFacts, work: Pass, out_dir: Path, *, stream_from_s: float | None
) -> Renditions:
    """Everything the pass and `facts` allow, moved into `out_dir`."""
    if work.outlet is None:
        raise ValueError("this pass was not asked for a rendition")
    poster = sprite = cues = None
    thumbnails = sorted(workshop.scratch.directory.glob("thumb-*.jpg"))
    if work.thumbnails is not None and thumbnails:
        await _make_sprite(workshop, work.thumbnails, facts, len(thumbnails))
        workshop.at(POSTER).write_bytes(without_metadata(_telling(thumbnails).read_bytes()))
        poster, sprite, cues = [await _place(workshop.at(name), out_dir) for name in (POSTER, SPRITE, CUES)]
    stream = playlist = None
    if stream_from_s is not None and facts.duration_s >= stream_from_s:
        await _make_stream(workshop, work.outlet)
        stream, playlist = [await _place(workshop.at(name), out_dir) for name in (STREAM, PLAYLIST)]
    return Renditions(
        outlet=await _place(workshop.at(work.outlet.name), out_dir),
        video_copied=facts.video is not None and work.outlet.encode_video is None,
        audio_copied=facts.audio is not None and work.outlet.encode_audio is None,
        duration_ms=round(facts.duration_s * 1000),
        poster=poster,
        sprite=sprite,
        cues=cues,
        peaks=await _make_peaks(workshop, facts, work.outlet, out_dir),
        stream=stream,
        playlist=playlist,
    )


async def _make_sprite(workshop: Workshop, thumbnails: Thumbnails, facts: MediaFacts, count: int) -> None:
    sprite = plan_sprite(thumbnails, count)
    command = compile_sprite(
        workshop.tools.ffmpeg,
        columns=sprite.columns,
        rows=sprite.rows,
        width=sprite.width,
        height=sprite.height,
        name=SPRITE,
    )
    await workshop.run(command, deadline_s=_SPRITE_DEADLINE_S)
    made = workshop.at(SPRITE)
    made.write_bytes(without_metadata(made.read_bytes()))
    write_cues(workshop.at(CUES), sprite, every_s=thumbnails.every_s, duration_s=facts.duration_s)


async def _make_stream(workshop: Workshop, outlet: Outlet) -> None:
    """From the finished rendition, so that both show and say the same."""
    command = compile_stream(workshop.tools.ffmpeg, outlet=outlet.name, media=STREAM, playlist=PLAYLIST)
    await workshop.run(command, deadline_s=_STREAM_DEADLINE_S)
    await asyncio.to_thread(blank_user_data, workshop.at(STREAM))


def _telling(thumbnails: list[Path]) -> Path:
    """The thumbnail with the most detail, which is the largest file; not the fumbling at either end."""
    inner = thumbnails[1:-1] or thumbnails
    return max(inner, key=lambda path: path.stat().st_size)


async def _make_peaks(
    workshop: Workshop, facts: MediaFacts, outlet: Outlet, out_dir: Path
) -> Rendition | None:
    if facts.audio is None:
        return None
    samples = open_samples(workshop.at(SOUND_FILE))
    await asyncio.to_thread(write_peaks, workshop.at(PEAKS), samples, outlet.mute)
    return await _place(workshop.at(PEAKS), out_dir)


async def _place(made: Path, out_dir: Path) -> Rendition:
    return await asyncio.to_thread(_put_in_place, made, out_dir)


def _put_in_place(made: Path, out_dir: Path) -> Rendition:
    sha256 = sha256_of(made)
    placed = made.replace(out_dir / made.name)
    return Rendition(placed, _MEDIA_TYPES[placed.suffix], placed.stat().st_size, sha256)


def finish_photo(made: Path, out: Path) -> Photo:
    data = without_metadata(made.read_bytes())
    made.write_bytes(data)
    made.replace(out)
    width, height = size_of_jpeg(data)
    return Photo(out, width, height, len(data), sha256_of(out))
