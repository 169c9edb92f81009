"""Unusual use is noticed and told: to whom, how often, and what is no alarm (OWASP ASVS 4.0.3, 11.1.7 and 11.1.8)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEntry
from app.events.jobs import decide_all
from app.events.kinds import Kind
from app.events.models import Event
from app.events.texts import SENTENCES
from app.identity.actor import Role
from app.kit.ids import new_id
from app.misuse.noticing import alert_at, notice, notice_all
from app.misuse.rules import Rule
from app.misuse.texts import NEXT, WHAT
from app.recordings.models import Recording, Rendition
from app.recordings.playback import open_playback
from app.recordings.rules import Kind as Medium
from app.recordings.rules import RenditionKind, State
from app.settings import Settings
from tests.app.identity.test_login import log_in, refresh
from tests.app.identity.test_telling import letters
from tests.support.places import a_grant, a_region
from tests.support.recordings import resources_of, storage_of
from tests.support.world import Caller, FakeClock, World, assert_problem


async def films(world: World, number: int) -> list[tuple[Rendition, Rendition]]:
    """Of so many visits: the original and what was made of it."""
    home, ivy = await world.organisation("northwind"), await world.person("ivy")
    made = []
    for _ in range(number):
        name = new_id().hex
        recording = Recording(
            id=new_id(),
            organisation_id=home.id,
            visit_id=new_id(),
            uploader_id=ivy.id,
            medium=Medium.VIDEO,
            content_type="video/mp4",
            device_kind="phone",
            size_bytes=1,
            sha256="0" * 64,
            part_bytes=5 * 1024 * 1024,
            state=State.PROCESSED,
            progress=1.0,
            token="t",
            staging_key=f"incoming/{name}",
            created_at=world.clock.now,
            touched_at=world.clock.now,
        )
        both = [
            Rendition(
                id=new_id(),
                organisation_id=home.id,
                recording_id=recording.id,
                kind=kind,
                profile={},
                key=f"{kind}/{name}",
                sha256="0" * 64,
                size_bytes=1,
                content_type="video/mp4",
                made_at=world.clock.now,
            )
            for kind in (RenditionKind.ORIGINAL, RenditionKind.OUTLET)
        ]
        await world.add(recording, *both)
        made.append((both[0], both[1]))
    return made


async def play(world: World, who: Caller, renditions: Sequence[Rendition], *, every_s: float = 30) -> None:
    for rendition in renditions:
        world.clock.advance(seconds=every_s)
        async with world.database.writing() as session:
            await open_playback(
                session,
                storage_of(world),
                who.actor,
                rendition,
                purpose="review",
                life=timedelta(seconds=90),
                now=world.clock.now,
            )


async def alerts(who: Caller) -> list[dict[str, Any]]:
    """All there are, once the job has looked, twice."""
    answer = await who.get("/v1/alerts")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def noticed(world: World) -> list[dict[str, Any]]:
    """What alice reads when the job has looked; that it looks twice changes nothing."""
    alice = await world.person("alice")
    for _ in range(2):
        await notice_all(resources_of(world))
    return await alerts(alice)


async def count(world: World, what: sa.Select[Any]) -> int:
    async with world.database.reading() as session:
        return len((await session.scalars(what)).all())


IN_TRAIL = sa.select(AuditEntry).where(AuditEntry.action == "misuse.noticed")
EVENTS = sa.select(Event).where(Event.kind.in_([one for one in Kind if one.startswith("misuse.")]))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With numbers that a test reaches soon."""
    return settings.model_copy(
        update={"alert_visits_per_hour": 4, "alert_originals_per_hour": 3, "alert_sheets_per_hour": 3}
        | {"alert_accounts_per_hour": 3, "login_attempts": 4}
    )


