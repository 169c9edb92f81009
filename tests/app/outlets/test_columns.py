"""A row of a sheet says everything an outlet is: written and read again it is the same, whatever the outlet."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.clock import WEEK
from app.kit.sheets import CSV_START, SheetFormat, XlsxWriter, csv_bytes, read_sheet
from app.kit.wire import EARLIEST, LATEST
from app.outlets.columns import COLUMNS, BadCells, cells_of, read_cells, read_closures
from app.outlets.hours import Interval
from app.outlets.models import Outlet, OutletClosure
from app.outlets.positions import CHINA, Datum
from app.outlets.rules import LoadBand, Stage
from app.outlets.schemas import ClosureIn, OpeningHours, OutletIn
from app.outlets.service import fields_of, fill
from app.programmes.rules import Ownership

NORTH = UUID(int=1)
REGIONS = {"north": NORTH}
TIERS = frozenset({"flagship", "tier-3"})

LINES = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="'=+-@;,\""), max_size=30)
    .filter(lambda text: not set(text) & {"\ufffe", "\uffff"})
    .map(str.strip)
    .filter(bool)
)
DAYS = st.sets(st.integers(0, 1440), min_size=2, max_size=4).map(
    lambda edges: tuple(Interval(a, b) for a, b in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)
HOURS = st.fixed_dictionaries(dict.fromkeys(WEEK, DAYS)).map(OpeningHours.of)
CHINESE = st.fixed_dictionaries(
    {
        "latitude": st.floats(CHINA[0], CHINA[1]),
        "longitude": st.floats(CHINA[2], CHINA[3]),
        "datum": st.sampled_from(Datum),
    }
)
OUTLETS = st.builds(
    OutletIn.model_validate,
    st.fixed_dictionaries(
        {
            "code": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True),
            "name_zh": LINES,
            "name_en": st.none() | LINES,
            "ownership": st.sampled_from(Ownership),
            "brand": st.none() | LINES,
            "tier": st.sampled_from(sorted(TIERS)),
            "stage": st.sampled_from(Stage),
            "load_band": st.sampled_from(LoadBand),
            "region_id": st.just(NORTH),
            "address": st.none() | LINES,
            "position": st.none() | CHINESE,
            "time_zone": st.sampled_from(["Asia/Shanghai", "Asia/Urumqi"]),
            "opening_hours": st.none() | HOURS,
            "traffic_per_day": st.none() | st.integers(0, 10_000_000),
            "high_traffic": st.booleans(),
            "required_languages": st.lists(st.sampled_from(["ug", "bo", "zh-Hant"]), max_size=4),
            "community": st.none() | LINES,
            "active": st.booleans(),
        }
    ),
)
CLOSURES = st.lists(
    st.builds(
        lambda days, reason: ClosureIn(starts_on=min(days), ends_on=max(days), reason=reason),
        st.tuples(st.dates(EARLIEST, LATEST), st.dates(EARLIEST, LATEST)),
        LINES,
    ),
    max_size=3,
    unique_by=lambda one: (one.starts_on, one.ends_on),
).map(lambda found: tuple(sorted(found, key=lambda one: (one.starts_on, one.ends_on))))


def row_of(fields: OutletIn, closures: tuple[ClosureIn, ...]) -> dict[SheetFormat, bytes]:
    outlet = Outlet()
    fill(outlet, fields, region_id=NORTH)
    assert fields_of(outlet) == fields
    rows = [
        OutletClosure(starts_on=one.starts_on, ends_on=one.ends_on, reason=one.reason) for one in closures
    ]
    cells = cells_of(outlet, region_code="north", closures=rows)
    writer = XlsxWriter(COLUMNS)
    writer.add([cells])
    with writer.finish() as file:
        return {
            SheetFormat.CSV: CSV_START + csv_bytes([COLUMNS, cells]),
            SheetFormat.XLSX: file.read(),
        }


class TestRoundTrip:
    @settings(max_examples=25, deadline=None)
    @given(OUTLETS, CLOSURES)
    def test_through_both_formats_changes_nothing(
        self, fields: OutletIn, closures: tuple[ClosureIn, ...]
    ) -> None:
        for kind, content in row_of(fields, closures).items():
            (row,) = read_sheet(content, kind).rows
            assert read_cells(row.cells, regions=REGIONS, tiers=TIERS, before=None) == fields
            assert read_closures(row.cells["closures"]) == closures

    @given(OUTLETS)
    def test_a_row_with_the_code_alone_leaves_the_outlet_as_it_is(self, fields: OutletIn) -> None:
        row = {"code": fields.code}
        assert read_cells(row, regions=REGIONS, tiers=TIERS, before=fields) == fields


class TestRead:
    @pytest.mark.parametrize(
        ("text", "count"),
        [("", 0), ("2026-10-01 National Day", 1), ("2026-10-01 / 2026-10-07 a\n\n2026-12-01 b", 2)],
    )
    def test_takes_closures_as_people_write_them(self, text: str, count: int) -> None:
        assert len(read_closures(text)) == count

    def test_refuses_the_same_days_twice(self) -> None:
        with pytest.raises(BadCells, match="at most once"):
            read_closures("2026-10-01 a\n2026-10-01 b")

    @given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=20)))
    def test_never_fails_otherwise_than_by_naming_cells(self, cells: dict[str, str]) -> None:
        if {"latitude", "longitude", "datum"} & set(cells):
            cells |= {column: cells.get(column, "") for column in ("latitude", "longitude", "datum")}
        with pytest.raises(BadCells) as refused:
            read_cells(cells, regions=REGIONS, tiers=TIERS, before=None)
        assert {error.column for error in refused.value.errors} <= {*COLUMNS, ""}
