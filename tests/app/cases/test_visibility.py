"""Who sees what of appeals and actions (D8.4, D10.1, D10.6).

mona manages the hall; ivy inspected it; petra and paul are the panel; milo manages another hall and sits on it too.
"""

from typing import Any

import pytest

from app.identity.actor import Role
from tests.support.cases import PDF, Court, a_court
from tests.support.places import a_grant, an_outlet, in_charge
from tests.support.searching import Secret, found
from tests.support.world import Caller, World, assert_problem


@pytest.fixture
async def court(world: World) -> Court:
    return await a_court(world)


class TestAnAppeal:
    async def test_is_seen_by_everybody_who_saw_the_report_and_who_decides(self, court: Court) -> None:
        """D8.4: the outcome is visible to all who saw the report."""
        case, alias = await court.case_and_alias()
        otto, olga = await court.world.person("otto"), await court.world.newcomer("olga", Role.AUDITOR)
        await a_grant(court.world, otto, outlet=court.desk.scene.outlet)
        appeal = await court.admitted(alias, "no-smoking")
        await court.decided(appeal, "no-smoking", "upheld", answer={"value": True})

        async def seen(who: Caller) -> dict[str, Any]:
            return await court.seen(appeal, by=who)

        views = {
            who.name: (await seen(who))["viewpoint"]
            for who in (court.mona, court.sam, court.desk.rita, otto, court.petra, court.desk.scene.ivy)
        }
        assert views == {
            "mona": "outlet", "sam": "desk", "rita": "desk", "otto": "desk", "petra": "panel", "ivy": "inspector",
        }  # fmt: skip
        for who in (court.mona, court.sam, court.petra, court.desk.scene.ivy):
            (item,) = (await seen(who))["disputed"]
            assert (item["ruling"]["category"], item["after"]["vetoed"]) == ("upheld", False)
        for stranger in (court.pia, olga, court.desk.scene.ian, await court.world.person("bob")):
            assert_problem(await stranger.get(f"/v1/appeals/{appeal}"), 404, "not-found")
            assert (await stranger.get("/v1/appeals")).json()["items"] == []
        assert (await seen(court.sam))["visit_id"] == case.visit
        listed = (await court.mona.get("/v1/appeals", params={"alias": alias, "state": "decided"})).json()
        assert [one["id"] for one in listed["items"]] == [appeal]
        assert (await court.mona.get("/v1/appeals", params={"state": "filed"})).json()["items"] == []

    async def test_tells_the_inspector_nothing_of_who_disputes(self, court: Court) -> None:
        case, alias = await court.case_and_alias()
        appeal = await court.admitted(alias, "no-smoking")
        await court.attached(f"/v1/appeals/{appeal}/attachments", PDF, "application/pdf", by=court.mona)
        ivy = court.desk.scene.ivy
        secrets: dict[str, Secret] = {
            "id": court.mona.id, "name": "Mona", "words": "The smoke came", "member": court.petra.id,
        }  # fmt: skip

        async def everything() -> list[bytes]:
            paths = (
                "/v1/appeals",
                f"/v1/appeals/{appeal}",
                f"/v1/appeals/{appeal}/steps",
                f"/v1/visits/{case.visit}",
                f"/v1/visits/{case.visit}/transitions",
                f"/v1/visits/{case.visit}/scores",
            )
            return [(await ivy.get(path)).content for path in paths]

        assert found(await everything(), secrets) == set()
        assert_problem(await ivy.get(f"/v1/appeals/{appeal}/attachments/1"), 403, "forbidden")
        assert found([(await court.sam.get(f"/v1/appeals/{appeal}")).content], secrets) >= {
            "id",
            "words",
            "member",
        }

    async def test_tells_the_outlets_side_on_the_panel_nothing_of_the_inspector(self, court: Court) -> None:
        """D10.1"""
        case, alias = await court.case_and_alias()
        milo = await court.world.newcomer("milo", Role.OUTLET_MANAGER)
        other = await an_outlet(court.world, "gz-2", region=court.desk.scene.region)
        await in_charge(court.world, milo, outlet=other)
        appeal = await court.admitted(alias, "no-smoking", panel=(court.petra, milo))
        secrets: dict[str, Secret] = {
            "id": court.desk.scene.ivy.id, "name": "Ivy", "visit": case.visit, "video": case.video,
        }  # fmt: skip
        paths = ("", "/steps", "/report")
        pages = [(await milo.get(f"/v1/appeals/{appeal}{path}")) for path in paths]
        played = await milo.post(f"/v1/appeals/{appeal}/recordings/1/play")

        assert [page.status_code for page in pages] == [200, 200, 200]
        assert played.status_code == 201, played.text
        assert found([*(page.content for page in pages), played.content], secrets) == set()
        assert pages[2].json()["alias"] == alias
        assert_problem(await milo.get(f"/v1/reports/{alias}"), 404, "not-found")
        assert (await milo.post(f"/v1/appeals/{appeal}/photos/1/play")).status_code == 201
        assert_problem(await court.mona.get(f"/v1/appeals/{appeal}/report"), 403, "not-on-panel")


