"""An outlet as a row of a sheet: what each column holds, read and written the same way."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.kit.sentences import Form, Sentence, Wrong, of_validation
from app.kit.sheets import Cell
from app.outlets.hours import format_hours, parse_hours
from app.outlets.models import Outlet, OutletClosure
from app.outlets.schemas import MOST_CLOSURES, ClosureIn, OpeningHours, OutletIn, RowErrorOut
from app.outlets.sentences import Says

COLUMNS = (
    "code",
    "name_zh",
    "name_en",
    "ownership",
    "brand",
    "tier",
    "stage",
    "load_band",
    "region",
    "address",
    "latitude",
    "longitude",
    "datum",
    "time_zone",
    "opening_hours",
    "closures",
    "traffic_per_day",
    "high_traffic",
    "required_languages",
    "community",
    "active",
)
POSITION = ("latitude", "longitude", "datum")
LOWER_CASE = ("ownership", "stage", "load_band", "datum")  # words of ours, not of the customer
WORDS = {
    "yes": True,
    "true": True,
    "1": True,
    "是": True,
    "no": False,
    "false": False,
    "0": False,
    "否": False,
}
_CLOSURE = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*/\s*(\d{4}-\d\d-\d\d))?\s+(\S.*)")
_BETWEEN_LANGUAGES = re.compile(r"[;,；，、\s]+")


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong in a column; an empty `column` means the row as a whole."""

    column: str
    sentence: Sentence

    @property
    def message(self) -> str:
        return self.sentence.text

    def in_row(self, row: int) -> RowErrorOut:
        said = self.sentence
        values = dict(said.values)
        return RowErrorOut(row=row, column=self.column, message=said.text, code=said.code, values=values)


class BadCells(ValueError):
    """Everything that is wrong with one row."""

    def __init__(self, errors: Iterable[CellError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{one.column}: {one.message}" for one in self.errors))


def cells_of(outlet: Outlet, *, region_code: str, closures: Iterable[OutletClosure]) -> list[Cell]:
    """The row of an outlet, in the order of `COLUMNS`."""
    week = OpeningHours.model_validate(outlet.opening_hours) if outlet.opening_hours else None
    return [
        outlet.code,
        outlet.name_zh,
        outlet.name_en,
        str(outlet.ownership),
        outlet.brand,
        outlet.tier,
        str(outlet.stage),
        str(outlet.load_band),
        region_code,
        outlet.address,
        outlet.latitude,
        outlet.longitude,
        outlet.datum and str(outlet.datum),
        outlet.time_zone,
        format_hours(week.to_hours()) if week else None,
        "\n".join(f"{one.starts_on}/{one.ends_on} {one.reason}" for one in closures),
        outlet.traffic_per_day,
        outlet.high_traffic,
        "; ".join(outlet.required_languages),
        outlet.community,
        outlet.active,
    ]


def read_cells(
    cells: Mapping[str, str], *, regions: Mapping[str, UUID], tiers: frozenset[str], before: OutletIn | None
) -> OutletIn:
    """The outlet a row describes; columns the sheet has not are as `before`. Raises `BadCells`."""
    errors: list[CellError] = []
    fields: dict[str, object] = before.model_dump(mode="json") if before else {}
    for column in set(cells) & set(_READERS):
        try:
            fields[column] = _READERS[column](cells[column])
        except ValueError as error:
            errors.append(CellError(column, _reason(error)))
    if "latitude" in cells:
        fields["position"] = _position({part: fields.pop(part, None) for part in POSITION})
    if "region" in cells:
        fields["region_id"] = regions.get(cells["region"])
        if cells["region"] and fields["region_id"] is None:
            errors.append(CellError("region", Says.UNKNOWN_REGION.of(value=cells["region"])))
    if cells.get("tier") and cells["tier"] not in tiers:
        errors.append(CellError("tier", Says.UNKNOWN_TIER.of(value=cells["tier"])))
    return _outlet(fields, errors)


def read_closures(text: str) -> tuple[ClosureIn, ...]:
    """One closure a line: `2026-10-01/2026-10-07 National Day`. In order of days. Raises `BadCells`."""
    try:
        found = [_closure(line) for line in filter(None, map(str.strip, text.splitlines()))]
    except ValidationError as error:
        raise BadCells(CellError("closures", _message(one)) for one in error.errors()) from error
    except ValueError as error:
        raise BadCells([CellError("closures", _reason(error))]) from error
    spans = {(one.starts_on, one.ends_on) for one in found}
    if len(spans) < len(found) or len(found) > MOST_CLOSURES:
        raise BadCells([CellError("closures", Says.CLOSURES_TWICE.of(most=MOST_CLOSURES))])
    return tuple(sorted(found, key=lambda one: (one.starts_on, one.ends_on)))


def _closure(line: str) -> ClosureIn:
    found = _CLOSURE.fullmatch(line)
    if found is None:
        raise Wrong(Says.NO_CLOSURE.of(value=line))
    return ClosureIn.model_validate(
        {"starts_on": found[1], "ends_on": found[2] or found[1], "reason": found[3]}
    )


def _outlet(fields: Mapping[str, object], errors: list[CellError]) -> OutletIn:
    """Check everything, so that all errors of a row are told at once."""
    said = {one.column for one in errors}
    try:
        outlet = OutletIn.model_validate(fields)
    except ValidationError as error:
        found = [CellError(_column(one["loc"]), _message(one)) for one in error.errors()]
        raise BadCells([*errors, *(one for one in found if one.column not in said)]) from error
    if errors:
        raise BadCells(errors)
    return outlet


def _column(location: tuple[int | str, ...]) -> str:
    """The column an error of the model is about."""
    parts = [str(part) for part in location]
    if not parts:
        return ""
    if parts[0] == "position":
        return next((part for part in parts[1:] if part in POSITION), "latitude")
    return "region" if parts[0] == "region_id" else parts[0]


def _message(error: ErrorDetails) -> Sentence:
    is_blank = error["type"] == "missing" or error["input"] is None
    return Form.NEEDED.of() if is_blank else of_validation(error)


def _reason(error: ValueError) -> Sentence:
    return error.sentence if isinstance(error, Wrong) else Form.OTHERWISE.of(text=str(error))


def _position(parts: dict[str, object]) -> dict[str, object] | None:
    given = {name: value for name, value in parts.items() if value is not None}
    return given or None


def _text(text: str) -> str | None:
    return text or None


def _word(text: str) -> str | None:
    return text.lower() or None


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise Wrong(Says.NO_NUMBER.of(value=text)) from None


def _whole_number(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text):
        raise Wrong(Says.NO_WHOLE_NUMBER.of(value=text))
    return int(text)


def _yes(default: bool) -> Callable[[str], bool]:
    def read(text: str) -> bool:
        if not text:
            return default
        try:
            return WORDS[text.lower()]
        except KeyError:
            raise Wrong(Says.NEITHER_YES_NOR_NO.of(value=text)) from None

    return read


def _hours(text: str) -> dict[str, object] | None:
    return OpeningHours.of(parse_hours(text)).model_dump() if text else None


def _languages(text: str) -> list[str]:
    return [part for part in _BETWEEN_LANGUAGES.split(text) if part]


_READERS: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(
        ("code", "name_zh", "name_en", "brand", "tier", "address", "time_zone", "community"), _text
    ),
    **dict.fromkeys(LOWER_CASE, _word),
    "latitude": _number,
    "longitude": _number,
    "opening_hours": _hours,
    "traffic_per_day": _whole_number,
    "high_traffic": _yes(False),
    "required_languages": _languages,
    "active": _yes(True),
}
