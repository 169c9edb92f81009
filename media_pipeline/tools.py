"""Where ffmpeg is. It comes from the system; a wheel that carries one will do where it is installed."""

import importlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.errors import ToolMissing

HOW_TO_GET_IT = (
    "ffmpeg (5.1 or newer) is not installed. Debian, Ubuntu: apt-get install ffmpeg. macOS: brew install "
    "ffmpeg. Without rights on the machine: pip install imageio-ffmpeg."
)


@dataclass(frozen=True, slots=True)
class Tools:
    """`ffprobe` is absent where ffmpeg comes from a wheel: the file is then read from ffmpeg's own words."""

    ffmpeg: Path
    ffprobe: Path | None


@dataclass(frozen=True, slots=True)
class About:
    """What a build of ffmpeg says of itself: `ffmpeg 5.1.9`, and whether it can move a pitch by librubberband."""

    version: str
    rubberband: bool


def about(said: str) -> About | None:
    """From the text of `ffmpeg -version`; `None` when that is no such text."""
    words = said.partition("\n")[0].split()
    if len(words) < 3 or words[1] != "version":
        return None
    return About(f"ffmpeg {words[2].partition('-')[0]}", "--enable-librubberband" in said)


def find_tools() -> Tools:
    """The system's ffmpeg, else the one in `imageio-ffmpeg`. Raises `ToolMissing` when there is neither."""
    ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
    if ffmpeg is not None:
        return Tools(Path(ffmpeg), Path(ffprobe) if ffprobe else None)
    carried = _carried_ffmpeg()
    if carried is None:
        raise ToolMissing(HOW_TO_GET_IT)
    return Tools(carried, None)


def _carried_ffmpeg() -> Path | None:
    try:
        wheel = importlib.import_module("imageio_ffmpeg")
    except ImportError:
        return None
    try:
        return Path(wheel.get_ffmpeg_exe())
    except RuntimeError:
        return None
