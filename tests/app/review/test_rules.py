"""What stands between a visit and its approval, and the part of the day an outlet is told."""

from datetime import UTC, datetime, time

import pytest

from app.review.rules import Case, DeclaredFile, FiredVeto, Verdict, blocks, publish_after, remarks
from app.review.rules_marking import MarkingStatus
from app.visits.rules import DayPart, review_due_at

ARRIVED = DeclaredFile("f1", "processed", processed=True, rejected=False)
UPLOADING = DeclaredFile("f2", "uploading", processed=False, rejected=False)
NEVER_CAME = DeclaredFile("f3", None, processed=False, rejected=False)
UNREADABLE = DeclaredFile("f4", "rejected", processed=False, rejected=True)


def a_case(
    *,
    vetoes: list[FiredVeto] | None = None,
    files: list[DeclaredFile] | None = None,
    unmarked: list[str] | None = None,
    has_number: bool = True,
    files_may_miss: bool = False,
    second_marking: MarkingStatus = MarkingStatus.NOT_WANTED,
    differing: list[str] | None = None,
) -> Case:
    return Case(
        vetoes=vetoes or [],
        files=files or [ARRIVED],
        unmarked=unmarked or [],
        has_number=has_number,
        second_marking=second_marking,
        differing=differing or [],
        files_may_miss=files_may_miss,
    )


def found(case: Case) -> dict[str, tuple[str, ...]]:
    return {one.rule: one.where for one in blocks(case)}


class TestBlocks:
    def test_nothing_stands_in_the_way_of_a_clean_visit(self) -> None:
        assert blocks(a_case()) == []

    @pytest.mark.parametrize(
        ("veto", "expected"),
        [
            (FiredVeto("smoke", True, None), {"veto-unconfirmed": ("smoke",)}),
            (FiredVeto("smoke", True, Verdict.CONFIRMED), {}),
            (FiredVeto("smoke", True, Verdict.REJECTED), {"veto-rejected": ("smoke",)}),
            (FiredVeto("smoke", False, None), {}),
            (FiredVeto("smoke", False, Verdict.REJECTED), {"veto-rejected": ("smoke",)}),
        ],
    )
    def test_a_veto_waits_for_a_second_person_unless_its_checklist_asks_for_none(
        self, veto: FiredVeto, expected: dict[str, tuple[str, ...]]
    ) -> None:
        """D4.3"""
        assert found(a_case(vetoes=[veto])) == expected

    def test_files_that_are_not_there_and_files_that_are_no_use_are_told_apart(self) -> None:
        case = a_case(files=[ARRIVED, UPLOADING, NEVER_CAME, UNREADABLE])
        assert found(case) == {"recording-missing": ("f2", "f3"), "recording-rejected": ("f4",)}

    def test_an_approver_may_take_a_visit_without_its_files_and_is_reminded(self) -> None:
        case = a_case(files=[NEVER_CAME], files_may_miss=True)
        assert blocks(case) == []
        assert [one.rule for one in remarks(case)] == ["recording-missing"]

    def test_texts_with_a_weight_wait_for_a_mark(self) -> None:
        """D3.3"""
        assert found(a_case(unmarked=["words"])) == {"mark-missing": ("words",)}

    @pytest.mark.parametrize("status", MarkingStatus)
    def test_a_second_marking_that_is_awaited_is_waited_for(self, status: MarkingStatus) -> None:
        """D8.1"""
        case = a_case(second_marking=status)
        awaited = status in {MarkingStatus.WANTED, MarkingStatus.ASSIGNED}
        assert found(case) == ({"second-marking-missing": ()} if awaited else {})
        excused = [one.rule for one in remarks(case)] == ["second-marking-excused"]
        assert excused is (status is MarkingStatus.EXCUSED)

    def test_what_the_second_marker_saw_otherwise_is_said_and_forbids_nothing(self) -> None:
        case = a_case(second_marking=MarkingStatus.SUBMITTED, differing=["tidy"])
        assert blocks(case) == []
        assert [(one.rule, one.where) for one in remarks(case)] == [("second-marking-differs", ("tidy",))]

    def test_too_little_evidence_is_said_and_forbids_nothing(self) -> None:
        """D3.4"""
        case = a_case(has_number=False)
        assert blocks(case) == []
        assert [one.rule for one in remarks(case)] == ["insufficient-evidence"]


class TestTimes:
    def test_count_in_hours(self) -> None:
        """D8.1, D8.3"""
        noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
        assert review_due_at(noon, review_hours=48) == datetime(2026, 3, 4, 12, tzinfo=UTC)
        assert publish_after(noon, delay_hours=24) == datetime(2026, 3, 3, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("local", "part"),
        [
            (time(0), DayPart.MORNING),
            (time(11, 59, 59), DayPart.MORNING),
            (time(12), DayPart.AFTERNOON),
            (time(17, 59, 59), DayPart.AFTERNOON),
            (time(18), DayPart.EVENING),
        ],
    )
    def test_an_outlet_is_told_the_part_of_the_day(self, local: time, part: DayPart) -> None:
        """D10.1"""
        assert DayPart.at(local) is part
