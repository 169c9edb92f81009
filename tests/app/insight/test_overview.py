"""Where an outlet, a region, a tier or the network stands: with n, an interval, a trend and a profile (D3.7)."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from app.outlets.models import Outlet, Region
from app.programmes.rules import Ownership, RecordingMode
from app.visits.rules import Kind
from tests.support.insight import a_hall, insight
from tests.support.places import a_region, in_charge
from tests.support.published import Written, write
from tests.support.review import Desk, a_desk
from tests.support.world import World, assert_problem

MARCH = "2026-03"


@dataclass
class Halls:
    """Two halls of the south, one of the north."""

    desk: Desk
    busy: Outlet
    quiet: Outlet
    far: Outlet
    north: Region

    async def seen(self, *visits: Written) -> None:
        scene = self.desk.scene
        await write(self.desk.world.database, scene.programme, scene.version, visits)

    def at(
        self, outlet: Outlet, *totals: float | None, on: date = date(2026, 3, 2), **rest: Kind
    ) -> list[Written]:
        return [
            Written(outlet.id, total, on=on + timedelta(days=number), **rest)  # type: ignore[arg-type]
            for number, total in enumerate(totals)
        ]


@pytest.fixture
async def halls(desk: Desk) -> Halls:
    north = await a_region(desk.world, "north")
    await desk.world.person("alice")
    return Halls(
        desk,
        busy=desk.scene.outlet,
        quiet=await a_hall(desk, "gz-2", traffic_per_day=100),
        far=await a_hall(desk, "bj-1", region=north, tier="tier-2"),
        north=north,
    )


class TestScore:
    async def test_of_an_outlet_is_the_mean_of_its_visits_with_a_t_interval(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 70, 80, 84))
        found = (await insight(halls.desk.mona, f"outlets/{halls.busy.id}", month=MARCH))["score"]

        low, high = stats.t.interval(0.95, 2, 78, stats.sem([70, 80, 84]))
        assert (found["value"], found["visits"], found["outlets"]) == (78, 3, 1)
        assert (found["low"], found["high"]) == (pytest.approx(low, abs=1e-5), pytest.approx(high, abs=1e-5))

    async def test_of_a_region_is_the_mean_of_outlets_however_often_each_was_visited(
        self, halls: Halls
    ) -> None:
        """D3.7: halls visited four times do not dominate. The mean of the visits would be 64."""
        await halls.seen(*halls.at(halls.busy, 60, 60, 60, 60), *halls.at(halls.quiet, 80))
        region = halls.desk.scene.region

        found = (await insight(halls.desk.scene.sam, f"regions/{region.id}", month=MARCH))["score"]

        low, high = stats.t.interval(0.95, 1, 70, stats.sem([60, 80]))
        assert (found["value"], found["visits"], found["outlets"]) == (70, 5, 2)
        assert (found["low"], found["high"]) == (max(0, low), min(100, high))

    async def test_of_a_tier_and_of_the_network_are_too(self, halls: Halls) -> None:
        await halls.seen(
            *halls.at(halls.busy, 60, 70), *halls.at(halls.quiet, 80), *halls.at(halls.far, 90, 100)
        )
        alice = halls.desk.world.callers["alice"]
        flagship = (await insight(alice, "tiers/flagship", month=MARCH))["score"]
        network = (await insight(alice, "network", month=MARCH))["score"]

        assert (flagship["value"], flagship["outlets"]) == (72.5, 2)
        assert (network["value"], network["outlets"]) == (pytest.approx((65 + 80 + 95) / 3, abs=1e-6), 3)

    async def test_keeps_covert_and_overt_visits_apart(self, halls: Halls) -> None:
        """D3.7"""
        await halls.seen(*halls.at(halls.busy, 60, 62), *halls.at(halls.busy, 95, 97, kind=Kind.OVERT))
        path = f"outlets/{halls.busy.id}"
        covert = await insight(halls.desk.mona, path, month=MARCH)
        overt = await insight(halls.desk.mona, path, month=MARCH, kind="overt")

        for found, mean in ((covert, 61), (overt, 96)):
            assert (found["score"]["value"], found["score"]["visits"]) == (mean, 2)
            assert [point["score"]["value"] for point in found["trend"]] == [mean]
            assert {one["value"] for one in found["profile"]} == {mean}
            assert len(found["series"]) == 2

    async def test_counts_a_visit_without_a_number_in_no_mean(self, halls: Halls) -> None:
        """D3.4"""
        await halls.seen(*halls.at(halls.busy, 60, None))
        found = (await insight(halls.desk.mona, f"outlets/{halls.busy.id}", month=MARCH))["score"]
        assert (found["value"], found["visits"], found["without_number"]) == (60, 1, 1)

    async def test_leaves_competitors_out_of_the_network(self, halls: Halls) -> None:
        rival = await a_hall(halls.desk, "rival", ownership=Ownership.COMPETITOR)
        await halls.seen(*halls.at(halls.busy, 60), *halls.at(rival, 100))
        found = (await insight(halls.desk.scene.sam, "network", month=MARCH))["score"]
        assert (found["value"], found["outlets"]) == (60, 1)

    async def test_of_any_days_is_of_these_days_alone(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 10, 20, 30, 40))
        found = await insight(
            halls.desk.mona, f"outlets/{halls.busy.id}", visited_from="2026-03-03", visited_until="2026-03-04"
        )
        assert (found["score"]["value"], found["score"]["visits"]) == (25, 2)
        assert {one["value"] for one in found["profile"]} == {25}

    async def test_without_any_visit_has_no_value(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 60))
        found = await insight(halls.desk.mona, f"outlets/{halls.busy.id}", month="2026-01")
        assert (found["score"]["value"], found["profile"], found["trend"]) == (None, [], [])


class TestWeightingByTraffic:
    @pytest.fixture
    async def desk(self, world: World) -> Desk:
        return await a_desk(world, mode=RecordingMode.NONE, weight_by_traffic=True)

    async def test_weighs_outlets_and_takes_the_mean_for_what_is_not_known(self, halls: Halls) -> None:
        """D3.7. 100 and 300 a day are known; the third hall weighs 200."""
        third = await a_hall(halls.desk, "gz-3", traffic_per_day=300)
        await halls.seen(*halls.at(halls.busy, 50, 50), *halls.at(halls.quiet, 60), *halls.at(third, 90, 100))
        found = await insight(halls.desk.scene.sam, "network", month=MARCH)
        wanted = np.average([50, 60, 95], weights=[200, 100, 300])

        assert found["score"]["value"] == pytest.approx(wanted, abs=1e-6)
        assert [one["value"] for one in found["profile"]] == [pytest.approx(wanted, abs=1e-4)] * 3


class TestChange:
    async def test_is_against_the_month_before_with_welchs_interval(self, halls: Halls) -> None:
        now, before = [80.0, 84, 86, 82], [60.0, 66, 63]
        await halls.seen(*halls.at(halls.busy, *now), *halls.at(halls.busy, *before, on=date(2026, 2, 10)))
        found = (await insight(halls.desk.mona, f"outlets/{halls.busy.id}", month=MARCH))["change"]

        theirs = stats.ttest_ind(now, before, equal_var=False).confidence_interval(0.95)
        assert found["before"]["value"] == 63
        assert found["difference"] == 20
        assert found["low"] == pytest.approx(theirs.low, abs=1e-5)
        assert found["high"] == pytest.approx(theirs.high, abs=1e-5)
        assert found["significant"] is True

    async def test_that_may_be_noise_is_not_significant(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 60, 90), *halls.at(halls.busy, 55, 85, on=date(2026, 2, 10)))
        found = (await insight(halls.desk.mona, f"outlets/{halls.busy.id}", month=MARCH))["change"]
        assert (found["difference"], found["significant"]) == (5, False)

    async def test_is_unknown_after_nothing(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 60, 90))
        found = (await insight(halls.desk.mona, f"outlets/{halls.busy.id}", month=MARCH))["change"]
        assert (found["difference"], found["significant"], found["before"]["visits"]) == (None, None, 0)


class TestTrend:
    async def test_has_the_twelve_months_that_lead_up(self, halls: Halls) -> None:
        months = [date(2025, 3, 5), date(2025, 4, 5), date(2025, 12, 5), date(2026, 3, 5)]
        for number, on in enumerate(months):
            await halls.seen(
                *halls.at(halls.busy, 60 + number, 70 + number, on=on), *halls.at(halls.quiet, 80, on=on)
            )
        found = (await insight(halls.desk.scene.sam, "network", month=MARCH))["trend"]

        assert [(one["month"], one["score"]["value"]) for one in found] == [
            ("2025-04-01", 73), ("2025-12-01", 73.5), ("2026-03-01", 74),
        ]  # fmt: skip


class TestPeers:
    async def others(self, halls: Halls, *totals: float) -> None:
        for number, total in enumerate(totals):
            hall = await a_hall(halls.desk, f"other-{number}", region=halls.north)
            await halls.seen(*halls.at(hall, total))

    async def test_are_the_median_of_other_outlets_of_the_tier(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 50), *halls.at(halls.far, 1))  # far is of another tier
        await self.others(halls, 60, 70, 71, 90, 100, 72)
        found = await insight(halls.desk.mona, f"outlets/{halls.busy.id}", month=MARCH)

        assert found["peers"] == {"value": 71.5, "outlets": 6}
        assert {(one["peers"]["value"], one["peers"]["outlets"]) for one in found["profile"]} == {(71.5, 6)}

    async def test_are_not_shown_where_fewer_than_five_hide_each_other(self, halls: Halls) -> None:
        """D10.1"""
        await halls.seen(*halls.at(halls.busy, 50))
        await self.others(halls, 60, 70, 71, 90)
        found = await insight(halls.desk.mona, f"outlets/{halls.busy.id}", month=MARCH)

        assert found["peers"]["value"] is None
        assert {one["peers"]["value"] for one in found["profile"]} == {None}

    async def test_that_are_the_managers_own_hide_nobody(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 50), *halls.at(halls.quiet, 55))
        await in_charge(halls.desk.world, halls.desk.mona, outlet=halls.quiet)
        await self.others(halls, 60, 70, 71, 90)
        path = f"outlets/{halls.busy.id}"

        assert (await insight(halls.desk.mona, path, month=MARCH))["peers"]["value"] is None
        assert (await insight(halls.desk.scene.sam, path, month=MARCH))["peers"]["value"] == 70

    async def test_are_told_a_manager_for_whole_months_only(self, halls: Halls) -> None:
        """Day by day, the move of a median would tell whose visit was when."""
        await halls.seen(*halls.at(halls.busy, 50))
        await self.others(halls, 60, 70, 71, 90, 100)
        days = {"visited_from": "2026-03-01", "visited_until": "2026-03-30"}
        whole = {"visited_from": "2026-03-01", "visited_until": "2026-03-31"}
        path = f"outlets/{halls.busy.id}"

        assert (await insight(halls.desk.mona, path, **days))["peers"] == {"value": None, "outlets": 0}
        assert (await insight(halls.desk.mona, path, **whole))["peers"]["value"] == 71
        assert (await insight(halls.desk.scene.sam, path, **days))["peers"]["value"] == 71

    async def test_of_a_region_are_the_outlets_outside_of_it(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 50), *halls.at(halls.far, 80))
        await self.others(halls, 60, 70, 71, 90)
        region = halls.desk.scene.region
        found = await insight(halls.desk.scene.sam, f"regions/{region.id}", month=MARCH)
        assert found["peers"] == {"value": 71, "outlets": 5}


class TestProfile:
    async def test_has_the_indicators_in_the_order_of_the_checklist(self, halls: Halls) -> None:
        earned = {"a1": 40.0, "a2": 90.0, "b1": None}
        await halls.seen(
            Written(halls.busy.id, 65, parts=earned),
            Written(halls.quiet.id, 65, parts=earned | {"a1": 60.0, "b1": 70.0}),
        )
        found = (await insight(halls.desk.scene.sam, "network", month=MARCH))["profile"]

        assert [(one["code"], one["title"]["en"], one["dimension"], one["value"]) for one in found] == [
            ("a1", "Attitude", "a", 50), ("a2", "Norms", "a", 90), ("b1", "Tidiness", "b", 70),
        ]  # fmt: skip
        assert [one["visits"] for one in found] == [2, 2, 1]
        low, high = stats.t.interval(0.95, 1, 50, stats.sem([40, 60]))
        assert (found[0]["low"], found[0]["high"]) == (max(0, low), min(100, high))
        assert found[2]["low"] is None


class TestAsking:
    @pytest.mark.parametrize(
        "params",
        [
            {"month": "2026-13"},
            {"month": "2026-03", "visited_from": "2026-03-01", "visited_until": "2026-03-02"},
            {"visited_from": "2026-03-01"},
            {"visited_from": "2026-03-02", "visited_until": "2026-03-01"},
            {"visited_from": "2020-03-02", "visited_until": "2026-03-01"},
            {"kind": "secret"},
            {"nonsense": "1"},
        ],
    )
    async def test_refuses_what_is_no_period(self, desk: Desk, params: dict[str, str]) -> None:
        assert_problem(await desk.scene.sam.get("/v1/insight/network", params=params), 422, "invalid-request")

    async def test_takes_the_present_month_and_the_newest_programme_by_itself(self, halls: Halls) -> None:
        await halls.seen(*halls.at(halls.busy, 60))
        found = (await insight(halls.desk.mona, f"outlets/{halls.busy.id}"))["about"]
        assert found == {
            "programme_id": str(halls.desk.scene.programme.id),
            "kind": "covert",
            "visited_from": "2026-03-01",
            "visited_until": "2026-03-31",
            "as_of": "2026-03-02T09:00:00Z",
            "pending": 0,
        }
