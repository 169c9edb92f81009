"""A recording is looked at and listened to before the inspector leaves the site (D7.3)."""

import threading
from pathlib import Path

import pytest

from media_pipeline import (
    AnalysisMode,
    BadFile,
    CheckKind,
    Interval,
    Report,
    Severity,
    Thresholds,
    Tools,
    UnreadableMedia,
    find_tools,
    inspect,
)
from tests.support.clips import SECONDS, Clips

_SLACK_MS = 700  # a sample of the picture, a window of the sound, a key frame's worth of delay


def close_to(found: Interval, start_s: float, end_s: float) -> bool:
    return abs(found.start_ms - start_s * 1000) <= _SLACK_MS and abs(found.end_ms - end_s * 1000) <= _SLACK_MS


class TestAGoodRecording:
    async def test_is_acceptable_and_nothing_is_found(self, clips: Clips) -> None:
        report = await inspect(clips("good.mp4"))

        assert report.acceptable
        assert report.checks == ()
        assert report.analysis.mode is AnalysisMode.KEYFRAMES

    async def test_tells_what_the_file_holds(self, clips: Clips) -> None:
        facts = (await inspect(clips("good.mp4"), sha256="ab" * 32)).facts

        assert facts.duration_s == pytest.approx(SECONDS, abs=0.2)
        assert facts.video is not None
        assert (facts.video.codec, facts.video.width, facts.video.height) == ("h264", 320, 240)
        assert facts.audio is not None
        assert (facts.audio.codec, facts.audio.channels) == ("aac", 1)
        assert facts.max_keyframe_gap_s == pytest.approx(1.0, abs=0.1)
        assert facts.size_bytes == clips("good.mp4").stat().st_size
        assert facts.sha256 == "ab" * 32

    async def test_is_decoded_in_full_when_key_frames_are_rare(self, clips: Clips) -> None:
        report = await inspect(clips("one_key_frame.mp4"))

        assert report.analysis.mode is AnalysisMode.FULL
        assert report.acceptable
        assert report.checks == ()

    async def test_has_somebody_speaking(self, clips: Clips) -> None:
        report = await inspect(clips("voice.m4a"))

        assert CheckKind.NO_SPEECH in report.performed
        assert report.measures.speech_share is not None
        assert report.measures.speech_share > 0.5


class TestDefects:
    @pytest.mark.parametrize(
        ("clip", "kind", "start_s", "end_s"),
        [
            ("covered.mp4", CheckKind.COVERED, 3, 8),
            ("covered_in_light.mp4", CheckKind.COVERED, 3, 8),
            ("blurred.mp4", CheckKind.BLURRED, 3, 8),
            ("frozen.mp4", CheckKind.FROZEN, 4, 9),
            ("dark.mp4", CheckKind.TOO_DARK, 0, 9),
            ("silent.mp4", CheckKind.SILENT, 3, 8),
            ("muffled.mp4", CheckKind.MUFFLED, 0, 9),
            ("clipped.mp4", CheckKind.CLIPPED, 0, 9),
            ("noise.m4a", CheckKind.NO_SPEECH, 0, 9),
        ],
    )
    async def test_each_is_found_alone_and_where_it_is(
        self, clips: Clips, clip: str, kind: CheckKind, start_s: float, end_s: float
    ) -> None:
        report = await inspect(clips(clip))

        assert [check.kind for check in report.checks] == [kind]
        assert len(report.checks[0].intervals) == 1
        assert close_to(report.checks[0].intervals[0], start_s, end_s)

    async def test_a_covered_lens_and_a_dead_microphone_are_refused_in_both_languages(
        self, clips: Clips
    ) -> None:
        report = await inspect(clips("covered_silent.mp4"))

        assert not report.acceptable
        assert set(report.failed_checks) == {CheckKind.COVERED, CheckKind.SILENT}
        covered = report.find(CheckKind.COVERED)
        assert covered is not None
        assert covered.en == "The lens was covered or saw nothing but black: 0:00–0:09, 9 s in all (100%)."
        assert covered.zh == "镜头被遮挡或画面全黑：0:00–0:09，共 9 秒（占 100%）。"

    async def test_muffling_warns_but_does_not_lock_anybody_in(self, clips: Clips) -> None:
        report = await inspect(clips("muffled.mp4"))

        assert report.acceptable
        assert report.checks[0].severity is Severity.WARNING

    async def test_a_programme_sets_its_own_minimum_length(self, clips: Clips) -> None:
        """D7.1: 15 minutes in own halls, 8 in agency halls."""
        report = await inspect(clips("good.mp4"), thresholds=Thresholds(min_duration_s=900))

        assert report.failed_checks == (CheckKind.TOO_SHORT,)

    async def test_a_programme_may_reject_for_what_others_only_mention(self, clips: Clips) -> None:
        strict = Thresholds.from_mapping({"rejecting": ["no_speech"]})

        report = await inspect(clips("noise.m4a"), thresholds=strict)

        assert report.failed_checks == (CheckKind.NO_SPEECH,)


