"""Recording devices over HTTP, and the one holder that the database itself defends, on both databases."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.devices.models import ClockMeasurement, Custody
from app.identity.actor import Role
from app.kit.ids import new_id
from tests.support.places import a_region, in_charge
from tests.support.visits import Scene, a_scene
from tests.support.world import Caller, World, assert_problem


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


async def a_recorder(scene: Scene, **fields: Any) -> str:
    body = {"code": "recorder-7", "kind": "recorder", "region_id": str(scene.region.id), **fields}
    made = await scene.sam.post("/v1/devices", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def hand(
    caller: Caller, device: str, giver: Caller | None, receiver: Caller | None, **fields: Any
) -> httpx2.Response:
    ids = {"giver_id": giver, "receiver_id": receiver}
    body = {name: str(one.id) if one else None for name, one in ids.items()}
    return await caller.post(f"/v1/devices/{device}/hand-overs", json=body | fields)


class TestHandOver:
    async def test_keeps_who_had_it_from_when_to_when(self, scene: Scene) -> None:
        """D6.7."""
        device = await a_recorder(scene)
        begun = scene.world.clock.now
        await hand(scene.sam, device, None, scene.ivy)
        scene.world.clock.advance(hours=2)
        told = (begun + timedelta(hours=1)).isoformat()

        passed_on = await hand(scene.sam, device, scene.ivy, scene.ian, at=told)

        assert passed_on.json()["holder_id"] == str(scene.ian.id)
        spells = (await scene.sam.get(f"/v1/devices/{device}/custody")).json()["items"]
        assert [one["holder_id"] for one in spells] == [str(scene.ian.id), str(scene.ivy.id)]
        assert [one["held_until"] for one in spells] == [None, spells[0]["held_from"]]
        assert (await scene.sam.get(f"/v1/devices/{device}")).json()["holder_id"] == str(scene.ian.id)

    async def test_refuses_what_is_no_longer_so_and_says_who_has_it(self, scene: Scene) -> None:
        device = await a_recorder(scene)
        await hand(scene.sam, device, None, scene.ivy)
        scene.world.clock.advance(hours=1)

        refused = await hand(scene.sam, device, None, scene.ian)

        problem = assert_problem(refused, 409, "custody-refused")
        assert (problem["rule"], problem["holder_id"]) == ("moved", str(scene.ivy.id))
        assert_problem(await hand(scene.sam, device, scene.ivy, scene.sam), 409, "cannot-hold-devices")

    async def test_of_two_at_once_one_is_done(self, scene: Scene) -> None:
        device = await a_recorder(scene)

        answers = await asyncio.gather(
            *(hand(scene.sam, device, None, one) for one in (scene.ivy, scene.ian, scene.ivy, scene.ian))
        )

        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        assert len((await scene.sam.get(f"/v1/devices/{device}/custody")).json()["items"]) == 1


class TestDatabase:
    async def test_lets_one_person_hold_a_device_at_a_time(self, scene: Scene) -> None:
        """D6.7, whatever the code above does."""
        device = await a_recorder(scene)
        await hand(scene.sam, device, None, scene.ivy)
        now = scene.world.clock.now
        again = Custody(
            id=new_id(),
            organisation_id=scene.sam.actor.organisation_id,
            device_id=UUID(device),
            holder_id=scene.ian.id,
            held_from=now - timedelta(days=1),
            held_until=now + timedelta(seconds=1),
            begun_by=scene.sam.id,
            ended_by=scene.sam.id,
        )

        with pytest.raises(DBAPIError, match="ex_device_custody_one_holder"):
            await scene.world.add(again)

    @pytest.mark.parametrize(
        "change",
        [
            sa.update(Custody).values(held_from=sa.literal_column("'2020-01-01'")),
            sa.delete(Custody),
            sa.update(ClockMeasurement).values(offset_ms=0),
            sa.delete(ClockMeasurement),
        ],
    )
    async def test_keeps_the_history(self, scene: Scene, change: sa.Update | sa.Delete) -> None:
        device = await a_recorder(scene)
        await hand(scene.sam, device, None, scene.ivy)
        await scene.ivy.post(f"/v1/devices/{device}/clock-measurements", json={"offset_ms": -41000})

        with pytest.raises(DBAPIError, match="is_append_only"):
            async with scene.world.database.writing() as session:
                await session.execute(change.execution_options(synchronize_session=False))


class TestSeeing:
    async def test_inspectors_see_what_they_hold_and_not_who_else_did(self, scene: Scene) -> None:
        """D10.6."""
        device = await a_recorder(scene)
        await hand(scene.sam, device, None, scene.ivy)
        scene.world.clock.advance(hours=1)
        await hand(scene.sam, device, scene.ivy, scene.ian)

        assert_problem(await scene.ivy.get(f"/v1/devices/{device}"), 404, "not-found")
        assert (await scene.ivy.get("/v1/devices")).json()["items"] == []
        (shown,) = (await scene.ian.get("/v1/devices")).json()["items"]
        (spell,) = (await scene.ian.get(f"/v1/devices/{device}/custody")).json()["items"]
        assert (shown["code"], spell["holder_id"]) == ("recorder-7", str(scene.ian.id))

    async def test_supervisors_keep_those_of_their_regions_and_of_none(self, scene: Scene) -> None:
        north = await a_region(scene.world, "north")
        sue = await scene.world.newcomer("sue", Role.SUPERVISOR)
        await in_charge(scene.world, sue, region=north)
        device, everybodys = await a_recorder(scene), await a_recorder(scene, code="spare", region_id=None)

        assert_problem(await hand(sue, device, None, scene.ian), 404, "not-found")
        assert (await hand(sue, everybodys, None, scene.ian)).status_code == 200
        assert [one["code"] for one in (await sue.get("/v1/devices")).json()["items"]] == ["spare"]


class TestDevice:
    async def test_has_a_code_of_its_own_and_a_lawful_kind(self, scene: Scene) -> None:
        """D7.5."""
        await a_recorder(scene)

        twice = await scene.sam.post("/v1/devices", json={"code": "recorder-7", "kind": "phone"})
        pen = await scene.sam.post("/v1/devices", json={"code": "pen-1", "kind": "spy-pen"})

        assert_problem(twice, 409, "device-code-taken")
        assert_problem(pen, 422, "invalid-request")

    async def test_is_taken_back_before_it_is_retired_but_lost_with_who_had_it(self, scene: Scene) -> None:
        device = await a_recorder(scene)
        await hand(scene.sam, device, None, scene.ivy)
        scene.world.clock.advance(hours=1)

        async def put(state: str, version: int) -> httpx2.Response:
            body = {"code": "recorder-7", "kind": "recorder", "region_id": None, "state": state}
            headers = {"If-Match": f'"{version}"'}
            return await scene.sam.put(f"/v1/devices/{device}", json=body, headers=headers)

        assert_problem(await put("retired", 1), 409, "device-held")
        lost = await put("lost", 1)
        passed_on = await hand(scene.sam, device, scene.ivy, scene.ian)

        assert (lost.json()["state"], lost.json()["holder_id"]) == ("lost", str(scene.ivy.id))
        assert assert_problem(passed_on, 409, "custody-refused")["rule"] == "out_of_service"
        assert_problem(await put("in_service", 1), 412, "stale")


class TestClock:
    async def test_is_measured_by_who_holds_the_device(self, scene: Scene) -> None:
        device = await a_recorder(scene)
        await hand(scene.sam, device, None, scene.ivy)
        address = f"/v1/devices/{device}/clock-measurements"

        told = await scene.ivy.post(address, json={"offset_ms": -41000})
        tomorrow = (scene.world.clock.now + timedelta(days=1)).isoformat()
        ahead = await scene.ivy.post(address, json={"offset_ms": 1, "measured_at": tomorrow})

        assert told.status_code == 201
        assert_problem(ahead, 422, "invalid-request")
        assert_problem(await scene.ian.post(address, json={"offset_ms": 0}), 404, "not-found")
        (kept,) = (await scene.sam.get(address)).json()["items"]
        assert (kept["offset_ms"], kept["measured_by"]) == (-41000, str(scene.ivy.id))
