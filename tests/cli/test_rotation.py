"""`plainclothes rotation`: the vectors of D5 through the entry point a person starts."""

import json

import pytest

from tests.support.command import plainclothes

VECTORS = [
    ("2025-11-30", "2026-02-28", "2026-03-01"),
    ("2025-11-28", "2026-02-28", "2026-03-01"),
    ("2023-11-30", "2024-02-29", "2024-03-01"),
    ("2026-01-31", "2026-04-30", "2026-05-01"),
    ("2026-02-28", "2026-05-28", "2026-05-29"),
    ("2024-02-29", "2024-05-29", "2024-05-30"),
    ("2026-05-31", "2026-08-31", "2026-09-01"),
]


def answer(*arguments: object) -> dict[str, object]:
    done = plainclothes("rotation", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, object] = json.loads(done.stdout)
    return found


class TestFirstAllowed:
    @pytest.mark.parametrize(("visit", "last_blocked", "first_allowed"), VECTORS)
    def test_names_the_last_blocked_and_the_first_allowed_day(
        self, visit: str, last_blocked: str, first_allowed: str
    ) -> None:
        """D5.1"""
        assert answer("first-allowed", visit) == {
            "last_blocked_day": last_blocked,
            "first_allowed_day": first_allowed,
        }

    def test_takes_the_programmes_interval(self) -> None:
        """D5.1"""
        assert answer("first-allowed", "2026-01-31", "--months", 1)["first_allowed_day"] == "2026-03-01"


class TestCheck:
    @pytest.mark.parametrize(("visit", "last_blocked", "first_allowed"), VECTORS)
    def test_forbids_the_last_blocked_day_and_allows_the_next_in_either_order(
        self, visit: str, last_blocked: str, first_allowed: str
    ) -> None:
        """D5.1, D5.4"""
        days = {"last_blocked_day": last_blocked, "first_allowed_day": first_allowed}

        assert answer("check", visit, last_blocked) == {"allowed": False, **days}
        assert answer("check", first_allowed, visit) == {"allowed": True, **days}

    def test_forbids_the_same_day_twice(self) -> None:
        """D5.2"""
        assert answer("check", "2026-03-01", "2026-03-01")["allowed"] is False


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["first-allowed", "2025-02-29"], "2025-02-29: day "),
            (["first-allowed", "20251130"], "write a date as 2025-11-30"),
            (["first-allowed", "tomorrow"], "write a date as 2025-11-30"),
            (["first-allowed", "9999-11-30"], "beyond the calendar"),
            (["first-allowed", "2025-11-30", "--months", "0"], "--months"),
            (["check", "2025-11-30"], "Missing argument"),
        ],
        ids=["no-such-day", "other-form", "no-date", "year-10000", "no-months", "one-date"],
    )
    def test_is_refused_with_a_plain_message(self, arguments: list[str], reason: str) -> None:
        done = plainclothes("rotation", *arguments)

        assert (done.returncode, done.stdout) == (2, "")
        assert reason in done.stderr
        assert "Traceback" not in done.stderr
