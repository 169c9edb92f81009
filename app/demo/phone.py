"""The inspector's devices: what they recorded, what they know of it, and their own look at it before leaving (D7.3)."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel

from app.demo.account import Unexpected
from app.demo.clips import TELLTALE, make_covered_silent_clip, make_good_clip
from app.demo.pictures import take_photo
from app.demo.server import SOURCE
from app.kit.ids import new_id
from app.visits.declared import Medium, Quality
from app.visits.schemas import ManifestFileIn

PHOTOS = 4
CLIP_S = 66.0  # a little more than the minute the programme asks for
PHONE, BUTTON = "phone", "button-camera"
LABELS = {PHONE: "Mate XT of Li Xiaolong", BUTTON: "Button camera 12"}

QUALITIES = {
    frozenset[str](): Quality.GOOD,
    frozenset({"covered"}): Quality.BLACK,
    frozenset({"silent"}): Quality.SILENT,
    frozenset({"covered", "silent"}): Quality.BLACK_AND_SILENT,
}


class Length(BaseModel):
    duration_s: float


class Sentence(BaseModel):
    en: str


class Look(BaseModel):
    """What is needed here of the report that `python -m media_pipeline inspect` writes."""

    facts: Length
    failed_checks: frozenset[str]
    checks: list[Sentence]


@dataclass(frozen=True, slots=True)
class Taken:
    """A file on a device, and what the device itself found in it."""

    id: UUID
    path: Path
    medium: Medium
    content_type: str
    device: str
    sha256: str
    duration: timedelta
    quality: Quality
    sentences: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        return self.path.stat().st_size

    def declared(self, *, started_at: datetime | None) -> ManifestFileIn:
        """Its line in the manifest of the leave gate."""
        return ManifestFileIn(
            recording_id=self.id,
            medium=self.medium,
            device_kind=self.device,
            device_label=LABELS[self.device],
            started_at=started_at,
            clock_offset_ms=0,
            duration_ms=round(self.duration.total_seconds() * 1000),
            size_bytes=self.size_bytes,
            sha256=self.sha256,
            quality=self.quality,
        )


@dataclass(frozen=True, slots=True)
class Haul:
    """Everything that was taken on the visit."""

    good: Taken
    covered: Taken
    photos: tuple[Taken, ...]


def record(folder: Path) -> Haul:
    """Make the clips and photos with ffmpeg, with the traces phones leave in them."""
    good = make_good_clip(folder / "VID_20261121_Li-Xiaolong.mp4", seconds=CLIP_S, tags=TELLTALE)
    covered = make_covered_silent_clip(folder / "button-12.mp4", seconds=CLIP_S)
    photos = [take_photo(folder / f"IMG_{number}.jpg", seed=number) for number in range(1, PHOTOS + 1)]
    return Haul(
        good=_video(good, device=PHONE),
        covered=_video(covered, device=BUTTON),
        photos=tuple(_photo(path) for path in photos),
    )


def _video(path: Path, *, device: str) -> Taken:
    look = _inspect(path)
    return Taken(
        id=new_id(),
        path=path,
        medium=Medium.VIDEO,
        content_type="video/mp4",
        device=device,
        sha256=_sha256(path),
        duration=timedelta(seconds=look.facts.duration_s),
        quality=QUALITIES.get(look.failed_checks, Quality.UNUSABLE),
        sentences=tuple(check.en for check in look.checks),
    )


def _photo(path: Path) -> Taken:
    return Taken(
        id=new_id(),
        path=path,
        medium=Medium.PHOTO,
        content_type="image/jpeg",
        device=PHONE,
        sha256=_sha256(path),
        duration=timedelta(),
        quality=Quality.GOOD,
        sentences=(),
    )


def _inspect(path: Path) -> Look:
    """The same look a worker takes later; a phone app has its own code for it."""
    command = [sys.executable, "-m", "media_pipeline", "inspect", str(path), "--json"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=SOURCE, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise Unexpected(f"the phone could not look into {path.name}: {done.stderr.strip()}")
    return Look.model_validate_json(done.stdout)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