class TestPartialRecordings:
    async def test_a_film_without_sound_is_refused_unless_the_programme_does_without(
        self, clips: Clips
    ) -> None:
        refused = await inspect(clips("no_sound.mp4"))
        allowed = await inspect(clips("no_sound.mp4"), thresholds=Thresholds(sound_required=False))

        assert refused.failed_checks == (CheckKind.NO_SOUND,)
        assert allowed.acceptable
        assert CheckKind.SILENT not in allowed.performed

    @pytest.mark.parametrize("clip", ["voice.m4a", "voice.mp3", "voice.wav", "voice.opus"])
    async def test_sound_alone_is_a_recording(self, clips: Clips, clip: str) -> None:
        report = await inspect(clips(clip))

        assert report.acceptable
        assert report.checks == ()
        assert report.analysis.mode is AnalysisMode.SOUND_ONLY
        assert report.facts.duration_s == pytest.approx(SECONDS, abs=0.2)

    async def test_sound_alone_is_refused_where_a_picture_is_required(self, clips: Clips) -> None:
        report = await inspect(clips("voice.m4a"), thresholds=Thresholds(picture_required=True))

        assert report.failed_checks == (CheckKind.NO_PICTURE,)

    async def test_amr_in_3gp_from_an_old_recorder_is_read(self, clips: Clips) -> None:
        report = await inspect(clips("random.3gp"))

        assert report.facts.audio is not None
        assert report.facts.audio.codec == "amr_nb"
        assert report.facts.duration_s == pytest.approx(SECONDS, abs=0.2)

    @pytest.mark.parametrize("clip", ["hevc.mp4", "vp8.webm", "button_camera.avi", "ten_bit.mp4"])
    async def test_other_codecs_are_read_too(self, clips: Clips, clip: str) -> None:
        report = await inspect(clips(clip))

        assert report.checks == ()

    async def test_a_file_cut_off_names_what_is_missing(self, clips: Clips) -> None:
        report = await inspect(clips("cut_index_first.mp4"))

        missing = report.find(CheckKind.TRUNCATED)
        assert missing is not None
        assert missing.severity is Severity.FAILED
        assert missing.intervals[0].end_ms == pytest.approx(SECONDS * 1000, abs=200)


class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", BadFile.EMPTY),
            (b"Dear sir, please find the recording attached.\n" * 50, BadFile.NOT_MEDIA),
            (b"\x00" * 4096, BadFile.NOT_MEDIA),
        ],
    )
    async def test_each_is_told_apart(self, tmp_path: Path, content: bytes, reason: BadFile) -> None:
        path = tmp_path / "recording.mp4"
        path.write_bytes(content)

        with pytest.raises(UnreadableMedia) as refusal:
            await inspect(path)

        assert refusal.value.reason is reason

    async def test_a_file_without_its_index_is_called_incomplete(self, clips: Clips) -> None:
        with pytest.raises(UnreadableMedia) as refusal:
            await inspect(clips("cut_index_last.mp4"))

        assert refusal.value.reason is BadFile.INCOMPLETE
        assert refusal.value.zh == "文件不完整，缺少目录部分，无法播放。"

    async def test_a_missing_file_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableMedia) as refusal:
            await inspect(tmp_path / "nothing.mp4")

        assert refusal.value.reason is BadFile.MISSING


class TestWithoutFfprobe:
    """An ffmpeg from a wheel comes without ffprobe: the report is the same."""

    @pytest.mark.parametrize(
        "clip", ["tagged.mp4", "rotated.mp4", "hevc.mp4", "voice.mp3", "button_camera.avi"]
    )
    async def test_the_facts_are_the_same(self, clips: Clips, clip: str) -> None:
        with_it = (await inspect(clips(clip))).facts
        without = (await inspect(clips(clip), tools=Tools(find_tools().ffmpeg, None))).facts

        assert without.duration_s == with_it.duration_s
        assert without.container == with_it.container
        assert without.creation_time == with_it.creation_time
        for kind in ("codec", "profile", "width", "height", "pixel_format", "rotation", "frame_rate"):
            assert getattr(without.video, kind, None) == getattr(with_it.video, kind, None), kind
        for kind in ("codec", "profile", "sample_rate", "channels"):
            assert getattr(without.audio, kind, None) == getattr(with_it.audio, kind, None), kind

    async def test_a_bad_file_is_still_the_files_fault(self, tmp_path: Path) -> None:
        path = tmp_path / "recording.mp4"
        path.write_bytes(b"not a recording")

        with pytest.raises(UnreadableMedia):
            await inspect(path, tools=Tools(find_tools().ffmpeg, None))


class TestReport:
    async def test_survives_json_unchanged(self, clips: Clips) -> None:
        report = await inspect(clips("covered_silent.mp4"))

        assert Report.from_json(report.to_json()) == report

    async def test_progress_runs_forward_and_ends_at_one(self, clips: Clips) -> None:
        told: list[float] = []
        threads: set[int] = set()

        def listen(fraction: float) -> None:
            told.append(fraction)
            threads.add(threading.get_ident())

        await inspect(clips("one_key_frame.mp4"), progress=listen)

        assert threads == {threading.get_ident()}
        assert told == sorted(told)
        assert told[-1] == 1.0
        assert told.count(1.0) == 1
        assert all(0 <= value <= 1 for value in told)
