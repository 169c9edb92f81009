"""The lifecycle of a visit, and what looks odd in a check-in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.visits.rules import DONE, PLANNED, Presence, State, may_become, next_states, suspicions

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HONEST = Presence(
    device_at=NOW,
    received_at=NOW,
    clock_offset=timedelta(seconds=1),
    distance_m=20.0,
    accuracy_m=15.0,
    is_mocked=False,
    is_planned_day=True,
)


class TestLifecycle:
    def test_runs_along_the_line_of_the_trade(self) -> None:
        """D6.8."""
        line = [
            State.PROPOSED, State.RESERVED, State.ACCEPTED, State.ENTERED, State.LEFT, State.SUBMITTED,
            State.IN_REVIEW, State.APPROVED, State.PUBLISHED, State.APPEALED, State.FINAL,
        ]  # fmt: skip
        for current, following in pairwise(line):
            assert may_become(current, following), f"{current} → {following}"

    @pytest.mark.parametrize("state", sorted(DONE))
    def test_ends_where_it_ends(self, state: State) -> None:
        assert next_states(state) == []

    @pytest.mark.parametrize("state", sorted(PLANNED))
    def test_nothing_is_submitted_that_was_never_entered(self, state: State) -> None:
        assert not may_become(state, State.SUBMITTED)
        assert not may_become(state, State.LEFT)

    def test_allows_going_back_in_after_a_failed_check(self) -> None:
        """D7.4."""
        assert may_become(State.LEFT, State.ENTERED)

    def test_every_state_is_reached_from_the_first(self) -> None:
        seen, todo = {State.PROPOSED}, [State.PROPOSED]
        while todo:
            for state in next_states(todo.pop()):
                if state not in seen:
                    seen.add(state)
                    todo.append(state)
        assert seen == set(State)


class TestSuspicions:
    """D7.6: flagged for review, not rejected."""

    def test_of_an_honest_check_in_are_none(self) -> None:
        assert suspicions(HONEST, allowed_distance_m=300) == []

    @pytest.mark.parametrize(
        ("changes", "flag"),
        [
            ({"is_mocked": True}, "mock-location"),
            ({"distance_m": 316.0}, "far-from-outlet"),
            ({"distance_m": None, "accuracy_m": None}, "no-position"),
            ({"accuracy_m": 900.0}, "imprecise-position"),
            ({"is_planned_day": False}, "not-on-planned-day"),
            (
                {"clock_offset": timedelta(minutes=6), "received_at": NOW + timedelta(minutes=6)},
                "device-clock-off",
            ),
            ({"received_at": NOW + timedelta(hours=25)}, "synced-late"),
        ],
    )
    def test_name_what_is_odd(self, changes: dict[str, object], flag: str) -> None:
        assert suspicions(replace(HONEST, **changes), allowed_distance_m=300) == [flag]  # type: ignore[arg-type]

    def test_give_a_vague_position_the_benefit_of_its_accuracy(self) -> None:
        vague = replace(HONEST, distance_m=380.0, accuracy_m=100.0)

        assert suspicions(vague, allowed_distance_m=300) == []
