"""What no plan can do better than, and which pools are too small."""

from datetime import timedelta
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.planning.bound import OutletShortage, Shortage, bound, smallest_pool
from app.planning.generate import Recipe, generate
from app.planning.instance import Instance
from app.planning.parts import Exposure, HeldDevices
from app.planning.solver.anytime import Budget
from app.planning.solver.matching import match
from app.planning.solver.solve import solve


class TestTheBound:
    @pytest.mark.parametrize("seed", range(6))
    def test_no_plan_is_under_it(self, seed: int) -> None:
        recipe = Recipe(50, 5, seed=seed, cities=1, days_worked=(1, 4), crew_share=0.2 * (seed % 2))
        month = generate(recipe)
        plan = solve(month, seed=1, budget=Budget(iterations=1500))
        limit = bound(month)
        assert limit.unserved <= len(plan.unserved)
        assert limit.unserved_cost <= plan.costs.unserved + 1e-6

    def test_is_reached_where_only_people_are_short(self) -> None:
        month = generate(Recipe(60, 4, seed=4, cities=1, days_worked=(1, 2)))
        plan = solve(month, seed=1, budget=Budget(iterations=3000))
        assert len(plan.unserved) <= bound(month).unserved + 2

    def test_tells_demand_and_capacity_by_region(self, month: Instance) -> None:
        found = bound(month)
        assert sum(one.visits for one in found.regions) == found.visits
        assert "matching" in found.method


class TestPools:
    @pytest.mark.parametrize(("visits", "crew", "needed"), [(1, 1, 4), (4, 1, 13), (1, 2, 8), (0, 1, 0)])
    def test_follow_the_rotation(self, visits: int, crew: int, needed: int) -> None:
        """D5.9"""
        assert smallest_pool(visits, crew, 3) == needed

    def test_an_outlet_in_a_language_of_nobody_is_named_before_planning(self, plain_month: Instance) -> None:
        """D5.9"""
        first = plain_month.outlets[0].model_copy(update={"languages": ("latin",)})
        month = plain_month.model_copy(update={"outlets": (first, *plain_month.outlets[1:])})
        named = {one.outlet: one for one in bound(month).shortages}
        assert (named[first.id].cause, named[first.id].suitable) == (Shortage.LANGUAGE, 0)

    def test_an_outlet_that_everybody_has_just_seen_is_named(self, plain_month: Instance) -> None:
        """D5.9"""
        first, day = plain_month.outlets[0], plain_month.days()[0] - timedelta(days=1)
        seen = tuple(Exposure(inspector=one.id, outlet=first.id, on=day) for one in plain_month.inspectors)
        named = {one.outlet: one for one in bound(plain_month.model_copy(update={"history": seen})).shortages}
        assert (named[first.id].cause, named[first.id].eligible) == (Shortage.ROTATION_OR_LEAVE, 0)

    def test_where_all_together_are_too_few_it_is_people_that_are_missing(
        self, plain_month: Instance
    ) -> None:
        """D5.9"""
        first = plain_month.outlets[0].model_copy(update={"visits": 2, "languages": ("latin",)})
        alone = plain_month.model_copy(
            update={"outlets": (first,), "inspectors": plain_month.inspectors[:1], "history": ()}
        )
        (shortage,) = bound(alone).shortages
        assert shortage.cause is Shortage.PEOPLE

    def test_devices_that_nobody_holds_are_named(self, plain_month: Instance) -> None:
        """D5.9, D6.7: two visits have two leads, each with a recorder."""
        first = plain_month.outlets[0].model_copy(update={"visits": 2, "devices": {"recorder": 1}})
        asked = plain_month.model_copy(update={"outlets": (first, *plain_month.outlets[1:]), "history": ()})
        rich = tuple(
            one.model_copy(update={"devices": (HeldDevices(kind="recorder"),)}) for one in asked.inspectors
        )

        def shortage(month: Instance) -> OutletShortage | None:
            return {one.outlet: one for one in bound(month).shortages}.get(first.id)

        found = shortage(asked)
        assert found is not None
        assert (found.cause, found.eligible) == (Shortage.DEVICE, 0)
        equipped = shortage(asked.model_copy(update={"inspectors": rich}))
        assert equipped is None or equipped.cause is not Shortage.DEVICE


def _best(edges: list[set[int]], places: list[int], capacity: list[int]) -> int:
    """The largest matching, by trying every choice."""

    def serve(number: int, left: tuple[int, ...], seats: frozenset[tuple[int, int]]) -> int:
        if number == len(edges):
            return 0
        skipped = serve(number + 1, left, seats)
        taken = [
            1
            + serve(
                number + 1, (*left[:who], left[who] - 1, *left[who + 1 :]), seats | {(places[number], who)}
            )
            for who in edges[number]
            if left[who] and (places[number], who) not in seats
        ]
        return max([skipped, *taken])

    return serve(0, tuple(capacity), frozenset())


class TestMatching:
    @given(
        edges=st.lists(st.sets(st.integers(0, 3), max_size=4), min_size=1, max_size=6),
        places=st.lists(st.integers(0, 5), min_size=6, max_size=6) | st.just(list(range(6))),
        capacity=st.lists(st.integers(0, 2), min_size=4, max_size=4),
    )
    @settings(max_examples=300, deadline=None, derandomize=True)
    def test_serves_as_many_as_anybody_could(
        self, edges: list[set[int]], places: list[int], capacity: list[int]
    ) -> None:
        """By outlet, and by brand, where nobody comes to two outlets of one place (D5.7)."""
        first = np.cumsum([0, *(len(who) for who in edges)]).astype(np.int64)
        outlet = np.array([number for number, who in enumerate(edges) for _ in who], np.int64)
        keys = [places[number] * 4 + one for number, who in enumerate(edges) for one in sorted(who)]
        seats = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        seat_of = np.array([seats[key] for key in keys], np.int64)
        inspector_of = np.array([key % 4 for key in seats], np.int64)
        wants = np.arange(len(edges), dtype=np.int64)
        served = match(first, outlet, seat_of, inspector_of, np.array(capacity, np.int64), wants)
        assert int(served.sum()) == _best(edges, places, capacity)

    def test_whoever_comes_first_keeps_a_place(self) -> None:
        first, outlet, seats, people = (
            np.array(part, np.int64) for part in ([0, 1, 2], [0, 1], [0, 1], [0, 0])
        )
        for order in permutations([0, 1]):
            served = match(first, outlet, seats, people, np.array([1], np.int64), np.array(order, np.int64))
            assert list(served) == [True, False]
