"""What does not fit in a visit's recordings, on plain values (D7.3, D7.5, D7.6)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.visits.declared import Basis, Declared, Medium, Quality
from app.visits.finding import Books, File, Finding, Kind, Repeat, Scene, Severity, Stretch
from app.visits.findings import findings
from app.visits.interruptions import Interruption, Why, lost
from app.visits.timeline import drawn

ENTRY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # ten in the morning in Guangzhou
MINUTE = timedelta(minutes=1)
STAY = (ENTRY, ENTRY + 20 * MINUTE)
FILM = Declared("v1", Medium.VIDEO, ENTRY, 20 * MINUTE, Quality.GOOD, Basis.FILE, device="phone")
FILE = File(
    declared=FILM,
    told_duration=20 * MINUTE,
    device_kind="phone",
    device_label="Phone 3",
    declared_at=ENTRY + 21 * MINUTE,
    told_offset=timedelta(),
    created_at=ENTRY + timedelta(seconds=2),
)
BOOKS = Books(kind="recorder", is_in_service=True, with_declarer=True, offset=timedelta())
RECORDER = replace(FILE, device_kind="recorder", device_label="Recorder 7", books=BOOKS)
SCENE = Scene(
    stays=[STAY],
    entered_at=ENTRY,
    utc_offset=timedelta(hours=8),
    lawful_kinds=frozenset({"phone", "recorder"}),
    coverage_asked=0.9,
    all_looked_into=True,
)


def found(*files: File, scene: Scene = SCENE) -> list[Finding]:
    usable = [file.declared for file in files]
    return findings(replace(scene, files=files), drawn(scene.stays, usable))


def kinds(*files: File) -> list[tuple[Kind, Severity]]:
    return [(one.kind, one.severity) for one in found(*files)]


class TestHonestVisit:
    def test_gives_nothing_away(self) -> None:
        assert found(FILE) == []
        assert found(RECORDER) == []


class TestCoverage:
    HALF = replace(FILE, declared=replace(FILM, duration=10 * MINUTE), told_duration=10 * MINUTE)

    def test_a_gap_and_too_little_coverage_are_found_where_they_are(self) -> None:
        gap, coverage = found(self.HALF)

        assert (gap.kind, gap.severity, gap.intervals) == (
            Kind.GAP,
            Severity.WARNING,
            (Stretch(600_000, 1_200_000),),
        )
        assert (coverage.kind, coverage.severity) == (Kind.COVERAGE, Severity.FAILED)
        assert "50%" in coverage.en
        assert "50%" in coverage.zh

    def test_is_judged_when_everything_was_looked_into(self) -> None:
        waiting = found(self.HALF, scene=replace(SCENE, all_looked_into=False))

        assert [one.kind for one in waiting] == [Kind.GAP]


class TestInterruption:
    def test_is_told_where_it_was_and_weighs_more_where_something_was_lost(self) -> None:
        hidden = Interruption(60_000, 90_000, Why.HIDDEN)
        muted = Interruption(120_000, 240_000, Why.MUTED)
        gone = replace(FILM, lost=lost([hidden, muted], FILM.duration))

        (noticed,) = found(replace(FILE, interruptions=(hidden,)))
        gap, of_both = found(replace(FILE, declared=gone, interruptions=(hidden, muted)))

        assert (noticed.kind, noticed.severity) == (Kind.INTERRUPTED, Severity.INFO)
        assert noticed.intervals == (Stretch(60_000, 90_000),)
        assert (gap.kind, gap.intervals) == (Kind.GAP, (Stretch(120_000, 240_000),))
        assert (of_both.kind, of_both.severity, len(of_both.intervals)) == (
            Kind.INTERRUPTED,
            Severity.WARNING,
            2,
        )
        assert "2 times" in of_both.en
        assert "2 次" in of_both.zh

    def test_of_a_recording_that_lies_nowhere_is_told_without_a_place(self) -> None:
        nowhere = replace(FILE, declared=replace(FILM, starts_at=None))

        assert [
            one.intervals
            for one in found(replace(nowhere, interruptions=(Interruption(0, 5, Why.STALLED),)))
            if one.kind is Kind.INTERRUPTED
        ] == [()]


class TestLength:
    def test_a_file_shorter_than_declared_is_told(self) -> None:
        short = replace(FILE, told_duration=25 * MINUTE)

        assert kinds(short) == [(Kind.LENGTH, Severity.WARNING)]

    def test_some_seconds_are_rounding(self) -> None:
        assert found(replace(FILE, told_duration=20 * MINUTE + timedelta(seconds=4))) == []


class TestClocks:
    @pytest.mark.parametrize("noted", [ENTRY, ENTRY + 20 * MINUTE, ENTRY - 4 * MINUTE])
    def test_devices_that_note_the_beginning_or_the_end_agree(self, noted: datetime) -> None:
        assert found(replace(FILE, created_at=noted)) == []

    def test_another_time_in_the_file_is_a_contradiction(self) -> None:
        (one,) = found(replace(FILE, created_at=ENTRY - timedelta(days=3, minutes=7)))

        assert (one.kind, one.severity, one.recording_id) == (Kind.CLOCK, Severity.WARNING, "v1")
        assert "3 d 0:07:00" in one.en
        assert one.intervals == (Stretch(0, 1_200_000),)

    def test_local_time_written_as_utc_is_recognised(self) -> None:
        (one,) = found(replace(FILE, created_at=ENTRY + timedelta(hours=8)))

        assert (one.kind, one.severity) == (Kind.CLOCK, Severity.INFO)

    def test_a_clock_whose_offset_is_known_is_no_contradiction(self) -> None:
        """A recorder whose battery was out begins at 1970."""
        since_1970 = ENTRY - datetime(1970, 1, 1, tzinfo=UTC)
        recorder = replace(
            RECORDER,
            created_at=datetime(1970, 1, 1, tzinfo=UTC),
            told_offset=since_1970,
            books=replace(BOOKS, offset=since_1970),
        )

        assert found(recorder) == []

    def test_what_is_told_of_a_clock_against_what_was_measured(self) -> None:
        told = replace(RECORDER, told_offset=timedelta(hours=1))

        assert kinds(told) == [(Kind.CLOCK, Severity.WARNING)]

    def test_a_recording_outside_the_visit(self) -> None:
        before = replace(FILM, starts_at=ENTRY - timedelta(hours=2))
        early = replace(FILE, declared=before, created_at=None)

        assert (Kind.CLOCK, Severity.WARNING) in kinds(early)

    def test_a_recording_that_ends_after_it_was_declared(self) -> None:
        (one,) = found(replace(FILE, declared_at=ENTRY + 10 * MINUTE))

        assert (one.kind, one.severity) == (Kind.CLOCK, Severity.WARNING)


class TestCustody:
    @pytest.mark.parametrize(
        ("file", "severity"),
        [
            (replace(FILE, device_kind="button-camera"), Severity.FAILED),
            (replace(RECORDER, books=None), Severity.INFO),
            (replace(RECORDER, books=replace(BOOKS, kind="camera")), Severity.WARNING),
            (replace(RECORDER, books=replace(BOOKS, with_declarer=False)), Severity.WARNING),
            (replace(RECORDER, books=replace(BOOKS, is_in_service=False)), Severity.WARNING),
        ],
    )
    def test_what_does_not_agree_with_the_books_is_told(self, file: File, severity: Severity) -> None:
        """D7.5: only declared, lawful device kinds; D6.7: who holds which."""
        assert (Kind.CUSTODY, severity) in kinds(file)

    def test_an_own_phone_is_in_no_books(self) -> None:
        assert found(FILE) == []


class TestRepeats:
    def test_the_earlier_day_and_the_stretch_are_named(self) -> None:
        repeat = Repeat(date(2026, 1, 5), is_same_file=False, similarity=0.71, start_ms=60_000, end_ms=90_000)

        (one,) = found(replace(FILE, repeats=(repeat,)))

        assert (one.kind, one.severity, one.earlier_on) == (
            Kind.DUPLICATE,
            Severity.FAILED,
            date(2026, 1, 5),
        )
        assert one.intervals == (Stretch(60_000, 90_000),)
        assert "2026-01-05" in one.en
        assert "2026-01-05" in one.zh
        assert "71%" in one.en
