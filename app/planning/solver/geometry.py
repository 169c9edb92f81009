"""Places as arrays: travel parameters, and each outlet's nearest outlets."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from app.planning.parts import Matrix, Place, RoadSpeed, Row, Travel
from app.planning.solver.compiled import allocating, compiled
from app.planning.solver.layout import NODE_AT, Bools, Floats, Ints, Records, Roads, Small
from app.planning.travel import point_of


class Ways(NamedTuple):
    """The travel part of `Facts`."""

    nodes: Records
    matrix: Small
    roads: Roads


def ways_of(travel: Travel, places: Sequence[Place]) -> Ways:
    nodes = np.zeros(len(places), NODE_AT)
    if isinstance(travel, Matrix):
        matrix = np.array(travel.minutes, np.int32)
        nodes["row"] = [place.row for place in places if isinstance(place, Row)]
        return Ways(nodes, matrix, Roads(bool(np.array_equal(matrix, matrix.T)), 1.0, 0.0, 0.0, 0.0, 0.0))
    points = np.array([point_of(place) for place in places], np.float64).reshape(len(places), 3)
    nodes["x"], nodes["y"], nodes["z"] = points.T
    return Ways(nodes, np.zeros((0, 0), np.int32), _speeds(travel))


def _speeds(speed: RoadSpeed) -> Roads:
    # Whole numbers become floats here, or the search would be compiled a second time for integers.
    return Roads(
        symmetric=True,
        detour=float(speed.detour),
        city_km=float(speed.city_km),
        slow=60.0 / speed.city_kmh,
        fast=60.0 / speed.beyond_kmh,
        access=float(speed.access_minutes),
    )


def minutes_from(ways: Ways, node: int, targets: int) -> Ints:
    """Minutes from a node to each of the first `targets` nodes; equals `app.planning.travel`."""
    if len(ways.matrix):
        rows = ways.nodes["row"]
        given: Ints = ways.matrix[rows[node], rows[:targets]].astype(np.int64)
        return given
    dx, dy, dz = (ways.nodes[axis][:targets] - ways.nodes[axis][node] for axis in ("x", "y", "z"))
    km = np.sqrt(dx * dx + dy * dy + dz * dz) * ways.roads.detour
    slow = np.minimum(km, ways.roads.city_km) * ways.roads.slow
    fast = np.maximum(km - ways.roads.city_km, 0.0) * ways.roads.fast
    driven: Ints = np.rint(slow + fast + ways.roads.access).astype(np.int64)
    return driven


def nearest(ways: Ways, asked: Bools, most: int) -> Small:
    """For each outlet with visits its nearest outlets with visits, itself first: [outlet, rank]."""
    chosen = np.flatnonzero(asked)
    width = min(most, len(chosen))
    table = np.zeros((len(asked), max(width, 1)), np.int32)
    if not width:
        return table
    if len(ways.matrix):
        for outlet in chosen:
            way = minutes_from(ways, int(outlet), len(asked))[chosen]
            way[chosen == outlet] = -1
            table[outlet] = chosen[np.argsort(way, kind="stable")[:width]]
        return table
    by_x = chosen[np.argsort(ways.nodes["x"][chosen], kind="stable")]
    _sweep(ways.nodes[by_x], by_x, table)
    return table


@allocating
def _sweep(points: Records, outlets: Ints, table: Small) -> None:
    """Fills `table` by walking left and right of each point in the order of x."""
    count, width = len(points), table.shape[1]
    apart = np.empty(width)
    found = np.empty(width, np.int64)
    for here in range(count):
        apart[:] = np.inf
        apart[0] = -1.0  # itself, before any other outlet at the same place
        found[0] = here
        for step in (-1, 1):
            there = here + step
            while 0 <= there < count:
                dx = points[there].x - points[here].x
                if dx * dx > apart[width - 1]:
                    break
                dy = points[there].y - points[here].y
                dz = points[there].z - points[here].z
                _keep_sorted(apart, found, dx * dx + dy * dy + dz * dz, there)
                there += step
        for rank in range(width):
            table[outlets[here], rank] = outlets[found[rank]]


@compiled
def _keep_sorted(apart: Floats, found: Ints, square: float, there: int) -> None:
    rank = len(apart) - 1
    if square >= apart[rank]:
        return
    while rank > 0 and apart[rank - 1] > square:
        apart[rank] = apart[rank - 1]
        found[rank] = found[rank - 1]
        rank -= 1
    apart[rank] = square
    found[rank] = there
