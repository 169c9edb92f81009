"""The only place that writes ffmpeg command lines (what encoders and muxers are told stands in `encoding.py`).

ffmpeg-python compiles the graph; it runs nothing.

One decode serves everything: the picture is split into a small copy for statistics, thumbnails and, if
need be, the encoder; the sound becomes 16 kHz PCM; what can be copied is copied in the same process.
Trap: a `tile` output in this command would stop all progress reports, so thumbnails are written one by
one and tiled afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.blurring import MASK_FILE, MASK_HEIGHT, MASK_RATE, MASK_WIDTH, MOSAIC_CELLS
from media_pipeline.confinement import MEDIA_NAME
from media_pipeline.encoding import EncodeVideo, Outlet, anonymous, audio_options, video_options
from media_pipeline.limits import Limits

# None of these demuxers opens a second file; ffconcat and playlists, which do, are kept out. Without this
# list a text file named .mp4 could pull another inspector's recording into a rendition.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mp3,wav,aac,amr,ogg,flac,caf,aiff"
PICTURE_FILE = "picture.txt"
SOUND_FILE = "sound.pcm"
SMALL_FILE = "frames.gray"
SMALL_WIDTH, SMALL_HEIGHT = (
    72,
    64,
)  # grey copies: recognised by (`fingerprint.py`), and followed (`shaking.py`)
THUMBNAIL_PATTERN = "thumb-%05d.jpg"
SOUND_RATE = 16_000
_SAMPLES_PER_S = 5
_STATISTICS_WIDTH = 320
_STREAM_SEGMENT_S = 6  # what players expect; longer where key frames are further apart


@dataclass(frozen=True, slots=True)
class Thumbnails:
    every_s: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pass:
    """One run over the file. Stream numbers are the file's own; `None` where there is none to use."""

    video: int | None
    audio: int | None
    keyframes_only: bool
    freeze_s: float
    statistics: bool
    sound: bool
    thumbnails: Thumbnails | None
    outlet: Outlet | None


def guarded_input(tool: Path, limits: Limits) -> list[str]:
    """The start of a probing command: the whitelists, then the file under its neutral name."""
    return [
        str(tool),
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        FORMATS,
        "-max_pixels",
        str(limits.max_pixels),
        "-max_streams",
        str(limits.max_streams),
        "-i",
        f"file:{MEDIA_NAME}",
    ]


def packet_scan(tool: Path, streams: Sequence[int], limits: Limits) -> list[str]:
    """Every packet's time and whether it is a key, as framecrc lines; works where ffprobe is missing."""
    tool_path, *source = guarded_input(tool, limits)
    maps = [word for index in streams for word in ("-map", f"0:{index}")]
    quiet = ["-nostdin", "-v", "error"]
    return [tool_path, *quiet, *source, *maps, "-c", "copy", "-f", "framecrc", "pipe:1"]


def compile_pass(tool: Path, work: Pass, limits: Limits) -> list[str]:
    """The one command for everything in `work`; at least one output must be asked for."""
    source = ffmpeg.input(f"file:{MEDIA_NAME}", **_input_options(work, limits))
    outputs = _picture_outputs(source, work, limits)
    if work.sound and work.audio is not None:
        outputs.append(_sound_output(source[str(work.audio)]))
    if work.outlet is not None and work.video is None:
        outputs.append(_outlet_output(source, None, work, work.outlet, limits))
    merged = ffmpeg.merge_outputs(*outputs) if len(outputs) > 1 else outputs[0]
    # Few and small pictures go through the filters: threads cost more there than they bring.
    return _finish(
        merged, tool, ("-filter_complex_threads", "1", "-progress", "pipe:1", "-stats_period", "0.5")
    )


def compile_face_frames(
    tool: Path, video: int, *, width: int, height: int, rate: float, limits: Limits
) -> list[str]:
    """So many pictures a second from the start, of bare RGB, one after the other on stdout."""
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    bounds = {"max_pixels": limits.max_pixels, "max_streams": limits.max_streams, "threads": limits.threads}
    source = ffmpeg.input(f"file:{MEDIA_NAME}", **options, **bounds)
    chain = source[str(video)].filter("fps", fps=f"{rate:g}", start_time=0)
    chain = chain.filter("scale", width, height, flags="fast_bilinear").filter("format", "rgb24")
    return _finish(chain.output("pipe:1", f="rawvideo", fps_mode="passthrough"), tool)


