"""The small parts: times of day, travel, routes, demand, generated months, schemas."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.planning.cells import Runs
from app.planning.demand import Kind, demanded_visits, visits_of
from app.planning.formats import FOLDER, FORMATS, schema_text
from app.planning.generate import Recipe, generate
from app.planning.instance import Instance
from app.planning.measures import measure
from app.planning.parts import DemandRules, Exposure, RoadSpeed
from app.planning.plan import Plan
from app.planning.schedule import Day, Stop, arrivals, keeps, span
from app.planning.solver.encode import encode
from app.planning.solver.geometry import minutes_from, nearest, ways_of
from app.planning.solver.routes import minutes
from app.planning.travel import point_of, road_minutes, travel_minutes


class TestDocuments:
    def test_an_instance_survives_being_written_and_read(self, month: Instance) -> None:
        assert Instance.model_validate_json(month.model_dump_json()) == month

    def test_a_plan_survives_being_written_and_read(self, plan: Plan) -> None:
        assert Plan.model_validate_json(plan.model_dump_json()) == plan

    @pytest.mark.parametrize("name", list(FORMATS))
    def test_the_committed_schema_is_the_models(self, name: str) -> None:
        """Write it anew with `python -m app.planning.formats`."""
        assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == schema_text(name)

    @pytest.mark.parametrize(
        ("where", "value", "says"),
        [
            (("month",), "2026-13", "pattern"),
            (("outlets", 0, "tier"), "tier9", "does not know tier"),
            (("outlets", 0, "id"), "O00002", "listed twice"),
            (("outlets", 0, "hours", 0, "opens"), 9, "HH:MM"),
            (("outlets", 0, "hours", 0, "opens"), "23:59", "closes before"),
            (("outlets", 0, "at"), {"row": 0}, "one kind"),
            (("outlets", 0, "colour"), "red", "Extra"),
            (("inspectors", 0, "ends"), "00:10", "shift ends"),
            (("inspectors", 0, "not_at"), ["X"], "unknown outlet"),
            (("history", 0, "outlet"), "X", "unknown pair"),
            (("pins",), [{"outlet": "X", "number": 1}], "unknown outlet"),
            (("pins",), [{"outlet": "O00001", "number": 1, "confirmed": True}], "must name"),
            (("rules", "day_parts"), [{"name": "all", "until": "12:00"}], "24:00"),
            (("rules", "off_peak_parts"), ["noon"], "unknown day part"),
            (("travel",), {"kind": "matrix", "minutes": [[0, 1]]}, "square"),
        ],
    )
    def test_contradictions_are_refused_by_name(
        self, month: Instance, where: tuple[str | int, ...], value: object, says: str
    ) -> None:
        document = json.loads(month.model_dump_json())
        target = document
        for step in where[:-1]:
            target = target[step]
        target[where[-1]] = value
        with pytest.raises(ValidationError, match=says):
            Instance.model_validate_json(json.dumps(document))


class TestGenerate:
    def test_same_recipe_same_month(self) -> None:
        assert generate(Recipe(30, 4)) == generate(Recipe(30, 4))
        assert generate(Recipe(30, 4)) != generate(Recipe(30, 4, seed=2))

    def test_history_keeps_the_rotation(self, month: Instance) -> None:
        pairs = [(one.inspector, one.outlet) for one in month.history]
        assert len(pairs) == len(set(pairs)), "three months hold no second visit of a pair"

    @pytest.mark.parametrize(
        ("outlets", "inspectors", "cities"), [(200, 20, 1), (2_000, 100, 4), (10_000, 500, 12)]
    )
    def test_the_yardsticks_keep_their_shape(self, outlets: int, inspectors: int, cities: int) -> None:
        assert Recipe(outlets, inspectors).city_count == cities


class TestDemand:
    def test_traffic_goes_before_tier_and_the_outlets_own_number_before_both(self, month: Instance) -> None:
        """D6.1"""
        outlet = month.outlets[0].model_copy(update={"visits": None, "traffic": 900.0, "tier": "tier2"})
        rules = DemandRules(high_traffic_from=500, by_tier={"tier2": 2})
        assert visits_of(outlet, rules) == 4
        assert visits_of(outlet.model_copy(update={"traffic": 10.0}), rules) == 2
        assert visits_of(outlet.model_copy(update={"visits": 0}), rules) == 0

    def test_overt_visits_come_last_and_purposes_in_turn(self, month: Instance) -> None:
        """D6.7, D2.5"""
        changes = {"visits": 4, "overt_visits": 1, "purposes": ("ask", "buy")}
        outlet = month.outlets[0].model_copy(update=changes)
        visits = demanded_visits(month.model_copy(update={"outlets": (outlet,)}))
        assert [one.kind for one in visits] == [Kind.COVERT] * 3 + [Kind.OVERT]
        assert [one.purpose for one in visits] == ["ask", "buy", "ask", "buy"]


class TestTravel:
    def test_the_compiled_ways_equal_the_plain_ones(self, month: Instance) -> None:
        facts = encode(month, seed=1).facts
        drive = travel_minutes(month)
        places = [one.at for one in month.outlets] + [one.home for one in month.inspectors]
        ways = ways_of(month.travel, places)
        for here, place in enumerate(places):
            expected = [drive(place, there) for there in places]
            assert [int(minutes(facts, here, there)) for there in range(len(places))] == expected
            assert list(minutes_from(ways, here, len(places))) == expected

    def test_a_slow_stretch_then_a_fast_one(self) -> None:
        speed = RoadSpeed()
        assert road_minutes((0, 0, 0), (0, 0, 0), speed) == 2
        assert road_minutes((0, 0, 0), (10, 0, 0), speed) == round(12 * 60 / 26 + 1 * 60 / 65 + 2)

    def test_nearest_outlets_are_the_nearest(self, month: Instance) -> None:
        places = [one.at for one in month.outlets]
        ways = ways_of(month.travel, places)
        table = nearest(ways, np.ones(len(places), np.bool_), 6)
        points = np.array([point_of(place) for place in places])
        for outlet, row in enumerate(table):
            apart = np.sort(((points - points[outlet]) ** 2).sum(axis=1))[:6]
            assert row[0] == outlet
            assert np.allclose(((points[row] - points[outlet]) ** 2).sum(axis=1), apart)


windows = st.tuples(st.integers(480, 800), st.integers(0, 300), st.integers(5, 60))


class TestRoutes:
    @given(
        stops=st.lists(windows, min_size=1, max_size=4),
        legs=st.lists(st.integers(0, 60), min_size=5, max_size=5),
    )
    @settings(max_examples=150, deadline=None, derandomize=True)
    def test_the_span_holds_exactly_the_departures_of_the_shortest_day(
        self, stops: list[tuple[int, int, int]], legs: list[int]
    ) -> None:
        day = Day(480, 1140, 660)
        route = [Stop(opens, opens + width, service) for opens, width, service in stops]
        ways = legs[: len(route) + 1]
        lengths = {}
        for departure in range(day.starts, day.ends + 1):
            starts = arrivals(departure, route, ways)
            if starts[0] - ways[0] >= departure and keeps(day, route, ways, starts):
                returns = starts[-1] + route[-1].service + ways[-1]
                lengths[departure] = returns - departure
        found = span(day, route, ways)
        assert (found is None) == (not lengths)
        if found:
            assert found.least == min(lengths.values())
            best = [departure for departure, length in lengths.items() if length == found.least]
            assert (found.first, found.last) == (min(best), max(best))


class TestRuns:
    def test_a_third_visit_in_one_cell_repeats_wherever_it_falls(self, month: Instance) -> None:
        """D6.3"""
        mondays = [date(2026, 9, 7), date(2026, 9, 14), date(2026, 9, 21)]
        for third in mondays:
            seen = [
                Exposure(inspector="I0001", outlet="O00001", on=on, at=600) for on in mondays if on != third
            ]
            runs = Runs(month.model_copy(update={"history": tuple(seen)}))
            assert runs.would_repeat("O00001", third, 630)
            assert not runs.would_repeat("O00001", third, 900)
            assert not runs.would_repeat("O00001", third.replace(day=third.day + 1), 630)


class TestMeasures:
    def test_add_up(self, month: Instance, plan: Plan) -> None:
        found = measure(month, plan)
        assert found.served + found.unserved == len(demanded_visits(month))
        assert sum(found.unserved_by_tier.values()) == found.unserved
        assert sum(found.day_parts.values()) == pytest.approx(1, abs=0.01)
        assert found.travel_minutes == plan.costs.travel


def test_more_cities_need_no_more_than_an_option() -> None:
    assert len({one.region for one in generate(replace(Recipe(80, 6), cities=3)).outlets}) == 3
