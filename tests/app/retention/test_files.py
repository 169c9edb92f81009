"""What belongs to no recording goes too: files of appeals and actions, and editions of bulletins (D10.4)."""

from datetime import date

import sqlalchemy as sa

from app.bulletins.models import Bulletin
from app.cases.models import CaseFile
from app.programmes.rules import RecordingMode
from app.retention.rules import Class
from tests.support.bulletins import a_bulletin, shown
from tests.support.cases import PDF, a_court
from tests.support.published import Written, write
from tests.support.recordings import storage_of
from tests.support.retained import ran, there, tombstones
from tests.support.review import a_desk
from tests.support.world import Caller, World, assert_problem


async def held(alice: Caller, **subject: str) -> str:
    answer = await alice.post("/v1/legal-holds", json={"reason": "Labour dispute 2026-114", **subject})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def lifted(alice: Caller, hold_id: str) -> None:
    answer = await alice.post(f"/v1/legal-holds/{hold_id}/lift", json={"reason": "It was settled."})
    assert answer.status_code == 200, answer.text


class TestCaseFiles:
    async def test_go_their_days_after_their_case_was_closed_and_the_case_says_so(self, world: World) -> None:
        court = await a_court(world, retention={"case_file_days": 30})
        alice = await world.person("alice")
        appeal = await court.filed(await court.published(), "tidy")
        at = f"/v1/appeals/{appeal}/attachments"
        await court.attached(at, PDF, "application/pdf", by=court.mona)
        async with world.database.reading() as session:
            file = (await session.scalars(sa.select(CaseFile))).one()
        world.clock.advance(days=60)
        await ran(world)
        open_still = await there(world, [file.key])
        withdrawn = await court.mona.post(f"/v1/appeals/{appeal}/withdraw")
        assert withdrawn.status_code == 200, withdrawn.text
        hold = await held(alice, outlet_id=str(court.desk.scene.outlet.id))
        world.clock.advance(days=30)
        await ran(world)
        kept = await there(world, [file.key])
        await lifted(alice, hold)

        await ran(world)

        assert (open_still, kept) == ([file.key], [file.key])
        assert await there(world, [file.key]) == []
        (stone,) = [one for one in await tombstones(world) if one.retention_class is Class.CASE_FILE]
        assert (stone.case_file_id, stone.sha256, stone.size_bytes) == (file.id, file.sha256, len(PDF))
        assert stone.deleted_at == world.clock.now
        assert_problem(await court.mona.get(f"{at}/1"), 410, "evidence-deleted")


class TestBulletins:
    async def test_go_after_their_days_with_what_they_were_drawn_from_unless_held(self, world: World) -> None:
        desk = await a_desk(world, mode=RecordingMode.NONE, retention={"bulletin_days": 60})
        alice, scene = await world.person("alice"), desk.scene
        await write(
            world.database,
            scene.programme,
            scene.version,
            [Written(scene.outlet.id, 60, on=date(2026, 2, 3))],
        )
        made = await a_bulletin(
            world, scene.sam, cadence="monthly", on="2026-02-03", region_id=str(scene.region.id)
        )
        async with world.database.reading() as session:
            key = (await session.scalars(sa.select(Bulletin.key))).one()
        keys = [one.key async for one in storage_of(world).list_keys(f"{key}/")]
        hold = await held(alice, outlet_id=str(scene.outlet.id))
        world.clock.advance(days=60)
        await ran(world)
        preview = (await alice.get("/v1/retention/preview")).json()
        kept = await there(world, keys)
        await lifted(alice, hold)

        await ran(world)

        assert (kept, len(keys)) == (keys, 5)
        (line,) = [one for one in preview["totals"] if one["retention_class"] == "bulletin"]
        assert (line["things"], line["held_things"], line["days"]) == (1, 1, 60)
        ours = await shown(scene.sam, made["id"])
        assert (ours["state"], ours["files"]) == ("deleted", [])
        gone = await scene.sam.get(f"/v1/bulletins/{made['id']}/files/zh/pdf")
        assert assert_problem(gone, 409, "bulletin-not-ready")["state"] == "deleted"
        (stone,) = (await alice.get("/v1/retention/tombstones?retention_class=bulletin")).json()["items"]
        assert (stone["bulletin_id"], stone["sha256"]) == (made["id"], made["content_sha256"])
        assert {one["kind"] for one in stone["files"]} == {"zh.pdf", "zh.xlsx", "en.pdf", "en.xlsx"}
        assert await there(world, keys) == []