def compile_sprite(tool: Path, *, columns: int, rows: int, width: int, height: int, name: str) -> list[str]:
    """Thumbnails written by an earlier pass, as one picture."""
    tiles = ffmpeg.input(THUMBNAIL_PATTERN, f="image2", framerate=1)
    tiles = tiles.filter("scale", width, height).filter("tile", f"{columns}x{rows}")
    return _finish(tiles.output(name, **_jpeg(5), **{"frames:v": 1}), tool)


def compile_stream(tool: Path, *, outlet: str, media: str, playlist: str) -> list[str]:
    """A finished outlet rendition once more, as one fragmented MP4 and a playlist of byte ranges in it."""
    options = anonymous() | {
        "c": "copy",
        "f": "hls",
        "hls_time": _STREAM_SEGMENT_S,
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_flags": "single_file",
        "hls_segment_filename": media,
    }
    return _finish(ffmpeg.input(f"file:{outlet}", f="mov").output(playlist, **options), tool)


def compile_photo(
    tool: Path, *, demuxer: str, turn: Sequence[str], longest: int, name: str, limits: Limits
) -> list[str]:
    """The first picture of a photo, turned upright, within `longest` pixels on its longer side."""
    source = ffmpeg.input(
        f"file:{MEDIA_NAME}",
        f=demuxer,
        protocol_whitelist="file",
        format_whitelist=demuxer,
        max_pixels=limits.max_pixels,
        threads=limits.threads,
        noautorotate=None,
    )
    picture = source["v:0"]
    for step in turn:
        name_of_filter, _, argument = step.partition("=")
        picture = picture.filter(name_of_filter, *([argument] if argument else []))
    bound = f"min({longest},iw)", f"min({longest},ih)"
    picture = picture.filter("scale", *bound, force_original_aspect_ratio="decrease", out_range="full")
    picture = picture.filter("format", "yuvj420p")
    return _finish(picture.output(name, **_jpeg(3), **{"frames:v": 1}), tool)


def compile_frames(tool: Path, *, width: int, height: int, name: str, limits: Limits) -> list[str]:
    """A row of JPEGs as so many pictures of bare luma, all of one size."""
    source = ffmpeg.input(
        f"file:{MEDIA_NAME}",
        f="mjpeg",
        protocol_whitelist="file",
        format_whitelist="mjpeg",
        max_pixels=limits.max_pixels,
        threads=limits.threads,
    )
    luma = source["v:0"].filter("scale", width, height, flags="area").filter("format", "gray")
    return _finish(luma.output(name, f="rawvideo", fps_mode="passthrough"), tool)


def _input_options(work: Pass, limits: Limits) -> dict[str, object]:
    options: dict[str, object] = {
        "protocol_whitelist": "file",
        "format_whitelist": FORMATS,
        "max_pixels": limits.max_pixels,
        "max_streams": limits.max_streams,
        "threads": limits.threads,
    }
    if work.keyframes_only:
        options["skip_frame:v"] = "nokey"
    elif work.outlet is None or work.outlet.encode_video is None:
        # Frames that no other frame builds on are left out: at most three in four of a film that has such frames, and
        # there it saves a third of the work. Five samples a second are taken anyway.
        options["skip_frame:v"] = "noref"
    return options


def _picture_outputs(source: Any, work: Pass, limits: Limits) -> list[Any]:
    """Statistics see the picture as it is; thumbnails and the outlet what a mask leaves of it, if there is one."""
    if work.video is None:
        return []
    picture, outlet = source[str(work.video)], work.outlet
    encode = outlet.encode_video if outlet else None
    looking, showing = int(work.statistics), int(work.thumbnails is not None) + int(encode is not None)
    if outlet is not None and outlet.masked and encode is not None:
        plain = _shared(picture, looking + 1)
        seen = _shared(_masked(_scaled(plain[-1], encode), encode), showing)
    else:
        plain = _shared(picture, looking + showing)
        seen = plain[looking:]
        if encode is not None:
            seen[-1] = _scaled(seen[-1], encode)
    outputs = [_statistics(plain[0], work.freeze_s)] if work.statistics else []
    if work.thumbnails is not None:
        outputs.append(_thumbnails(seen[0], work.thumbnails))
    if outlet is not None:
        shown = picture if encode is None else seen[-1]
        outputs.append(_outlet_output(source, shown, work, outlet, limits))
    return outputs


