"""What the wire types take and refuse, whatever feature uses them."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.kit import wire


def read(kind: Any, value: object) -> object:
    return TypeAdapter(kind).validate_python(value)


class TestDate:
    def test_an_iso_date_is_read(self) -> None:
        assert read(wire.Date, "2026-03-01") == date(2026, 3, 1)

    @pytest.mark.parametrize(
        "strange",
        [0, "0", 1772323200, "1772323200", "20260301", "2026-3-1", True, None],
        ids=repr,
    )
    def test_nothing_else_is_guessed_at(self, strange: object) -> None:
        with pytest.raises(ValidationError):
            read(wire.Date, strange)

    @pytest.mark.parametrize("beyond", ["0001-01-01", "1969-12-31", "2200-01-01", "9999-12-31"])
    def test_a_slip_of_the_keyboard_is_refused_before_it_overflows(self, beyond: str) -> None:
        with pytest.raises(ValidationError, match="must lie between"):
            read(wire.Date, beyond)


class TestInstant:
    @pytest.mark.parametrize("strange", ["0", "2026-03-01", "2026-03-01T10:00:00", 0], ids=repr)
    def test_it_is_a_text_with_an_offset(self, strange: object) -> None:
        with pytest.raises(ValidationError):
            read(wire.Instant, strange)

    @pytest.mark.parametrize("beyond", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
    def test_one_that_no_zone_can_be_applied_to_is_refused(self, beyond: str) -> None:
        with pytest.raises(ValidationError, match="must lie between"):
            read(wire.Instant, beyond)


class TestWhole:
    def test_json_does_not_tell_2_0_from_2(self) -> None:
        assert read(wire.Whole, 2.0) == 2

    @pytest.mark.parametrize("strange", [True, "2", 2.5, float("inf"), float("nan")], ids=repr)
    def test_anything_else_is_no_number_of_things(self, strange: object) -> None:
        with pytest.raises(ValidationError):
            read(wire.Whole, strange)


class TestTexts:
    @pytest.mark.parametrize(
        "kind", [wire.Line, wire.OneLine, wire.Prose, wire.Reason], ids=["Line", "OneLine", "Prose", "Reason"]
    )
    def test_no_control_characters(self, kind: Any) -> None:
        with pytest.raises(ValidationError, match="control characters"):
            read(kind, "bell\x07 rings")

    def test_blanks_alone_are_no_line(self) -> None:
        with pytest.raises(ValidationError):
            read(wire.Line, " \n ")
