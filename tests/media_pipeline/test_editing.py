"""Traces of cutting, joining and saving again: what no recorder leaves, and what only makes one wonder."""

import struct
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media_pipeline import CheckKind, Report, Severity, Thresholds, inspect
from media_pipeline.container import Container, TrackStory, read_container
from media_pipeline.editing import find_traces
from media_pipeline.timeline import Interval
from media_pipeline.traces import Trace, TraceKind
from tests.support.clips import Clips
from tests.support.hostile import box

_NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)


def saved(original: Path, path: Path, *options: str, before: tuple[str, ...] = ()) -> Path:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *before, "-i", str(original), "-c", "copy"]
    subprocess.run([*command, *options, str(path)], check=True)
    return path


def kinds_of(report: Report) -> list[TraceKind]:
    return [trace.kind for trace in report.facts.traces]


class TestARecordingAsTheDeviceLeftIt:
    @pytest.mark.parametrize("clip", ["good.mp4", "vp8.webm", "button_camera.avi", "voice.mp3", "random.3gp"])
    async def test_shows_no_trace(self, clips: Clips, clip: str) -> None:
        report = await inspect(clips(clip))

        assert report.find(CheckKind.EDITED) is None
        assert CheckKind.EDITED in report.performed


class TestEditing:
    async def test_a_start_cut_away_without_encoding_is_still_there_and_told(
        self, clips: Clips, tmp_path: Path
    ) -> None:
        cut = saved(
            clips("one_key_frame.mp4"), tmp_path / "cut.mp4", "-fflags", "+bitexact", before=("-ss", "3")
        )

        report = await inspect(cut)

        edited = report.find(CheckKind.EDITED)
        assert edited is not None
        assert edited.severity is Severity.WARNING
        assert (
            edited.en
            == "There are signs of editing: the first 3.0 s are hidden; it does not say when it was made."
        )
        assert edited.zh == "有剪辑过的痕迹：开头有 3.0 秒被隐藏；没有创建时间。"
        assert report.acceptable

    async def test_a_programme_may_refuse_what_was_edited(self, clips: Clips, tmp_path: Path) -> None:
        cut = saved(clips("one_key_frame.mp4"), tmp_path / "cut.mp4", before=("-ss", "3"))

        report = await inspect(cut, thresholds=Thresholds.from_mapping({"rejecting": ["edited"]}))

        assert report.failed_checks == (CheckKind.EDITED,)

    async def test_an_editors_name_is_told(self, clips: Clips, tmp_path: Path) -> None:
        path = saved(clips("good.mp4"), tmp_path / "cut.mp4", "-metadata", "comment=Made with CapCut 5.2")

        report = await inspect(path)

        assert kinds_of(report)[0] is TraceKind.EDITOR
        assert report.facts.traces[0].detail == "CapCut"
        assert report.checks[0].severity is Severity.WARNING

    @pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
    async def test_saving_again_by_a_program_is_mentioned_and_no_more(
        self, clips: Clips, tmp_path: Path, suffix: str
    ) -> None:
        report = await inspect(saved(clips("good.mp4"), tmp_path / f"forwarded{suffix}"))

        edited = report.find(CheckKind.EDITED)
        assert edited is not None
        assert edited.severity is Severity.INFO
        assert "saved again by the program Lavf" in edited.en
        assert edited.en.startswith("The file may not be as the device left it")

    async def test_encoding_again_leaves_the_encoders_name(self, clips: Clips) -> None:
        traces = (await inspect(clips("tagged.mp4"))).facts.traces

        assert any("x264" in trace.detail for trace in traces if trace.kind is TraceKind.SAVED_BY_PROGRAM)

    async def test_time_that_runs_back_is_told(self, clips: Clips, tmp_path: Path) -> None:
        back = saved(
            clips("voice.m4a"), tmp_path / "back.mka", "-bsf:a", r"setts=ts=if(gt(N\,80)\,TS-1000\,TS)"
        )

        assert TraceKind.TIME_STANDS_STILL in kinds_of(await inspect(back))

    async def test_a_jump_of_the_sounds_clock_is_told_where_it_is(self, clips: Clips, tmp_path: Path) -> None:
        """Two parts put together meet by a fraction of a packet."""
        joint = saved(
            clips("voice.m4a"), tmp_path / "joint.mka", "-bsf:a", r"setts=ts=if(gt(N\,60)\,TS+90\,TS)"
        )

        traces = (await inspect(joint)).facts.traces

        jump = next(trace for trace in traces if trace.kind is TraceKind.TIME_JUMPS)
        assert len(jump.at) == 1
        assert jump.at[0].start_ms < 60 * 64 < jump.at[0].end_ms + 200

    async def test_survives_json(self, clips: Clips, tmp_path: Path) -> None:
        report = await inspect(saved(clips("good.mp4"), tmp_path / "forwarded.mp4"))

        assert report.facts.traces
        assert Report.from_json(report.to_json()) == report


