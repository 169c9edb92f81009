"""Who may still come where, outlet by outlet, and how far the month's quota is met (D5.8, D6.1)."""

from typing import Any

from tests.support.places import an_outlet
from tests.support.planning import a_month, a_profile
from tests.support.world import World, assert_problem

ON = "2026-04-01"


class TestCoverage:
    async def test_names_for_each_outlet_who_may_not_come_why_and_until_when(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=2)
        ann, ben = (one for name, one in world.callers.items() if name.startswith("inspector-"))
        await a_profile(world, scene.ivy, region_id=scene.region.id, languages=["ug"])
        spoken = await an_outlet(world, "kashi", region=scene.region, required_languages=["ug"])
        alice = await world.person("alice")
        past = (
            "inspector_email,outlet_code,visited_on,overt\n"
            f"inspector-0@northwind.example,{scene.outlet.code},2026-01-31,no\n"
            f"inspector-1@northwind.example,{scene.outlet.code},2025-10-02,yes\n"
        )
        imported = await alice.post(
            f"/v1/rotation/history/import?programme_id={scene.programme.id}",
            content=past,
            headers={"Content-Type": "text/csv"},
        )
        assert imported.status_code == 200, imported.text
        await scene.arranged(scene.ivy, on="2026-04-20")
        path = f"/v1/planning/programmes/{scene.programme.id}/coverage"

        answer = await scene.sam.get(path, params={"on": ON})

        assert answer.status_code == 200, answer.text
        rows = {one["outlet_id"]: one for one in answer.json()["items"]}
        here = rows[str(scene.outlet.id)]
        barred: dict[str, dict[str, Any]] = {one["inspector_id"]: one for one in here["barred"]}
        assert (here["due"], here["arranged"], here["made"], here["free"]) == (1, 1, 0, 0)
        assert barred[str(ann.id)] == {
            "inspector_id": str(ann.id),
            "cause": "rotation",
            "blocking_date": "2026-01-31",
            "first_allowed_on": "2026-05-01",  # D5.8: the last blocked day is 30 April
        }
        assert (barred[str(ben.id)]["cause"], barred[str(ben.id)]["first_allowed_on"]) == ("covert-bar", None)
        later = barred[str(scene.ivy.id)]
        assert (later["blocking_date"], later["first_allowed_on"]) == ("2026-04-20", "2026-07-21")  # D5.4
        elsewhere = rows[str(spoken.id)]
        assert elsewhere["free"] == 1
        assert {one["cause"] for one in elsewhere["barred"]} == {"language"}

        for inspector, pair in barred.items():  # the same as asking one by one
            question = {
                "programme_id": str(scene.programme.id),
                "inspector_id": inspector,
                "outlet_id": str(scene.outlet.id),
                "on": ON,
            }
            told = (await scene.sam.get("/v1/rotation/eligibility", params=question)).json()
            assert (told["allowed"], told["first_allowed_on"]) == (False, pair["first_allowed_on"])

        first = (await scene.sam.get(path, params={"on": ON, "limit": 1})).json()
        assert first["items"] == [here]
        assert first["next_cursor"]
        nowhere = {"on": ON, "region_id": "0199ffff-0000-7000-8000-00000000dead"}
        assert (await scene.sam.get(path, params=nowhere)).json()["items"] == []
        assert_problem(await scene.ivy.get(path, params={"on": ON}), 403, "forbidden")
