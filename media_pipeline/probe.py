"""What the file says about itself, and what its packets say.

The header is read by ffprobe; without it (ffmpeg from a wheel) from ffmpeg's own description in `banner.py`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from media_pipeline.banner import header_from_banner
from media_pipeline.blame import judged
from media_pipeline.confinement import Confinement, Scratch, confined
from media_pipeline.container import read_container
from media_pipeline.creation import Creation, creation_of
from media_pipeline.editing import find_traces
from media_pipeline.errors import BadFile, ToolSaidTooMuch, UnreadableMedia
from media_pipeline.graphs import guarded_input
from media_pipeline.limits import Limits
from media_pipeline.packets import Track, scan
from media_pipeline.processes import Finished, run
from media_pipeline.reading import Fields
from media_pipeline.report import AudioStream, MediaFacts, VideoStream
from media_pipeline.timeline import merged
from media_pipeline.tools import Tools
from media_pipeline.traces import Trace

_PROBE_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Header:
    """The first usable stream of each kind; covers and subtitles are not among them."""

    container: str
    declared_duration_s: float | None
    creation: Creation
    writer: str | None
    video: VideoStream | None
    audio: AudioStream | None


async def read_facts(
    scratch: Scratch, tools: Tools, confinement: Confinement, limits: Limits, *, sha256: str | None
) -> MediaFacts:
    """Raises `UnreadableMedia` for a file that is no recording, or one beyond the limits."""
    size_bytes = scratch.media.stat().st_size
    header = await _read_header(scratch, tools, confinement, limits)
    _refuse_beyond(header, limits)
    streams = [stream.index for stream in (header.video, header.audio) if stream is not None]
    tracks = await scan(scratch, tools, confinement, limits, streams)
    ends = {index: track.end_s for index, track in tracks.items() if track.packets}
    if not ends:
        raise UnreadableMedia(BadFile.NO_CONTENT)
    duration_s = max(ends.values())
    if duration_s > limits.max_duration_s:
        raise UnreadableMedia(BadFile.TOO_LONG, f"{duration_s:.0f} s")
    video = header.video if header.video and header.video.index in ends else None
    audio = header.audio if header.audio and header.audio.index in ends else None
    there = [tracks[stream.index] for stream in (video, audio) if stream is not None]
    return MediaFacts(
        size_bytes=size_bytes,
        container=header.container,
        duration_s=round(duration_s, 3),
        declared_duration_s=header.declared_duration_s,
        creation_time=header.creation.text,
        writer=header.writer,
        video=video,
        audio=audio,
        max_keyframe_gap_s=tracks[video.index].keyframe_gap_s() if video else None,
        sha256=sha256,
        created_at=header.creation.at,
        created_source=header.creation.source,
        gaps=merged(gap for track in there for gap in track.gaps()),
        traces=await asyncio.to_thread(
            _traces, scratch, there, tracks[audio.index] if audio else None, duration_s
        ),
    )


def _traces(
    scratch: Scratch, there: Sequence[Track], sound: Track | None, duration_s: float
) -> tuple[Trace, ...]:
    return find_traces(
        read_container(scratch.media),
        duration_s=duration_s,
        jumps=sound.jumps() if sound else (),
        stands_still=any(track.stands_still() for track in there),
    )


def _refuse_beyond(header: Header, limits: Limits) -> None:
    if header.video is None and header.audio is None:
        raise UnreadableMedia(BadFile.NO_CONTENT)
    video = header.video
    if video is not None and video.width * video.height > limits.max_pixels:
        raise UnreadableMedia(BadFile.TOO_MANY_PIXELS, f"{video.width} × {video.height}")


async def _read_header(scratch: Scratch, tools: Tools, confinement: Confinement, limits: Limits) -> Header:
    if tools.ffprobe is None:
        command = guarded_input(tools.ffmpeg, limits)
        finished = await _probe(
            [command[0], "-nostdin", "-hide_banner", *command[1:]], scratch, confinement, limits
        )
        # Without an output ffmpeg always complains; what matters is whether it described the input first.
        if "Input #0" not in finished.stderr_tail:
            fault = judged(finished)
            raise fault if isinstance(fault, UnreadableMedia) else UnreadableMedia(BadFile.NOT_MEDIA)
        return _header(header_from_banner(finished.stderr_tail))
    asked = ["-v", "error", "-show_format", "-show_streams", "-of", "json"]
    command = guarded_input(tools.ffprobe, limits)
    try:
        finished = await _probe([command[0], *asked, *command[1:]], scratch, confinement, limits)
    except ToolSaidTooMuch as error:
        raise UnreadableMedia(BadFile.TOO_COSTLY, "its tags are as long as a film") from error
    if finished.returncode != 0:
        raise judged(finished)
    return _header(Fields.parse(finished.stdout))


async def _probe(
    command: Sequence[str], scratch: Scratch, confinement: Confinement, limits: Limits
) -> Finished:
    walled = confined(command, scratch, confinement, limits=limits, deadline_s=_PROBE_DEADLINE_S)
    return await run(walled, cwd=scratch.directory, deadline_s=_PROBE_DEADLINE_S)


def _header(described: Fields) -> Header:
    form = described.object("format")
    tags = form.object("tags").all_texts()
    streams = described.objects("streams")
    videos = [
        stream for stream in streams if stream.maybe_text("codec_type") == "video" and not _is_cover(stream)
    ]
    audios = [stream for stream in streams if stream.maybe_text("codec_type") == "audio"]
    return Header(
        container=form.maybe_text("format_name") or "unknown",
        declared_duration_s=form.maybe_number("duration"),
        creation=creation_of(tags),
        writer=tags.get("encoder"),
        video=_video(videos[0]) if videos else None,
        audio=next((_audio(stream) for stream in audios if stream.maybe_text("codec_name")), None),
    )


def _is_cover(stream: Fields) -> bool:
    """An album picture, or a stream whose size nobody knows: not a recording's picture."""
    return bool(stream.object("disposition").maybe_whole("attached_pic")) or not stream.maybe_whole("width")


def _video(stream: Fields) -> VideoStream:
    return VideoStream(
        index=stream.whole("index"),
        codec=stream.maybe_text("codec_name") or "unknown",
        profile=stream.maybe_text("profile"),
        width=stream.whole("width"),
        height=stream.whole("height"),
        pixel_format=stream.maybe_text("pix_fmt"),
        pixel_aspect=_ratio(stream.maybe_text("sample_aspect_ratio"), ":") or 1.0,
        rotation=_rotation(stream),
        frame_rate=_ratio(stream.maybe_text("avg_frame_rate"), "/"),
        duration_s=stream.maybe_number("duration"),
    )


def _audio(stream: Fields) -> AudioStream:
    return AudioStream(
        index=stream.whole("index"),
        codec=stream.text("codec_name"),
        profile=stream.maybe_text("profile"),
        sample_rate=stream.maybe_whole("sample_rate") or 0,
        channels=stream.maybe_whole("channels") or 0,
        duration_s=stream.maybe_number("duration"),
    )


def _rotation(stream: Fields) -> int:
    """ffprobe counts counter-clockwise in side data; we count clockwise, 0–359."""
    for side in stream.objects("side_data_list"):
        turned = side.maybe_number("rotation")
        if turned is not None:
            return round(-turned) % 360
    return 0


def _ratio(text: str | None, mark: str) -> float | None:
    above, _, below = (text or "").partition(mark)
    if not above.isdecimal() or not below.isdecimal() or int(above) == 0 or int(below) == 0:
        return None
    return round(int(above) / int(below), 4)
