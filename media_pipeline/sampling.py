"""A quick look at samples: small pictures and snippets of sound that a phone takes of its own recording.

Before the inspector leaves the site nobody can wait for the file itself. A look at samples takes a second or so and
finds what spoils a recording as a whole; that it finds nothing proves nothing about what lies between the samples.
Blur is not looked for, since a small picture says nothing about it.
"""

import asyncio
import io
import struct
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_pipeline.errors import BadFile, UnreadableMedia
from media_pipeline.graphs import SOUND_RATE, compile_frames
from media_pipeline.jpeg import size_of, without_metadata
from media_pipeline.judgement import checks_of
from media_pipeline.limits import Limits
from media_pipeline.picture import PictureSamples, find_in_picture
from media_pipeline.report import Check
from media_pipeline.sound import Samples, find_in_sound, measure
from media_pipeline.speech import listen
from media_pipeline.thresholds import CheckKind, Thresholds
from media_pipeline.timeline import Interval, Intervals, at_least, merged, total_ms, where, without
from media_pipeline.tools import Tools
from media_pipeline.workshop import Workshop, open_workshop

LONGEST_SIDE = 640
MOST_SNIPPET_S = 30.0
_WIDTH, _HEIGHT = 160, 120  # every frame is brought to this size: enough to tell light from dark
_FRAMES_FILE = "frames.y"
_LOOKING_DEADLINE_S = 20.0
_SAME_LUMA = 0.75  # of 255, on average over the picture: −51 dB, as the full check asks for
_SAME_PAIRS = 2  # two frames alike may be chance, three are not
_LEAST_HEARD_FOR_SPEECH_S = 15.0  # a pause may be that long
_LIMITS = Limits(max_pixels=LONGEST_SIDE * LONGEST_SIDE, memory_bytes=2 * 1024**3, threads=1)
_NOT_BY_SAMPLES = frozenset({CheckKind.FROZEN, CheckKind.BLURRED})


@dataclass(frozen=True, slots=True)
class Frame:
    """A JPEG of at most `LONGEST_SIDE` pixels a side, from that moment of the recording."""

    at_ms: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Snippet:
    """WAV, 16 kHz, mono, 16 bits, that begins at that moment of the recording."""

    at_ms: int
    wav: bytes


@dataclass(frozen=True, slots=True)
class QuickLook:
    """What samples gave away; `performed` is everything that was looked for in them."""

    checks: tuple[Check, ...]
    performed: tuple[CheckKind, ...]
    heard_ms: int


async def look_at_samples(
    frames: Sequence[Frame],
    snippets: Sequence[Snippet],
    *,
    duration_ms: int,
    thresholds: Thresholds | None = None,
    tools: Tools | None = None,
) -> QuickLook:
    """The checks of `inspect` that samples allow, on the recording's timeline, each kind in order of time.

    Raises `UnreadableMedia`, whose detail names the sample, and a `ToolError` for bad tools.
    """
    wanted = thresholds or Thresholds()
    frames, snippets = sorted(frames, key=_moment), sorted(snippets, key=_moment)
    sounds = [(snippet.at_ms, _sound(snippet)) for snippet in snippets]
    pictures = await _decode(frames, tools) if frames else None
    return await asyncio.to_thread(_judge, frames, pictures, sounds, wanted, duration_ms)


def _moment(sample: Frame | Snippet) -> int:
    return sample.at_ms


