"""Totals of visits as they are stored with a month: summed for each outlet, and one entry a visit for studies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from app.insight.rules import DAY_S

MICRO = 1_000_000.0
ID_BYTES = 16
UNKNOWN = -1

# Of one outlet: visits with a number, all that were seen, those under appeal, and sums of totals and their squares.
TOTALS = np.dtype(
    [("visits", "<u4"), ("seen", "<u4"), ("provisional", "<u4"), ("micro", "<i8"), ("squares", "<f8")]
)
# Of one visit: which outlet and inspector of the block, what it came to, whether on its day and handed in within one.
WORKS = np.dtype(
    [
        ("outlet", "<u2"), ("inspector", "<u2"), ("micro", "<i4"), ("completeness", "<i4"),
        ("on_planned_day", "<i1"), ("in_time", "<i1"),
    ]
)  # fmt: skip
# Of one day of a month (from 1), outlet and lead: visits planned that were not called off, and how many were entered.
ASSIGNED = np.dtype(
    [("day", "<u1"), ("outlet", "<u4"), ("inspector", "<u4"), ("assigned", "<u2"), ("entered", "<u2")]
)

Records = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Told:
    """What is kept of a published visit beside its parts."""

    outlet_id: UUID
    inspector_id: UUID | None
    total_micro: int | None
    completeness_micro: int | None
    provisional: bool
    on_planned_day: bool
    handed_in_after_s: int | None


def packed_totals(visits: Sequence[Told], outlet_ids: Sequence[UUID]) -> bytes:
    """One record an outlet, in the order given."""
    row = {one: number for number, one in enumerate(outlet_ids)}
    outlet = np.array([row[one.outlet_id] for one in visits], dtype=np.int64)
    micro = [one.total_micro or 0 for one in visits]
    columns: dict[str, Sequence[float]] = {
        "visits": [one.total_micro is not None for one in visits], "seen": [1] * len(visits), "micro": micro,
        "provisional": [one.provisional for one in visits], "squares": [(one / MICRO) ** 2 for one in micro],
    }  # fmt: skip
    table = np.zeros(len(row), dtype=TOTALS)
    for name, values in columns.items():
        table[name] = np.bincount(outlet, weights=values, minlength=len(row))  # exact: below 2**53
    return table.tobytes()


def packed_works(visits: Sequence[Told], outlet_ids: Sequence[UUID]) -> tuple[bytes, bytes]:
    """The ids of the inspectors, and one record for each visit that one of them led."""
    led = [(one, one.inspector_id) for one in visits if one.inspector_id is not None]
    inspectors = sorted({inspector for _, inspector in led})
    row = {one: number for number, one in enumerate(outlet_ids)}
    place = {one: number for number, one in enumerate(inspectors)}
    works = [(row[one.outlet_id], place[inspector], *_work(one)) for one, inspector in led]
    return packed_ids(inspectors), np.array(works, dtype=WORKS).tobytes()


def _work(one: Told) -> tuple[int, int, int, int]:
    return (
        UNKNOWN if one.total_micro is None else one.total_micro,
        UNKNOWN if one.completeness_micro is None else one.completeness_micro,
        int(one.on_planned_day),
        UNKNOWN if one.handed_in_after_s is None else int(one.handed_in_after_s <= DAY_S),
    )


def added_totals(stored: Iterable[tuple[Sequence[int], bytes]], *, units: int) -> Records:
    """Add up the records of each unit, from (unit of each record, records); units below 0 are not asked for."""
    sums = np.zeros(units, dtype=TOTALS)
    for which, packed in stored:
        place = np.array(which, dtype=np.int64)
        block = np.frombuffer(packed, dtype=TOTALS)
        there = place >= 0
        for name in TOTALS.names or ():
            sums[name][place[there]] += block[name][there]  # an outlet has one record in a block
    return sums


def packed_ids(ids: Iterable[UUID]) -> bytes:
    return b"".join(one.bytes for one in ids)


def ids_in(packed: bytes) -> list[bytes]:
    return [packed[start : start + ID_BYTES] for start in range(0, len(packed), ID_BYTES)]
