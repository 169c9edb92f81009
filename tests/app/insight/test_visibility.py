"""Who gets which figures (D10.1, D10.6): managers their own outlets, the desk its reach, inspectors nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.checklists.models import ChecklistVersion
from app.identity.actor import Role
from app.outlets.models import Outlet, Region
from app.programmes.rules import Ownership
from app.visits.rules import Kind
from tests.support.insight import a_hall, insight
from tests.support.places import a_grant, a_programme, a_region, in_charge
from tests.support.published import Written, write
from tests.support.review import Desk
from tests.support.visits import a_version
from tests.support.world import Caller, assert_problem

GROUPS = ("network", "tiers/flagship", "ranking", "reliability")
OPEN_TO_MANAGERS = ("heat-map", "vetoes", "worst-items", "control-charts", "competitors")


@dataclass
class Reach:
    desk: Desk
    own: Outlet
    near: Outlet
    far: Outlet
    north: Region
    alice: Caller
    sue: Caller
    theirs: ChecklistVersion | None = None  # southgate's


@pytest.fixture
async def reach(desk: Desk) -> Reach:
    """sam's south has two halls, one of them mona's; sue's north has one."""
    north = await a_region(desk.world, "north")
    near, far = await a_hall(desk, "gz-2"), await a_hall(desk, "bj-1", region=north)
    sue = await desk.world.newcomer("sue", Role.SUPERVISOR)
    await in_charge(desk.world, sue, region=north)
    found = Reach(desk, desk.scene.outlet, near, far, north, await desk.world.person("alice"), sue)
    await write(
        desk.world.database,
        desk.scene.programme,
        desk.scene.version,
        [
            Written(found.own.id, 50, inspector=desk.scene.ivy.id),
            Written(near.id, 70, inspector=desk.scene.ian.id),
            Written(far.id, 90, inspector=desk.scene.ivy.id),
        ],
    )
    return found


async def refused(who: Caller, path: str, status: int = 403, slug: str = "forbidden") -> None:
    assert_problem(await who.get(f"/v1/insight/{path}"), status, slug)


class TestManagers:
    async def test_see_their_own_outlets_and_no_other(self, reach: Reach) -> None:
        mona = reach.desk.mona
        assert (await insight(mona, f"outlets/{reach.own.id}"))["score"]["value"] == 50
        for outlet in (reach.near, reach.far):
            await refused(mona, f"outlets/{outlet.id}", 404, "not-found")
            for path in OPEN_TO_MANAGERS[1:]:
                await refused(mona, f"{path}?outlet_id={outlet.id}", 404, "not-found")

    async def test_get_no_groups(self, reach: Reach) -> None:
        for path in GROUPS:
            await refused(reach.desk.mona, path)
        await refused(reach.desk.mona, f"regions/{reach.desk.scene.region.id}", 404, "not-found")
        for path in OPEN_TO_MANAGERS:
            await refused(reach.desk.mona, f"{path}?tier=flagship")
            await refused(reach.desk.mona, f"{path}?region_id={reach.north.id}", 404, "not-found")

    async def test_get_their_own_outlets_where_nothing_is_named(self, reach: Reach) -> None:
        rows = (await insight(reach.desk.mona, "heat-map"))["rows"]
        assert [row["outlet"]["code"] for row in rows] == ["gz-1"]
        items = (await insight(reach.desk.mona, "worst-items"))["items"]
        assert {item["value"] for item in items} == {50}

    async def test_know_of_no_programme_without_a_visit_of_theirs(self, reach: Reach) -> None:
        other = await a_programme(reach.desk.world, name="Branches")
        await refused(reach.desk.mona, f"outlets/{reach.own.id}?programme_id={other.id}", 404, "not-found")

    async def test_never_read_who_came(self, reach: Reach) -> None:
        """D10.1"""
        ids = {str(one.id) for one in (reach.desk.scene.ivy, reach.desk.scene.ian)}
        read = [await reach.desk.mona.get(f"/v1/insight/outlets/{reach.own.id}")]
        read += [await reach.desk.mona.get(f"/v1/insight/{path}") for path in OPEN_TO_MANAGERS]
        assert {answer.status_code for answer in read} == {200}
        assert not [one for one in ids for answer in read if one in answer.text]
        await refused(reach.desk.mona, "inspectors")


