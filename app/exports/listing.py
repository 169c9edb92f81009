"""Lists, page by page, by the very functions that answer for them: nobody gets a row that the list would not show."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError

from app.bulletins import routes as bulletins
from app.cases import routes as cases
from app.cases import routes_actions
from app.checklists import routes as checklists
from app.devices import routes as devices
from app.exports.columns import Column, columns_of
from app.identity import routes as identity
from app.identity.actor import Actor
from app.kit.database import Database
from app.kit.paging import LARGEST_PAGE, PageRequest
from app.kit.problems import Invalid
from app.kit.sheets import Cell
from app.outlets import routes_regions
from app.oversight import routes as oversight
from app.planning import routes_supply
from app.programmes import routes as programmes
from app.retention import routes as retention
from app.review import routes as review
from app.review import routes_reports
from app.rotation import routes as rotation
from app.visits import routes as visits
from app.visits import routes_recordings

PAGING = frozenset(PageRequest.model_fields)
Lister = Callable[..., Awaitable[Any]]


class Listing(StrEnum):
    """The lists there are sheets of. (Outlets have a sheet of their own, which can be imported again.)"""

    ACTIONS = "actions"
    APPEALS = "appeals"
    AUDIT = "audit"
    BULLETINS = "bulletins"
    CHECKLISTS = "checklists"
    DEVICES = "devices"
    EXPOSURES = "exposures"
    INSPECTORS = "inspectors"
    INVITATIONS = "invitations"
    LEGAL_HOLDS = "legal-holds"
    MISSING_EVIDENCE = "missing-evidence"
    PEOPLE = "people"
    PROGRAMMES = "programmes"
    REGIONS = "regions"
    REPORTS = "reports"
    REVIEWS = "reviews"
    TOMBSTONES = "tombstones"
    VISITS = "visits"
    WAIVERS = "waivers"


LISTERS: Mapping[Listing, Lister] = {
    Listing.ACTIONS: routes_actions.list_actions,
    Listing.APPEALS: cases.list_appeals,
    Listing.AUDIT: oversight.list_audit_entries,
    Listing.BULLETINS: bulletins.list_bulletins,
    Listing.CHECKLISTS: checklists.list_checklists,
    Listing.DEVICES: devices.list_recording_devices,
    Listing.EXPOSURES: rotation.list_exposures,
    Listing.INSPECTORS: routes_supply.list_profiles,
    Listing.INVITATIONS: identity.list_invitations,
    Listing.LEGAL_HOLDS: retention.list_legal_holds,
    Listing.MISSING_EVIDENCE: routes_recordings.list_missing_evidence,
    Listing.PEOPLE: identity.list_people,
    Listing.PROGRAMMES: programmes.list_programmes,
    Listing.REGIONS: routes_regions.list_regions,
    Listing.REPORTS: routes_reports.list_reports,
    Listing.REVIEWS: review.list_reviews,
    Listing.TOMBSTONES: retention.list_tombstones,
    Listing.VISITS: visits.list_visits,
    Listing.WAIVERS: rotation.list_waivers,
}


async def open_sheet(
    database: Database, actor: Actor, listing: Listing, filters: Mapping[str, object], *, now: datetime
) -> tuple[Sequence[Column], AsyncIterator[list[list[Cell]]]]:
    """Its columns and batches of rows, the first of them fetched: whoever may not see the list is `Forbidden` here.

    `filters` are the list's own; raises `Invalid` for what it does not take.
    """
    lister = LISTERS[listing]
    columns = columns_of(_model_of(lister))
    pages = _pages(database, lister, _asked(lister, filters), actor, now=now)
    first = await anext(pages)

    async def rows() -> AsyncIterator[list[list[Cell]]]:
        yield _rows(columns, first)
        async for items in pages:
            yield _rows(columns, items)

    return columns, rows()


def _asked(lister: Lister, filters: Mapping[str, object]) -> PageRequest:
    """For the first page, as the list would understand it."""
    _name, kind = _request_of(lister)
    for name in PAGING & filters.keys():
        raise Invalid(f"A sheet has all pages: leave `{name}` out.")
    many = {name for name, field in kind.model_fields.items() if _takes_many(field.annotation)}
    given = {
        name: [value] if name in many and not isinstance(value, list) else value
        for name, value in filters.items()
    }
    try:
        return kind.model_validate({"limit": LARGEST_PAGE, **given})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(one) for one in first["loc"])
        raise Invalid(f"The list does not take this filter: {where}: {first['msg']}.") from error


def _takes_many(annotation: Any) -> bool:
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


async def _pages(
    database: Database, lister: Lister, asked: PageRequest, actor: Actor, *, now: datetime
) -> AsyncIterator[Sequence[BaseModel]]:
    """In one reading of the database."""
    name, _kind = _request_of(lister)
    async with database.reading() as session:
        known = {"session": session, "caller": actor, "admin": actor, "reader": actor, "now": now}
        given = {one: known[one] for one in inspect.signature(lister).parameters if one in known}
        for one in {"admin", "reader"} & given.keys():
            await _check(lister, one, actor)
        while True:
            page = await lister(**given, **{name: asked})
            yield page.items
            session.expunge_all()  # memory stays that of one page
            if page.next_cursor is None:
                return
            asked = asked.model_copy(update={"cursor": page.next_cursor})


async def _check(lister: Lister, name: str, actor: Actor) -> None:
    """What FastAPI asks before it calls the list. Raises `Forbidden`."""
    hint = get_type_hints(lister, include_extras=True)[name]
    for extra in get_args(hint)[1:]:
        await extra.dependency(actor)


def _rows(columns: Sequence[Column], items: Sequence[BaseModel]) -> list[list[Cell]]:
    return [[column.cell(item) for column in columns] for item in items]


@cache
def _request_of(lister: Lister) -> tuple[str, type[PageRequest]]:
    """The parameter that asks for a page."""
    for name, kind in get_type_hints(lister).items():
        if isinstance(kind, type) and issubclass(kind, PageRequest):
            return name, kind
    raise TypeError(f"{lister.__name__} gives no pages")


@cache
def _model_of(lister: Lister) -> type[BaseModel]:
    """What its pages are made of."""
    page = get_type_hints(lister)["return"]
    item = page.model_fields["items"].annotation
    model: type[BaseModel] = get_args(item)[0]
    return model
