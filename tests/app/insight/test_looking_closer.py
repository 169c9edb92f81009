"""Rankings, the heat map, control charts, vetoes, worst items, competitors, inspectors and reliability over HTTP."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.identity.actor import Role
from app.insight.rules import Period, ranks
from app.outlets.models import Outlet
from app.programmes.rules import Ownership
from tests.support.insight import a_hall, insight, published, visit_row
from tests.support.places import a_region, in_charge
from tests.support.published import Written, write
from tests.support.review import Case, Desk, a_desk
from tests.support.world import World, assert_problem

DAY = date(2026, 3, 2)


async def seen(desk: Desk, *visits: Written) -> None:
    await write(desk.world.database, desk.scene.programme, desk.scene.version, visits)


def at(outlet: Outlet, *totals: float, by: UUID | None = None) -> list[Written]:
    return [
        Written(outlet.id, total, on=DAY + timedelta(days=number), inspector=by)
        for number, total in enumerate(totals)
    ]


class TestRanking:
    async def test_ranks_only_above_the_least_number_of_visits(self, desk: Desk) -> None:
        """D3.7; two here. Equal means share a rank."""
        halls = [desk.scene.outlet, *[await a_hall(desk, f"gz-{number}") for number in (2, 3, 4)]]
        await seen(
            desk, *at(halls[0], 70, 80), *at(halls[1], 75, 75), *at(halls[2], 99), *at(halls[3], 60, 60, 60)
        )
        found = await insight(desk.scene.sam, "ranking")

        rows = [
            (row["rank"], row["code"], row["score"]["value"], row["score"]["visits"]) for row in found["rows"]
        ]
        assert rows == [(1, "gz-1", 75, 2), (1, "gz-2", 75, 2), (3, "gz-4", 60, 3)]
        assert (found["minimum_visits"], found["ranked"], found["not_ranked"]) == (2, 3, 1)
        after = await insight(desk.scene.sam, "ranking", from_rank=2)
        assert [row["code"] for row in after["rows"]] == ["gz-4"]

    async def test_ranks_regions_and_tiers_by_the_means_of_their_outlets(self, desk: Desk) -> None:
        alice = await desk.world.person("alice")
        north = await a_region(desk.world, "north")
        district = await a_region(desk.world, "district", parent=north)
        far = await a_hall(desk, "bj-1", region=district, tier="tier-2")
        await seen(desk, *at(desk.scene.outlet, 70, 80), *at(far, 90, 92))

        regions = await insight(alice, "ranking", of="regions")
        below = await insight(alice, "ranking", of="regions", region_id=str(north.id))
        tiers = await insight(alice, "ranking", of="tiers")

        told = [
            [(row["code"], row["score"]["value"]) for row in one["rows"]] for one in (regions, below, tiers)
        ]
        assert told == [
            [("north", 91), ("south", 75)], [("district", 91)], [("tier-2", 91), ("flagship", 75)],
        ]  # fmt: skip

    def test_leaves_out_what_has_no_value(self) -> None:
        assert ranks([3, None, 5, 5, 1]) == [3, None, 1, 1, 4]


class TestHeatMap:
    async def test_has_a_row_for_each_outlet_and_a_column_for_each_indicator(self, desk: Desk) -> None:
        quiet, _ = await a_hall(desk, "gz-2"), await a_hall(desk, "gz-3")
        await seen(desk, Written(desk.scene.outlet.id, 60, parts={"a1": 40}), *at(quiet, 80, 90))
        found = await insight(desk.scene.sam, "heat-map")
        page = await insight(desk.scene.sam, "heat-map", limit=2)
        rest = await insight(desk.scene.sam, "heat-map", limit=2, cursor=page["next_cursor"])

        assert [column["code"] for column in found["columns"]] == ["a1", "a2", "b1"]
        rows = [(row["outlet"]["code"], row["score"], row["visits"], row["values"]) for row in found["rows"]]
        assert rows == [
            ("gz-1", 60, 1, [40, 60, 60]), ("gz-2", 85, 2, [85, 85, 85]), ("gz-3", None, 0, [None] * 3),
        ]  # fmt: skip
        assert [row["outlet"]["code"] for row in (*page["rows"], *rest["rows"])] == ["gz-1", "gz-2", "gz-3"]


class TestControlCharts:
    async def test_of_an_outlet_go_visit_by_visit_and_tell_change_from_noise(self, desk: Desk) -> None:
        calm = [70.0, 72, 71, 73, 70, 72, 71, 70, 72, 71]
        await seen(desk, *at(desk.scene.outlet, *calm, 40))
        found = await insight(desk.mona, "control-charts", outlet_id=str(desk.scene.outlet.id))

        total = found["charts"][0]
        assert [chart["code"] for chart in found["charts"]] == [None, "a1", "a2", "b1"]
        assert [point["value"] for point in total["points"]] == [*calm, 40]
        assert total["points"][-1]["on"] == "2026-03-12"
        assert {"rule": "beyond_limits", "points": [10]} in total["signals"]
        assert total["is_trial"] is True
        assert total["upper"] == pytest.approx(total["centre"] + 3 * total["mean_range"] / 1.128, abs=1e-5)

    async def test_of_a_group_go_month_by_month_over_the_means_of_outlets(self, desk: Desk) -> None:
        quiet = await a_hall(desk, "gz-2")
        for month in range(1, 4):
            on = date(2026, month, 1)
            await seen(
                desk,
                *(Written(desk.scene.outlet.id, 60 + month, on=on) for _ in range(3)),
                Written(quiet.id, 80, on=on),
            )
        found = await insight(desk.scene.sam, "control-charts")

        assert [(point["on"], point["value"]) for point in found["charts"][1]["points"]] == [
            ("2026-01-01", 70.5), ("2026-02-01", 71), ("2026-03-01", 71.5),
        ]  # fmt: skip
        assert found["charts"][1]["points"] == [
            {**point, "alias": None} for point in found["charts"][0]["points"]
        ]


class TestVetoes:
    async def test_are_listed_with_what_they_took_and_gone_with_a_void_visit(self, desk: Desk) -> None:
        """D4, through the whole real way."""
        case = await published(desk, smoked=True)
        found = (await insight(desk.mona, "vetoes"))["items"]

        assert [(one["item"], one["text"]["en"], one["scope"], one["target"]) for one in found] == [
            ("no-smoking", "no-smoking", "indicator", "a2")
        ]
        assert found[0]["outlet"]["code"] == "gz-1"
        report = await desk.mona.get(f"/v1/reports/{found[0]['alias']}")
        assert report.status_code == 200
        overview = await insight(desk.mona, f"outlets/{desk.scene.outlet.id}")
        assert (overview["vetoes"], overview["score"]["value"]) == (1, 80)

        version = (await visit_row(desk, case)).version
        gone = await desk.scene.sam.post(
            f"/v1/visits/{case.visit}/void",
            json={"reason": "The inspector was never there."},
            headers={"If-Match": f'"{version}"'},
        )
        assert gone.status_code == 200, gone.text
        assert (await insight(desk.scene.sam, "vetoes"))["items"] == []


class TestWorstItems:
    async def test_are_those_that_cost_most_or_succeed_least(self, desk: Desk) -> None:
        earned = {"greeting": 30.0, "tidy": 60.0, "uniform": 100.0, "no-smoking": 100.0, "patience": 90.0}
        await seen(desk, Written(desk.scene.outlet.id, 80, parts=earned | {"queue-machine": None}))
        worst = (await insight(desk.mona, "worst-items", by="value", limit=2))["items"]
        dear = (await insight(desk.mona, "worst-items"))["items"]

        assert [(one["code"], one["value"], one["indicator"]) for one in worst] == [
            ("greeting", 30, "a1"), ("tidy", 60, "b1"),
        ]  # fmt: skip
        assert [one["code"] for one in dear] == ["greeting", "tidy", "patience"]
        assert dear[0]["lost"] == pytest.approx(0.7 * 100 / 6, abs=1e-3)


class TestCompetitors:
    async def test_are_compared_on_the_items_of_both_sides_tier_by_tier(self, desk: Desk) -> None:
        """D9.7: patience was never seen there, uniform never here."""
        rival = await a_hall(desk, "rival", ownership=Ownership.COMPETITOR)
        await a_hall(desk, "rival-2", ownership=Ownership.COMPETITOR, tier="tier-2")
        await seen(
            desk,
            Written(desk.scene.outlet.id, 80, parts={"uniform": None, "greeting": 100}),
            Written(rival.id, 60, parts={"patience": None, "greeting": 20}),
        )
        found = await insight(desk.scene.sam, "competitors")

        tier = found["tiers"][0]
        assert [one["tier"] for one in found["tiers"]] == ["flagship"]
        items = {item["code"] for one in tier["indicators"] for item in one["items"]}
        assert items == {"greeting", "queue-machine", "no-smoking", "tidy"}
        values = {one["code"]: (one["ours"], one["theirs"]) for one in tier["indicators"]}
        assert values == {"a1": (90, 40), "a2": (80, 60), "b1": (80, 60)}
        assert tier["ours"]["value"] == pytest.approx((90 + 80 + 80) / 3, abs=1e-3)
        assert tier["theirs"]["value"] == pytest.approx((40 + 60 + 60) / 3, abs=1e-3)

    async def test_are_told_a_manager_only_where_five_hide_each_other(self, desk: Desk) -> None:
        """D10.1"""
        await seen(desk, *at(desk.scene.outlet, 80))
        rivals = [
            await a_hall(desk, f"rival-{number}", ownership=Ownership.COMPETITOR) for number in range(5)
        ]
        for rival in rivals[:4]:
            await seen(desk, *at(rival, 60))
        asked = {"outlet_id": str(desk.scene.outlet.id)}
        few = await insight(desk.mona, "competitors", **asked)
        await seen(desk, *at(rivals[4], 70))
        enough = await insight(desk.mona, "competitors", **asked)

        assert few["tiers"] == []
        assert enough["tiers"][0]["theirs"] == {"outlets": 5, "value": 62}
        assert enough["compared_in"] == str(desk.scene.region.id)


class TestInspectors:
    async def test_are_shown_with_severity_apart_from_where_they_were_sent(self, desk: Desk) -> None:
        ivy, ian, scene = desk.scene.ivy.id, desk.scene.ian.id, desk.scene
        halls = [scene.outlet, *[await a_hall(desk, f"gz-{number}") for number in range(2, 9)]]
        for number, hall in enumerate(halls):
            level = 60 + 4 * number
            await seen(desk, *at(hall, level - 10, level - 9, by=ivy), *at(hall, level, level + 1, by=ian))
        found = (await insight(scene.sam, "inspectors"))["inspectors"]

        assert [row["name"] for row in found] == ["Ivy", "Ian"]
        assert [row["visits"] for row in found] == [16, 16]
        assert found[0]["severity"]["points"] - found[1]["severity"]["points"] == pytest.approx(10, abs=1)
        assert found[0]["severity"]["low"] > found[1]["severity"]["high"] - 15
        assert found[0]["completeness"] == 0.95

    async def test_are_shown_with_what_they_were_assigned_and_carried_out(self, desk: Desk) -> None:
        await published(desk)
        hall = await a_hall(desk, "gz-2")
        await desk.scene.arranged(desk.scene.ivy, outlet_id=str(hall.id), on="2026-03-20")
        row = (await insight(desk.scene.sam, "inspectors", month="2026-03"))["inspectors"][0]

        assert (row["assigned"], row["carried_out"], row["visits"]) == (2, 1, 1)
        assert (row["on_planned_day"], row["handed_in_within_a_day"]) == (1, 1)
        assert (row["severity"], row["agreement"]) == (None, None)


class TestAgreement:
    async def test_is_with_what_a_second_blind_marker_said_of_published_visits(self, world: World) -> None:
        """D8.1, through the whole real way: ivy finds it tidy once where max does not, and once both find it untidy."""
        desk = await a_desk(world, publication_delay_hours=0)
        max_ = await world.newcomer("max", Role.REVIEWER)
        await in_charge(world, max_, region=desk.scene.region)
        ivy, ian, unseen = desk.scene.ivy, desk.scene.ian, {"state": "not_observed"}
        cases = [
            await desk.marked_twice(ivy, on="2026-03-02", first={"tidy": True}, tidy=False, uniform=unseen),
            await desk.marked_twice(ivy, on="2026-03-03", first={"tidy": False}, tidy=False),
            await desk.marked_twice(ivy, on="2026-03-04", first={"tidy": True}, tidy=True),
            await desk.marked_twice(ian, on="2026-03-02", first={"tidy": True}, tidy=True),
        ]
        assert (await agreements(desk)) == {}  # nothing is published yet
        for case in cases:
            await out(desk, case)

        found = await agreements(desk)

        # Of six items in three visits one was not seen; tidy: raw 2/3, by chance 4/9. The others leave no room.
        assert found["Ivy"] == {
            "visits": 3,
            "pairs": 17,
            "raw": pytest.approx(16 / 17, abs=1e-6),
            "kappa": 0.4,
        }
        assert found["Ian"] == {"visits": 1, "pairs": 6, "raw": 1, "kappa": None}
        for other in (desk.mona, ivy, desk.rita):
            assert_problem(await other.get("/v1/insight/inspectors"), 403, "forbidden")


async def out(desk: Desk, case: Case) -> None:
    """Reviewed, approved without its files, and published."""
    await desk.opened(case)
    approved = await desk.approve(case, without_files_because="The phone was lost.")
    assert approved.status_code == 200, approved.text
    await desk.published_too(case)


async def agreements(desk: Desk) -> dict[str, Any]:
    answer = await desk.scene.sam.get("/v1/insight/inspectors", params={"month": "2026-03"})
    rows = answer.json().get("inspectors", [])  # nothing published: no programme to speak of
    return {row["name"]: row["agreement"] for row in rows if row["agreement"]}


class TestReliability:
    async def test_says_how_many_visits_a_conclusion_needs(self, desk: Desk) -> None:
        ivy, ian = desk.scene.ivy.id, desk.scene.ian.id
        halls = [desk.scene.outlet, *[await a_hall(desk, f"gz-{number}") for number in range(2, 7)]]
        for number, hall in enumerate(halls):
            wobble = (5, -5)[number % 2]
            await seen(
                desk, *at(hall, 60 + 5 * number + wobble, by=ivy), *at(hall, 64 + 5 * number - wobble, by=ian)
            )
        found = await insight(desk.scene.sam, "reliability", precision=8, reliability=0.9)

        assert (found["visits"], found["outlets"], found["inspectors"]) == (12, 6, 2)
        table = {row["visits"]: row for row in found["table"]}
        assert table[1]["half_width"] is None
        assert found["visits_for_precision"] in table
        assert table[found["visits_for_precision"]]["half_width"] <= 8
        assert table[found["visits_for_precision"] - 1]["half_width"] > 8
        parts = found["components"]
        error = parts["inspector"] + parts["residual"]
        assert table[3]["reliability"] == pytest.approx(
            parts["outlet"] / (parts["outlet"] + error / 3), abs=1e-5
        )

    async def test_says_when_it_cannot_be_told(self, desk: Desk) -> None:
        await seen(desk, *at(desk.scene.outlet, 60))
        found = await insight(desk.scene.sam, "reliability")
        assert (found["components"], found["visits_for_precision"], found["table"]) == (None, None, [])


class TestPeriods:
    def test_go_back_by_as_many_months_or_days(self) -> None:
        assert Period(date(2026, 3, 1), date(2026, 3, 31)).before() == Period(
            date(2026, 2, 1), date(2026, 2, 28)
        )
        assert Period(date(2026, 1, 1), date(2026, 3, 31)).before() == Period(
            date(2025, 10, 1), date(2025, 12, 31)
        )
        assert Period(date(2026, 3, 2), date(2026, 3, 8)).before() == Period(
            date(2026, 2, 23), date(2026, 3, 1)
        )

    def test_end_no_earlier_than_they_begin(self) -> None:
        with pytest.raises(ValueError, match="before it begins"):
            Period(date(2026, 3, 2), date(2026, 3, 1))
