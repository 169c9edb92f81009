"""Kinds of editions, the days they are of, and what becomes of them. Standard library only."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import product


class Cadence(StrEnum):
    WEEKLY = "weekly"  # the bulletin
    MONTHLY = "monthly"  # the report


class Scope(StrEnum):
    NETWORK = "network"
    REGION = "region"
    OUTLET = "outlet"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


class Format(StrEnum):
    PDF = "pdf"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        return {
            Format.PDF: "application/pdf",
            Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }[self]


class State(StrEnum):
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"  # the files; what the edition was stays


def files_wanted() -> Iterator[tuple[Language, Format]]:
    """Every edition comes in all of these."""
    return product(Language, Format)


def days_of(cadence: Cadence, day: date) -> tuple[date, date]:
    """The week from Monday, or the calendar month, in which the day lies: first and last day."""
    if cadence is Cadence.WEEKLY:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return first, after - timedelta(days=1)


def latest_over(cadence: Cadence, today: date, *, days_ago: int = 1) -> tuple[date, date]:
    """The last week or month that had ended so many days before: first and last day."""
    first, last = days_of(cadence, today - timedelta(days=days_ago))
    if last <= today - timedelta(days=days_ago):
        return first, last
    return days_of(cadence, first - timedelta(days=1))


def file_name(cadence: Cadence, first: date, edition: int, language: Language, format_: Format) -> str:
    """Tells of what days it is, and nothing of who is in it or who asked for it (D10.1)."""
    return f"{cadence}-{first.isoformat()}-edition-{edition}-{language}.{format_}"