def _sound(snippet: Snippet) -> Samples:
    place = f"the sound at {snippet.at_ms} ms"
    try:
        with wave.open(io.BytesIO(snippet.wav)) as opened:
            told = (opened.getnchannels(), opened.getsampwidth(), opened.getframerate())
            if told != (1, 2, SOUND_RATE):
                raise UnreadableMedia(BadFile.FORMAT_REFUSED, f"{place} is not 16 kHz, mono, 16 bits")
            if opened.getnframes() > MOST_SNIPPET_S * SOUND_RATE:
                raise UnreadableMedia(BadFile.TOO_LONG, place)
            content = opened.readframes(opened.getnframes())
    except (wave.Error, EOFError, struct.error, ValueError, OverflowError) as error:
        raise UnreadableMedia(BadFile.NOT_MEDIA, place) from error
    samples = np.frombuffer(content[: len(content) // 2 * 2], dtype="<i2")
    if samples.size < SOUND_RATE // 2:
        raise UnreadableMedia(BadFile.INCOMPLETE, f"{place} is shorter than half a second")
    return samples


async def _decode(frames: Sequence[Frame], tools: Tools | None) -> NDArray[np.uint8]:
    """All frames by one ffmpeg inside the walls, as luma; sizes are read, and refused, before it sees them."""
    stream = b"".join(_checked(frame) for frame in frames)
    with tempfile.TemporaryDirectory(prefix="samples-") as directory:
        media = Path(directory) / "frames.mjpeg"
        await asyncio.to_thread(media.write_bytes, stream)
        async with open_workshop(media, limits=_LIMITS, tools=tools) as workshop:
            return await _luma(workshop, len(frames))


async def _luma(workshop: Workshop, count: int) -> NDArray[np.uint8]:
    command = compile_frames(
        workshop.tools.ffmpeg, width=_WIDTH, height=_HEIGHT, name=_FRAMES_FILE, limits=workshop.limits
    )
    await workshop.run(command, deadline_s=_LOOKING_DEADLINE_S)
    content = await asyncio.to_thread(workshop.at(_FRAMES_FILE).read_bytes)
    if len(content) != count * _WIDTH * _HEIGHT:  # one that hides others, or that could not be decoded
        raise UnreadableMedia(BadFile.UNDECODABLE, "some of the pictures")
    return np.frombuffer(content, dtype=np.uint8).reshape(count, _HEIGHT * _WIDTH)


def _checked(frame: Frame) -> bytes:
    place = f"the picture at {frame.at_ms} ms"
    try:
        width, height = size_of(frame.jpeg)
        plain = without_metadata(frame.jpeg)  # thumbnails in EXIF would be taken for frames
    except (ValueError, IndexError) as error:
        raise UnreadableMedia(BadFile.NOT_MEDIA, place) from error
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise UnreadableMedia(BadFile.TOO_MANY_PIXELS, f"{place}: {width} × {height}")
    if not plain.endswith(b"\xff\xd9"):
        raise UnreadableMedia(BadFile.INCOMPLETE, place)
    return plain


def _judge(
    frames: Sequence[Frame],
    pictures: NDArray[np.uint8] | None,
    sounds: Sequence[tuple[int, Samples]],
    thresholds: Thresholds,
    duration_ms: int,
) -> QuickLook:
    seen: dict[CheckKind, Intervals] = {}
    if pictures is not None:
        times = [min(frame.at_ms, duration_ms) for frame in frames]
        seen = _seen(times, pictures, thresholds, duration_ms)
    heard = _heard(sounds, thresholds)
    heard_ms = sum(_length_ms(samples) for _, samples in sounds)
    checks = (
        *checks_of(seen, thresholds, duration_ms),
        *checks_of(heard, thresholds, max(1, heard_ms)),
    )
    return QuickLook(tuple(_as_sampled(check) for check in checks), tuple(sorted({*seen, *heard})), heard_ms)


def _seen(
    times_ms: Sequence[int], pictures: NDArray[np.uint8], thresholds: Thresholds, duration_ms: int
) -> dict[CheckKind, Intervals]:
    """Each frame stands for the time until the next."""
    luma = (
        pictures.astype(np.float64) * (219 / 255) + 16
    )  # the scale of a video's luma, as thresholds have it
    low, high = np.percentile(luma, [10, 90], axis=1)
    samples = PictureSamples(
        times_s=np.array(times_ms, dtype=np.float64) / 1000,
        luma=luma.mean(axis=1),
        spread=high - low,
        blur=np.full(len(luma), np.nan),
        jolt=np.full(len(luma), np.nan),
        freezes=(),
    )
    found = find_in_picture(samples, thresholds, duration_ms=duration_ms)
    kept = {kind: intervals for kind, intervals in found.items() if kind not in _NOT_BY_SAMPLES}
    frozen = without(_standing(times_ms, luma), kept[CheckKind.COVERED])
    return kept | {CheckKind.FROZEN: at_least(frozen, round(thresholds.frozen_min_s * 1000))}


def _standing(times_ms: Sequence[int], luma: NDArray[np.float64]) -> Intervals:
    """From the first to the last of at least three frames in a row that are the same picture."""
    same = [bool(apart < _SAME_LUMA) for apart in np.abs(np.diff(luma, axis=0)).mean(axis=1)]
    runs = where(times_ms, same)
    return tuple(
        run for run in runs if sum(run.start_ms <= time < run.end_ms for time in times_ms[:-1]) >= _SAME_PAIRS
    )


def _heard(sounds: Sequence[tuple[int, Samples]], thresholds: Thresholds) -> dict[CheckKind, Intervals]:
    found: dict[CheckKind, Intervals] = {}
    spoken = False
    for at_ms, samples in sounds:
        length_ms = _length_ms(samples)
        windows = measure(samples, duration_ms=length_ms)
        patient = _within(thresholds, length_ms / 1000)
        for kind, intervals in find_in_sound(windows, patient, duration_ms=length_ms).items():
            found[kind] = merged((*found.get(kind, ()), *_shifted(intervals, at_ms)))
        speech = listen(samples, windows, patient, duration_ms=length_ms, progress=_nobody)
        spoken = spoken or not speech.absent
    heard = merged(Interval(at_ms, at_ms + _length_ms(samples)) for at_ms, samples in sounds)
    if total_ms(heard) >= _LEAST_HEARD_FOR_SPEECH_S * 1000:
        found[CheckKind.NO_SPEECH] = () if spoken else heard
    return found


def _within(thresholds: Thresholds, length_s: float) -> Thresholds:
    """What fills a whole snippet counts, however short the snippet."""
    return replace(
        thresholds,
        silent_min_s=min(thresholds.silent_min_s, length_s),
        muffled_min_s=min(thresholds.muffled_min_s, length_s),
        clipped_min_s=min(thresholds.clipped_min_s, length_s),
    )


def _shifted(intervals: Intervals, by_ms: int) -> Intervals:
    return tuple(Interval(piece.start_ms + by_ms, piece.end_ms + by_ms) for piece in intervals)


def _length_ms(samples: Samples) -> int:
    return samples.size * 1000 // SOUND_RATE


def _as_sampled(check: Check) -> Check:
    """Nobody shall take a sample for the whole."""
    return replace(check, zh=f"抽样检查：{check.zh}", en=f"In the samples: {check.en}")


def _nobody(_share: float) -> None:
    """Hears of the progress."""
