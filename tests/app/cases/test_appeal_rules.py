"""When an appeal is in time, and when a panel has decided (D8.4, D4.3)."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.rules import (
    Panel,
    Seat,
    Vote,
    end_after,
    needs_further_member,
    panel_fault,
    refiles,
    settled,
    window_closes_at,
)

CHAIR, ANN, BEN, CAT = [UUID(int=number) for number in range(1, 5)]
NOON = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def says(person: UUID, decision: str, *, lifts: bool = False) -> Vote:
    return Vote(person, decision, lifts)


def panel(*members: UUID) -> Panel:
    return Panel(frozenset(members), CHAIR if CHAIR in members else None)


class TestWindow:
    @pytest.mark.parametrize(
        ("published_at", "days", "zone", "closes_at"),
        [
            ("2026-03-03T10:00+00:00", 7, "Asia/Shanghai", "2026-03-10T16:00+00:00"),
            ("2026-03-03T15:59:59+00:00", 7, "Asia/Shanghai", "2026-03-10T16:00+00:00"),
            ("2026-03-03T16:00+00:00", 7, "Asia/Shanghai", "2026-03-11T16:00+00:00"),  # the next day there
            ("2026-03-03T10:00+00:00", 7, "Asia/Urumqi", "2026-03-10T18:00+00:00"),
            ("2026-03-26T12:00+00:00", 7, "Europe/Berlin", "2026-04-02T22:00+00:00"),  # an hour is missing
            ("2026-10-22T12:00+00:00", 7, "Europe/Berlin", "2026-10-29T23:00+00:00"),  # one comes twice
            (
                "2026-04-16T12:00+00:00",
                7,
                "Africa/Cairo",
                "2026-04-23T22:00+00:00",
            ),  # no midnight: 00:00 is 01:00
            ("2026-10-22T12:00+00:00", 7, "Africa/Cairo", "2026-10-29T22:00+00:00"),  # 23:00 comes twice
            ("2026-03-03T10:00+00:00", 0, "Asia/Shanghai", "2026-03-03T10:00+00:00"),
        ],
    )
    def test_ends_with_a_day_at_the_outlet(
        self, published_at: str, days: int, zone: str, closes_at: str
    ) -> None:
        """D5.3: the outlet's calendar, whatever its clocks do in between."""
        found = window_closes_at(datetime.fromisoformat(published_at), days=days, time_zone=zone)
        assert found == datetime.fromisoformat(closes_at)

    @given(
        st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        st.integers(1, 90),
        st.sampled_from(
            ["Asia/Shanghai", "Africa/Cairo", "America/Sao_Paulo", "Pacific/Apia", "Asia/Beirut"]
        ),
    )
    def test_gives_the_days_it_promises_in_full(self, at: datetime, days: int, zone: str) -> None:
        closes = window_closes_at(at, days=days, time_zone=zone)
        slack = timedelta(hours=2)  # clocks that go forward take an hour of it
        assert timedelta(days=days) - slack < closes - at <= timedelta(days=days + 1) + slack
        assert end_after(at, days=days, time_zone=zone) == closes

    def test_a_returned_appeal_may_be_put_right_for_a_while(self) -> None:
        until = NOON + timedelta(days=3)
        assert refiles(["a"], returned=["a", "b"], until=until, now=until - timedelta(seconds=1))
        assert not refiles(["a"], returned=["a", "b"], until=until, now=until)
        assert not refiles(["a", "c"], returned=["a", "b"], until=until, now=NOON)
        assert not refiles(["a"], returned=["a"], until=None, now=NOON)


class TestPanel:
    @pytest.mark.parametrize(
        ("seats", "veto", "fault"),
        [
            ([(CHAIR, Seat.CHAIR)], False, None),
            ([(CHAIR, Seat.CHAIR)], True, "two people"),
            ([(CHAIR, Seat.CHAIR), (ANN, Seat.MEMBER)], True, None),
            ([(ANN, Seat.MEMBER), (BEN, Seat.MEMBER)], False, "exactly one chair"),
            ([(CHAIR, Seat.CHAIR), (ANN, Seat.CHAIR)], False, "exactly one chair"),
            ([(CHAIR, Seat.CHAIR), (CHAIR, Seat.MEMBER)], False, "twice"),
        ],
    )
    def test_can_decide_or_is_told_why_not(
        self, seats: list[tuple[UUID, Seat]], veto: bool, fault: str | None
    ) -> None:
        found = panel_fault(seats, veto_at_stake=veto)
        assert found is None if fault is None else fault in (found or "")


class TestDecision:
    def test_needs_more_than_half_of_the_panel(self) -> None:
        three = panel(CHAIR, ANN, BEN)
        assert settled([says(ANN, "keep")], three) is None
        both = [says(ANN, "keep"), says(BEN, "keep")]
        assert settled(both, three) == both

    def test_is_the_chairs_when_all_have_spoken_and_no_half_agrees(self) -> None:
        two = panel(CHAIR, ANN)
        votes = [says(ANN, "upheld"), says(CHAIR, "keep")]
        assert settled(votes, two) == [votes[1]]
        assert not needs_further_member(votes, two)

    def test_is_taken_by_a_chair_alone(self) -> None:
        assert settled([says(CHAIR, "upheld")], panel(CHAIR)) == [says(CHAIR, "upheld")]

    def test_of_one_person_lifts_no_veto(self) -> None:
        """D4.3"""
        lift = says(CHAIR, "upheld", lifts=True)
        for members in ((CHAIR,), (CHAIR, ANN)):
            votes = [lift, *(says(ANN, "keep") for one in members if one == ANN)]
            assert settled(votes, panel(*members)) is None
            assert needs_further_member(votes, panel(*members))

    def test_lifts_a_veto_when_a_third_agrees(self) -> None:
        """D4.3"""
        votes = [says(CHAIR, "upheld", lifts=True), says(ANN, "keep"), says(BEN, "upheld", lifts=True)]
        assert settled(votes, panel(CHAIR, ANN, BEN)) == [votes[0], votes[2]]

    def test_counts_only_who_sits_on_the_panel(self) -> None:
        votes = [says(ANN, "upheld"), says(BEN, "keep")]
        assert settled(votes, panel(BEN)) == [votes[1]]
        assert settled(votes, panel(CHAIR, BEN, CAT)) is None

    @given(
        st.dictionaries(
            st.sampled_from([CHAIR, ANN, BEN, CAT]), st.sampled_from(["keep", "lift", "partly"]), min_size=1
        ),
        st.sets(st.sampled_from([ANN, BEN, CAT])),
    )
    def test_never_depends_on_who_spoke_first_and_never_lifts_a_veto_by_one(
        self, said: dict[UUID, str], members: set[UUID]
    ) -> None:
        """D4.3"""
        sitting = panel(CHAIR, *members)
        votes = [says(person, what, lifts=what != "keep") for person, what in said.items()]
        outcomes = {
            None if found is None else found[0].decision
            for order in permutations(votes)
            for found in [settled(order, sitting)]
        }
        assert len(outcomes) == 1
        found = settled(votes, sitting)
        if found is not None and found[0].lifts_veto:
            assert len({vote.person_id for vote in found}) >= 2
            assert {vote.person_id for vote in found} <= sitting.members