class TestRecordings:
    async def test_of_unusually_many_visits_are_told_with_who_what_how_many_when_and_what_to_do(
        self, world: World, clock: FakeClock
    ) -> None:
        rita, alice = await world.person("rita"), await world.person("alice")
        made = [film for _original, film in await films(world, 5)]
        clock.advance(minutes=1)
        begun = clock.now
        await play(world, rita, [*made, *made])  # again is no more

        (alert,) = await noticed(world)

        assert (alert["rule"], alert["how_many"], alert["alert_at"]) == ("many_recordings", 5, 4)
        assert [one["email"] for one in alert["people"]] == ["rita@northwind.example"]
        assert alert["since"] == (begun + timedelta(seconds=30)).isoformat().replace("+00:00", "Z")
        async with world.database.reading() as session:
            visits = set(await session.scalars(sa.select(Recording.visit_id)))
        assert set(alert["about"]) == {str(one) for one in visits}
        assert alert["what"]["en"] == "One person opened recordings of 5 visits within an hour."
        assert "switch the account off" in alert["next"]["en"]
        assert "一小时内" in alert["what"]["zh"]
        assert "停用" in alert["next"]["zh"]
        assert (await alice.get(alert["trail"])).status_code == 200
        (entry,) = (await alice.get("/v1/audit", params={"action": "misuse.noticed"})).json()["items"]
        assert (entry["subject_id"], entry["actor_id"]) == (str(rita.id), None)
        assert (entry["details"]["alert_id"], entry["details"]["how_many"]) == (alert["id"], 5)

    async def test_of_a_queue_that_is_worked_through_are_no_alarm(
        self, world: World, clock: FakeClock
    ) -> None:
        """Whoever looks at what they open has fewer visits in an hour, the whole day long."""
        rita = await world.person("rita")
        made = [film for _original, film in await films(world, 3)]
        for _ in range(3):
            await play(world, rita, made, every_s=60 * 20)
            await notice_all(resources_of(world))

        assert await noticed(world) == []
        kept = Settings(_env_file=None)
        assert kept.alert_visits_per_hour > 60 / 8 * 4  # four times the pace of the shortest films (D7.1)

    async def test_original_ones_are_counted_by_themselves(self, world: World) -> None:
        otto = await world.person("otto")
        await play(world, otto, [original for original, _film in await films(world, 3)])

        (alert,) = await noticed(world)

        assert (alert["rule"], alert["how_many"]) == ("many_originals", 3)


class TestSheets:
    async def test_taken_out_in_numbers_are_told_by_their_names(self, world: World, clock: FakeClock) -> None:
        sam = await world.person("sam")
        for listing in ("people", "visits"):
            assert (await sam.get("/v1/exports", params={"listing": listing})).status_code == 200
            clock.advance(minutes=1)
        assert await noticed(world) == []
        refused = await sam.get("/v1/exports", params={"listing": "legal-holds"})
        assert_problem(refused, 403, "forbidden")  # and does not count
        assert (await sam.get("/v1/outlets/export")).status_code == 200

        (alert,) = await noticed(world)

        assert (alert["rule"], alert["about"]) == ("many_sheets", ["people", "visits", "outlets"])
        found = (await (await world.person("alice")).get(alert["trail"])).json()["items"]
        assert [one["details"] for one in found if one["action"] == "sheet.taken"] == [
            {"list": name, "format": "csv"} for name in ("outlets", "visits", "people")
        ]


