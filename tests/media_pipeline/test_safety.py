"""A file comes from a phone we do not control: it must not reach another file, the network, or our memory."""

import signal
import socket
import time
from pathlib import Path

import pytest

from media_pipeline import (
    BadFile,
    CheckKind,
    Limits,
    MediaError,
    Thresholds,
    Tools,
    ToolTimedOut,
    UnreadableMedia,
    find_tools,
    inspect,
    process,
)
from media_pipeline.blame import judged
from media_pipeline.confinement import Confinement, confined, find_confinement, lay_out
from media_pipeline.processes import Finished, run
from media_pipeline.workshop import open_workshop
from tests.support.clips import Clips
from tests.support.hostile import (
    ABSURD,
    ELSEWHERE,
    NO_MEDIA,
    with_attachment,
    with_fonts,
    with_page,
    with_recording_within,
    with_second_face,
)

OPEN = Confinement(prlimit=None, bwrap=None, notes=("test: no walls",))


def is_empty(directory: Path) -> bool:
    return not list(directory.iterdir())


def running_in(directory: Path) -> list[str]:
    """Processes that name the directory on their command line or work in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            said = (entry / "cmdline").read_bytes().decode(errors="replace")
            works_in = str((entry / "cwd").readlink())
        except OSError:
            continue
        if str(directory) in said or works_in == str(directory):
            found.append(said)
    return found


class TestHostileFiles:
    """The whitelists must hold by themselves, so these run without sandbox as well."""

    @pytest.mark.parametrize("name", sorted(set(ELSEWHERE) - {"mov-reference"}))
    @pytest.mark.parametrize(("ffprobe", "walls"), [(True, True), (True, False), (False, False)])
    async def test_a_text_named_mp4_reaches_no_other_recording_and_nobody_on_the_network(
        self,
        clips: Clips,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        *,
        name: str,
        ffprobe: bool,
        walls: bool,
    ) -> None:
        if not walls:
            monkeypatch.setattr("media_pipeline.workshop.find_confinement", _no_walls)
        tools = find_tools() if ffprobe else Tools(find_tools().ffmpeg, None)
        disguised = tmp_path / "innocent.mp4"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            port = str(listener.getsockname()[1]).encode()
            disguised.write_bytes(ELSEWHERE[name](clips, clips("voice.m4a")).replace(b"PORT", port))

            with pytest.raises(UnreadableMedia) as refusal:
                await process(disguised, tmp_path / "out", tools=tools)

            with pytest.raises(BlockingIOError):  # nobody called
                listener.accept()
        assert refusal.value.reason in {BadFile.FORMAT_REFUSED, BadFile.NOT_MEDIA}
        assert is_empty(tmp_path / "out")

    async def test_samples_said_to_lie_in_another_file_are_not_fetched_from_there(
        self, clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """QuickTime's data references; what is heard is what the file itself holds."""
        monkeypatch.setattr("media_pipeline.workshop.find_confinement", _no_walls)
        pointing, whole = tmp_path / "pointing.mp4", clips("good.mp4")
        pointing.write_bytes(ELSEWHERE["mov-reference"](clips, clips("covered_silent.mp4")))

        report = await inspect(pointing)

        assert report.fingerprint == (await inspect(whole)).fingerprint

    @pytest.mark.parametrize("name", NO_MEDIA)
    async def test_what_is_no_recording_is_refused_whatever_it_is_called(
        self, clips: Clips, tmp_path: Path, name: str
    ) -> None:
        disguised = tmp_path / "innocent.mp4"
        disguised.write_bytes(NO_MEDIA[name](clips, clips("voice.m4a")))

        with pytest.raises(UnreadableMedia) as refusal:
            await process(disguised, tmp_path / "out")

        nothing = {BadFile.EMPTY, BadFile.NOT_MEDIA, BadFile.INCOMPLETE, BadFile.NO_CONTENT}
        assert refusal.value.reason in nothing | {BadFile.FORMAT_REFUSED}

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("sample-sizes", BadFile.NOT_MEDIA),
            ("time-table", BadFile.TOO_COSTLY),
            ("chunk-table", BadFile.TOO_COSTLY),
            ("sample-description", BadFile.NOT_MEDIA),
            ("tracks", BadFile.TOO_MANY_STREAMS),
            ("tracks-as-many-as-ffmpeg-takes", BadFile.TOO_MANY_STREAMS),
            ("squeezed", BadFile.TOO_COSTLY),
            ("nested", BadFile.NOT_MEDIA),
            ("nested-tags", BadFile.NOT_MEDIA),
            ("days-between-packets", BadFile.TOO_LONG),
            ("talkative", BadFile.TOO_COSTLY),
            ("fragment-years-later", BadFile.TOO_LONG),
            ("endless-index", BadFile.TOO_LONG),
            ("crumbs", BadFile.NOT_MEDIA),
        ],
    )
    async def test_absurd_claims_are_refused_within_limits(
        self, clips: Clips, tmp_path: Path, name: str, reason: BadFile
    ) -> None:
        """A quarter of the memory that a recording may take is enough to see it."""
        absurd = tmp_path / "absurd.mp4"
        absurd.write_bytes(ABSURD[name](clips, clips("voice.m4a")))
        tight = Limits(memory_bytes=Limits().memory_bytes // 4, deadline_base_s=20.0)

        with pytest.raises(UnreadableMedia) as refusal:
            await process(absurd, tmp_path / "out", limits=tight)

        assert refusal.value.reason is reason
        assert is_empty(tmp_path / "out")

    @pytest.mark.parametrize(
        ("name", "failed"),
        [
            ("pixels", {CheckKind.NO_PICTURE}),  # pictures nobody may decode are none
            ("long-samples", {CheckKind.FROZEN, CheckKind.SILENT}),
            ("forever", {CheckKind.TRUNCATED}),
            ("avi-frames", set()),
        ],
    )
    async def test_claims_that_can_be_counted_are_not_believed(
        self, clips: Clips, tmp_path: Path, name: str, failed: set[CheckKind]
    ) -> None:
        boasting = tmp_path / "boasting.mp4"
        boasting.write_bytes(ABSURD[name](clips, clips("voice.m4a")))

        report = await inspect(boasting, thresholds=Thresholds(picture_required=True))

        assert set(report.failed_checks) == failed
        assert 8.5 < report.facts.duration_s < 9.5

    async def test_a_moment_told_five_hundred_times_is_that_moment(
        self, clips: Clips, tmp_path: Path
    ) -> None:
        looped = tmp_path / "looped.mp4"
        looped.write_bytes(ABSURD["fragment-over-and-over"](clips, clips("voice.m4a")))

        report = await inspect(looped)

        assert report.facts.duration_s < 1
        assert CheckKind.TOO_SHORT in report.failed_checks

    async def test_what_a_file_brings_along_stays_out_of_the_rendition(
        self, clips: Clips, tmp_path: Path
    ) -> None:
        """Fonts for subtitles, a ZIP archive, a page or another recording in it or behind it."""
        secret = b"contraband" * 20
        laying = (with_attachment, with_fonts, with_recording_within, with_second_face, with_page)
        for number, content in enumerate(lay(clips, secret) for lay in laying):
            laden, out = tmp_path / f"{number}.mp4", tmp_path / f"out{number}"
            laden.write_bytes(content)

            await process(laden, out)

            assert secret[:10] in content
            assert not [made for made in out.iterdir() if secret[:10] in made.read_bytes()]

    async def test_a_picture_too_large_to_decode_is_refused_before_it_is_decoded(self, clips: Clips) -> None:
        huge = clips("huge.mp4")
        started = time.monotonic()

        with pytest.raises(UnreadableMedia) as refusal:
            await inspect(huge)

        assert refusal.value.reason is BadFile.TOO_MANY_PIXELS
        assert time.monotonic() - started < 10

    async def test_a_recorder_forgotten_running_is_refused(self, clips: Clips) -> None:
        with pytest.raises(UnreadableMedia) as refusal:
            await inspect(clips("voice.m4a"), limits=Limits(max_duration_s=5))

        assert refusal.value.reason is BadFile.TOO_LONG

    @pytest.mark.parametrize("seed", range(4))
    async def test_random_damage_ends_in_a_report_or_a_refusal(
        self, clips: Clips, tmp_path: Path, seed: int
    ) -> None:
        data = bytearray(clips("index_first.mp4").read_bytes())
        for place in range(2000 + 37 * seed, len(data), 4001 + seed):
            data[place] ^= 0x5A
        damaged = tmp_path / "damaged.mp4"
        damaged.write_bytes(data)

        try:
            report = await inspect(damaged)
        except MediaError as error:
            assert isinstance(error, UnreadableMedia)  # noqa: PT017 - either end is right
        else:
            assert report.facts.duration_s > 0


class TestSandbox:
    async def test_only_the_one_file_is_there(self, clips: Clips, tmp_path: Path) -> None:
        other = clips("voice.m4a")
        async with open_workshop(clips("good.mp4"), limits=Limits(), tools=None) as workshop:
            assert workshop.confinement.sandboxed, workshop.confinement.notes
            tool = str(workshop.tools.ffmpeg)
            own = [tool, "-v", "error", "-nostdin", "-i", "media", "-f", "null", "-"]
            foreign = [tool, "-v", "error", "-nostdin", "-i", str(other), "-f", "null", "-"]

            await workshop.run(own, deadline_s=30)
            with pytest.raises(MediaError, match="No such file"):
                await workshop.run(foreign, deadline_s=30)

    async def test_there_is_no_network(self, clips: Clips) -> None:
        async with open_workshop(clips("good.mp4"), limits=Limits(), tools=None) as workshop:
            tool = str(workshop.tools.ffmpeg)
            command = [tool, "-v", "error", "-nostdin", "-i", "tcp://127.0.0.1:9", "-f", "null", "-"]

            with pytest.raises(MediaError, match=r"refused|unreachable|Cannot assign"):
                await workshop.run(command, deadline_s=30)

    async def test_where_it_is_not_to_be_had_the_report_says_so(
        self, clips: Clips, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good, tools = clips("good.mp4"), find_tools()
        monkeypatch.setattr("media_pipeline.confinement.shutil.which", lambda name: None)

        report = await inspect(good, tools=tools)

        assert report.acceptable
        assert not report.analysis.sandboxed
        assert any("bwrap" in note for note in report.analysis.notes)
        assert any("prlimit" in note for note in report.analysis.notes)

    async def test_a_sandbox_that_is_installed_but_refused_is_not_relied_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refusing = tmp_path / "bwrap"
        refusing.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
        refusing.chmod(0o755)
        tool = find_tools().ffmpeg
        monkeypatch.setattr("media_pipeline.confinement.shutil.which", lambda name: str(refusing))

        confinement = await find_confinement(tool, tmp_path)

        assert not confinement.sandboxed
        assert "No permissions to create a new namespace" in confinement.notes[-1]


class TestDeadline:
    @pytest.mark.parametrize("sandboxed", [True, False])
    async def test_a_tool_that_does_not_end_is_killed_and_leaves_nothing(
        self, clips: Clips, tmp_path: Path, sandboxed: bool
    ) -> None:
        tool = find_tools().ffmpeg
        confinement = await find_confinement(tool, tmp_path) if sandboxed else OPEN
        scratch = lay_out(clips("good.mp4"), tmp_path, confinement)
        endless = [str(tool), "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]
        command = confined(endless, scratch, confinement, limits=Limits(), deadline_s=5)

        with pytest.raises(ToolTimedOut, match="ffmpeg"):
            await run(command, cwd=tmp_path, deadline_s=0.5)

        assert running_in(tmp_path) == []

    async def test_a_recording_that_takes_too_long_is_given_up(self, clips: Clips, tmp_path: Path) -> None:
        impatient = Limits(deadline_base_s=0.001, deadline_per_media_s=0.0)

        with pytest.raises(ToolTimedOut):
            await process(clips("hevc.mp4"), tmp_path / "out", limits=impatient)

        assert is_empty(tmp_path / "out")


class TestProcessorTime:
    async def test_a_tool_that_spins_is_ended_by_the_kernel(self, clips: Clips, tmp_path: Path) -> None:
        """Each job has so many seconds of processor time, beside the time by the clock."""
        tool = find_tools().ffmpeg
        confinement = await find_confinement(tool, tmp_path)
        scratch = lay_out(clips("good.mp4"), tmp_path, confinement)
        spinning = [str(tool), "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]
        one_second = Limits(threads=1)
        command = confined(spinning, scratch, confinement, limits=one_second, deadline_s=0.4)

        finished = await run(command, cwd=tmp_path, deadline_s=120)

        assert finished.returncode != 0
        assert running_in(tmp_path) == []


class TestWhoseFault:
    @pytest.mark.parametrize(
        ("code", "is_the_files"),
        [(-signal.SIGXFSZ, True), (128 + signal.SIGXFSZ, True), (-signal.SIGKILL, False), (255, False)],
    )
    def test_a_file_that_makes_a_tool_write_without_end_is_at_fault_and_one_killed_from_outside_is_not(
        self, code: int, is_the_files: bool
    ) -> None:
        """A worker that is stopped (255), or out of memory for other reasons, must reject nobody's recording."""
        fault = judged(Finished(code, b"", "", 0))

        assert isinstance(fault, UnreadableMedia) is is_the_files


class TestMemory:
    async def test_a_tool_cannot_take_more_than_it_is_given(self, clips: Clips) -> None:
        with pytest.raises(MediaError):
            await inspect(clips("good.mp4"), limits=Limits(memory_bytes=64 * 1024**2))


async def _no_walls(_tool: Path, _directory: Path) -> Confinement:
    return OPEN