class TestTheDesk:
    async def test_sees_its_own_regions(self, reach: Reach) -> None:
        sam, sue = reach.desk.scene.sam, reach.sue
        assert (await insight(sam, "network"))["score"]["value"] == 60
        assert (await insight(sue, "network"))["score"]["value"] == 90
        assert (await insight(reach.alice, "network"))["score"]["value"] == 70
        assert (await insight(reach.desk.rita, "tiers/flagship"))["score"]["value"] == 60
        await refused(sam, f"regions/{reach.north.id}", 404, "not-found")
        await refused(sam, f"outlets/{reach.far.id}", 404, "not-found")

    async def test_gets_the_same_for_what_is_absent_and_what_is_not_theirs(self, reach: Reach) -> None:
        absent = "0199ffff-0000-7000-8000-00000000dead"
        for what, foreign in (("outlets", reach.far.id), ("regions", reach.north.id)):
            sam = reach.desk.scene.sam
            there = await sam.get(f"/v1/insight/{what}/{foreign}")
            nowhere = await sam.get(f"/v1/insight/{what}/{absent}")
            assert (there.status_code, there.text) == (404, nowhere.text)
        await refused(reach.alice, "tiers/none", 404, "not-found")
        await refused(reach.alice, f"network?programme_id={absent}", 404, "not-found")

    async def test_of_another_organisation_gets_nothing(self, reach: Reach) -> None:
        bob = await reach.desk.world.person("bob")
        await refused(bob, "network", 404, "not-found")
        await refused(bob, f"network?programme_id={reach.desk.scene.programme.id}", 404, "not-found")
        await refused(bob, f"outlets/{reach.own.id}", 404, "not-found")

    async def test_that_audits_sees_what_the_grant_names(self, reach: Reach) -> None:
        otto = await reach.desk.world.person("otto")
        await refused(otto, f"outlets/{reach.far.id}", 404, "not-found")
        await a_grant(reach.desk.world, otto, region=reach.north)
        assert (await insight(otto, "network"))["score"]["value"] == 90
        assert (await insight(otto, f"outlets/{reach.far.id}"))["score"]["value"] == 90

    async def test_that_also_manages_an_outlet_does_not_see_it_among_its_regions(self, reach: Reach) -> None:
        """What one role may see must not widen another's view."""
        await in_charge(reach.desk.world, reach.sue, outlet=reach.own)
        assert (await insight(reach.sue, "network"))["score"]["outlets"] == 1


class TestInspectors:
    async def test_get_nothing(self, reach: Reach) -> None:
        ivy = reach.desk.scene.ivy
        for path in (*GROUPS, *OPEN_TO_MANAGERS, "inspectors"):
            await refused(ivy, path)
        await refused(ivy, f"outlets/{reach.own.id}", 404, "not-found")

    async def test_are_told_of_to_supervisors_and_admins_alone(self, reach: Reach) -> None:
        otto = await reach.desk.world.person("otto")
        await a_grant(reach.desk.world, otto)
        for other in (reach.desk.rita, otto, reach.desk.mona):
            await refused(other, "inspectors")
        for who, outlets in ((reach.alice, {1, 2}), (reach.desk.scene.sam, {1})):
            rows = (await insight(who, "inspectors"))["inspectors"]
            assert {row["outlets"] for row in rows} == outlets


class TestLaws:
    # Each example is some thirty requests: few are drawn, and a failing one is told as it was found.
    @settings(
        max_examples=3,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        rows=st.lists(
            st.tuples(
                st.sampled_from(["far", "rival", "foreign", "overt", "elsewhen", "programme"]),
                st.integers(0, 100),
            ),
            min_size=4,
            max_size=6,
        )
    )
    async def test_nothing_the_viewer_may_not_see_changes_a_figure(
        self, reach: Reach, rows: list[tuple[str, int]]
    ) -> None:
        """But for the medians of peers, which are made of others by their nature (and shown from five on)."""
        before = [await figures(reach, path) for path in SEEN]
        for what, total in rows:
            await unseen(reach, what, total)
        assert [await figures(reach, path) for path in SEEN] == before

    def test_are_tried_on_every_operation(self, routes: FastAPI) -> None:
        paths = {path for path in routes.openapi()["paths"] if path.startswith("/v1/insight/")}
        assert paths == {f"/v1/insight/{path}" for path in SEEN}


# Every operation, and what else it is asked with.
SEEN = {
    "outlets/{outlet_id}": {},
    "regions/{region_id}": {},
    "tiers/{code}": {},
    "network": {},
    "ranking": {"of": "outlets"},
    "heat-map": {},
    "control-charts": {},
    "vetoes": {},
    "worst-items": {},
    "competitors": {},
    "inspectors": {},
    "reliability": {},
}
MARCH = date(2026, 3, 9)


async def figures(reach: Reach, path: str) -> Any:
    names = {"outlet_id": reach.own.id, "region_id": reach.desk.scene.region.id, "code": "flagship"}
    found = await insight(reach.desk.scene.sam, path.format(**names), **SEEN[path])
    found.pop("peers", None)
    for one in found.get("profile", []):
        one.pop("peers")
    return found


async def unseen(reach: Reach, what: str, total: float) -> None:
    """A published visit that is not sam's to see, or not of the question."""
    scene, database = reach.desk.scene, reach.desk.world.database
    programme, version, outlet = scene.programme, scene.version, reach.far
    written = Written(outlet.id, total, on=MARCH)
    match what:
        case "rival":
            rival = await a_hall(
                reach.desk, f"rival-{total}-{id(written)}", ownership=Ownership.COMPETITOR, region=reach.north
            )
            written = Written(rival.id, total, on=MARCH)
        case "overt":
            written = Written(reach.own.id, total, on=MARCH, kind=Kind.OVERT)
        case "elsewhen":
            written = Written(reach.own.id, total, on=date(2024, 3, 9))
        case "programme":
            programme = await a_programme(reach.desk.world, name=f"Other {total} {id(written)}")
            written = Written(reach.own.id, total, on=date(2024, 3, 9))
        case "foreign":
            bob = await reach.desk.world.person("bob")
            region = await a_region(reach.desk.world, f"r-{total}-{id(written)}", organisation="southgate")
            hall = await a_hall(reach.desk, f"h-{id(written)}", region=region)
            programme = await a_programme(
                reach.desk.world, organisation="southgate", name=f"P {total} {id(written)}"
            )
            reach.theirs = version = reach.theirs or await a_version(reach.desk.world, bob)
            written = Written(hall.id, total, on=MARCH)
        case _:  # the north's
            pass
    await write(database, programme, version, [written])
