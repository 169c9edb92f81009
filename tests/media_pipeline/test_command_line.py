"""`python -m media_pipeline`: JSON for programs, plain words and distinct exits for people."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from media_pipeline import Report
from media_pipeline.__main__ import main
from tests.support.clips import SECONDS, Clips


def call(*arguments: str | Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "media_pipeline", *map(str, arguments)]
    environment = os.environ | ({} if path is None else {"PATH": path})
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=120)


class TestInspect:
    def test_prints_the_report_as_json(self, clips: Clips, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["inspect", str(clips("covered_silent.mp4")), "--hash"]) == 0

        printed = capsys.readouterr()
        report = Report.from_json(printed.out)
        assert not report.acceptable
        assert json.loads(printed.out)["failed_checks"] == ["covered", "silent"]
        assert report.facts.sha256 is not None
        assert len(report.facts.sha256) == 64
        assert printed.err == ""

    def test_takes_a_minimum_length(self, clips: Clips, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["inspect", str(clips("voice.m4a")), "--json", "--min-duration", "900"]) == 0

        printed = capsys.readouterr().out
        assert printed.count("\n") == 1
        assert json.loads(printed)["failed_checks"] == ["too_short"]

    def test_draws_a_bar_on_a_terminal(self, clips: Clips) -> None:
        ours, theirs = pty.openpty()
        try:
            command = [sys.executable, "-m", "media_pipeline", "inspect", str(clips("good.mp4"))]
            finished = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=theirs, timeout=120, check=False
            )
            drawn = os.read(ours, 100_000).decode()
        finally:
            os.close(ours)
            os.close(theirs)

        assert finished.returncode == 0
        assert "100%" in drawn
        assert json.loads(finished.stdout)["acceptable"] is True


class TestRender:
    def test_lists_what_it_made(
        self, clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["render", str(clips("good.mp4")), "--out", str(tmp_path), "--mute", "2-3.5"]) == 0

        listed = json.loads(capsys.readouterr().out)
        assert Path(listed["outlet"]["path"]).stat().st_size == listed["outlet"]["size_bytes"]
        assert listed["audio_copied"] is False
        assert listed["duration_ms"] == pytest.approx(SECONDS * 1000, abs=200)

    def test_a_stretch_that_runs_backwards_is_wrong_usage(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ending:
            main(["render", "x.mp4", "--out", str(tmp_path), "--mute", "9-3"])

        assert ending.value.code == 64
        assert "no stretch of time" in capsys.readouterr().err


class TestBlurring:
    def test_marks_are_taken_from_the_line_and_from_a_file(
        self, clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        confirmed = tmp_path / "confirmed.json"
        during = {"start_ms": 1000, "end_ms": 2000}
        blur = {"during": during, "left": 0.5, "top": 0.5, "width": 0.25, "height": 0.25}
        confirmed.write_text(json.dumps({"blurs": [blur]}))
        marks = ["--blur", "3-4.5@0.1,0.2,0.3,0.3", "--blurs", str(confirmed)]

        assert main(["render", str(clips("good.mp4")), "--out", str(tmp_path / "out"), "--json", *marks]) == 0

        listed = json.loads(capsys.readouterr().out)
        assert listed["video_copied"] is False
        assert [hidden["during"]["start_ms"] for hidden in listed["blurs"]] == [3000, 1000]

    def test_faces_are_listed_for_a_person_to_confirm(
        self, clips: Clips, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["faces", str(clips("voice.m4a")), "--json"]) == 0

        assert json.loads(capsys.readouterr().out) == {"blurs": []}

    @pytest.mark.parametrize("mark", ["3-4.5", "3-4.5@0.9,0,0.3,0.3", "4-3@0,0,1,1", "1-2@a,b,c,d"])
    def test_a_mark_that_means_nothing_is_wrong_usage(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], mark: str
    ) -> None:
        with pytest.raises(SystemExit) as ending:
            main(["render", "x.mp4", "--out", str(tmp_path), "--blur", mark])

        assert ending.value.code == 64
        assert "is no " in capsys.readouterr().err


class TestThresholds:
    def test_come_from_a_programmes_file(
        self, clips: Clips, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        programme = tmp_path / "programme.json"
        programme.write_text('{"min_duration_s": 900, "rejecting": ["too_short"]}')

        assert main(["inspect", str(clips("voice.m4a")), "--json", "--thresholds", str(programme)]) == 0

        assert json.loads(capsys.readouterr().out)["failed_checks"] == ["too_short"]

    @pytest.mark.parametrize("content", ['{"min_duration": 900}', "[]", "{"])
    def test_that_mean_nothing_are_wrong_usage_and_say_why(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
    ) -> None:
        programme = tmp_path / "programme.json"
        programme.write_text(content)

        with pytest.raises(SystemExit) as ending:
            main(["inspect", "x.mp4", "--thresholds", str(programme)])

        assert ending.value.code == 64
        assert "programme.json" in capsys.readouterr().err


class TestEndings:
    def test_a_bad_file_ends_with_2_and_a_reason(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "letter.mp4"
        path.write_text("Dear sir")

        assert main(["inspect", str(path)]) == 2

        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err == f"{path}: This is not a recording or photo we can read.\n"

    def test_a_missing_file_is_a_bad_file(self, tmp_path: Path) -> None:
        assert main(["inspect", str(tmp_path / "nothing.mp4"), "--hash"]) == 2

    def test_without_ffmpeg_it_ends_with_3_and_says_how_to_get_it(self, clips: Clips, tmp_path: Path) -> None:
        finished = call("inspect", clips("good.mp4"), path=str(tmp_path))

        assert finished.returncode == 3
        assert "apt-get install ffmpeg" in finished.stderr
        assert "Traceback" not in finished.stderr

    def test_wrong_usage_ends_with_64(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ending:
            main(["inspect"])

        assert ending.value.code == 64
        assert "usage:" in capsys.readouterr().err
