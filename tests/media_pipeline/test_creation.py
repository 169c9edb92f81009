"""When a file says it was made, told so that it can be held against check-in and server time (D7.6)."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.demo.clips import make
from media_pipeline import CreatedSource, Report, Tools, find_tools, inspect
from media_pipeline.creation import creation_of
from tests.support.clips import Clips

_BEIJING = timezone(timedelta(hours=8))


class TestCreation:
    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("2026-11-02T02:15:30.000000Z", datetime(2026, 11, 2, 2, 15, 30, tzinfo=UTC)),
            ("2026-11-02T10:15:30+08:00", datetime(2026, 11, 2, 10, 15, 30, tzinfo=_BEIJING)),
            ("2026-11-02T10:15:30", None),  # nobody knows where
            ("10:15:30", None),  # a WAV recorder's
            ("yesterday", None),
            ("", None),
        ],
    )
    def test_only_a_moment_with_its_zone_is_one(self, text: str, at: datetime | None) -> None:
        creation = creation_of({"creation_time": text})

        assert creation.text == text
        assert creation.at == at
        assert creation.source is (CreatedSource.HEADER if at else None)

    def test_a_local_time_with_its_zone_is_believed_before_the_header(self) -> None:
        tags = {
            "creation_time": "2026-11-02T02:20:00Z",
            "com.apple.quicktime.creationdate": "2026-11-02T10:15:30+0800",
        }

        creation = creation_of(tags)

        assert creation.at == datetime(2026, 11, 2, 2, 15, 30, tzinfo=UTC)
        assert creation.source is CreatedSource.LOCAL_TAG


class TestReport:
    @pytest.mark.parametrize("ffprobe", [True, False])
    async def test_tells_it_and_survives_json(self, clips: Clips, tmp_path: Path, *, ffprobe: bool) -> None:
        tools = find_tools() if ffprobe else Tools(find_tools().ffmpeg, None)
        path = tmp_path / "phone.mp4"
        dated = {
            "creation_time": "2026-11-02T02:15:30Z",
            "com.apple.quicktime.creationdate": "2026-11-02T10:15:28+0800",
        }
        make(path, picture=None, sound=clips.voice(), seconds=6, tags=dated)

        report = await inspect(path, tools=tools)

        assert report.facts.created_at == datetime(2026, 11, 2, 2, 15, 28, tzinfo=UTC)
        assert report.facts.created_source is CreatedSource.LOCAL_TAG
        assert Report.from_json(report.to_json()) == report

    async def test_a_file_that_does_not_say_has_none(self, clips: Clips) -> None:
        facts = (await inspect(clips("voice.wav"))).facts

        assert (facts.created_at, facts.created_source) == (None, None)
