"""Opening hours: how they are written, what is refused, and whether an outlet is open."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.clock import WEEK
from app.outlets.hours import (
    ClosedDays,
    Hours,
    Interval,
    clock_minutes,
    format_hours,
    is_open,
    parse_hours,
    tidy,
)

OFFICE = "mon-fri 09:00-12:00,13:30-18:00; sat 10:00-16:00"


@st.composite
def days(draw: st.DrawFn) -> tuple[Interval, ...]:
    edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=8)))
    return tuple(Interval(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


WEEKS = st.fixed_dictionaries({day: days() for day in WEEK})


def at(day: int, hour: int, minute: int) -> datetime:
    """In March 2026, whose 2nd is a Monday, by the clock on the outlet's wall."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


class TestText:
    @pytest.mark.parametrize("text", [OFFICE, "sun 00:00-24:00", "mon 08:00-20:00; wed-thu 08:00-20:00", ""])
    def test_reads_what_it_writes(self, text: str) -> None:
        assert format_hours(parse_hours(text)) == text

    @given(WEEKS)
    def test_keeps_every_week(self, week: Hours) -> None:
        assert parse_hours(format_hours(week)) == week

    def test_is_read_as_people_write_it(self) -> None:
        assert parse_hours(" Mon - Fri  13:30-18:00 , 09:00 - 12:00\nSat 10:00-16:00 ;") == parse_hours(
            OFFICE
        )

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("always", "is not like 'mon-fri"),
            ("mon 9-5", "'9' is not a time of day"),
            ("mon 09:00", "is not like '09:00-18:00'"),
            ("mon 20:00-02:00", "as two intervals"),
            ("mon 24:30-24:40", "is not a time of day"),
            ("mon 09:00-12:00,11:00-13:00", "overlap"),
            ("fri-mon 09:00-12:00", "not days of one week"),
            ("moo 09:00-12:00", "not days of one week"),
            ("mon " + ",".join(f"{hour:02}:00-{hour:02}:30" for hour in range(7)), "more than 6"),
        ],
    )
    def test_says_what_is_wrong(self, text: str, complaint: str) -> None:
        with pytest.raises(ValueError, match=complaint):
            parse_hours(text)

    def test_the_day_ends_at_24_00(self) -> None:
        assert clock_minutes("24:00") == 1440
        assert tidy([Interval(600, 700), Interval(500, 600)]) == (Interval(500, 600), Interval(600, 700))


class TestIsOpen:
    @pytest.mark.parametrize(
        ("local", "expected"),
        [
            (at(2, 9, 0), True),
            (at(2, 8, 59), False),
            (at(2, 12, 0), False),
            (at(7, 15, 59), True),
            (at(8, 11, 0), False),
        ],
    )
    def test_from_the_first_minute_to_before_the_last(self, local: datetime, expected: bool) -> None:
        assert is_open(parse_hours(OFFICE), [], local) is expected

    def test_not_on_closed_days_the_last_included(self) -> None:
        shut = [ClosedDays(date(2026, 3, 2), date(2026, 3, 3), "refitting")]
        week = parse_hours(OFFICE)
        assert [is_open(week, shut, at(day, 10, 0)) for day in (2, 3, 4)] == [
            False,
            False,
            True,
        ]
