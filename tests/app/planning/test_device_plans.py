"""Months of programmes whose visits need recording devices: planned with what people hold now (D6.7)."""

from typing import Any

from tests.support.planned import planned, published, visits_of
from tests.support.planning import a_month
from tests.support.visits import Scene
from tests.support.world import Caller, World


async def that_needs_recorders(world: World, *, outlets: int, people: int) -> tuple[Scene, list[Caller]]:
    scene = await a_month(world, outlets=outlets, people=people)
    alice = await world.person("alice")
    path = f"/v1/planning/programmes/{scene.programme.id}/rules"
    rules = (await alice.get(path)).json()["rules"]
    answer = await alice.put(path, json=rules | {"devices": {"recorder": 1}})
    assert answer.status_code == 200, answer.text
    return scene, [one for name, one in world.callers.items() if name.startswith("inspector-")]


async def given(scene: Scene, holder: Caller, code: str, **fields: Any) -> str:
    body = {"code": code, "kind": "recorder", "region_id": str(scene.region.id), **fields}
    device = (await scene.sam.post("/v1/devices", json=body)).json()["id"]
    hand_over = {"giver_id": None, "receiver_id": str(holder.id)}
    assert (await scene.sam.post(f"/v1/devices/{device}/hand-overs", json=hand_over)).status_code == 200
    return str(device)


async def shortages(scene: Scene) -> list[tuple[str, int]]:
    params = {
        "programme_id": str(scene.programme.id),
        "month": "2026-04",
        "region_id": str(scene.region.id),
    }
    told = (await scene.sam.get("/v1/planning/feasibility", params=params)).json()
    return [(one["cause"], one["eligible"]) for one in told["shortages"]]


class TestDevices:
    async def test_are_led_by_who_holds_them_and_missed_where_nobody_does(self, world: World) -> None:
        scene, team = await that_needs_recorders(world, outlets=2, people=4)
        assert await shortages(scene) == [("device", 0), ("device", 0)]
        without = await planned(scene)
        assert without["measures"]["served"] == 0
        unserved = (await scene.sam.get(f"/v1/plans/{without['id']}/unserved")).json()["items"]
        assert {one["cause"] for one in unserved} == {"no_device"}
        assert all("recorder" in one["fix"]["says"] for one in unserved)

        ann, bo = team[:2]
        await given(scene, ann, "recorder-1")
        lost = await given(scene, bo, "recorder-2")
        etag = {"If-Match": (await scene.sam.get(f"/v1/devices/{lost}")).headers["etag"]}
        said = {
            "code": "recorder-2",
            "kind": "recorder",
            "region_id": str(scene.region.id),
            "state": "lost",
        }
        gone = await scene.sam.put(f"/v1/devices/{lost}", json=said, headers=etag)
        assert gone.status_code == 200, gone.text

        assert await shortages(scene) == []
        plan = await planned(scene)
        visits = await visits_of(scene, plan["id"])
        assert [one["inspectors"] for one in visits] == [[str(ann.id)]] * 2
        question = {"visit": visits[0]["visit"], "inspector_id": str(bo.id), "on": visits[0]["on"]}
        told = (await scene.sam.post(f"/v1/plans/{plan['id']}/why-not", json=question)).json()
        assert [one["rule"] for one in told["broken"]] == ["device"]
        assert (await published(scene, plan))["state"] == "published"