class TestTheMinute:
    async def test_is_told_only_if_the_panel_discloses_it_on_record(self, court: Court) -> None:
        """D10.1: the minute only if an appeal needs it."""
        alias = await court.published()
        appeal = await court.admitted(alias, "no-smoking")
        address = f"/v1/appeals/{appeal}/disclose-minute"
        body = {"reason": "Who stood at the counter depends on it."}
        assert (await court.seen(appeal))["minute"] is None
        for other, slug in (
            (court.mona, "not-on-panel"),
            (court.sam, "not-on-panel"),
            (court.paul, "not-on-panel"),
        ):
            assert_problem(await other.post(address, json=body), 403, slug)

        done = await court.petra.post(address, json=body)
        again = await court.petra.post(address, json=body)

        assert done.status_code == 200, done.text
        assert_problem(again, 409, "minute-disclosed")
        told = (await court.seen(appeal))["minute"]
        assert (told["entered_at"], told["reason"]) == ("2026-03-02 17:00", body["reason"])
        assert (await court.seen(appeal, by=court.desk.scene.ivy))["minute"] is None
        steps = (await court.mona.get(f"/v1/appeals/{appeal}/steps")).json()["items"]
        assert [one["kind"] for one in steps] == ["filed", "admitted", "minute_disclosed"]


class TestNothingVisible:
    @pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 0, 1)])
    async def test_changes_when_something_changes_that_one_may_not_see(
        self, court: Court, order: tuple[int, ...]
    ) -> None:
        """D10.6, D6.6: whatever happens at another hall, inside a panel, or at this one before it is published."""
        other = await an_outlet(court.world, "gz-2", region=court.desk.scene.region)
        milo = await court.world.newcomer("milo", Role.OUTLET_MANAGER)
        await in_charge(court.world, milo, outlet=other)
        inspectors = [await court.world.newcomer(name, Role.INSPECTOR) for name in ("ines", "igor", "isa")]
        appeal = await court.admitted(await court.published(), "no-smoking")
        court.world.clock.advance(days=6)

        async def a_vote() -> None:
            done = await court.decides(appeal, "no-smoking", "insufficient_evidence", by=court.petra)
            assert done.status_code == 200

        async def a_plan() -> None:
            await court.desk.scene.arranged(inspectors[0], on="2026-04-20")

        async def a_recheck_not_yet_published() -> None:
            await court.handed_in(inspectors[1], {"patience": "good", "no-smoking": True})

        async def a_dispute_elsewhere() -> None:
            case = await court.handed_in(inspectors[2], {}, outlet_id=str(other.id))
            alias = await court.out(case)
            foreign = await court.filed(alias, "tidy", by=milo)
            assert (await court.admit(foreign, court.pia)).status_code == 200
            await court.decided(foreign, "tidy", "rejected", court.pia)
            action = (await court.actions(milo))[0]
            assert (await court.act(action["id"], "start", by=milo)).status_code == 200

        hidden = [a_vote, a_plan, a_recheck_not_yet_published, a_dispute_elsewhere]
        before = await self._everything(court.mona)
        for number in order:
            await hidden[number]()
            assert await self._everything(court.mona) == before, hidden[number].__name__

    async def _everything(self, who: Caller) -> dict[str, str]:
        paths = ["/v1/actions", "/v1/actions/counts", "/v1/appeals", "/v1/reports"]
        listed = {path: await who.get(path) for path in paths}
        for name, ways in (("actions", ("", "/steps")), ("appeals", ("", "/steps"))):
            for one in listed[f"/v1/{name}"].json()["items"]:
                listed |= {
                    f"{name}{one['id']}{way}": await who.get(f"/v1/{name}/{one['id']}{way}") for way in ways
                }
        assert len(listed) > 8
        return {path: answer.text for path, answer in listed.items()}
