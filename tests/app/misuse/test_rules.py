"""What counts as unusual: how many different things within how long."""

from datetime import timedelta

from app.misuse.rules import WITHIN, Act, Rule, bursts
from tests.support.world import MONDAY


def acts(*minutes: float, whose: str = "rita", about: str | None = None) -> list[Act]:
    """One about each of so many things, or all about one; minutes after Monday 09:00 UTC."""
    return [
        Act(whose, MONDAY + timedelta(minutes=minute), about or f"{whose}'s at {minute}")
        for minute in minutes
    ]


class TestBursts:
    def test_begin_with_the_number_and_not_one_before(self) -> None:
        assert bursts(Rule.MANY_SHEETS, acts(0, 1), alert_at=3) == []

        (burst,) = bursts(Rule.MANY_SHEETS, acts(2, 0, 1), alert_at=3)

        assert (burst.whose, len(burst.acts), burst.alert_at) == ("rita", 3, 3)
        assert (burst.since, burst.until) == (MONDAY, MONDAY + timedelta(minutes=2))

    def test_are_within_the_rules_time_wherever_that_begins(self) -> None:
        for rule, within in WITHIN.items():
            whole = within.total_seconds() / 60
            assert bursts(rule, acts(0, 1, whole), alert_at=3) == []  # a window has no second end
            assert bursts(rule, acts(0, whole / 2, whole, whole + 1), alert_at=3)

    def test_count_a_thing_once_however_often_it_was_opened(self) -> None:
        again = acts(*range(50), about="the same visit")

        assert bursts(Rule.MANY_RECORDINGS, again, alert_at=2) == []

        (burst,) = bursts(Rule.MANY_RECORDINGS, [*again, *acts(49.5)], alert_at=2)
        assert [act.about for act in burst.acts] == ["the same visit", "rita's at 49.5"]

    def test_are_everybodys_own(self) -> None:
        both = [*acts(0, 1), *acts(0, 1, whose="otto")]

        assert bursts(Rule.MANY_SHEETS, both, alert_at=3) == []
        assert {one.whose for one in bursts(Rule.MANY_SHEETS, both, alert_at=2)} == {"rita", "otto"}

    def test_are_the_fullest_of_each_day(self) -> None:
        tomorrow = 24 * 60
        found = bursts(
            Rule.MANY_SHEETS,
            acts(0, 1, 2, 200, 201, 202, 203, tomorrow, tomorrow + 1, tomorrow + 2),
            alert_at=3,
        )

        assert [(one.until.day, len(one.acts)) for one in found] == [(2, 4), (3, 3)]

    def test_of_nought_are_never_told(self) -> None:
        assert bursts(Rule.MANY_SHEETS, acts(*range(50)), alert_at=0) == []
