"""The leave gate on plain values (D7.3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.visits.declared import Declared, Medium, Quality, coverage, recorded_time
from app.visits.gate import Claim, Demands, unmet
from app.visits.interruptions import Interruption, Why, joined, lost

ENTRY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def video(starts: float = 0, lasts: float = 20, **changes: object) -> Declared:
    file = Declared("v1", Medium.VIDEO, ENTRY + minutes(starts), minutes(lasts), Quality.GOOD)
    return replace(file, **changes)  # type: ignore[arg-type]  # names of fields, checked by replace


def photo(number: int) -> Declared:
    return Declared(f"p{number}", Medium.PHOTO, None, timedelta(), Quality.GOOD)


DEMANDS = Demands(
    medium=Medium.VIDEO,
    recording=minutes(15),
    coverage=0.9,
    photos=4,
    questions=2,
    summary_characters=80,
    check_out_distance_m=300,
)
COMPLETE = Claim(
    stays=[(ENTRY, ENTRY + minutes(20))],
    files=[video(), *(photo(number) for number in range(4))],
    unanswered=[],
    vetoes_without_evidence=[],
    evidence_nowhere=[],
    summary_characters=80,
    questions=2,
    check_out_distance_m=120.0,
)


def rules(claim: Claim, demands: Demands = DEMANDS) -> list[str]:
    return [one.rule for one in unmet(claim, demands)]


class TestGate:
    def test_opens_for_a_complete_visit(self) -> None:
        assert rules(COMPLETE) == []

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"unanswered": ["b1"]}, "required-answers"),
            ({"vetoes_without_evidence": ["b1"]}, "veto-evidence"),
            ({"evidence_nowhere": ["b1"]}, "evidence-declared"),
            ({"summary_characters": 79}, "summary-length"),
            ({"questions": 1}, "questions-asked"),
            ({"check_out_distance_m": 301.0}, "check-out-distance"),
            ({"files": [video(), photo(1), photo(2), photo(3)]}, "photos"),
        ],
    )
    def test_names_the_one_rule_that_is_unmet(self, changes: dict[str, object], rule: str) -> None:
        """D7.1, D7.2, D7.3, D4.3."""
        assert rules(replace(COMPLETE, **changes)) == [rule]  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("quality", "named"),
        [
            (Quality.BLACK, ["recording-not-black"]),
            (Quality.SILENT, ["recording-not-silent"]),
            (Quality.BLACK_AND_SILENT, ["recording-not-black", "recording-not-silent"]),
            (Quality.UNUSABLE, ["recording-readable"]),
            (Quality.UNCHECKED, ["recording-checked"]),
        ],
    )
    def test_a_bad_recording_neither_passes_nor_counts(self, quality: Quality, named: list[str]) -> None:
        files = [video(quality=quality), *(photo(number) for number in range(4))]

        found = unmet(replace(COMPLETE, files=files), DEMANDS)

        assert [one.rule for one in found] == [*named, "recording-length", "recording-coverage"]
        assert found[0].where == ("v1",)

    def test_a_short_recording_is_told_in_minutes(self) -> None:
        files = [video(lasts=14.5), *(photo(number) for number in range(4))]
        claim = replace(COMPLETE, files=files, stays=[(ENTRY, ENTRY + minutes(14.5))])

        (found,) = unmet(claim, DEMANDS)

        assert found.message == "14.5 minutes of good recording, at least 15.0 are asked for."

    def test_asks_for_no_recording_where_none_is_lawful(self) -> None:
        """D10.5."""
        claim = replace(COMPLETE, files=[])

        assert rules(claim, replace(DEMANDS, medium=None, photos=0)) == []

    def test_takes_video_where_sound_is_enough_but_not_the_other_way_round(self) -> None:
        sound = video(medium=Medium.AUDIO)
        photos = [photo(number) for number in range(4)]

        assert rules(COMPLETE, replace(DEMANDS, medium=Medium.AUDIO)) == []
        assert rules(replace(COMPLETE, files=[sound, *photos])) == ["recording-declared"]

    def test_does_not_keep_anybody_for_a_missing_position(self) -> None:
        """D7.6: basements have no satellites."""
        assert rules(replace(COMPLETE, check_out_distance_m=None)) == []


class TestCoverage:
    def test_is_of_the_stays_not_of_the_time_between(self) -> None:
        """D7.4: one visit, several segments."""
        stays = [(ENTRY, ENTRY + minutes(10)), (ENTRY + minutes(60), ENTRY + minutes(70))]
        files = [video(0, 10), video(60, 8)]

        assert coverage(stays, files) == pytest.approx(0.9)

    def test_counts_two_devices_at_once_only_once(self) -> None:
        files = [video(0, 10), video(5, 10)]

        assert coverage([(ENTRY, ENTRY + minutes(20))], files) == pytest.approx(0.75)
        assert recorded_time(files) == minutes(15)

    @given(
        st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=6),
        st.integers(1, 60),
    )
    def test_is_a_share_and_never_more_than_was_recorded(
        self, spans: list[tuple[int, int]], stay: int
    ) -> None:
        files = [video(start, length) for start, length in spans]

        share = coverage([(ENTRY, ENTRY + minutes(stay))], files)

        by_minute = {minute for start, length in spans for minute in range(start, start + length)}
        assert share == pytest.approx(len(by_minute & set(range(stay))) / stay)
        assert recorded_time(files) == minutes(len(by_minute))


class TestInterruptions:
    def test_take_from_a_recording_what_was_certainly_lost(self) -> None:
        """D7.3: a page that was hidden may have recorded on; a microphone that was taken away has not."""
        second = 1_000
        noticed = [
            Interruption(300 * second, 420 * second, Why.MUTED),
            Interruption(360 * second, 480 * second, Why.STALLED),
            Interruption(600 * second, 660 * second, Why.HIDDEN),
            Interruption(1_190 * second, 1_300 * second, Why.MUTED),
            Interruption(1_200 * second, 1_200 * second, Why.KILLED),
        ]

        file = video(lost=lost(noticed, minutes(20)))

        assert file.stretches == [
            (ENTRY, ENTRY + minutes(5)),
            (ENTRY + minutes(8), ENTRY + timedelta(seconds=1_190)),
        ]
        assert file.recorded == recorded_time([file]) == timedelta(seconds=1_010)
        assert recorded_time([replace(file, starts_at=None)]) == timedelta(seconds=1_010)
        assert coverage(COMPLETE.stays, [file]) == pytest.approx(1_010 / 1_200)
        assert rules(replace(COMPLETE, files=[file, *COMPLETE.files[1:]])) == ["recording-coverage"]

    def test_told_twice_are_kept_once_and_never_taken_back(self) -> None:
        """D11"""
        assert joined([5, 9], [7, 9], by=None, most=3) == [5, 7, 9]
        assert joined([5, 9], [], by=None, most=3) == [5, 9]
        assert joined([5, 9], [1, 2], by=None, most=3) == [1, 5, 9]
