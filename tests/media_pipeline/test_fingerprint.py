"""A recording that comes a second time is recognised, whatever was done to it; another visit is not."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from app.demo.clips import find_ffmpeg
from media_pipeline import Fingerprint, Report, compare, inspect
from tests.support.scenes import Scene, record, talk, write_wave

_SECONDS = 20.0
_TOLERANCE_MS = 2500  # agreement is averaged over four seconds

REUSED = {
    "encoded again": (".mp4", "-c:v libx264 -preset ultrafast -crf 34 -c:a aac -b:a 32k"),
    "resized, in other codecs": (
        ".webm",
        "-vf scale=96:-2 -c:v libvpx -deadline realtime -c:a libopus -b:a 12k",
    ),
    "made softer": (".mp4", "-c:v copy -af volume=0.3 -c:a aac"),
    "reduced to telephone sound": (".mp3", "-vn -ar 8000 -b:a 16k"),
    "robbed of its sound": (".mp4", "-an -vf scale=160:-2 -c:v libx264 -preset ultrafast -g 7"),
    "cut at both ends": (".mp4", "-ss 4.37 -t 13 -c:v libx264 -preset ultrafast -c:a aac"),
}


@dataclass(frozen=True, slots=True)
class Visits:
    """The recordings of four visits, and how each is known."""

    paths: tuple[Path, ...]
    reports: tuple[Report, ...]

    @property
    def fingerprints(self) -> list[Fingerprint]:
        return [fingerprint_of(report) for report in self.reports]


def fingerprint_of(report: Report) -> Fingerprint:
    assert report.fingerprint is not None
    return Fingerprint.decode(report.fingerprint)


def convert(path: Path, out: Path, options: str) -> None:
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-i", str(path), *options.split(), str(out)]
    subprocess.run(command, check=True)


@pytest.fixture(scope="module")
async def visits(tmp_path_factory: pytest.TempPathFactory) -> Visits:
    directory = tmp_path_factory.mktemp("visits")
    paths = []
    for seed in (1, 2, 3, 4):
        sound = write_wave(directory / f"{seed}.wav", talk(_SECONDS, seed=seed))
        paths.append(record(directory / f"{seed}.mp4", scene=Scene(seed=seed, seconds=_SECONDS), sound=sound))
    return Visits(tuple(paths), tuple([await inspect(path) for path in paths]))


class TestAReusedRecording:
    @pytest.mark.parametrize("done", list(REUSED))
    async def test_is_recognised_however_it_was(self, visits: Visits, tmp_path: Path, done: str) -> None:
        suffix, options = REUSED[done]
        reused = tmp_path / f"reused{suffix}"
        convert(visits.paths[0], reused, options)

        original, again = visits.fingerprints[0], fingerprint_of(await inspect(reused))
        match = compare(original, again)

        assert match.duplicate
        assert match.here is not None
        assert match.there is not None
        start_ms, end_ms = (4370, 17_370) if "cut" in done else (0, _SECONDS * 1000)
        assert match.here.start_ms == pytest.approx(start_ms, abs=_TOLERANCE_MS)
        assert match.here.end_ms == pytest.approx(end_ms, abs=_TOLERANCE_MS)
        assert match.here.start_ms - match.there.start_ms == pytest.approx(start_ms, abs=600)
        assert original.keys() & again.keys()

    def test_is_recognised_from_either_side(self, visits: Visits) -> None:
        whole = visits.fingerprints[0]
        part = Fingerprint(whole.sound[40:], whole.picture[10:])

        forth, back = compare(whole, part), compare(part, whole)

        assert forth.duplicate
        assert (forth.here, forth.there) == (back.there, back.here)
        assert forth.similarity == back.similarity == pytest.approx(1, abs=0.01)


class TestAnotherVisit:
    def test_is_not_taken_for_an_earlier_one(self, visits: Visits) -> None:
        prints = visits.fingerprints
        pairs = [(one, two) for index, one in enumerate(prints) for two in prints[:index]]

        assert len(pairs) == 6
        assert not any(compare(one, two).duplicate for one, two in pairs)
        assert all(compare(one, two).similarity == 0 for one, two in pairs)

    def test_shares_hardly_a_key(self, visits: Visits) -> None:
        one, two, *_ = visits.fingerprints

        assert len(one.keys()) > 20
        assert len(one.keys() & two.keys()) <= 1

    async def test_in_silence_and_darkness_is_like_no_other(self, tmp_path: Path) -> None:
        """Two dead recordings must not count as one recording sent twice."""
        sound = write_wave(tmp_path / "dead.wav", np.zeros(12 * 16_000))
        dark = Scene(seed=9, seconds=12, light=0.0, people=0, sway=0)

        report = await inspect(record(tmp_path / "dead.mp4", scene=dark, sound=sound))

        assert report.fingerprint is None


class TestTheFingerprint:
    def test_survives_being_written_down(self, visits: Visits) -> None:
        known = visits.fingerprints[0]

        again = Fingerprint.decode(known.encode())

        assert again.keys() == known.keys()
        assert compare(known, again).similarity == 1.0

    def test_travels_in_the_report(self, visits: Visits) -> None:
        assert Report.from_json(visits.reports[0].to_json()) == visits.reports[0]

    def test_is_small(self, visits: Visits) -> None:
        assert len(visits.fingerprints[0].encode()) < 80 * _SECONDS

    def test_has_keys_that_fit_a_signed_column(self, visits: Visits) -> None:
        assert max(visits.fingerprints[0].keys()) < 2**62

    @pytest.mark.parametrize("text", ["", "p0.AAAA", "p1.AAAA", "p1.???", "p1.eJw="])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="fingerprint"):
            Fingerprint.decode(text)
