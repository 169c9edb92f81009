"""Travel times from a routing service: they hold everywhere, or the plan says why there are none."""

from collections.abc import Iterator

import pytest

from app.planning.check import check
from app.planning.generate import Recipe, generate
from app.planning.instance import Instance
from app.planning.parts import Geographic, Matrix, Planar, Row
from app.planning.problems import TooManyPlaces, TravelTimesUnavailable
from app.planning.roads import ACCESS_MINUTES, MAX_PLACES, NO_ROAD, Router, on_roads, router_of
from app.planning.solver.anytime import Budget
from app.planning.solver.solve import solve
from app.settings import RoutingService, Settings
from tests.support.planned import planned, visits_of
from tests.support.planning import a_month
from tests.support.routing import Roads, routing_service
from tests.support.world import World

HERE, EAST, NORTH = (
    Geographic(lat=23.10, lon=113.20),
    Geographic(lat=23.10, lon=113.30),
    Geographic(lat=23.15, lon=113.20),
)


@pytest.fixture
def roads() -> Iterator[Roads]:
    with routing_service() as roads:
        yield roads


@pytest.fixture(params=list(RoutingService), ids=str)
def router(roads: Roads, request: pytest.FixtureRequest) -> Router:
    return Router(RoutingService(request.param), roads.url, "auto", block=2)


def on_the_globe(month: Instance) -> Instance:
    """The same month near Guangzhou, a tenth of its size."""

    def placed(at: object) -> Geographic:
        assert isinstance(at, Planar)
        return Geographic(lat=23 + at.y_km / 1000, lon=113 + at.x_km / 1000)

    return month.model_copy(
        update={
            "outlets": tuple(one.model_copy(update={"at": placed(one.at)}) for one in month.outlets),
            "inspectors": tuple(
                one.model_copy(update={"home": placed(one.home)}) for one in month.inspectors
            ),
        }
    )


class TestTable:
    async def test_gives_whole_minutes_both_ways_and_the_access(self, router: Router) -> None:
        table = await router.minutes([HERE, EAST, NORTH])

        assert table[0] == (0, 60 + ACCESS_MINUTES, 20 + ACCESS_MINUTES)
        assert table[1][0] == 40 + ACCESS_MINUTES

    async def test_is_asked_for_in_blocks_the_service_takes(self, router: Router, roads: Roads) -> None:
        roads.most = 2

        table = await router.minutes([HERE, EAST, NORTH])

        assert len(roads.asked) == 4
        assert table[1][2] == table[2][1] - 20 == 60 + ACCESS_MINUTES

    async def test_where_no_road_leads_nobody_gets_within_a_day(self, router: Router, roads: Roads) -> None:
        roads.island = (EAST.lat, EAST.lon)

        table = await router.minutes([HERE, EAST])

        assert table == ((0, NO_ROAD), (NO_ROAD, 0))


class TestFailures:
    @pytest.mark.parametrize(
        "answer",
        [
            "not JSON",
            "[]",
            '{"code": "NoTable"}',
            '{"code": "Ok", "durations": [[0]], "sources_to_targets": [[{"time": 0}]]}',
            '{"code": "Ok", "durations": [[0, -1], [0, 0]], "sources_to_targets": [[{}, {}], [{}, {}]]}',
        ],
    )
    async def test_an_answer_in_another_format_is_named(
        self, router: Router, roads: Roads, answer: str
    ) -> None:
        roads.broken = answer

        with pytest.raises(TravelTimesUnavailable, match="does not answer as"):
            await router.minutes([HERE, EAST])

    async def test_a_question_too_large_for_the_service_is_named(self, router: Router, roads: Roads) -> None:
        roads.most = 1

        with pytest.raises(TravelTimesUnavailable, match="400"):
            await router.minutes([HERE, EAST])

    async def test_a_service_that_is_gone_is_named_with_its_address(self, roads: Roads) -> None:
        with routing_service() as other:
            gone = Router(RoutingService.OSRM, other.url, "driving", block=10)

        with pytest.raises(TravelTimesUnavailable, match=gone.url):
            await gone.minutes([HERE, EAST])

    async def test_a_month_with_too_many_places_is_refused_before_anything_is_asked(
        self, router: Router, roads: Roads
    ) -> None:
        month = on_the_globe(generate(Recipe(MAX_PLACES, 1)))

        with pytest.raises(TooManyPlaces, match="region by region"):
            await on_roads(month, router)

        assert roads.asked == []


class TestMonth:
    async def test_without_a_service_is_as_it_was(self) -> None:
        month = generate(Recipe(3, 1))

        assert await on_roads(month, router_of(Settings(_env_file=None))) is month

    async def test_is_planned_on_the_roads_of_the_service(self, roads: Roads) -> None:
        month = on_the_globe(generate(Recipe(40, 8, cities=1, seed=5)))
        router = Router(RoutingService.OSRM, roads.url, "driving", block=50)

        driven = await on_roads(month, router)
        plan = solve(driven, seed=1, budget=Budget(iterations=400))

        assert isinstance(driven.travel, Matrix)
        assert check(driven, plan) == []
        (stop, *_), route = plan.routes[0].visits, plan.routes[0]
        first = next(visit for visit in plan.visits if visit.visit == stop)
        outlet = next(one for one in month.outlets if one.id == first.outlet)
        home = next(one.home for one in month.inspectors if one.id == route.inspector)
        assert isinstance(outlet.at, Geographic)
        assert isinstance(home, Geographic)
        seconds = roads.seconds(
            (round(home.lat, 6), round(home.lon, 6)), (round(outlet.at.lat, 6), round(outlet.at.lon, 6))
        )
        assert seconds is not None
        assert first.arrive - route.leaves_home == pytest.approx(seconds / 60 + ACCESS_MINUTES, abs=1)

    async def test_equal_places_are_asked_for_once(self, router: Router) -> None:
        month = on_the_globe(generate(Recipe(3, 1)))
        twice = month.model_copy(
            update={
                "outlets": tuple(one.model_copy(update={"at": HERE}) for one in month.outlets),
                "inspectors": tuple(one.model_copy(update={"home": EAST}) for one in month.inspectors),
            }
        )

        driven = await on_roads(twice, router)

        assert [one.at for one in driven.outlets] == [Row(row=0)] * 3
        assert isinstance(driven.travel, Matrix)
        assert len(driven.travel.minutes) == 2


class TestServer:
    @pytest.fixture
    def settings(self, settings: Settings, roads: Roads) -> Settings:
        return settings.model_copy(update={"routing_url": f"{roads.url}/"})

    async def test_plans_with_it_when_it_is_set(self, world: World, roads: Roads) -> None:
        scene = await a_month(world, outlets=3, people=2)

        plan = await planned(scene)

        assert plan["state"] == "draft"
        assert len(await visits_of(scene, plan["id"])) == 3
        assert all(one.startswith("/table/v1/driving/") for one in roads.asked)

    async def test_a_plan_without_travel_times_fails_and_says_so(self, world: World, roads: Roads) -> None:
        scene = await a_month(world, outlets=3, people=2)
        roads.broken = '{"code": "InvalidOptions"}'

        plan = await planned(scene)

        assert (plan["state"], "InvalidOptions" in plan["failure"]) == ("failed", True)
