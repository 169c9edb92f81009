"""Room on this machine's disk for files that are being worked on."""

import shutil
import time
from pathlib import Path
from uuid import UUID

from app.settings import Settings

# The original, a rendition that is hardly larger, and raw sound and thumbnails beside them.
ROOM_PER_BYTE = 2.5
SPARE_BYTES = 512 * 1024 * 1024  # the database and the object store may share the disk
LEFTOVER_AFTER_S = 2 * 24 * 3600  # longer than any job; its worker died and the job went on elsewhere


class ScratchFull(Exception):
    """The disk is too full to begin now; somebody has to make room."""


class Scratch:
    """The directory of one recording. It may be gone after a crash, and is then made anew."""

    def __init__(self, settings: Settings, recording_id: UUID) -> None:
        self._directory = _root(settings) / str(recording_id)

    @property
    def original(self) -> Path:
        return self._directory / "original"

    @property
    def renditions(self) -> Path:
        return self._directory / "renditions"

    def prepare(self, size_bytes: int) -> None:
        """Make the directories. Raises `ScratchFull` unless a file of that size can be worked on. Blocks."""
        self.renditions.mkdir(parents=True, exist_ok=True)
        needed = int(size_bytes * ROOM_PER_BYTE) + SPARE_BYTES
        free = shutil.disk_usage(self._directory).free
        if free < needed:
            raise ScratchFull(f"{self._directory} has {free} bytes free, the work needs {needed}")

    def clear(self) -> None:
        """Blocks."""
        shutil.rmtree(self._directory, ignore_errors=True)


def clear_leftovers(settings: Settings) -> int:
    """Remove what workers left behind that died; the number of directories. Blocks."""
    before = time.time() - LEFTOVER_AFTER_S
    root = _root(settings)
    left = [path for path in root.iterdir() if path.stat().st_mtime < before] if root.is_dir() else []
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _root(settings: Settings) -> Path:
    return settings.data_dir / "scratch" / "recordings"
