"""All devices of a visit on one timeline: roles, gaps, and what is covered (D2.4, D6.7, D7.3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.visits import gate
from app.visits.declared import Basis, Declared, Medium, Quality
from app.visits.gate import Claim, Demands
from app.visits.timeline import Role, drawn

ENTRY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return ENTRY + timedelta(minutes=minutes)


def film(start: float, end: float, *, device: str = "phone", **changes: object) -> Declared:
    length = timedelta(minutes=end - start)
    file = Declared(f"{device}-{start}", Medium.VIDEO, at(start), length, Quality.GOOD, device=device)
    return replace(file, **changes)  # type: ignore[arg-type]  # names of fields, checked by replace


STAY = [(at(0), at(20))]


class TestRoles:
    def test_the_device_that_recorded_most_is_the_main_one(self) -> None:
        found = drawn(STAY, [film(0, 5, device="pen"), film(0, 9), film(10, 20)])

        assert found.roles == {"phone": Role.MAIN, "pen": Role.BACKUP}

    def test_of_two_as_long_the_one_that_began_first_is(self) -> None:
        found = drawn(STAY, [film(1, 20, device="a"), film(0, 19, device="b")])

        assert found.roles["b"] is Role.MAIN


class TestGaps:
    def test_are_between_segments_and_at_both_ends(self) -> None:
        found = drawn(STAY, [film(1, 8), film(10, 19)])

        assert [(gap.starts_at, gap.ends_at, gap.is_backed) for gap in found.gaps] == [
            (at(0), at(1), False),
            (at(8), at(10), False),
            (at(19), at(20), False),
        ]

    def test_some_seconds_from_one_file_to_the_next_are_none(self) -> None:
        assert drawn(STAY, [film(0, 10), film(10.15, 20)]).gaps == []

    def test_a_second_device_that_ran_backs_the_first(self) -> None:
        found = drawn(STAY, [film(0, 8), film(10, 20), film(7, 11, device="pen")])

        assert [gap.is_backed for gap in found.gaps] == [True]
        assert found.coverage == 1.0
        assert found.coverage_of_main == pytest.approx(0.9)

    def test_what_the_second_one_missed_too_is_a_gap(self) -> None:
        found = drawn(STAY, [film(0, 8), film(12, 20), film(7, 10, device="pen")])

        assert [(gap.starts_at, gap.ends_at, gap.is_backed) for gap in found.gaps] == [
            (at(10), at(12), False)
        ]

    def test_time_outside_between_two_stays_is_none(self) -> None:
        """D7.4: one visit, several segments."""
        stays = [(at(0), at(10)), (at(30), at(40))]

        assert drawn(stays, [film(0, 10), film(30, 40)]).gaps == []


class TestCoverage:
    def test_what_is_verified_is_told_apart_from_what_is_declared(self) -> None:
        found = drawn(STAY, [film(0, 10, basis=Basis.FILE), film(10, 20)])

        assert found.coverage == 1.0
        assert found.coverage_verified == pytest.approx(0.5)


class TestTheGate:
    CLAIM = Claim(
        stays=STAY,
        files=[],
        unanswered=[],
        vetoes_without_evidence=[],
        evidence_nowhere=[],
        summary_characters=80,
        questions=2,
        check_out_distance_m=None,
    )
    DEMANDS = Demands(
        medium=Medium.VIDEO,
        recording=timedelta(minutes=15),
        coverage=0.9,
        photos=0,
        questions=2,
        summary_characters=80,
        check_out_distance_m=300,
    )

    def rules(self, *files: Declared) -> list[str]:
        return [one.rule for one in gate.unmet(replace(self.CLAIM, files=files), self.DEMANDS)]

    def test_takes_the_second_device_where_the_first_failed(self) -> None:
        """D2.4: teams with backup devices."""
        black = film(0, 20, quality=Quality.BLACK)

        assert self.rules(black, film(0, 20, device="recorder")) == []
        assert "recording-not-black" in self.rules(black)

    def test_does_not_take_another_file_of_the_same_device_for_a_backup(self) -> None:
        assert "recording-not-black" in self.rules(film(0, 20), film(0, 20, quality=Quality.BLACK))

    def test_does_not_take_a_backup_that_ran_at_another_time(self) -> None:
        black = film(0, 5, quality=Quality.BLACK)

        assert "recording-not-black" in self.rules(black, film(5, 20, device="recorder"))
