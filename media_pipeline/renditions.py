"""What an outlet may see and hear of a recording, and how it is made from the original."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from media_pipeline.blurring import Blurs
from media_pipeline.encoding import EncodeAudio, EncodeVideo, Outlet, Pitch
from media_pipeline.graphs import SOUND_RATE, Thumbnails
from media_pipeline.report import AudioStream, MediaFacts, VideoStream
from media_pipeline.sound import Samples
from media_pipeline.timeline import Intervals, merged

OUTLET_VIDEO, OUTLET_AUDIO = "outlet.mp4", "outlet.m4a"
POSTER, SPRITE, CUES, PEAKS = "poster.jpg", "thumbnails.jpg", "thumbnails.vtt", "peaks.json"
STREAM, PLAYLIST = "stream.mp4", "stream.m3u8"

_LONGEST_THUMBNAIL_SIDE = 640  # one of them becomes the poster
_SPRITE_TILE_SIDE = 160
_SPRITE_COLUMNS = 10
_MOST_THUMBNAILS = 120
_MOST_PEAKS = 8000
_MOST_SEMITONES = 12
# Streams every browser plays, and containers whose packets carry what MP4 needs.
_PLAYABLE_PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
_PLAYABLE_PIXELS = frozenset({"yuv420p", "yuvj420p"})
_COPYABLE_CONTAINERS = ("mov", "matroska")
_COPYABLE_SIDE = 1920


@dataclass(frozen=True, slots=True)
class RenderProfile:
    """How the outlet's rendition is made.

    `mute` names stretches of sound nobody there may hear: they become silence, and silence cannot be undone.
    `pitch_semitones` (−12 … 12) moves every voice. That is a courtesy: whoever wants to can move it back and
    know the voice again. What must not be recognised is to be muted.
    `blurs` names rectangles of the picture nobody there may see; nothing of them is left but a coarse mosaic.
    `blur_faces` adds those that a detector finds, which is best effort: a person is to look through `Renditions.blurs`.
    `stream_from_s`: a recording at least this long (seconds) is also cut for HLS; `None` for none.
    """

    mute: Intervals = ()
    pitch_semitones: float = 0.0
    blurs: Blurs = ()
    blur_faces: bool = False
    stream_from_s: float | None = None
    shorter_side: int = 720
    crf: int = 23
    preset: str = "veryfast"
    audio_kbps_per_channel: int = 64
    thumbnail_every_s: float = 5.0

    def __post_init__(self) -> None:
        if not abs(self.pitch_semitones) <= _MOST_SEMITONES:
            raise ValueError(
                f"a pitch is moved by at most {_MOST_SEMITONES} semitones: {self.pitch_semitones}"
            )


@dataclass(frozen=True, slots=True)
class Rendition:
    """One finished file; its name says nothing about where it came from."""

    path: Path
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Renditions:
    """`poster`, `sprite` and `cues` are absent for sound alone, `peaks` for a silent film.

    `stream` and `playlist` are there when HLS was asked for: one fragmented MP4, and the byte ranges in it; the
    playlist names it `stream.mp4`, to be replaced by an address when it is handed out. `blurs` is all that was hidden,
    found faces included.
    """

    outlet: Rendition
    video_copied: bool
    audio_copied: bool
    duration_ms: int
    poster: Rendition | None = None
    sprite: Rendition | None = None
    cues: Rendition | None = None
    peaks: Rendition | None = None
    stream: Rendition | None = None
    playlist: Rendition | None = None
    blurs: Blurs = ()

    def files(self) -> tuple[Rendition, ...]:
        pictures = (self.poster, self.sprite, self.cues)
        everything = (self.outlet, *pictures, self.peaks, self.stream, self.playlist)
        return tuple(rendition for rendition in everything if rendition is not None)


def plan_outlet(facts: MediaFacts, profile: RenderProfile, *, rubberband: bool) -> Outlet:
    """Copy what browsers play as it is; encode the rest. HEVC is never copied: it keeps an encoder's name."""
    video, audio = facts.video, facts.audio
    copyable = facts.container.startswith(_COPYABLE_CONTAINERS)
    encode_audio = None
    changed = bool(profile.mute) or profile.pitch_semitones != 0
    if audio is not None and (changed or not (copyable and _plays(audio))):
        channels = min(2, max(1, audio.channels))
        pitch = Pitch(profile.pitch_semitones, rubberband) if profile.pitch_semitones else None
        encode_audio = EncodeAudio(profile.audio_kbps_per_channel * channels, channels, pitch)
    encode_video = None
    masked = bool(profile.blurs) and video is not None
    if video is not None and (masked or not (copyable and _shows(video))):
        encode_video = EncodeVideo(*_bounded(video, profile.shorter_side), profile.crf, profile.preset)
    name = OUTLET_AUDIO if video is None else OUTLET_VIDEO
    return Outlet(name, encode_video, encode_audio, merged(profile.mute), masked)


