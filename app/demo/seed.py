"""Demo data in the database that the settings name: put there once, and told about at every start."""

from collections.abc import Collection, Iterator
from itertools import count
from pathlib import Path

from pydantic import BaseModel

from app.demo.people import CAST
from app.settings import Settings

SLUG = "northwind-telecom"
MARK = "demo.json"  # written when the story has come to its end: a start that was broken off is told from it


class Mark(BaseModel):
    """Which organisation holds the demo data."""

    organisation: str


def seeded(settings: Settings) -> Mark | None:
    """The demo data that is there, whole."""
    try:
        return Mark.model_validate_json(_place(settings).read_bytes())
    except FileNotFoundError:
        return None


def remember(settings: Settings, organisation: str) -> Mark:
    mark = Mark(organisation=organisation)
    _place(settings).write_text(mark.model_dump_json(), encoding="utf-8")
    return mark


def wants_seed(slugs: Collection[str]) -> bool:
    """Whether the database is empty, or holds nothing but demo data that was begun and not finished."""
    return all(slug.startswith(SLUG) for slug in slugs)


def free_slug(slugs: Collection[str]) -> str:
    """The demo's organisation, under another name when an unfinished one is there."""
    return next(slug for slug in _slugs() if slug not in slugs)


def log_ins(mark: Mark) -> list[str]:
    """Lines for a person who wants to look around."""
    rows = [(member.role.value, member.email, member.password) for member in CAST]
    return [
        f"organisation  {mark.organisation}",
        *(f"  {role:<15} {email:<26} {password}" for role, email, password in rows),
    ]


def _place(settings: Settings) -> Path:
    return settings.data_dir / MARK


def _slugs() -> Iterator[str]:
    yield SLUG
    for number in count(2):
        yield f"{SLUG}-{number}"
