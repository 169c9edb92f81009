"""Clips as a phone in a pocket would make them, made by ffmpeg: a usable one, and one nobody can use."""

import importlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.demo.voice import write_voice

_LONGEST_SPEECH_S = 20.0  # repeated for longer clips
_DEADLINE_S = 300.0
# What phones write of themselves and their owners; the renditions must lose all of it.
TELLTALE = {
    "title": "Visit by Inspector Li Xiaolong",
    "artist": "Li Xiaolong",
    "comment": "IMEI 356938035643809",
    "location": "+39.9042+116.4074/",
    "com.apple.quicktime.make": "Huaweichen",
    "com.apple.quicktime.model": "Mate-XT-771",
}

# No device writes ffmpeg's name or x264's, which a look for traces of editing takes for a second saving.
_AS_A_DEVICE = ["-fflags", "+bitexact", "-flags:v", "+bitexact"]
_WITHOUT_ENCODERS_WORDS = ["-bsf:v", "filter_units=remove_types=6"]


class ClipFailed(Exception):
    """ffmpeg is missing or could not make the clip; the message says which."""


def make_good_clip(
    path: Path, *, seconds: float = 20.0, size: str = "640x360", tags: Mapping[str, str] | None = None
) -> Path:
    """A moving, lit picture and somebody speaking: H.264 and AAC, a key frame a second."""
    with tempfile.TemporaryDirectory() as scratch:
        voice = Path(scratch) / "voice.wav"
        write_voice(voice, min(seconds, _LONGEST_SPEECH_S))
        sound = ["-stream_loop", "-1", "-i", str(voice)]
        make(path, picture=moving_picture(size), sound=sound, seconds=seconds, tags=tags)
    return path


def make_covered_silent_clip(path: Path, *, seconds: float = 20.0, size: str = "640x360") -> Path:
    """A lens under cloth and a dead microphone."""
    picture = f"color=c=0x0a0a0a:size={size}:rate=25,noise=alls=6:allf=t"
    sound = ["-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono"]
    make(path, picture=picture, sound=sound, seconds=seconds)
    return path


def moving_picture(size: str) -> str:
    """A test picture under a hand that wanders; no two moments look alike, as repeated ones would look frozen."""
    width, height = (int(side) for side in size.split("x"))
    wander = f"crop={width}:{height}:x='20+19*sin(t*1.3)':y='20+19*cos(t*1.9)'"
    return f"testsrc2=size={width + 40}x{height + 40}:rate=25,{wander},hue=h='17*t',noise=alls=5:allf=t"


def make(
    path: Path,
    *,
    picture: str | None,
    sound: Sequence[str],
    seconds: float,
    options: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
) -> None:
    """One clip from a lavfi picture and the input options of a sound; either may be absent."""
    inputs = ["-f", "lavfi", "-i", picture] if picture else []
    tagged = [word for name, value in (tags or {}).items() for word in ("-metadata", f"{name}={value}")]
    encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac"]
    flags = ["-flags:a", "+bitexact"]  # a phone's AAC does not bear the name of ffmpeg's encoder
    flags += ["-movflags", "+use_metadata_tags"] if tags else _AS_A_DEVICE
    if picture and not tags and "-c:v" not in options:
        flags += _WITHOUT_ENCODERS_WORDS
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-y", *inputs, *sound, "-t", str(seconds)]
    try:
        subprocess.run(  # noqa: S603 - our own arguments
            [*command, *encoders, *options, *flags, *tagged, str(path)],
            check=True,
            capture_output=True,
            timeout=_DEADLINE_S,
        )
    except subprocess.CalledProcessError as error:
        raise ClipFailed(error.stderr.decode(errors="replace").strip()) from error


def find_ffmpeg() -> str:
    """The system's, else the one in the `imageio-ffmpeg` wheel."""
    installed = shutil.which("ffmpeg")
    if installed is not None:
        return installed
    try:
        return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise ClipFailed("ffmpeg is not installed: apt-get install ffmpeg, or brew install ffmpeg") from error