class TestLogIns:
    async def test_to_one_account_that_fail_until_it_is_throttled_are_told(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        await world.person("ivy")
        for _ in range(3):
            await log_in(client, password="guess number x")
        assert await noticed(world) == []
        await log_in(client, password="guess number x")
        assert_problem(await log_in(client), 429, "login-throttled")

        (alert,) = await noticed(world)

        assert (alert["rule"], alert["how_many"]) == ("account_guessed", 4)
        assert [one["name"] for one in alert["people"]] == ["Ivy"]

    async def test_to_many_accounts_from_one_address_are_told_unless_people_got_in_at_last(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        names = ("ivy", "ian", "rita", "sam")
        for name in names:
            await world.person(name)
        await world.person("bob")  # of another organisation, which learns nothing of this
        for name in names:
            email = f"{name}@northwind.example"
            await log_in(client, email=email, password="not theirs at all")
            clock.advance(seconds=20)
            if name in ("ivy", "ian"):
                assert (await log_in(client, email=email, password=f"{name} has a password")).is_success
        assert await noticed(world) == []
        await world.person("otto")
        await log_in(client, email="otto@northwind.example", password="not theirs at all")

        (alert,) = await noticed(world)

        assert (alert["rule"], alert["how_many"]) == ("accounts_tried", 3)
        assert {one["name"] for one in alert["people"]} == {"Rita", "Sam", "Otto"}
        assert await alerts(await world.person("bob")) == []

    async def test_whose_token_is_used_twice_are_told(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        ivy = await world.person("ivy")
        stolen = (await log_in(client)).json()["refresh_token"]
        await refresh(client, stolen)
        clock.advance(seconds=31)
        assert_problem(await refresh(client, stolen), 401, "refresh-token-reused")

        (alert,) = await noticed(world)

        assert (alert["rule"], alert["people"][0]["id"]) == ("token_reused", str(ivy.id))
        found = (await (await world.person("alice")).get(alert["trail"])).json()["items"]
        assert {one["action"] for one in found} == {"login.token_reused", "misuse.noticed"}


class TestTelling:
    async def test_once_a_day_for_each_rule_and_person_and_again_on_another(
        self, world: World, clock: FakeClock
    ) -> None:
        rita, otto = await world.person("rita"), await world.person("otto")
        made = await films(world, 4)
        for _ in range(2):
            await play(world, rita, [film for _original, film in made])
            await notice_all(resources_of(world))
        await play(world, otto, [film for _original, film in made])
        assert len(await noticed(world)) == 2

        clock.advance(days=1)
        await play(world, rita, [film for _original, film in made])

        assert len(await noticed(world)) == 3
        assert await count(world, IN_TRAIL) == await count(world, EVENTS) == 3

    async def test_reaches_admins_and_auditors_of_everything_by_inbox_and_mail_and_nobody_else(
        self, world: World
    ) -> None:
        """D10.1: whoever has a part in an outlet is not told, whatever else they are."""
        alice, otto, olga = (
            await world.person("alice"),
            await world.person("otto"),
            await world.newcomer("olga", Role.AUDITOR),
        )
        both = await world.newcomer("nina", Role.ADMIN, Role.OUTLET_MANAGER)
        others = [await world.person(name) for name in ("sam", "rita", "ivy", "mona", "bob")]
        await a_grant(world, otto)
        await a_grant(world, olga, region=await a_region(world, "south"))
        await play(world, await world.person("rita"), [film for _original, film in await films(world, 4)])

        (alert,) = await noticed(world)
        await decide_all(resources_of(world))

        for who in (alice, otto):
            (entry,) = (await who.get("/v1/inbox")).json()["items"]
            assert (entry["kind"], entry["about"]["subject_id"]) == ("misuse.many_recordings", alert["id"])
            assert "4 in all" in entry["text"]["en"]
            assert await alerts(who) == [alert]
        for who in (olga, both, *others):
            assert (await who.get("/v1/inbox")).json()["items"] == [], who.name
        for who in (olga, both, *others[:-1]):
            assert_problem(await who.get("/v1/alerts"), 403, "forbidden")
        sent = await letters(world)
        assert {letter.to for letter in sent} == {"alice@northwind.example", "otto@northwind.example"}
        assert {letter.subject for letter in sent} == {SENTENCES[Kind.MISUSE_MANY_RECORDINGS].en}
        assert not any("Rita" in letter.text for letter in sent)

    async def test_killed_in_the_middle_it_loses_nothing_and_doubles_nothing(self, world: World) -> None:
        await play(world, await world.person("rita"), [film for _original, film in await films(world, 4)])
        home = (await world.organisation("northwind")).id

        class Killed(Exception):
            pass

        async def killed(session: AsyncSession) -> None:
            await notice(session, home, settings=world.settings, now=world.clock.now)
            raise Killed

        with pytest.raises(Killed):
            await world.database.transact(killed)
        assert await count(world, IN_TRAIL) == await count(world, EVENTS) == 0

        assert len(await noticed(world)) == 1
        assert await count(world, IN_TRAIL) == await count(world, EVENTS) == 1

    async def test_of_days_on_which_nobody_looked_is_made_up_for(
        self, world: World, clock: FakeClock
    ) -> None:
        assert await noticed(world) == []
        clock.advance(days=1)
        await play(world, await world.person("rita"), [film for _original, film in await films(world, 4)])
        clock.advance(days=3, hours=5)

        (alert,) = await noticed(world)

        assert alert["how_many"] == 4

    def test_has_words_and_numbers_for_every_rule(self) -> None:
        assert set(WHAT) == set(NEXT) == set(Rule) == set(alert_at(Settings(_env_file=None)))
        assert {f"misuse.{rule}" for rule in Rule} == {one for one in Kind if one.startswith("misuse.")}
