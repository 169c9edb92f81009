"""Whatever a file says of its maker, no rendition of it says any more (D10.1, D10.2): bytes, and exiftool's eyes."""

import json
import subprocess
from pathlib import Path

import pytest

from media_pipeline import Blur, Interval, RenderProfile, Rendition, render, render_photo
from tests.support.clips import Clips
from tests.support.planted import MAKERS, PLANTED, planted_in

_COPIED = RenderProfile(stream_from_s=0)
_CHANGED = RenderProfile(
    mute=(Interval(1000, 2000),),
    pitch_semitones=-3,
    blurs=(Blur(Interval(0, 4000), 0.1, 0.1, 0.3, 0.3),),
    stream_from_s=0,
)
# Names of makers, devices, places, people and programs. Dates are looked at by value: MP4 has a field for them.
_TELLING = (
    "GPS",
    "Location",
    "Make",
    "Model",
    "Serial",
    "Artist",
    "Author",
    "Creator",
    "Title",
    "Comment",
    "Software",
)
_NO_DATE = ("0000:00:00 00:00:00", "1904:01:01 00:00:00")


def seen_by_exiftool(paths: list[Path]) -> list[dict[str, str]]:
    """Every tag, embedded and unknown ones too, but for what the file system says."""
    command = ["exiftool", "-json", "-a", "-u", "-U", "-ee", "-G1", "-x", "System:all", *map(str, paths)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return [{name: str(value) for name, value in tags.items() if name != "SourceFile"} for tags in told]


def telling(tags: dict[str, str]) -> list[str]:
    plain = {name.partition(":")[2]: value for name, value in tags.items()}
    named = [name for name in plain if name.startswith(_TELLING) or "Serial" in name or "Encoder" in name]
    dated = [name for name, value in plain.items() if name.endswith("Date") and value not in _NO_DATE]
    return named + dated


def looked_through(files: tuple[Rendition, ...]) -> None:
    for file in files:
        assert planted_in(file.path.read_bytes()) == set(), file.path.name
    for file, tags in zip(files, seen_by_exiftool([file.path for file in files]), strict=True):
        assert tags, file.path.name
        assert telling(tags) == [], file.path.name
        assert not [name for name, said in PLANTED.items() if said in " ".join(tags.values())], file.path.name


class TestIdentity:
    @pytest.mark.parametrize("profile", [_COPIED, _CHANGED], ids=["copied", "changed"])
    @pytest.mark.parametrize("name", MAKERS)
    async def test_is_in_no_rendition_though_it_was_all_over_the_recording(
        self, clips: Clips, tmp_path: Path, name: str, profile: RenderProfile
    ) -> None:
        original = tmp_path / name
        make, hidden = MAKERS[name]
        make(clips, original)
        assert planted_in(original.read_bytes()) >= hidden

        renditions = await render(original, tmp_path / "out", profile)

        files = renditions.files()
        kinds = {file.path.suffix for file in files}
        with_picture = {".mp4", ".jpg", ".vtt", ".json", ".m3u8"}
        assert kinds == (with_picture if renditions.poster else {".m4a", ".mp4", ".json", ".m3u8"})
        looked_through(files)

    async def test_exiftool_would_have_seen_it(self, clips: Clips, tmp_path: Path) -> None:
        original = tmp_path / "phone.mp4"
        MAKERS["phone.mp4"][0](clips, original)

        (tags,) = seen_by_exiftool([original])

        assert {"Model", "Artist", "Title"} <= {name.rpartition(":")[2] for name in tags}
        assert PLANTED["location"] in " ".join(tags.values()) or any("GPS" in name for name in telling(tags))

    async def test_is_in_no_photo(self, clips: Clips, tmp_path: Path) -> None:
        taken, out = tmp_path / "photo.jpg", tmp_path / "out.jpg"
        command = ["ffmpeg", "-v", "error", "-i", str(clips("good.mp4")), "-frames:v", "1", str(taken)]
        where = ["-GPSLatitude=39.9", "-GPSLatitudeRef=N", "-Make=Huaweichen", "-Model=Mate-XT-771"]
        who = ["-Artist=Li Xiaolong", "-XMP-dc:Creator=Wang Meili, XMP", "-Comment=Cover of Wang Meili"]
        exiftool = [
            "exiftool",
            "-q",
            "-overwrite_original",
            *where,
            *who,
            "-SerialNumber=SERIAL-8842-KX",
            str(taken),
        ]
        for step in (command, exiftool):
            subprocess.run(step, check=True)  # noqa: ASYNC221 - a test's own preparation
        assert len(planted_in(taken.read_bytes())) >= 3

        photo = await render_photo(taken, out)

        looked_through((Rendition(photo.path, "image/jpeg", photo.size_bytes, photo.sha256),))
