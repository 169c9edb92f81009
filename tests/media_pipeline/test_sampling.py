"""A look at samples finds in seconds what would spoil the whole recording (D7.3), and believes none of them."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from media_pipeline import BadFile, CheckKind, Frame, QuickLook, Severity, Snippet, UnreadableMedia
from media_pipeline.sampling import LONGEST_SIDE, look_at_samples
from tests.support.clips import SECONDS, Clips
from tests.support.samples import samples_of, wav

DURATION_MS = round(SECONDS * 1000)
TEN_S = np.zeros(160_000, dtype=np.int16)


async def look(clips: Clips, name: str) -> QuickLook:
    frames, snippets = samples_of(clips(name), duration_ms=DURATION_MS)
    return await look_at_samples(frames, snippets, duration_ms=DURATION_MS)


def kinds(found: QuickLook, severity: Severity | None = None) -> set[CheckKind]:
    return {check.kind for check in found.checks if severity is None or check.severity is severity}


class TestFindings:
    @pytest.mark.parametrize("name", ["good.mp4", "one_key_frame.mp4", "button_camera.avi"])
    async def test_nothing_is_found_in_a_good_recording(self, clips: Clips, name: str) -> None:
        found = await look(clips, name)

        assert found.checks == ()
        assert {CheckKind.COVERED, CheckKind.FROZEN, CheckKind.SILENT, CheckKind.MUFFLED} <= set(
            found.performed
        )
        assert CheckKind.BLURRED not in found.performed

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("covered.mp4", CheckKind.COVERED),
            ("covered_in_light.mp4", CheckKind.COVERED),
            ("dark.mp4", CheckKind.TOO_DARK),
            ("frozen.mp4", CheckKind.FROZEN),
            ("muffled.mp4", CheckKind.MUFFLED),
            ("clipped.mp4", CheckKind.CLIPPED),
            ("silent.mp4", CheckKind.SILENT),
        ],
    )
    async def test_what_spoils_it_is_found(self, clips: Clips, name: str, kind: CheckKind) -> None:
        found = await look(clips, name)

        assert kinds(found) == {kind}
        (check,) = found.checks
        assert check.share > 0.3
        assert check.en.startswith("In the samples: ")
        assert check.zh.startswith("抽样检查：")

    async def test_a_covered_lens_and_a_dead_microphone_fail(self, clips: Clips) -> None:
        found = await look(clips, "covered_silent.mp4")

        assert kinds(found, Severity.FAILED) == {CheckKind.COVERED, CheckKind.SILENT}

    async def test_noise_without_a_voice_is_no_speech_once_enough_was_heard(self) -> None:
        noise = wav(np.random.default_rng(5).normal(0, 3000, 160_000).astype(np.int16))

        little = await look_at_samples([], [Snippet(0, noise)], duration_ms=900_000)
        enough = await look_at_samples([], [Snippet(0, noise), Snippet(600_000, noise)], duration_ms=900_000)

        assert CheckKind.NO_SPEECH not in little.performed
        assert kinds(enough) == {CheckKind.NO_SPEECH}
        assert [(piece.start_ms, piece.end_ms) for piece in enough.checks[0].intervals] == [
            (0, 10_000),
            (600_000, 610_000),
        ]


class TestHostileSamples:
    """They come from a device we do not control, and reach a decoder."""

    @pytest.fixture
    def frame(self, clips: Clips) -> Frame:
        return samples_of(clips("good.mp4"), duration_ms=DURATION_MS)[0][0]

    async def refused(self, *samples: Frame | Snippet) -> BadFile:
        frames = [one for one in samples if isinstance(one, Frame)]
        snippets = [one for one in samples if isinstance(one, Snippet)]
        with pytest.raises(UnreadableMedia) as refusal:
            await look_at_samples(frames, snippets, duration_ms=DURATION_MS)
        return refusal.value.reason

    async def test_a_picture_of_absurd_size_is_refused_by_its_header(self, frame: Frame) -> None:
        at = frame.jpeg.index(b"\xff\xc0") + 5
        huge = frame.jpeg[:at] + struct.pack(">HH", 65_500, 65_500) + frame.jpeg[at + 4 :]

        assert LONGEST_SIDE < 65_500
        assert await self.refused(replace(frame, jpeg=huge)) is BadFile.TOO_MANY_PIXELS

    async def test_text_scraps_and_ends_of_pictures_are_refused(self, frame: Frame) -> None:
        for scrap in (b"", b"#EXTM3U\nfile:///etc/passwd", b"\xff\xd8\xff\xd9", frame.jpeg[:40]):
            assert await self.refused(replace(frame, jpeg=scrap)) is BadFile.NOT_MEDIA
        assert await self.refused(replace(frame, jpeg=frame.jpeg[:-20])) is BadFile.INCOMPLETE

    async def test_a_picture_that_hides_another_is_refused(self, frame: Frame) -> None:
        two = replace(frame, jpeg=frame.jpeg + frame.jpeg)

        assert await self.refused(two) is BadFile.UNDECODABLE

    async def test_a_picture_in_a_comment_is_no_second_frame(self, frame: Frame) -> None:
        comment = b"\xff\xfe" + struct.pack(">H", len(frame.jpeg) + 2) + frame.jpeg
        within = replace(frame, jpeg=frame.jpeg[:2] + comment + frame.jpeg[2:])

        found = await look_at_samples([within], [], duration_ms=1000)

        assert CheckKind.COVERED in found.performed

    async def test_sound_of_another_shape_is_refused(self) -> None:
        good = wav(TEN_S)
        endless = good[:40] + struct.pack("<I", 2**32 - 2) + good[44:]

        assert await self.refused(Snippet(0, wav(TEN_S, rate=48_000))) is BadFile.FORMAT_REFUSED
        assert await self.refused(Snippet(0, wav(TEN_S, channels=2))) is BadFile.FORMAT_REFUSED
        assert await self.refused(Snippet(0, endless)) is BadFile.TOO_LONG
        assert await self.refused(Snippet(0, good[:30])) is BadFile.NOT_MEDIA
        assert await self.refused(Snippet(0, b"RIFF")) is BadFile.NOT_MEDIA
        assert await self.refused(Snippet(0, good[:60])) is BadFile.INCOMPLETE
