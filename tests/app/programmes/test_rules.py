"""Which recording policy is in force (D10.5), how many visits are due (D6.1), and the defaults of a programme."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.programmes.rules import Ownership, Policy, PolicyScope, RecordingMode, applicable_policy, visits_due
from app.programmes.schemas import ProgrammeRules


def policy(jurisdiction: str, scope: PolicyScope, mode: RecordingMode) -> Policy:
    return Policy(jurisdiction, scope, mode, "basis", "notice", "PIA-1")


CHINA = policy("CN", PolicyScope.ANY, RecordingMode.VIDEO)
GUANGDONG = policy("CN-44", PolicyScope.ANY, RecordingMode.AUDIO)
GUANGDONG_AGENCIES = policy("CN-44", PolicyScope.AGENCY, RecordingMode.NONE)
COMPETITORS = policy("CN", PolicyScope.COMPETITOR, RecordingMode.AUDIO)
ALL = [CHINA, GUANGDONG, GUANGDONG_AGENCIES, COMPETITORS]


class TestApplicablePolicy:
    def test_the_most_specific_jurisdiction_wins(self) -> None:
        assert applicable_policy(ALL, jurisdiction="CN-44-01", ownership=Ownership.OWN) == GUANGDONG
        assert applicable_policy(ALL, jurisdiction="CN-43", ownership=Ownership.OWN) == CHINA

    def test_in_one_jurisdiction_the_named_ownership_beats_any(self) -> None:
        assert applicable_policy(ALL, jurisdiction="CN-44", ownership=Ownership.AGENCY) == GUANGDONG_AGENCIES

    def test_a_code_that_merely_begins_alike_is_another_place(self) -> None:
        assert (
            applicable_policy([GUANGDONG_AGENCIES], jurisdiction="CN-441", ownership=Ownership.AGENCY) is None
        )

    def test_where_nothing_is_said_nothing_may_be_planned(self) -> None:
        assert applicable_policy(ALL, jurisdiction="DE", ownership=Ownership.OWN) is None

    def test_competitors_are_not_recorded_unless_a_policy_names_them(self) -> None:
        silent = applicable_policy([CHINA], jurisdiction="CN-44", ownership=Ownership.COMPETITOR)
        assert silent is not None
        assert silent.mode is RecordingMode.NONE
        assert applicable_policy(ALL, jurisdiction="CN-44", ownership=Ownership.COMPETITOR) == COMPETITORS

    @given(
        st.permutations(ALL), st.sampled_from(Ownership), st.sampled_from(["CN", "CN-44", "CN-44-01", "DE"])
    )
    def test_the_order_of_policies_changes_nothing(
        self, shuffled: list[Policy], ownership: Ownership, jurisdiction: str
    ) -> None:
        assert applicable_policy(
            shuffled, jurisdiction=jurisdiction, ownership=ownership
        ) == applicable_policy(ALL, jurisdiction=jurisdiction, ownership=ownership)


class TestVisitsDue:
    @pytest.mark.parametrize(
        ("tier", "is_busy", "due"),
        [("tier-3", False, 1), ("tier-3", True, 4), ("flagship", False, 2), ("hub", True, 6)],
    )
    def test_tier_replaces_the_base_and_traffic_only_adds(self, tier: str, is_busy: bool, due: int) -> None:
        assert (
            visits_due(base=1, high_traffic=4, by_tier={"flagship": 2, "hub": 6}, tier=tier, is_busy=is_busy)
            == due
        )


class TestProgrammeRules:
    def test_have_the_defaults_of_the_trade(self) -> None:
        """D3.4, D5.1, D6.1, D6.3, D7.1–D7.3, D8.1, D8.4, D8.5, D10.4."""
        rules = ProgrammeRules()

        assert rules.rotation_months == 3
        assert rules.covert_bar_months is None
        assert rules.completeness_threshold == Decimal("0.60")
        assert [rules.minimum_video_minutes.at(kind) for kind in Ownership] == [15, 8, 0]
        assert (rules.minimum_photos, rules.minimum_questions, rules.summary_minimum_characters) == (4, 2, 80)
        assert (rules.check_out_distance_m, rules.recording_coverage) == (300, Decimal("0.90"))
        assert (rules.review_due_hours, rules.double_marking_share) == (48, Decimal("0.30"))
        assert (rules.appeal_window_days, rules.rectification_days, rules.minimum_gap_days) == (7, 15, 5)
        assert (rules.visits.base, rules.visits.high_traffic) == (1, 4)
        assert (rules.retention.raw_recording_days, rules.retention.ledger_days) == (90, 1095)

    def test_survive_being_stored(self) -> None:
        rules = ProgrammeRules.model_validate({"completeness_threshold": "0.755", "rotation_scope": "brand"})
        assert ProgrammeRules.model_validate(rules.model_dump(mode="json")) == rules

    def test_keep_recordings_as_long_as_an_appeal_may_need_them(self) -> None:
        """D10.4: retention covers publication (its delay, and the wait for a batch), appeal window and decision."""
        with pytest.raises(ValidationError, match=r"raw_recording_days is 23: .* take 24 days"):
            ProgrammeRules.model_validate({"retention": {"raw_recording_days": 23}})

    @pytest.mark.parametrize(
        "slip",
        [
            {"rotation_months": 0},
            {"rotation_months": True},
            {"rotation_monts": 3},
            {"recording_coverage": "1.1"},
        ],
    )
    def test_refuse_what_cannot_be_meant(self, slip: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            ProgrammeRules.model_validate(slip)
