"""A programme overrides thresholds by name; what it does not name stays as measured."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from media_pipeline import CheckKind, MediaFacts, Severity, Thresholds
from media_pipeline.judgement import Measured, judge
from media_pipeline.picture import PictureSamples, find_in_picture, read_samples
from media_pipeline.report import VideoStream
from media_pipeline.sentences import sentence_en, sentence_zh
from media_pipeline.timeline import Interval

_NO_FRAMES = np.zeros((0, 64, 72), np.uint8)
SILENT_FILM = Thresholds(sound_required=False)


class TestOverrides:
    def test_only_what_is_named_changes(self) -> None:
        chosen = Thresholds.from_mapping({"min_duration_s": 900, "sound_required": False})

        assert chosen.min_duration_s == 900.0
        assert chosen.sound_required is False
        unchanged = {field.name for field in fields(Thresholds)} - {"min_duration_s", "sound_required"}
        assert all(getattr(chosen, name) == getattr(Thresholds(), name) for name in unchanged)

    def test_what_is_written_down_comes_back(self) -> None:
        chosen = Thresholds(min_duration_s=480.0, rejecting=frozenset({CheckKind.SILENT}))

        assert Thresholds.from_mapping(json.loads(json.dumps(chosen.to_mapping()))) == chosen

    @pytest.mark.parametrize(
        ("overrides", "complaint"),
        [
            ({"min_duration": 1.0}, "no threshold 'min_duration'; is 'min_duration_s' meant?"),
            ({"xyz": 1.0}, "no threshold 'xyz'$"),
            ({"min_duration_s": True}, "'min_duration_s' is a number, not True"),
            ({"min_duration_s": ["covered"]}, "'min_duration_s' is a number"),
            ({"min_duration_s": None}, "'min_duration_s' is a number, not None"),
            ({"min_duration_s": -1}, "'min_duration_s' lies between 0 and 86400"),
            ({"warn_share": 1.2}, "'warn_share' lies between 0 and 1"),
            ({"fail_share": float("nan")}, "'fail_share' lies between 0 and 1"),
            ({"silent_dbfs": 3}, "'silent_dbfs' lies between -120 and 0"),
            ({"dark_luma": 300}, "'dark_luma' lies between 0 and 255"),
            ({"sound_required": 1}, "'sound_required' is true or false, not 1"),
            ({"damaged_errors": 1.5}, "'damaged_errors' is a whole number, not 1.5"),
            ({"damaged_errors": False}, "'damaged_errors' is a whole number, not False"),
            ({"rejecting": "covered"}, "'rejecting' is a list of checks, not 'covered'"),
            ({"rejecting": ["no_such_check"]}, "'no_such_check', which is no check"),
            ({"rejecting": [[]]}, "which is no check"),
            ({"__init__": 1}, "no threshold '__init__'"),
        ],
    )
    def test_nonsense_is_refused_with_what_was_expected(
        self, overrides: dict[str, object], complaint: str
    ) -> None:
        with pytest.raises(ValueError, match=complaint):
            Thresholds.from_mapping(overrides)

    def test_everything_wrong_is_said_at_once(self) -> None:
        with pytest.raises(ValueError, match=r"'silent_min_s'.*; .*'blur_scor'"):
            Thresholds.from_mapping({"silent_min_s": "2", "blur_scor": 3, "min_duration_s": 9})


class TestSentences:
    @pytest.mark.parametrize("kind", list(CheckKind))
    def test_every_check_can_be_said_in_both_languages(self, kind: CheckKind) -> None:
        intervals = (Interval(0, 2000),)

        assert sentence_en(kind, intervals, 0.5).endswith(".")
        assert sentence_zh(kind, intervals, 0.5).endswith("。")

    def test_many_stretches_are_counted_rather_than_listed(self) -> None:
        intervals = tuple(Interval(10_000 * n, 10_000 * n + 2000) for n in range(5))

        said = sentence_en(CheckKind.SILENT, intervals, 0.2)

        assert said == "There was no sound: 0:00–0:02, 0:10–0:12, 0:20–0:22 and 2 more, 10 s in all (20%)."

    def test_hours_are_written_out(self) -> None:
        said = sentence_zh(CheckKind.COVERED, (Interval(3_600_000, 3_665_000),), 0.01)

        assert said == "镜头被遮挡或画面全黑：1:00:00–1:01:05，共 65 秒（占 1%）。"


class TestSeverity:
    @pytest.mark.parametrize(
        ("covered_s", "severity"), [(2, Severity.INFO), (10, Severity.WARNING), (40, Severity.FAILED)]
    )
    def test_grows_with_the_share_of_the_recording(self, covered_s: int, severity: Severity) -> None:
        checks, _ = judge(film(100.0), Measured(samples(100, range(covered_s)), None, None, 0), SILENT_FILM)

        assert [(check.kind, check.severity) for check in checks] == [(CheckKind.COVERED, severity)]


class TestPictureStatistics:
    def test_values_that_are_not_numbers_do_no_harm(self, tmp_path: Path) -> None:
        """ffmpeg prints nan for the blur of a flat picture."""
        printed = tmp_path / "picture.txt"
        printed.write_text(
            "frame:0    pts:0       pts_time:0\n"
            "lavfi.signalstats.YAVG=20\nlavfi.signalstats.YLOW=19\nlavfi.signalstats.YHIGH=21\nlavfi.blur=-nan\n"
            "frame:1    pts:1       pts_time:1.5\n"
            "lavfi.signalstats.YAVG=20\nlavfi.signalstats.YLOW=19\nlavfi.signalstats.YHIGH=21\nlavfi.blur=nan\n"
        )

        found = find_in_picture(read_samples(printed, _NO_FRAMES), Thresholds(), duration_ms=3000)

        assert found[CheckKind.COVERED] == (Interval(0, 3000),)
        assert found[CheckKind.BLURRED] == ()

    def test_a_picture_that_stops_coming_stands_still(self) -> None:
        found = find_in_picture(samples(5, ()), Thresholds(), duration_ms=20_000)

        assert found[CheckKind.FROZEN] == (Interval(4000, 20_000),)

    def test_no_picture_at_all_stands_still_throughout(self, tmp_path: Path) -> None:
        found = find_in_picture(
            read_samples(tmp_path / "absent.txt", _NO_FRAMES), Thresholds(), duration_ms=9000
        )

        assert found[CheckKind.FROZEN] == (Interval(0, 9000),)


def samples(seconds: int, covered: range | tuple[()]) -> PictureSamples:
    """One a second, lit and sharp but for the covered ones."""
    times = np.arange(seconds, dtype=np.float64)
    hidden = np.isin(times, list(covered))
    return PictureSamples(
        times_s=times,
        luma=np.where(hidden, 20.0, 126.0),
        spread=np.where(hidden, 2.0, 168.0),
        blur=np.where(hidden, np.nan, 4.0),
        jolt=np.full(seconds, np.nan),
        freezes=(),
    )


def film(duration_s: float) -> MediaFacts:
    video = VideoStream(0, "h264", "High", 1280, 720, "yuv420p", 1.0, 0, 30.0, duration_s)
    return MediaFacts(1, "mov,mp4", duration_s, duration_s, None, None, video, None, 1.0)
