"""Travel times from a routing service: the table of OSRM, or the matrix of Valhalla, over HTTP.

Without one the month keeps its road-speed model. With one its times hold, or the plan fails and says so: a plan
half on roads and half on guesses would be neither.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from app.planning.instance import Instance
from app.planning.parts import Geographic, Matrix, Place, Row
from app.planning.problems import TooManyPlaces, TravelTimesUnavailable
from app.settings import RoutingService, Settings

ACCESS_MINUTES = 2  # parking and walking, which no router counts; as in the built-in model
NO_ROAD = 24 * 60  # minutes; longer than any day, so nobody is sent there
TIMEOUT_S = 30.0
CONNECT_AGAIN = 3
MAX_PLACES = 3_000  # nine million legs; a table of more is days of a router's work

Block = list[list[float | None]]
"""Seconds [from][to]; None where no road leads."""


@dataclass(frozen=True, slots=True)
class Router:
    """A routing service. `block` places on each side are the most it takes in one question."""

    service: RoutingService
    url: str
    profile: str
    block: int

    async def minutes(self, places: Sequence[Geographic]) -> tuple[tuple[int, ...], ...]:
        """Whole minutes `[from][to]` between all places, rounded up, with the access.

        Raises `TravelTimesUnavailable` when the service does not answer, or not in its format.
        """
        table = [[0] * len(places) for _ in places]
        transport = httpx2.AsyncHTTPTransport(retries=CONNECT_AGAIN)
        async with httpx2.AsyncClient(transport=transport, timeout=TIMEOUT_S, trust_env=False) as client:
            starts = range(0, len(places), self.block)
            for row in starts:
                for column in starts:
                    sources = places[row : row + self.block]
                    targets = places[column : column + self.block]
                    for down, seconds in enumerate(await self._ask(client, sources, targets)):
                        table[row + down][column : column + len(targets)] = map(_whole, seconds)
        for own in range(len(places)):
            table[own][own] = 0
        return tuple(map(tuple, table))

    async def _ask(
        self, client: httpx2.AsyncClient, sources: Sequence[Geographic], targets: Sequence[Geographic]
    ) -> Block:
        try:
            match self.service:
                case RoutingService.OSRM:
                    found = await self._osrm(client, sources, targets)
                case RoutingService.VALHALLA:
                    found = await self._valhalla(client, sources, targets)
        except httpx2.HTTPError as error:
            raise TravelTimesUnavailable(
                f"The routing service at {self.url} failed: {str(error) or type(error).__name__}."
            ) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._wrong_format(str(error)) from error
        if len(found) != len(sources) or any(len(row) != len(targets) for row in found):
            raise self._wrong_format("the table has another size than was asked for")
        return found

    def _wrong_format(self, why: str) -> TravelTimesUnavailable:
        return TravelTimesUnavailable(
            f"The routing service at {self.url} does not answer as {self.service} does: {why}."
        )

    async def _osrm(
        self, client: httpx2.AsyncClient, sources: Sequence[Geographic], targets: Sequence[Geographic]
    ) -> Block:
        """`GET /table/v1/{profile}/{lon,lat;…}`: sources first, then targets."""
        coordinates = ";".join(f"{one.lon:.6f},{one.lat:.6f}" for one in (*sources, *targets))
        answer = await client.get(
            f"{self.url}/table/v1/{self.profile}/{coordinates}",
            params={
                "annotations": "duration",
                "sources": ";".join(map(str, range(len(sources)))),
                "destinations": ";".join(map(str, range(len(sources), len(sources) + len(targets)))),
            },
        )
        answer.raise_for_status()
        body: Any = answer.json()
        if body["code"] != "Ok":
            raise ValueError(body["code"])
        return [[_seconds(one) for one in row] for row in body["durations"]]

    async def _valhalla(
        self, client: httpx2.AsyncClient, sources: Sequence[Geographic], targets: Sequence[Geographic]
    ) -> Block:
        """`POST /sources_to_targets`."""
        answer = await client.post(
            f"{self.url}/sources_to_targets",
            json={
                "costing": self.profile,
                "sources": [{"lat": one.lat, "lon": one.lon} for one in sources],
                "targets": [{"lat": one.lat, "lon": one.lon} for one in targets],
            },
        )
        answer.raise_for_status()
        rows: Any = answer.json()["sources_to_targets"]
        return [[_seconds(cell["time"]) for cell in row] for row in rows]


def router_of(settings: Settings) -> Router | None:
    """The service the settings name; None: the built-in model."""
    if not settings.routing_url:
        return None
    profile = settings.routing_profile or ("driving" if settings.routing is RoutingService.OSRM else "auto")
    return Router(settings.routing, settings.routing_url.rstrip("/"), profile, settings.routing_block)


async def on_roads(instance: Instance, router: Router | None) -> Instance:
    """The same month with the travel times of the service; without a service, the month itself.

    Raises `TravelTimesUnavailable`, and `TooManyPlaces` where the table would be out of proportion.
    """
    if router is None:
        return instance
    rows: dict[Geographic, int] = {}
    for place in (*(one.at for one in instance.outlets), *(one.home for one in instance.inspectors)):
        if isinstance(place, Geographic):
            rows.setdefault(place, len(rows))
    if len(rows) > MAX_PLACES:
        raise TooManyPlaces(
            f"The month has {len(rows)} places, a table of travel times takes {MAX_PLACES}: plan region by"
            " region, or without a routing service.",
            places=len(rows),
            most=MAX_PLACES,
        )
    table = await router.minutes(list(rows))

    def row_of(place: Place) -> Place:
        return Row(row=rows[place]) if isinstance(place, Geographic) else place

    return instance.model_copy(
        update={
            "travel": Matrix(minutes=table),
            "outlets": tuple(one.model_copy(update={"at": row_of(one.at)}) for one in instance.outlets),
            "inspectors": tuple(
                one.model_copy(update={"home": row_of(one.home)}) for one in instance.inspectors
            ),
        }
    )


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    seconds = float(value)
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"{value!r} is no travel time")
    return seconds


def _whole(seconds: float | None) -> int:
    if seconds is None:
        return NO_ROAD
    return min(NO_ROAD, math.ceil(seconds / 60) + ACCESS_MINUTES)
