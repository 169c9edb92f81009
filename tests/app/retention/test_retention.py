"""What is deleted when, what is kept all the same, and the proof (D10.4)."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.chain import TRAIL
from app.audit.models import AuditEntry
from app.events.models import Event
from app.identity.actor import Role
from app.kit.chains import verify_chain
from app.kit.ids import new_id
from app.recordings.models import Recording
from app.recordings.rules import Kind
from app.recordings.rules import State as RecordingState
from app.retention.rules import Class
from app.visits.models import CheckIn, DraftAnswer
from app.visits.rules import State
from tests.support.places import a_grant
from tests.support.retained import Ended, a_published_end, ended, ran, there, tombstones
from tests.support.review import Desk, a_desk
from tests.support.visits import SHA
from tests.support.world import Caller, World, assert_problem


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


@pytest.fixture
async def over(desk: Desk) -> Ended:
    """Its rules are the usual ones: originals for 90 days after the final decision, renditions for a year."""
    return await a_published_end(desk)


def by_class(stones: list[Any]) -> Counter[Class]:
    return Counter(stone.retention_class for stone in stones)


class TestRun:
    async def test_originals_go_ninety_days_after_the_final_decision_and_renditions_stay(
        self, world: World, over: Ended
    ) -> None:
        world.clock.advance(days=90, seconds=-1)
        await ran(world)
        kept = await there(world, over.originals)
        world.clock.advance(seconds=1)

        await ran(world)

        assert kept == over.originals
        assert await there(world, over.originals) == []
        assert await there(world, over.made) == over.made
        stones = [one for one in await tombstones(world) if one.retention_class is Class.RAW_RECORDING]
        assert [(one.sha256, one.days, one.deleted_at) for one in stones] == [
            (SHA, 90, world.clock.now)
        ] * len(over.originals)

    async def test_renditions_thumbnails_and_peaks_go_a_year_after_publication(
        self, world: World, over: Ended
    ) -> None:
        world.clock.advance(days=365 - 7, seconds=-1)  # a week of the year had passed
        await ran(world)
        kept = await there(world, over.made)
        world.clock.advance(seconds=1)

        await ran(world)

        assert kept == over.made
        assert await there(world, over.made) == []
        stones = [one for one in await tombstones(world) if one.retention_class is Class.RENDITION]
        assert len(stones) == 1 + len(over.case.photos)
        assert {"outlet", "poster", "peaks"} in [{file["kind"] for file in one.files} for one in stones]
        assert {file["sha256"] for one in stones for file in one.files} == {SHA}

    async def test_positions_and_drafts_go_and_what_happened_stays(self, world: World, over: Ended) -> None:
        visit = UUID(over.case.visit)
        world.clock.advance(days=90)

        await ran(world)

        async with world.database.reading() as session:
            check_ins = (await session.scalars(sa.select(CheckIn).where(CheckIn.visit_id == visit))).all()
            drafts = await session.scalar(
                sa.select(sa.func.count()).select_from(DraftAnswer).where(DraftAnswer.visit_id == visit)
            )
        assert [one.going_in for one in check_ins] == [True, False]
        assert {(one.latitude, one.longitude, one.accuracy_m, one.distance_m) for one in check_ins} == {
            (None, None, None, None)
        }
        assert drafts == 0
        (stone,) = [one for one in await tombstones(world) if one.retention_class is Class.FIELD_TRACE]
        assert (stone.recording_id, stone.sha256) == (None, None)

    async def test_parts_of_files_that_never_came_whole_go_two_weeks_after_it(
        self, world: World, desk: Desk
    ) -> None:
        case = await desk.submitted(processed=False)
        storage = desk.storage
        key = f"incoming/{new_id().hex}"
        upload = await storage.create_multipart(key, token="t", content_type="video/mp4")
        await world.add(
            Recording(
                id=UUID(case.video),
                organisation_id=desk.scene.ivy.actor.organisation_id,
                visit_id=UUID(case.visit),
                uploader_id=desk.scene.ivy.id,
                medium=Kind.VIDEO,
                content_type="video/mp4",
                device_kind="phone",
                size_bytes=1000,
                sha256=SHA,
                part_bytes=5 * 1024 * 1024,
                state=RecordingState.UPLOADING,
                progress=0.0,
                token="t",
                staging_key=key,
                upload_id=upload,
                created_at=world.clock.now,
                touched_at=world.clock.now,
            )
        )
        await ended(world, case.visit, state=State.VOID)
        world.clock.advance(days=14)

        await ran(world)

        assert [one.upload_id for one in await storage.list_uploads(prefix=key)] == []
        assert by_class(await tombstones(world)) == {Class.UNFINISHED_UPLOAD: 1}

    async def test_nothing_of_a_visit_goes_before_its_final_decision(self, world: World, desk: Desk) -> None:
        """An appeal may be open for long: what it is decided from stays."""
        case = await desk.submitted()
        await desk.published(case)
        await ended(world, case.visit, state=State.APPEALED)
        world.clock.advance(days=3650)

        await ran(world)

        assert await tombstones(world) == []

    async def test_a_rule_that_was_shortened_holds_for_old_visits_too(
        self, world: World, over: Ended, desk: Desk
    ) -> None:
        alice = await world.person("alice")
        programme = f"/v1/programmes/{desk.scene.programme.id}"
        rules = (await alice.get(programme)).json()
        changed = rules["rules"] | {"retention": rules["rules"]["retention"] | {"raw_recording_days": 50}}
        answer = await alice.put(
            f"{programme}/rules", json=changed, headers={"If-Match": f'"{rules["version"]}"'}
        )
        assert answer.status_code == 200, answer.text
        world.clock.advance(days=50)

        await ran(world)

        assert await there(world, over.originals) == []

    async def test_it_deletes_and_proves_each_thing_once_however_often_it_runs(
        self, world: World, over: Ended
    ) -> None:
        world.clock.advance(days=365)
        await ran(world)
        before = await tombstones(world)

        await ran(world)

        files = 1 + len(over.case.photos)
        assert by_class(before) == {Class.RAW_RECORDING: files, Class.RENDITION: files, Class.FIELD_TRACE: 1}
        assert [one.id for one in await tombstones(world)] == [one.id for one in before]
        async with world.database.reading() as session:
            told = await session.scalars(
                sa.select(AuditEntry.details).where(AuditEntry.action == "retention.deleted")
            )
            assert sorted(one["tombstone_id"] for one in told) == sorted(str(one.id) for one in before)
            events = sa.select(sa.func.count()).select_from(Event).where(Event.kind == "retention.deleted")
            assert await session.scalar(events) == len(before)
            home = world.organisations["northwind"].id
            assert (await verify_chain(session, TRAIL, home)).is_whole

    async def test_a_tombstone_stays_as_it_is(self, world: World, over: Ended) -> None:
        world.clock.advance(days=90)
        await ran(world)

        for change in ("UPDATE tombstones SET sha256 = NULL", "DELETE FROM tombstones"):
            with pytest.raises(sa.exc.DBAPIError, match="tombstones_is_append_only"):
                async with world.database.writing() as session:
                    await session.execute(sa.text(change))


class TestReport:
    async def test_a_report_whose_files_are_gone_is_read_still_and_says_so_when_they_are_played(
        self, world: World, over: Ended, desk: Desk
    ) -> None:
        world.clock.advance(days=365)
        await ran(world)
        gone_on = world.clock.now.date().isoformat()

        report = await desk.mona.get(f"/v1/reports/{over.alias}")
        film = await desk.mona.post(f"/v1/reports/{over.alias}/recordings/1/play")
        photo = await desk.mona.post(f"/v1/reports/{over.alias}/photos/1/play")

        assert report.status_code == 200
        for answer in (film, photo):
            assert assert_problem(answer, 410, "evidence-deleted")["deleted_on"] == gone_on

    async def test_the_desk_and_auditors_are_told_too(self, world: World, over: Ended, desk: Desk) -> None:
        otto = await world.person("otto")
        await a_grant(world, otto, region=desk.scene.region, days=500)
        world.clock.advance(days=90)
        await ran(world)
        at = f"/v1/visits/{over.case.visit}/recordings/{over.case.video}"

        original = await otto.post(
            f"{at}/play", json={"purpose": "audit of the appeal", "rendition": "original"}
        )
        rendition = await desk.rita.post(f"{at}/play", json={"purpose": "a second look"})

        assert_problem(original, 410, "evidence-deleted")
        assert rendition.status_code == 201

    async def test_without_its_original_a_recording_cannot_be_muted_any_more(
        self, world: World, over: Ended, desk: Desk
    ) -> None:
        world.clock.advance(days=90)
        await ran(world)

        answer = await (await world.person("alice")).put(
            f"/v1/visits/{over.case.visit}/recordings/{over.case.video}/mutes",
            json={"mute": [{"start_ms": 0, "end_ms": 1000}], "reason": "A name is said"},
            headers={"If-Match": '"0"'},
        )

        assert_problem(answer, 410, "evidence-deleted")


async def held(who: Caller, **body: Any) -> dict[str, Any]:
    answer = await who.post("/v1/legal-holds", json={"reason": "Labour dispute 2026-114", **body})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


class TestHold:
    @pytest.mark.parametrize("subject", ["visit_id", "outlet_id", "person_id"])
    async def test_what_is_held_stays_until_it_is_lifted(
        self, world: World, over: Ended, desk: Desk, subject: str
    ) -> None:
        alice = await world.person("alice")
        what = {
            "visit_id": over.case.visit,
            "outlet_id": str(desk.scene.outlet.id),
            "person_id": str(desk.scene.ivy.id),
        }[subject]
        hold = await held(alice, **{subject: what})
        world.clock.advance(days=365)
        await ran(world)
        kept = await there(world, over.originals + over.made)

        lifted = await alice.post(f"/v1/legal-holds/{hold['id']}/lift", json={"reason": "Settled"})
        await ran(world)

        assert kept == over.originals + over.made
        assert (lifted.status_code, lifted.json()["lifted_because"]) == (200, "Settled")
        assert await there(world, over.originals + over.made) == []

    async def test_it_ends_by_itself_when_its_time_is_over(self, world: World, over: Ended) -> None:
        until = world.clock.now.replace(year=2027)
        hold = await held(await world.person("alice"), visit_id=over.case.visit, until=until.isoformat())
        world.clock.now = until

        await ran(world)

        assert await there(world, over.originals) == []
        again = await (await world.person("alice")).post(
            f"/v1/legal-holds/{hold['id']}/lift", json={"reason": "Settled"}
        )
        assert_problem(again, 409, "hold-lifted")

    async def test_another_visit_is_not_held_by_it(self, world: World, over: Ended, desk: Desk) -> None:
        alice = await world.person("alice")
        await held(alice, person_id=str(desk.scene.ian.id))
        world.clock.advance(days=90)

        await ran(world)

        assert await there(world, over.originals) == []

    async def test_placing_and_lifting_are_in_the_audit_trail(self, world: World, over: Ended) -> None:
        alice = await world.person("alice")
        hold = await held(alice, visit_id=over.case.visit)
        await alice.post(f"/v1/legal-holds/{hold['id']}/lift", json={"reason": "Settled"})

        entries = (await alice.get("/v1/audit", params={"action": "legal_hold"})).json()["items"]

        assert [(one["action"], one["details"]["reason"]) for one in entries] == [
            ("legal_hold.lifted", "Settled"),
            ("legal_hold.placed", "Labour dispute 2026-114"),
        ]
        shown = (await alice.get(f"/v1/legal-holds/{hold['id']}")).json()
        assert (await alice.get("/v1/legal-holds")).json()["items"] == [shown]

    @pytest.mark.parametrize("body", [{}, {"visit_id": str(new_id()), "person_id": str(new_id())}])
    async def test_it_is_of_one_thing(self, world: World, body: dict[str, str]) -> None:
        alice = await world.person("alice")

        answer = await alice.post("/v1/legal-holds", json={"reason": "Labour dispute", **body})

        assert_problem(answer, 422, "invalid-request")

    async def test_it_ends_in_the_future_if_at_all(self, world: World, over: Ended) -> None:
        alice = await world.person("alice")
        body = {
            "reason": "Labour dispute",
            "visit_id": over.case.visit,
            "until": world.clock.now.isoformat(),
        }

        assert_problem(await alice.post("/v1/legal-holds", json=body), 422, "invalid-request")

    async def test_of_what_is_not_there_it_is_not_placed(self, world: World) -> None:
        bob, alice = await world.person("bob"), await world.person("alice")
        body = {"reason": "Labour dispute", "person_id": str(alice.id)}

        assert_problem(await bob.post("/v1/legal-holds", json=body), 404, "not-found")

    async def test_under_an_id_that_is_taken_none_is_placed(self, world: World, over: Ended) -> None:
        alice = await world.person("alice")
        hold = await held(alice, visit_id=over.case.visit)
        body = {"reason": "Labour dispute", "id": hold["id"], "visit_id": over.case.visit}

        assert_problem(await alice.post("/v1/legal-holds", json=body), 409, "already-exists")

    async def test_only_admins_place_them(self, desk: Desk, over: Ended) -> None:
        body = {"reason": "Labour dispute", "visit_id": over.case.visit}

        assert_problem(await desk.scene.sam.post("/v1/legal-holds", json=body), 403, "forbidden")


class TestPreview:
    async def test_it_tells_what_will_be_deleted_by_a_day(
        self, world: World, over: Ended, desk: Desk
    ) -> None:
        alice = await world.person("alice")
        day = world.clock.now.date().replace(month=7)  # 90 days after the middle of March
        today = (await alice.get("/v1/retention/preview")).json()

        then = (await alice.get("/v1/retention/preview", params={"on": day.isoformat()})).json()

        assert {one["things"] for one in today["totals"]} == {0}
        raw = next(one for one in then["totals"] if one["retention_class"] == "raw_recording")
        count = len(over.originals)
        assert (raw["things"], raw["held_things"], raw["size_bytes"]) == (count, 0, count * 1_000_000)
        assert {line["visit_id"] for line in then["lines"]} == {over.case.visit}
        assert {line["retention_class"] for line in then["lines"]} == {"raw_recording", "field_trace"}

    async def test_it_tells_what_is_held(self, world: World, over: Ended) -> None:
        alice = await world.person("alice")
        await held(alice, visit_id=over.case.visit)
        world.clock.advance(days=90)

        told = (await alice.get("/v1/retention/preview", params={"limit": 3})).json()

        raw = next(one for one in told["totals"] if one["retention_class"] == "raw_recording")
        assert (raw["held_things"], raw["size_bytes"]) == (len(over.originals), 0)
        assert [line["held"] for line in told["lines"]] == [True] * 3

    async def test_what_it_told_is_what_goes(self, world: World, over: Ended) -> None:
        alice = await world.person("alice")
        world.clock.advance(days=365)
        told = (await alice.get("/v1/retention/preview", params={"limit": 200})).json()

        await ran(world)

        gone = {
            (str(one.visit_id), one.recording_id and str(one.recording_id), str(one.retention_class))
            for one in await tombstones(world)
        }
        assert gone == {
            (one["visit_id"], one["recording_id"], one["retention_class"]) for one in told["lines"]
        }
        after = (await alice.get("/v1/retention/preview")).json()
        assert ({one["things"] for one in after["totals"]}, after["lines"]) == ({0}, [])


class TestTombstones:
    async def test_admins_and_auditors_of_the_place_see_the_proof(
        self, world: World, over: Ended, desk: Desk
    ) -> None:
        alice, otto = await world.person("alice"), await world.person("otto")
        olga = await world.newcomer("olga", Role.AUDITOR)
        await a_grant(world, otto, region=desk.scene.region, days=500)
        world.clock.advance(days=90)
        await ran(world)

        wanted = {"retention_class": "raw_recording", "recording_id": over.case.video}
        seen = (await alice.get("/v1/retention/tombstones", params=wanted)).json()["items"]

        assert [(one["sha256"], one["deleted_at"] is not None) for one in seen] == [(SHA, True)]
        assert (await otto.get("/v1/retention/tombstones", params=wanted)).json()["items"] == seen
        assert (await olga.get("/v1/retention/tombstones")).json()["items"] == []
        assert_problem(await desk.mona.get("/v1/retention/tombstones"), 403, "forbidden")
