"""A camera thrown about shows nothing; a pan, a walk or a passer-by is no shaking."""

from pathlib import Path

import numpy as np
import pytest

from media_pipeline import AnalysisMode, CheckKind, inspect
from media_pipeline.shaking import jolts
from tests.support import scenes
from tests.support.scenes import Scene

_ONE_KEY = ("-g", "250")


class TestShaking:
    async def test_is_found_where_the_camera_was_thrown_about(self, tmp_path: Path) -> None:
        scene = Scene(41, 12.0, 320, 240, shake=90, shaken=(4.0, 10.0))
        path = scenes.record(tmp_path / "shaken.mp4", scene=scene, sound=None, options=_ONE_KEY)

        report = await inspect(path)

        shaken = report.find(CheckKind.SHAKEN)
        assert shaken is not None
        assert len(shaken.intervals) == 1
        assert abs(shaken.intervals[0].start_ms - 4000) <= 1000
        assert abs(shaken.intervals[0].end_ms - 10_000) <= 1000
        assert shaken.en.startswith("The picture was shaken too much")

    @pytest.mark.parametrize("seed", [42, 43, 44])
    async def test_somebody_walking_is_not_shaking(self, tmp_path: Path, seed: int) -> None:
        scene = Scene(seed, 9.0, 320, 240, sway=30.0, people=5)
        path = scenes.record(tmp_path / "walk.mp4", scene=scene, sound=None, options=_ONE_KEY)

        report = await inspect(path)

        assert CheckKind.SHAKEN in report.performed
        assert report.find(CheckKind.SHAKEN) is None

    async def test_key_frames_alone_cannot_tell_and_the_report_says_that_it_was_not_looked_for(
        self, tmp_path: Path
    ) -> None:
        path = scenes.record(tmp_path / "keys.mp4", scene=Scene(45, 6.0, 320, 240), sound=None)

        report = await inspect(path)

        assert report.analysis.mode is AnalysisMode.KEYFRAMES
        assert CheckKind.SHAKEN not in report.performed


class TestJolts:
    def test_an_even_pan_has_none_and_a_swing_back_does(self) -> None:
        hall = np.random.default_rng(3).uniform(0, 255, (64, 400))
        at = [0, 4, 8, 12, 16, 4, 8]
        frames = np.stack([hall[:, place : place + 72] for place in at]).astype(np.uint8)

        measured = jolts(frames, np.arange(7) / 5)

        assert np.isnan(measured[:2]).all()
        assert measured[2:5].max() < 0.02
        assert measured[5] == pytest.approx(16 / 72, abs=0.02)

    def test_pictures_a_second_apart_say_nothing(self) -> None:
        frames = np.random.default_rng(3).integers(0, 255, (5, 64, 72)).astype(np.uint8)

        assert np.isnan(jolts(frames, np.arange(5, dtype=np.float64))).all()
