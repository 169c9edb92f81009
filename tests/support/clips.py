"""Clips for tests, each made once per session by ffmpeg: good ones, spoilt ones and hostile ones."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.demo.clips import (
    TELLTALE,
    find_ffmpeg,
    make,
    make_covered_silent_clip,
    make_good_clip,
    moving_picture,
)
from app.demo.voice import write_voice

__all__ = ["SECONDS", "SIZE", "TELLTALE", "Clips", "make_covered_silent_clip", "make_good_clip"]

SECONDS = 9.0
SIZE = "320x240"
_FULL_DECODE = ("-g", "250")  # one key frame: key frames alone will not do


class Clips:
    """`clips("covered")` is the path of that clip; it is made when first asked for."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._voice = directory / "source.wav"
        write_voice(self._voice, SECONDS)
        self._makers = _makers()

    def __call__(self, name: str) -> Path:
        maker = self._makers[name]
        path = self.directory / name
        if not path.exists():
            maker(self, path)
        return path

    def voice(self, *filters: str) -> list[str]:
        return ["-i", str(self._voice), *(("-af", ",".join(filters)) if filters else ())]

    @property
    def voice_file(self) -> Path:
        return self._voice


Maker = Callable[[Clips, Path], None]


def _makers() -> dict[str, Maker]:
    return {
        "good.mp4": lambda _, path: _void(make_good_clip(path, seconds=SECONDS, size=SIZE)),
        "tagged.mp4": lambda _, path: _void(make_good_clip(path, seconds=SECONDS, size=SIZE, tags=TELLTALE)),
        "covered_silent.mp4": lambda _, path: _void(
            make_covered_silent_clip(path, seconds=SECONDS, size=SIZE)
        ),
        "one_key_frame.mp4": _filmed("null"),
        "covered.mp4": _filmed("drawbox=color=0x141414:t=fill:enable='between(t,3,8)'"),
        "covered_in_light.mp4": _filmed("drawbox=color=0xc08060:t=fill:enable='between(t,3,8)'"),
        "dark.mp4": _filmed("lutyuv=y='16+(val-16)*0.2'"),
        "blurred.mp4": _filmed("gblur=sigma=12:enable='between(t,3,8)'"),
        "frozen.mp4": _filmed("trim=end=4,tpad=stop_mode=clone:stop_duration=30"),
        "silent.mp4": _spoken("volume=0:enable='between(t,3,8)'"),
        "muffled.mp4": _spoken("lowpass=f=350", "lowpass=f=350", "lowpass=f=350", "volume=6"),
        "clipped.mp4": _spoken("volume=30,aformat=sample_fmts=s16"),
        "no_sound.mp4": lambda _, path: make(path, picture=moving_picture(SIZE), sound=(), seconds=SECONDS),
        "noise.m4a": lambda _, path: make(
            path, picture=None, sound=("-f", "lavfi", "-i", "anoisesrc=color=pink:a=0.3"), seconds=SECONDS
        ),
        "beeps.m4a": _make_beeps,
        "voice.m4a": _heard(),
        "voice.mp3": _heard("-c:a", "libmp3lame"),
        "voice.wav": _heard("-c:a", "pcm_s16le"),
        "voice.opus": _heard("-c:a", "libopus"),
        "random.3gp": lambda _, path: make_amr(path),
        "hevc.mp4": _filmed(
            "null", "-c:v", "libx265", "-x265-params", "log-level=none:info=0", "-tag:v", "hvc1"
        ),
        "vp8.webm": _filmed("null", "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
        "button_camera.avi": _filmed("null", "-c:v", "mjpeg", "-c:a", "pcm_s16le"),
        "ten_bit.mp4": _filmed("null", "-pix_fmt", "yuv420p10le"),
        "rotated.mp4": _make_rotated,
        "huge.mp4": _make_huge,
        "cut_index_last.mp4": _cut("good.mp4"),
        "cut_index_first.mp4": _cut("index_first.mp4"),
        "index_first.mp4": _filmed("null", "-g", "25", "-movflags", "+faststart"),
    }


def _void(_: Path) -> None:
    return None


def _filmed(spoil: str, *options: str) -> Maker:
    def build(clips: Clips, path: Path) -> None:
        picture = f"{moving_picture(SIZE)},{spoil}"
        make(path, picture=picture, sound=clips.voice(), seconds=SECONDS, options=(*_FULL_DECODE, *options))

    return build


def _spoken(*filters: str) -> Maker:
    def build(clips: Clips, path: Path) -> None:
        make(path, picture=moving_picture(SIZE), sound=clips.voice(*filters), seconds=SECONDS)

    return build


def _heard(*options: str) -> Maker:
    def build(clips: Clips, path: Path) -> None:
        make(path, picture=None, sound=clips.voice(), seconds=SECONDS, options=options)

    return build


def _make_rotated(clips: Clips, path: Path) -> None:
    """As a phone held upright writes it: lying frames and a note to turn them."""
    turned = ("-c", "copy", "-metadata:s:v", "rotate=90", "-fflags", "+bitexact")
    _ffmpeg("-i", str(clips("good.mp4")), *turned, str(path))


def _make_huge(_: Clips, path: Path) -> None:
    make(path, picture="color=size=8192x4400:rate=1", sound=(), seconds=1.0)


def _make_beeps(_: Clips, path: Path) -> None:
    beeps = f"aevalsrc='0.5*sin(2*PI*600*t)*lt(mod(t,2),0.5)':s=48000:d={SECONDS}"
    make(path, picture=None, sound=("-f", "lavfi", "-i", beeps), seconds=SECONDS)


def make_amr(path: Path, *, seconds: float = SECONDS, seed: int = 3) -> None:
    """No AMR encoder is at hand; random bits in valid frames are a valid stream of rustling."""
    chance = np.random.default_rng(seed)
    frames = b"".join(b"\x3c" + chance.bytes(31) for _ in range(int(seconds * 50)))
    raw = path.with_suffix(".amr")
    raw.write_bytes(b"#!AMR\n" + frames)
    _ffmpeg("-i", str(raw), "-c", "copy", "-fflags", "+bitexact", str(path))


def _cut(name: str) -> Maker:
    def build(clips: Clips, path: Path) -> None:
        whole = clips(name).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])

    return build


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([find_ffmpeg(), "-nostdin", "-v", "error", "-y", *arguments], check=True)
