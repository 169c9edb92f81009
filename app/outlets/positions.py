"""Positions on the earth: the datum a map used, and distances.

Phones give WGS-84. Maps published in mainland China give GCJ-02 (an obfuscation of WGS-84) or BD-09 (Baidu's, a
second one on top). Read in the wrong datum a point is off by 100 to 1000 m, more than a check-out may be (D7.2).

Source of the formulas: the `eviltransform` project (github.com/googollee/eviltransform, also described at
en.wikipedia.org/wiki/Restrictions_on_geographic_data_in_China). GCJ-02 is defined by the way from WGS-84 only;
the way back is found by iteration, to below a centimetre.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import asin, atan2, cos, hypot, pi, radians, sin, sqrt
from typing import assert_never

SEMI_MAJOR_AXIS_M = 6_378_245.0  # Krasovsky 1940, the ellipsoid GCJ-02 reckons with
ECCENTRICITY_SQUARED = 0.00669342162296594323
BAIDU = pi * 3000 / 180
MEAN_EARTH_RADIUS_M = 6_371_008.8
CHINA = (0.8293, 55.8271, 72.004, 137.8347)  # south, north, west, east of the box in which GCJ-02 differs
STEPS = 12  # each makes the error about a thousand times smaller


class Datum(StrEnum):
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees. Raises `ValueError` for what is not on the earth."""

    latitude: float
    longitude: float
    datum: Datum = Datum.WGS84

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError("latitude is within ±90 and longitude within ±180 degrees")


def to_wgs84(position: Position) -> Position:
    """The same place in WGS-84: exact to 1 cm from GCJ-02, to 1 m from BD-09 (its inverse is an approximation)."""
    match position.datum:
        case Datum.WGS84:
            return position
        case Datum.GCJ02:
            return _gcj02_to_wgs84(position)
        case Datum.BD09:
            return _gcj02_to_wgs84(_bd09_to_gcj02(position))
        case _:
            assert_never(position.datum)


def distance_m(a: Position, b: Position) -> float:
    """Great-circle distance in metres (haversine); the error against the ellipsoid is below 0.6 %."""
    a, b = to_wgs84(a), to_wgs84(b)
    half_lat = radians(b.latitude - a.latitude) / 2
    half_lon = radians(b.longitude - a.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(half_lon) ** 2
    return 2 * MEAN_EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def wgs84_to_gcj02(position: Position) -> Position:
    north, east = _shift(position.latitude, position.longitude)
    return Position(position.latitude + north, position.longitude + east, Datum.GCJ02)


def is_plausible(position: Position) -> bool:
    """Whether the datum is used where the point is: the Chinese ones only in China (or the two are swapped)."""
    return position.datum is Datum.WGS84 or _in_china(position.latitude, position.longitude)


def _in_china(latitude: float, longitude: float) -> bool:
    south, north, west, east = CHINA
    return south <= latitude <= north and west <= longitude <= east


def _gcj02_to_wgs84(position: Position) -> Position:
    latitude, longitude = position.latitude, position.longitude
    for _ in range(STEPS):
        north, east = _shift(latitude, longitude)
        latitude, longitude = position.latitude - north, position.longitude - east
    return Position(latitude, longitude)


def _bd09_to_gcj02(position: Position) -> Position:
    x, y = position.longitude - 0.0065, position.latitude - 0.006
    z = hypot(x, y) - 0.00002 * sin(y * BAIDU)
    theta = atan2(y, x) - 0.000003 * cos(x * BAIDU)
    return Position(z * sin(theta), z * cos(theta), Datum.GCJ02)


def _shift(latitude: float, longitude: float) -> tuple[float, float]:
    """How far GCJ-02 moves a WGS-84 point, in degrees north and east."""
    if not _in_china(latitude, longitude):
        return 0.0, 0.0
    y, x = latitude - 35.0, longitude - 105.0
    both = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    d_lat += (both + _waves(y, 160.0, 320.0)) * 2.0 / 3.0
    d_lon += (both + _waves(x, 150.0, 300.0)) * 2.0 / 3.0
    squeeze = 1 - ECCENTRICITY_SQUARED * sin(radians(latitude)) ** 2
    meridian_m = SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED) / (squeeze * sqrt(squeeze))
    parallel_m = SEMI_MAJOR_AXIS_M / sqrt(squeeze) * cos(radians(latitude))
    return d_lat * 180.0 / (meridian_m * pi), d_lon * 180.0 / (parallel_m * pi)


def _waves(value: float, twelfth: float, thirtieth: float) -> float:
    """The periodic part: two short waves, and two long ones whose heights differ between latitude and longitude."""
    short = 20.0 * sin(value * pi) + 40.0 * sin(value / 3.0 * pi)
    return short + twelfth * sin(value / 12.0 * pi) + thirtieth * sin(value / 30.0 * pi)
