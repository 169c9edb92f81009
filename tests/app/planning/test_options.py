"""Where a visit could go, told before it is moved: what is promised here is what a move then does (D6.4)."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import pytest

from app.kit.ids import new_id
from app.planning.by_hand import hours_to_try, new_violations, placed, route_of
from app.planning.demand import DemandedVisit, demanded_visits
from app.planning.hard_rules import Rule, Why
from app.planning.instance import Instance
from app.planning.options import Option, Row, SoftConflict, Verdict, options
from app.planning.parts import Pin
from app.planning.plan import Plan, PlannedVisit
from tests.support.planned import planned, shown, visits_of
from tests.support.planning import a_month
from tests.support.world import World, assert_problem


def some_visits(month: Instance, plan: Plan) -> list[DemandedVisit]:
    """Planned ones and unserved ones, with crews and without."""
    by_name = {one.id: one for one in demanded_visits(month)}
    names = [
        *(one.visit for one in islice(plan.visits, 0, None, 20)),
        *(one.visit for one in plan.unserved[:2]),
    ]
    return [by_name[name] for name in names]


def cells(rows: list[Row]) -> list[tuple[Row, Option]]:
    return [(row, option) for row in rows for option in row.days]


class TestOptions:
    def test_allowed_is_what_breaks_no_rule_at_that_hour(self, month: Instance, plan: Plan) -> None:
        looked_at = 0
        for demanded in some_visits(month, plan):
            for row, option in cells(options(month, plan, demanded)):
                if option.arrive is not None and len(row.crew) == demanded.outlet.crew:
                    there = placed(demanded, row.crew, option.on, option.arrive)
                    assert new_violations(month, plan, [there]) == []
                    looked_at += 1
        assert looked_at > 50

    def test_blocked_is_what_breaks_rules_at_every_hour(self, month: Instance, plan: Plan) -> None:
        looked_at = 0
        for demanded in some_visits(month, plan)[::3]:
            now = next((one for one in plan.visits if one.visit == demanded.id), None)
            for row, option in islice(cells(options(month, plan, demanded)), 0, None, 11):
                if option.verdict is Verdict.BLOCKED:
                    assert option.broken
                    for arrive in hours_to_try(demanded.outlet, option.on, now)[::9]:
                        assert new_violations(month, plan, [placed(demanded, row.crew, option.on, arrive)])
                    looked_at += 1
        assert looked_at > 20

    def test_somebody_who_never_may_needs_no_days(self, month: Instance, plan: Plan) -> None:
        rows = [row for one in some_visits(month, plan) for row in options(month, plan, one) if row.never]

        assert rows
        assert {row.days for row in rows} == {()}
        assert {one.rule for row in rows for one in row.never} <= {
            Rule.LANGUAGE,
            Rule.CERTIFICATE,
            Rule.REACH,
            Rule.BARRED,
        }

    def test_where_it_is_now_costs_no_more_travel(self, plain_month: Instance, plain_plan: Plan) -> None:
        for now in plain_plan.visits[:5]:
            demanded = next(one for one in demanded_visits(plain_month) if one.id == now.visit)
            rows = {row.inspector: row for row in options(plain_month, plain_plan, demanded)}
            here = next(one for one in rows[now.inspectors[0]].days if one.on == now.on)
            assert (here.arrive, here.travel_minutes) == (now.arrive, 0)

    def test_travel_is_what_the_routes_become_more_by(self, plain_month: Instance, plain_plan: Plan) -> None:
        by_name = {one.id: one for one in demanded_visits(plain_month)}
        before = travel(plain_month, plain_plan.visits)
        looked_at = 0
        for now in plain_plan.visits[:12]:
            for row, option in cells(options(plain_month, plain_plan, by_name[now.visit])):
                if option.arrive is None or option.on == now.on:
                    continue
                there = placed(by_name[now.visit], row.crew, option.on, option.arrive)
                after = [there if one.visit == there.visit else one for one in plain_plan.visits]
                assert option.travel_minutes == travel(plain_month, after) - before
                looked_at += 1
                break
        assert looked_at

    def test_a_companion_is_replaced_and_the_lead_leads_on(self, month: Instance, plan: Plan) -> None:
        together = next(one for one in plan.visits if len(one.inspectors) == 2)
        demanded = next(one for one in demanded_visits(month) if one.id == together.visit)
        lead, companion = together.inspectors

        rows = {one.inspector: one.crew for one in options(month, plan, demanded, beside=[lead])}
        other = next(name for name in rows if name not in together.inspectors)

        assert rows[other] == (lead, other)
        assert rows[companion] == (lead, companion)

    def test_of_a_crew_that_is_not_complete_are_those_of_the_people_there_are(
        self, month: Instance, plan: Plan
    ) -> None:
        """D6.7: one after the other, and whoever was chosen to lead leads."""
        together = next(one for one in plan.visits if len(one.inspectors) == 2)
        demanded = next(one for one in demanded_visits(month) if one.id == together.visit)
        lead, companion = together.inspectors
        out = plan.model_copy(update={"visits": tuple(one for one in plan.visits if one != together)})

        alone = next(one for one in options(month, out, demanded) if one.inspector == lead)
        beside = options(month, out, demanded, beside=[lead], lead=lead)
        both = next(one for one in beside if one.inspector == companion)
        others = [one for row in beside for option in row.days for one in option.broken]

        assert alone.crew == (lead,)
        assert both.crew == together.inspectors
        for row in (alone, both):
            assert next(one for one in row.days if one.on == together.on).verdict is not Verdict.BLOCKED
        assert {one.reason for one in others} >= {Why.UNAVAILABLE, Why.ROTATION}
        assert Why.CREW_SIZE not in {one.reason for one in others}

    def test_the_same_weekday_and_day_part_again_is_a_soft_conflict(
        self, plain_month: Instance, plain_plan: Plan
    ) -> None:
        """D6.3: twice by chance is fine, and nevertheless told."""
        found = [
            option
            for demanded in demanded_visits(plain_month)[:12]
            for _, option in cells(options(plain_month, plain_plan, demanded))
            if SoftConflict.PATTERN in option.soft
        ]

        assert found
        assert {one.verdict for one in found} == {Verdict.SOFT}

    def test_what_is_pinned_or_confirmed_goes_nowhere(self, plain_month: Instance, plain_plan: Plan) -> None:
        """D6.5."""
        first = plain_plan.visits[0]
        demanded = next(one for one in demanded_visits(plain_month) if one.id == first.visit)
        pinned = plain_plan.model_copy(
            update={"visits": (first.model_copy(update={"pinned": True}), *plain_plan.visits[1:])}
        )
        confirmed = plain_month.model_copy(
            update={"pins": (Pin(outlet=first.outlet, number=first.number, on=first.on, confirmed=True),)}
        )

        for rows in (options(plain_month, pinned, demanded), options(confirmed, plain_plan, demanded)):
            assert {one.rule for row in rows for one in row.never} == {Rule.PIN}
            assert not cells(rows)
        moved = placed(demanded, first.inspectors, first.on.replace(day=1), first.arrive)
        assert Rule.PIN in {one.rule for one in new_violations(confirmed, plain_plan, [moved])}


def travel(month: Instance, visits: Sequence[PlannedVisit]) -> int:
    days = {(name, one.on) for one in visits for name in one.inspectors}
    routes = [route_of(month, visits, *day) for day in sorted(days)]
    return sum(one.travel_minutes for one in routes if one is not None)


@pytest.mark.usefixtures("plan")
class TestAsked:
    async def test_of_a_draft_the_answer_is_what_moving_does(self, world: World) -> None:
        scene = await a_month(world, outlets=2, people=2)
        first, second = (one for name, one in world.callers.items() if name.startswith("inspector-"))
        await scene.arranged(first, on="2026-03-20")
        plan = await planned(scene)
        visit = next(
            one for one in await visits_of(scene, plan["id"]) if one["outlet_id"] == str(scene.outlet.id)
        )

        asked = {"visit": visit["visit"]}
        answer = await scene.sam.get(f"/v1/plans/{plan['id']}/options", params=asked)

        assert answer.status_code == 200, answer.text
        rows = {one["inspector_id"]: one for one in answer.json()["rows"]}
        blocked = {one["on"]: one for one in rows[str(first.id)]["days"]}
        free = {one["on"]: one for one in rows[str(second.id)]["days"]}
        assert {one["verdict"] for one in blocked.values()} == {"blocked"}
        assert blocked["2026-04-18"]["broken"][0]["rule"] in {"rotation", "unavailable"}
        assert "2026-06-20" in next(
            one["says"] for one in blocked["2026-04-15"]["broken"] if one["rule"] == "rotation"
        )
        assert free["2026-04-15"]["verdict"] in {"allowed", "soft"}
        assert free["2026-04-18"]["broken"][0]["rule"] == "unavailable"
        wish = {"visit": visit["visit"], "inspectors": rows[str(second.id)]["crew"], "on": "2026-04-15"}
        headers = {"If-Match": f'"{answer.json()["version"]}"'}
        moved = await scene.sam.post(f"/v1/plans/{plan['id']}/move", json=wish, headers=headers)
        assert moved.status_code == 200, moved.text
        now = {one["visit"]: one for one in await visits_of(scene, plan["id"])}[visit["visit"]]
        assert now["arrive"] == free["2026-04-15"]["arrive"]
        assert_problem(
            await scene.sam.get(f"/v1/plans/{plan['id']}/options", params={"visit": f"{new_id()}#1"}),
            409,
            "unknown-planned-visit",
        )

    async def test_a_visit_is_taken_out_and_put_back_as_it_was(self, world: World) -> None:
        """D6.1: what a person leaves unserved says so."""
        scene = await a_month(world, outlets=1, people=2)
        plan = await planned(scene)
        (visit,) = await visits_of(scene, plan["id"])
        (other,) = {str(one.id) for name, one in world.callers.items() if name.startswith("inspector-")} - {
            *visit["inspectors"]
        }
        name = visit["visit"]

        async def by_hand(verb: str, **body: Any) -> Any:
            headers = {"If-Match": f'"{(await shown(scene, plan["id"]))["version"]}"'}
            return await scene.sam.post(f"/v1/plans/{plan['id']}/{verb}", json=body, headers=headers)

        out = await by_hand("take-out", visit=name)

        assert out.status_code == 200, out.text
        assert out.json()["measures"]["unserved_by_cause"] == {"by_hand": 1}
        assert (await visits_of(scene, plan["id"]), out.json()["measures"]["travel_minutes"]) == ([], 0)
        (unserved,) = (await scene.sam.get(f"/v1/plans/{plan['id']}/unserved")).json()["items"]
        assert (unserved["cause"], unserved["fix"]["remedy"], unserved["fix"]["on"]) == (
            "by_hand",
            "put_back",
            visit["on"],
        )
        assert_problem(await by_hand("take-out", visit=name), 409, "unknown-planned-visit")
        back = {key: visit[key] for key in ("visit", "inspectors", "on", "arrive")}
        assert (await by_hand("move", **back, backups=[other])).status_code == 200
        assert await visits_of(scene, plan["id"]) == [visit | {"backups": [other]}]
        assert (await scene.sam.get(f"/v1/plans/{plan['id']}/unserved")).json()["items"] == []
        assert (await by_hand("pin", visit=name, pinned=True)).status_code == 200
        assert_problem(await by_hand("take-out", visit=name), 409, "wrong-plan-state")