class TestGaps:
    async def test_a_recorder_that_stopped_for_a_while_is_told_with_the_time(
        self, clips: Clips, tmp_path: Path
    ) -> None:
        later = r"setts=ts=if(gt(TS\,4000)\,TS+3000\,TS)"
        torn = saved(clips("good.mp4"), tmp_path / "torn.mkv", "-bsf:v", later, "-bsf:a", later)

        report = await inspect(torn)

        interrupted = report.find(CheckKind.INTERRUPTED)
        assert interrupted is not None
        assert interrupted.severity is Severity.WARNING
        assert len(interrupted.intervals) == 1
        assert abs(interrupted.intervals[0].start_ms - 4000) < 150
        assert abs(interrupted.intervals[0].end_ms - 7000) < 150
        assert interrupted.zh.startswith("录制中断，文件中缺少这段画面或声音：0:04–0:07")

    async def test_one_that_is_short_enough_for_the_programme_is_a_fact_and_no_finding(
        self, clips: Clips, tmp_path: Path
    ) -> None:
        later = r"setts=ts=if(gt(TS\,4000)\,TS+3000\,TS)"
        torn = saved(clips("voice.m4a"), tmp_path / "torn.mka", "-bsf:a", later)

        report = await inspect(torn, thresholds=Thresholds.from_mapping({"interrupted_min_s": 5}))

        assert len(report.facts.gaps) == 1
        assert report.find(CheckKind.INTERRUPTED) is None


def story(
    *,
    made_at: datetime | None = _NOON,
    edits: tuple[tuple[float, float], ...] = ((0.02, 599.9),),
    descriptions: int = 1,
) -> TrackStory:
    return TrackStory(made_at, 600.0, edits, descriptions)


def container(
    *tracks: TrackStory, made: datetime | None = _NOON, changed: datetime | None = _NOON
) -> Container:
    return Container(True, made, changed, tracks or (story(), story()), (), ())


class TestRules:
    @pytest.mark.parametrize(
        ("held", "found"),
        [
            (container(), []),
            (container(changed=_NOON + timedelta(minutes=11)), []),  # iPhones write it as recording ends
            (
                container(changed=_NOON + timedelta(hours=3)),
                [Trace(TraceKind.CHANGED_LATER, "2026-11-02 15:00 UTC")],
            ),
            (container(changed=None), []),
            (container(made=None), [Trace(TraceKind.UNDATED)]),
            (container(story(made_at=_NOON + timedelta(hours=2))), [Trace(TraceKind.TRACKS_MADE_APART)]),
            (container(story(made_at=None)), []),
            (container(story(descriptions=2)), [Trace(TraceKind.JOINED)]),
            (container(story(edits=((0, 300), (310, 290)))), [Trace(TraceKind.JOINED)]),
            (container(story(edits=((4.0, 596.0),))), [Trace(TraceKind.TRIMMED_START, "4.0")]),
            (container(story(edits=((0.0, 550.0),))), [Trace(TraceKind.TRIMMED_END, "50.0")]),
            (container(story(edits=((0.0, 0.0),))), []),  # of fragments, which leave the length open
            (container(story(edits=())), []),
        ],
    )
    def test_tell_a_device_from_an_editor(self, held: Container, found: list[Trace]) -> None:
        assert list(find_traces(held, duration_s=600, jumps=(), stands_still=False)) == found

    def test_the_strongest_is_told_first(self) -> None:
        held = container(story(edits=((9.0, 591.0),)), changed=_NOON + timedelta(days=1))

        found = find_traces(held, duration_s=600, jumps=(Interval(1, 2),), stands_still=True)

        assert [trace.kind for trace in found] == [
            TraceKind.TRIMMED_START,
            TraceKind.TIME_STANDS_STILL,
            TraceKind.TIME_JUMPS,
            TraceKind.CHANGED_LATER,
        ]


def crafted(*, wide: bool) -> bytes:
    """The bones of an MP4: made at noon, changed an hour later, a first second hidden, two descriptions."""
    made = int((_NOON - _EPOCH).total_seconds())
    number, version = ("Q", b"\1\0\0\0") if wide else ("I", bytes(4))
    head = struct.pack(f">2{number}I{number}", made, made + 3600, 1000, 9000)
    media = struct.pack(f">2{number}I{number}", made, made, 48_000, 480_000)
    edit = struct.pack(">I", 2) + struct.pack(f">2{number.lower()}I", 500, -1, 1 << 16)
    edit += struct.pack(f">2{number.lower()}I", 9000, 48_000, 1 << 16)
    described = box(b"minf", box(b"stbl", box(b"stsd", bytes(4) + struct.pack(">I", 2))))
    handler = box(b"hdlr", bytes(8) + b"soun" + bytes(12))
    track = box(b"edts", box(b"elst", version + edit))
    track += box(b"mdia", box(b"mdhd", version + media) + handler + described)
    return box(b"ftyp", b"isom") + box(b"moov", box(b"mvhd", version + head) + box(b"trak", track))


class TestReadingTheContainer:
    @pytest.mark.parametrize("wide", [False, True])
    def test_both_widths_of_numbers_are_read(self, tmp_path: Path, *, wide: bool) -> None:
        path = tmp_path / "bones.mp4"
        path.write_bytes(crafted(wide=wide))

        held = read_container(path)

        assert (held.made_at, held.changed_at) == (_NOON, _NOON + timedelta(hours=1))
        assert held.tracks == (TrackStory(_NOON, 10.0, ((1.0, 9.0),), 2),)

    @pytest.mark.parametrize("seed", range(20))
    def test_no_damage_upsets_it(self, tmp_path: Path, seed: int) -> None:
        data = bytearray(crafted(wide=bool(seed % 2)))
        for place in range(seed, len(data), 7 + seed):
            data[place] = (data[place] * 31 + 255 * (seed % 3)) % 256
        path = tmp_path / "broken.mp4"
        path.write_bytes(data[: len(data) - 3 * seed])

        assert isinstance(read_container(path), Container)
