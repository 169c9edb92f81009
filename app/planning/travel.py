"""Travel minutes between places, as the instance defines them.

The search has its own compiled version of this; a test holds the two equal.
"""

import math
from collections.abc import Callable

from app.planning.instance import Instance
from app.planning.parts import Geographic, Matrix, Place, Planar, RoadSpeed, Row

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
Point = tuple[float, float, float]


def point_of(place: Place) -> Point:
    """Coordinates in kilometres whose straight distances are road-planning distances.

    Positions on the globe become points of space: the chord is under 0.1 % shorter than the arc below 900 km.
    """
    match place:
        case Planar(x_km=x, y_km=y):
            return (x, y, 0.0)
        case Geographic(lat=lat, lon=lon):
            phi, lam = math.radians(lat), math.radians(lon)
            return (
                EARTH_RADIUS_KM * math.cos(phi) * math.cos(lam),
                EARTH_RADIUS_KM * math.cos(phi) * math.sin(lam),
                EARTH_RADIUS_KM * math.sin(phi),
            )
        case Row():
            raise ValueError("a matrix row has no coordinates")


def road_minutes(a: Point, b: Point, speed: RoadSpeed) -> int:
    dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    km = math.sqrt(dx * dx + dy * dy + dz * dz) * speed.detour
    slow = min(km, speed.city_km) * (60.0 / speed.city_kmh)
    fast = max(km - speed.city_km, 0.0) * (60.0 / speed.beyond_kmh)
    return round(slow + fast + speed.access_minutes)


def travel_minutes(instance: Instance) -> Callable[[Place, Place], int]:
    """A function (from, to) → minutes for the instance's travel model."""
    model = instance.travel
    if isinstance(model, Matrix):
        table = model.minutes

        def look_up(a: Place, b: Place) -> int:
            assert isinstance(a, Row)
            assert isinstance(b, Row)
            return table[a.row][b.row]

        return look_up
    speed = model

    def drive(a: Place, b: Place) -> int:
        return road_minutes(point_of(a), point_of(b), speed)

    return drive