def _shared(stream: Any, takers: int) -> list[Any]:
    if takers < 2:
        return [stream] * takers
    split = stream.filter_multi_output("split", takers)
    return [split[number] for number in range(takers)]


def _scaled(picture: Any, encode: EncodeVideo) -> Any:
    return picture.filter("scale", encode.width, encode.height).filter("setsar", 1)


def _masked(picture: Any, encode: EncodeVideo) -> Any:
    """Where the mask is white a mosaic lies on the picture. The mask's frames last until the next one comes."""
    size = encode.width, encode.height
    factor = MOSAIC_CELLS / max(size)
    cells = [max(2, round(side * factor)) for side in size]
    below, above = _shared(picture, 2)
    mosaic = above.filter("scale", *cells, flags="area").filter("scale", *size, flags="neighbor")
    mask = ffmpeg.input(
        MASK_FILE, f="rawvideo", pix_fmt="gray", s=f"{MASK_WIDTH}x{MASK_HEIGHT}", framerate=MASK_RATE
    )
    shape = mask.filter("scale", *size, flags="neighbor", out_range="full").filter("format", "gray")
    hiding = ffmpeg.filter([mosaic.filter("setsar", 1), shape], "alphamerge")
    return ffmpeg.filter([below, hiding], "overlay")


def _statistics(picture: Any, freeze_s: float) -> Any:
    """Five samples a second without inventing any: `fps` would repeat frames, and those look frozen."""
    apart = f"isnan(prev_selected_t)+gte(t-prev_selected_t,{0.95 / _SAMPLES_PER_S:.3f})"
    chain = picture.filter("select", apart)
    chain = chain.filter("scale", _STATISTICS_WIDTH, -2, flags="fast_bilinear").filter("format", "yuv420p")
    chain = chain.filter("freezedetect", n="-50dB", d=freeze_s).filter("signalstats")
    chain = chain.filter("blurdetect", block_width=32, block_height=32)
    chain = chain.filter("metadata", "print", file=PICTURE_FILE)
    chain = chain.filter("scale", SMALL_WIDTH, SMALL_HEIGHT, flags="area").filter("format", "gray")
    return chain.output(SMALL_FILE, f="rawvideo", fps_mode="passthrough")


def _thumbnails(picture: Any, wanted: Thumbnails) -> Any:
    chain = picture.filter("fps", fps=f"1/{wanted.every_s:g}", start_time=0, eof_action="pass")
    chain = chain.filter("scale", wanted.width, wanted.height, out_range="full").filter("setsar", 1)
    chain = chain.filter("format", "yuvj420p")
    return chain.output(THUMBNAIL_PATTERN, f="image2", **_jpeg(4))


def _sound_output(sound: Any) -> Any:
    """PCM on the recording's own timeline: a late start or a gap is filled, so that samples tell the time."""
    chain = sound.filter("aresample", SOUND_RATE, **{"async": 1, "first_pts": 0})
    return chain.output(SOUND_FILE, f="s16le", ac=1, **{"c:a": "pcm_s16le"})


def _outlet_output(source: Any, picture: Any, work: Pass, outlet: Outlet, limits: Limits) -> Any:
    streams: list[Any] = []
    options = anonymous() | {"movflags": "+faststart", "f": "mp4"}
    if picture is not None:
        streams.append(picture)
        options |= video_options(outlet.encode_video, limits)
    if work.audio is not None:
        streams.append(source[str(work.audio)])
        options |= audio_options(outlet)
    return ffmpeg.output(*streams, outlet.name, **options)


def _jpeg(quality: int) -> dict[str, object]:
    return {"q:v": quality, "flags:v": "+bitexact", "map_metadata": -1, "c:v": "mjpeg"}


def _finish(outputs: Any, tool: Path, more: Sequence[str] = ()) -> list[str]:
    quiet = ("-nostdin", "-hide_banner", "-v", "error")
    command: list[str] = outputs.global_args(*quiet, *more).overwrite_output().compile(cmd=str(tool))
    return command
