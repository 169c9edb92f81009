"""What an outlet may see and hear: no trace of the maker (D10.1, D10.2), playable, the same each time."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from media_pipeline import (
    Interval,
    RenderProfile,
    Rendition,
    Renditions,
    Tools,
    find_tools,
    inspect,
    process,
    render,
)
from tests.support.clips import SECONDS, TELLTALE, Clips

# The encoder's and the muxer's own names tell which phone or program made the file.
TRACES = (*TELLTALE.values(), "Lavf5", "Lavc", "x264 - core", "x265 (build", "Exif\0", "http://ns.adobe.com")


def sound_of(path: Path) -> NDArray[np.int16]:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, dtype="<i2")


def traces_in(rendition: Rendition) -> list[str]:
    data = rendition.path.read_bytes()
    encodings = ("utf-8", "utf-16-le", "utf-16-be")
    return [trace for trace in TRACES if any(trace.encode(code) in data for code in encodings)]


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def cut_to(seconds: str, original: Path, path: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-i", str(original), "-t", seconds, "-c", "copy", str(path)]
    subprocess.run(command, check=True)


def hashes(renditions: Renditions) -> list[str]:
    return [rendition.sha256 for rendition in renditions.files()]


class TestAnonymity:
    @pytest.mark.parametrize("clip", ["tagged.mp4", "hevc.mp4", "button_camera.avi", "voice.mp3"])
    async def test_no_trace_is_left_in_any_rendition(self, clips: Clips, tmp_path: Path, clip: str) -> None:
        renditions = await render(clips(clip), tmp_path)

        assert len(renditions.files()) >= 2
        for rendition in renditions.files():
            assert traces_in(rendition) == [], rendition.path.name

    async def test_the_traces_were_there_to_begin_with(self, clips: Clips) -> None:
        original = Rendition(clips("tagged.mp4"), "video/mp4", 0, "")

        assert set(traces_in(original)) >= {*TELLTALE.values(), "x264 - core"}

    async def test_names_and_directory_say_nothing(self, clips: Clips, tmp_path: Path) -> None:
        await render(clips("tagged.mp4"), tmp_path)

        assert names_in(tmp_path) == {
            "outlet.mp4",
            "poster.jpg",
            "thumbnails.jpg",
            "thumbnails.vtt",
            "peaks.json",
        }

    @pytest.mark.parametrize("clip", ["tagged.mp4", "hevc.mp4", "voice.mp3"])
    async def test_the_same_recording_gives_the_same_bytes(
        self, clips: Clips, tmp_path: Path, clip: str
    ) -> None:
        first = await render(clips(clip), tmp_path / "first")
        second = await render(clips(clip), tmp_path / "second")

        assert hashes(first) == hashes(second)


class TestPlayback:
    async def test_what_browsers_play_is_copied(self, clips: Clips, tmp_path: Path) -> None:
        renditions = await render(clips("good.mp4"), tmp_path)

        assert (renditions.video_copied, renditions.audio_copied) == (True, True)
        facts = (await inspect(renditions.outlet.path)).facts
        assert facts.duration_s == pytest.approx(SECONDS, abs=0.2)

    @pytest.mark.parametrize("clip", ["hevc.mp4", "vp8.webm", "button_camera.avi", "ten_bit.mp4"])
    async def test_the_rest_is_encoded_for_them(self, clips: Clips, tmp_path: Path, clip: str) -> None:
        renditions = await render(clips(clip), tmp_path)

        assert not renditions.video_copied
        facts = (await inspect(renditions.outlet.path)).facts
        assert facts.video is not None
        assert (facts.video.codec, facts.video.pixel_format) == ("h264", "yuv420p")
        assert facts.audio is not None
        assert facts.audio.codec == "aac"
        assert facts.duration_s == pytest.approx(SECONDS, abs=0.2)

    @pytest.mark.parametrize("clip", ["good.mp4", "hevc.mp4", "voice.wav"])
    async def test_the_index_comes_first_so_that_playing_starts_at_once(
        self, clips: Clips, tmp_path: Path, clip: str
    ) -> None:
        data = (await render(clips(clip), tmp_path)).outlet.path.read_bytes()

        assert 0 < data.find(b"moov") < data.find(b"mdat")

    async def test_a_phone_held_upright_stays_upright(self, clips: Clips, tmp_path: Path) -> None:
        original = (await inspect(clips("rotated.mp4"))).facts.video
        renditions = await render(clips("rotated.mp4"), tmp_path)

        rendered = (await inspect(renditions.outlet.path)).facts.video
        assert original is not None
        assert rendered is not None
        assert original.rotation in {90, 270}
        assert rendered.shown_size == original.shown_size == (240, 320)

    @pytest.mark.parametrize("clip", ["voice.mp3", "voice.m4a", "voice.opus", "random.3gp"])
    async def test_sound_alone_becomes_a_sound_file(self, clips: Clips, tmp_path: Path, clip: str) -> None:
        renditions = await render(clips(clip), tmp_path)

        assert renditions.outlet.path.name == "outlet.m4a"
        assert renditions.outlet.media_type == "audio/mp4"
        assert (renditions.poster, renditions.sprite, renditions.cues) == (None, None, None)
        assert renditions.peaks is not None
        assert sound_of(renditions.outlet.path).size == pytest.approx(SECONDS * 16000, rel=0.02)

    async def test_a_film_without_sound_has_no_peaks(self, clips: Clips, tmp_path: Path) -> None:
        renditions = await render(clips("no_sound.mp4"), tmp_path)

        assert renditions.peaks is None
        assert renditions.poster is not None


class TestMuting:
    @pytest.mark.parametrize("clip", ["good.mp4", "voice.opus"])
    async def test_a_muted_stretch_is_silent_and_the_rest_is_not(
        self, clips: Clips, tmp_path: Path, clip: str
    ) -> None:
        """D10.2: voice masking can be undone, silence cannot."""
        profile = RenderProfile(mute=(Interval(3_000, 5_500),))

        renditions = await render(clips(clip), tmp_path, profile)

        sound = sound_of(renditions.outlet.path).astype(np.int32)
        muted = sound[round(3.0 * 16000) : round(5.5 * 16000)]
        assert np.abs(muted).max() <= 8
        assert np.abs(sound[: round(2.8 * 16000)]).max() > 3000
        assert np.abs(sound[round(5.7 * 16000) :]).max() > 3000
        assert not renditions.audio_copied

    async def test_the_waveform_does_not_show_what_was_muted(self, clips: Clips, tmp_path: Path) -> None:
        profile = RenderProfile(mute=(Interval(3_000, 5_500),))

        renditions = await render(clips("good.mp4"), tmp_path, profile)

        assert renditions.peaks is not None
        peaks = json.loads(renditions.peaks.path.read_text())
        per_second = peaks["sample_rate"] / peaks["samples_per_pixel"]
        muted = peaks["data"][2 * round(3 * per_second) : 2 * round(5.5 * per_second)]
        assert set(muted) == {0}
        assert max(peaks["data"]) > 10


def pitch_of(sound: NDArray[np.int16]) -> float:
    """The strongest frequency in Hz, by the spectrum of 16 kHz sound."""
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64) * np.hanning(sound.size)))
    return float(np.argmax(spectrum) * 16000 / sound.size)


def without_rubberband(directory: Path) -> Tools:
    """The same ffmpeg, which says that it was built without librubberband, and then has no such filter."""
    tools, script = find_tools(), directory / "ffmpeg"
    script.write_text(
        "#!/bin/sh\n"
        'case "$*" in *rubberband=*) exit 9 ;; esac\n'
        f'[ "$1" != -version ] || exec /bin/sh -c "{tools.ffmpeg} -version | sed s/--enable-librubberband//"\n'
        f'exec {tools.ffmpeg} "$@"\n'
    )
    script.chmod(0o755)
    return Tools(script, tools.ffprobe)


class TestPitch:
    """D10.2: voice masking is optional."""

    @pytest.mark.parametrize("rubberband", [True, False])
    async def test_the_voice_is_moved_and_nothing_else(
        self, clips: Clips, tmp_path: Path, *, rubberband: bool
    ) -> None:
        tools = find_tools() if rubberband else without_rubberband(tmp_path)
        profile = RenderProfile(pitch_semitones=-5)

        renditions = await render(clips("beeps.m4a"), tmp_path / "out", profile, tools=tools)

        before, after = sound_of(clips("beeps.m4a")), sound_of(renditions.outlet.path)
        assert pitch_of(before) == pytest.approx(600, rel=0.01)
        assert pitch_of(after) == pytest.approx(600 * 2 ** (-5 / 12), rel=0.02)
        assert after.size == pytest.approx(before.size, rel=0.01)
        assert abs(_first_beep_after(after, 5.0) - _first_beep_after(before, 5.0)) < 0.06

    async def test_what_is_muted_is_muted_before_it_is_moved(self, clips: Clips, tmp_path: Path) -> None:
        profile = RenderProfile(mute=(Interval(3_000, 6_000),), pitch_semitones=4)

        renditions = await render(clips("good.mp4"), tmp_path, profile)

        sound = sound_of(renditions.outlet.path).astype(np.int32)
        assert np.abs(sound[round(3.1 * 16000) : round(5.9 * 16000)]).max() <= 8
        assert np.abs(sound[: round(2.5 * 16000)]).max() > 2000

    async def test_the_same_voice_gives_the_same_bytes(self, clips: Clips, tmp_path: Path) -> None:
        profile = RenderProfile(pitch_semitones=-3)

        first = await render(clips("good.mp4"), tmp_path / "first", profile)
        second = await render(clips("good.mp4"), tmp_path / "second", profile)

        assert hashes(first) == hashes(second)

    def test_more_than_an_octave_is_not_a_voice(self) -> None:
        with pytest.raises(ValueError, match="12 semitones"):
            RenderProfile(pitch_semitones=13)


def _first_beep_after(sound: NDArray[np.int16], seconds: float) -> float:
    start = round(seconds * 16000)
    return seconds + float(np.argmax(np.abs(sound[start:].astype(np.int32)) > 3000)) / 16000


class TestStream:
    async def test_a_long_recording_is_one_file_and_byte_ranges_in_it(
        self, clips: Clips, tmp_path: Path
    ) -> None:
        renditions = await render(clips("good.mp4"), tmp_path, RenderProfile(stream_from_s=5))

        assert renditions.stream is not None
        assert renditions.playlist is not None
        assert renditions.playlist.media_type == "application/vnd.apple.mpegurl"
        lines = renditions.playlist.path.read_text().splitlines()
        assert {line for line in lines if not line.startswith("#")} == {"stream.mp4"}
        head = next(line for line in lines if line.startswith("#EXT-X-MAP")).split('"')[3]
        ranges = [line.partition(":")[2] for line in lines if line.startswith("#EXT-X-BYTERANGE")]
        ends = 0
        for length, start in (piece.split("@") for piece in [head, *ranges]):
            assert int(start) == ends
            ends += int(length)
        assert ends == renditions.stream.size_bytes
        assert len(ranges) >= 2

    async def test_it_plays_as_the_rendition_does(self, clips: Clips, tmp_path: Path) -> None:
        renditions = await render(clips("good.mp4"), tmp_path, RenderProfile(stream_from_s=5))

        assert renditions.playlist is not None
        streamed, whole = sound_of(renditions.playlist.path), sound_of(renditions.outlet.path)
        assert streamed.size == pytest.approx(whole.size, rel=0.01)
        facts = (await inspect(tmp_path / "stream.mp4")).facts
        assert facts.duration_s == pytest.approx(SECONDS, abs=0.2)

    async def test_it_gives_nobody_away_and_is_the_same_each_time(self, clips: Clips, tmp_path: Path) -> None:
        profile = RenderProfile(stream_from_s=0)

        first = await render(clips("tagged.mp4"), tmp_path / "first", profile)
        second = await render(clips("tagged.mp4"), tmp_path / "second", profile)

        assert len(first.files()) == 7
        assert [traces_in(rendition) for rendition in first.files()] == [[]] * 7
        assert hashes(first) == hashes(second)

    async def test_a_short_one_has_none(self, clips: Clips, tmp_path: Path) -> None:
        renditions = await render(clips("good.mp4"), tmp_path, RenderProfile(stream_from_s=600))

        assert (renditions.stream, renditions.playlist) == (None, None)
        assert "stream.mp4" not in names_in(tmp_path)


class TestPicturesAndPeaks:
    async def test_peaks_have_the_shape_players_expect(self, clips: Clips, tmp_path: Path) -> None:
        renditions = await render(clips("voice.m4a"), tmp_path)

        assert renditions.peaks is not None
        peaks = json.loads(renditions.peaks.path.read_text())
        assert (peaks["version"], peaks["channels"], peaks["bits"]) == (2, 1, 8)
        assert len(peaks["data"]) == 2 * peaks["length"]
        seconds = peaks["length"] * peaks["samples_per_pixel"] / peaks["sample_rate"]
        assert seconds == pytest.approx(SECONDS, abs=0.3)
        assert all(-128 <= value <= 127 for value in peaks["data"])

    async def test_cues_cover_the_recording_without_a_hole(self, clips: Clips, tmp_path: Path) -> None:
        renditions = await render(clips("good.mp4"), tmp_path)

        assert renditions.cues is not None
        lines = renditions.cues.path.read_text().splitlines()
        assert lines[0] == "WEBVTT"
        spans = [line.split(" --> ") for line in lines if "-->" in line]
        assert spans[0][0] == "00:00:00.000"
        assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
        assert spans[-1][1].startswith("00:00:09")
        assert sum("thumbnails.jpg#xywh=" in line for line in lines) == len(spans) >= 2

    async def test_the_poster_shows_the_hall_not_the_covered_lens(self, clips: Clips, tmp_path: Path) -> None:
        renditions = await render(clips("covered.mp4"), tmp_path, RenderProfile(thumbnail_every_s=2))

        assert renditions.poster is not None
        assert renditions.poster.size_bytes > 5_000

    async def test_even_a_second_of_film_gets_a_poster(self, clips: Clips, tmp_path: Path) -> None:
        short = tmp_path / "short.mp4"
        cut_to("0.5", clips("good.mp4"), short)

        renditions = await render(short, tmp_path / "out")

        assert renditions.poster is not None
        assert renditions.cues is not None


class TestProcess:
    async def test_one_pass_gives_what_two_would(self, clips: Clips, tmp_path: Path) -> None:
        told: list[float] = []

        both = await process(clips("hevc.mp4"), tmp_path / "both", progress=told.append)
        rendered = await render(clips("hevc.mp4"), tmp_path / "alone")
        report = await inspect(clips("hevc.mp4"))

        assert hashes(both.renditions) == hashes(rendered)
        assert both.report.checks == report.checks
        assert both.report.facts == report.facts
        assert told == sorted(told)
        assert told[-1] == 1.0

    async def test_nothing_else_is_left_behind(self, clips: Clips, tmp_path: Path) -> None:
        both = await process(clips("covered_silent.mp4"), tmp_path)

        assert not both.report.acceptable
        assert names_in(tmp_path) == {rendition.path.name for rendition in both.renditions.files()}