def _plays(audio: AudioStream) -> bool:
    return audio.codec == "aac" and audio.profile in {"LC", None} and audio.channels in {1, 2}


def _shows(video: VideoStream) -> bool:
    return (
        video.codec == "h264"
        and video.profile in _PLAYABLE_PROFILES
        and video.pixel_format in _PLAYABLE_PIXELS
        and max(video.width, video.height) <= _COPYABLE_SIDE
    )


def _bounded(video: VideoStream, shorter_side: int) -> tuple[int, int]:
    """The shown size, brought down so that its shorter side fits; both even, as 4:2:0 asks."""
    width, height = video.shown_size
    factor = min(1.0, shorter_side / min(width, height))
    return _even(width * factor), _even(height * factor)


def plan_thumbnails(facts: MediaFacts, profile: RenderProfile) -> Thumbnails | None:
    if facts.video is None:
        return None
    width, height = facts.video.shown_size
    factor = min(1.0, _LONGEST_THUMBNAIL_SIDE / max(width, height))
    every_s = max(profile.thumbnail_every_s, facts.duration_s / _MOST_THUMBNAILS)
    return Thumbnails(round(every_s, 3), _even(width * factor), _even(height * factor))


@dataclass(frozen=True, slots=True)
class Sprite:
    """How `count` thumbnails lie on one picture."""

    count: int
    columns: int
    width: int
    height: int

    @property
    def rows(self) -> int:
        return -(-self.count // self.columns)


def plan_sprite(thumbnails: Thumbnails, count: int) -> Sprite:
    factor = _SPRITE_TILE_SIDE / max(thumbnails.width, thumbnails.height)
    width, height = _even(thumbnails.width * factor), _even(thumbnails.height * factor)
    return Sprite(count, min(count, _SPRITE_COLUMNS), width, height)


def write_cues(path: Path, sprite: Sprite, *, every_s: float, duration_s: float) -> None:
    """WebVTT: for each stretch of the timeline its place on the sprite."""
    lines = ["WEBVTT"]
    for number in range(sprite.count):
        row, column = divmod(number, sprite.columns)
        last = number == sprite.count - 1
        start = min(number * every_s, duration_s)
        end = duration_s if last else min((number + 1) * every_s, duration_s)
        if start < end:
            place = f"{column * sprite.width},{row * sprite.height},{sprite.width},{sprite.height}"
            lines += ["", f"{_stamp(start)} --> {_stamp(end)}", f"{SPRITE}#xywh={place}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_peaks(path: Path, samples: Samples, mute: Intervals) -> None:
    """JSON in audiowaveform's version 2 shape; muted stretches are flat, for a waveform tells of speech."""
    per_pixel = max(256, -(-samples.size // _MOST_PEAKS))
    data: list[int] = []
    for start in range(0, samples.size, per_pixel):
        piece = samples[start : start + per_pixel]
        low, high = (int(np.min(piece)), int(np.max(piece)))
        data += [0, 0] if _is_muted(start, start + piece.size, mute) else [low >> 8, high >> 8]
    shape = {
        "version": 2,
        "channels": 1,
        "sample_rate": SOUND_RATE,
        "samples_per_pixel": per_pixel,
        "bits": 8,
        "length": len(data) // 2,
        "data": data,
    }
    path.write_text(json.dumps(shape, separators=(",", ":")), encoding="ascii")


def _is_muted(start: int, end: int, mute: Intervals) -> bool:
    start_ms, end_ms = start * 1000 / SOUND_RATE, end * 1000 / SOUND_RATE
    return any(piece.start_ms < end_ms and start_ms < piece.end_ms for piece in mute)


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
