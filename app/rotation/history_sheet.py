"""A sheet of past visits, read against who and what is known. Touches nothing.

inspector_email,outlet_code,visited_on,overt
ivy@northwind.example,GZ-1,2026-02-17,no
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.kit.sentences import Form
from app.kit.sheets import Row, Sheet
from app.outlets.columns import WORDS, CellError
from app.outlets.models import Outlet
from app.outlets.schemas import RowErrorOut
from app.outlets.sentences import Says

COLUMNS = ("inspector_email", "outlet_code", "visited_on", "overt")
NEEDED = COLUMNS[:3]
EARLIEST = date(2000, 1, 1)  # before it a year is a slip of the keyboard
_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")  # spreadsheets in China write 2026/2/17

Fact = tuple[UUID, UUID, date]  # inspector, outlet, local date of the outlet


@dataclass(frozen=True, slots=True)
class Past:
    """One person was at one outlet on one date."""

    row: int
    inspector_id: UUID
    outlet: Outlet
    on: date
    is_overt: bool

    @property
    def fact(self) -> Fact:
        return self.inspector_id, self.outlet.id, self.on


@dataclass(frozen=True, slots=True)
class Directory:
    """What names in a sheet may stand for. `today` is the local date by time zone (D5.3)."""

    inspectors: Mapping[str, UUID]  # by e-mail in lower case
    outlets: Mapping[str, Outlet]  # by code
    today: Mapping[str, date]


@dataclass(slots=True)
class Findings:
    """What a sheet says: each fact once, in the order of its rows."""

    past: dict[Fact, Past] = field(default_factory=dict)
    repeated: int = 0
    errors: list[RowErrorOut] = field(default_factory=list)

    def complain(self, row: int, errors: Iterable[CellError]) -> None:
        self.errors += [one.in_row(row) for one in errors]


def examine(sheet: Sheet, directory: Directory) -> Findings:
    """Every row as a fact, or every mistake by its row."""
    findings = Findings()
    findings.complain(1, _header_errors(sheet.columns))
    if findings.errors:
        return findings
    for row in sheet.rows:
        errors: list[CellError] = []
        past = _read(row, directory, errors)
        if errors or past is None:
            findings.complain(row.number, errors)
            continue
        known = findings.past.setdefault(past.fact, past)
        if known.is_overt != past.is_overt:
            says = Says.OTHERWISE_IN_ROW.of(row=known.row)
            findings.complain(row.number, [CellError("overt", says)])
        findings.repeated += known is not past
    return findings


def _header_errors(columns: tuple[str, ...]) -> list[CellError]:
    unknown = [
        CellError(column, Says.UNKNOWN_COLUMN.of(columns=", ".join(COLUMNS)))
        for column in columns
        if column not in COLUMNS
    ]
    return unknown + [CellError(column, Form.NEEDED.of()) for column in NEEDED if column not in columns]


def _read(row: Row, directory: Directory, errors: list[CellError]) -> Past | None:
    """The fact of a row; every mistake in it goes to `errors`."""
    if row.is_too_long:
        errors.append(CellError("", Says.TOO_MANY_CELLS.of()))
    email, code = row.cells["inspector_email"], row.cells["outlet_code"]
    inspector_id = directory.inspectors.get(email.lower())
    outlet = directory.outlets.get(code)
    if inspector_id is None:
        said = Says.UNKNOWN_INSPECTOR.of(value=email) if email else Form.NEEDED.of()
        errors.append(CellError("inspector_email", said))
    if outlet is None:
        said = Says.UNKNOWN_OUTLET.of(value=code) if code else Form.NEEDED.of()
        errors.append(CellError("outlet_code", said))
    on = _date(row.cells["visited_on"], errors)
    if on is not None and outlet is not None and on > directory.today[outlet.time_zone]:
        errors.append(CellError("visited_on", Says.NOT_OVER_YET.of(value=on.isoformat())))
    overt = _yes(row.cells.get("overt", ""), errors)
    if errors or inspector_id is None or outlet is None or on is None:
        return None
    return Past(row.number, inspector_id, outlet, on, overt)


def _date(text: str, errors: list[CellError]) -> date | None:
    found = _DATE.fullmatch(text)
    try:
        on = date(int(found[1]), int(found[3]), int(found[4])) if found else None
    except ValueError:
        on = None
    if on is None:
        said = Says.NO_DATE.of(value=text) if text else Form.NEEDED.of()
        errors.append(CellError("visited_on", said))
    elif on < EARLIEST:
        errors.append(CellError("visited_on", Says.BEFORE_YEAR.of(value=on.isoformat(), year=EARLIEST.year)))
        return None
    return on


def _yes(text: str, errors: list[CellError]) -> bool:
    if not text:
        return False
    said = WORDS.get(text.lower())
    if said is None:
        errors.append(CellError("overt", Says.NEITHER_YES_NOR_NO.of(value=text)))
    return bool(said)
