"""What people are told of their own accounts, and what the audit trail keeps of those who failed to get in."""

from collections.abc import Sequence
from email import policy
from email.parser import BytesParser

import httpx2
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.identity.letters import ROLES, SENTENCES, Change
from app.identity.models import LoginAttempt
from app.identity.noting import note_all
from app.kit.mail import Caught, caught
from tests.app.identity.test_login import log_in
from tests.app.identity.test_people import INVITATION
from tests.support.recordings import resources_of, worked
from tests.support.world import FakeClock, World, assert_problem

PHONE = {"id": "0199a1b2-0000-7000-8000-000000000011", "name": "Ivy's phone", "platform": "android"}


async def letters(world: World) -> list[Caught]:
    """All that were sent so far."""
    assert await worked(world) == []
    return list(caught(world.settings.data_dir / "mail"))


async def told(world: World, change: Change, *, language: str = "en") -> list[Caught]:
    subject = SENTENCES[change].in_language(language)
    return [letter for letter in await letters(world) if letter.subject == subject]


async def entries(world: World, action: str) -> Sequence[AuditEntry]:
    async with world.database.reading() as session:
        rows = await session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.at)
        )
        return rows.all()


class TestTelling:
    """OWASP ASVS 4.0.3, 2.2.3."""

    async def test_of_a_new_password_other_roles_and_an_invitation_whatever_one_prefers(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        alice, ivy = await world.person("alice"), await world.person("ivy")
        await ivy.put("/v1/inbox/preferences", json={"by_mail": []})
        await ivy.post(
            "/v1/me/password",
            json={"current_password": "ivy has a password", "new_password": "a longer and new one"},
        )
        body = {"name": "Ivy", "language": "en", "roles": ["reviewer", "inspector"], "active": True}
        await alice.put(f"/v1/people/{ivy.id}", json=body, headers={"If-Match": '"2"'})
        await alice.put(f"/v1/people/{ivy.id}", json=body | {"name": "Ivy C."}, headers={"If-Match": '"3"'})
        token = (await alice.post("/v1/invitations", json=INVITATION)).json()["token"]
        await client.post(
            "/v1/invitations/accept", json={"token": token, "password": "nora was invited", "language": "zh"}
        )

        (password,) = await told(world, Change.PASSWORD)
        (access,) = await told(world, Change.ACCESS)
        (invitation,) = await told(world, Change.INVITATION_USED, language="zh")

        assert {password.to, access.to} == {"ivy@northwind.example"}
        assert invitation.to == "nora@northwind.example"
        assert "Roles now: inspector, reviewer" in access.text
        assert "2026-03-02 09:00 UTC" in password.text
        assert f"{world.settings.address}/account" in password.text
        assert "不能关闭" in invitation.text
        kept = (world.settings.data_dir / "mail" / f"{password.number}.eml").read_bytes()
        assert BytesParser(policy=policy.default).parsebytes(kept)["List-Unsubscribe"] is None

    async def test_of_a_device_not_seen_before_and_of_programs_that_name_none_once_a_day(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        await world.person("ivy")
        clock.advance(days=2)  # her own log-in is not of today
        for _ in range(2):
            await log_in(client, device=PHONE)
            await log_in(client)
        assert len(await told(world, Change.NEW_DEVICE)) == 2
        clock.advance(hours=25)
        for _ in range(2):
            await log_in(client, device=PHONE)
            await log_in(client)

        said = [letter.text for letter in await told(world, Change.NEW_DEVICE)]

        assert len(said) == 3
        assert sum("Ivy's phone" in text for text in said) == 1
        assert sum("a program that names no device" in text for text in said) == 2

    async def test_that_one_is_locked_out_and_not_of_what_failed(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        alice, ivy = await world.person("alice"), await world.person("ivy")
        await log_in(client, password="not hers at all")
        body = {"name": "Ivy", "language": "en", "roles": ["inspector"], "active": False}
        await alice.put(f"/v1/people/{ivy.id}", json=body, headers={"If-Match": '"1"'})

        (letter,) = await letters(world)

        assert "The account is switched off" in letter.text

    def test_has_words_for_everything(self) -> None:
        assert set(SENTENCES) == set(Change)
        assert all(text.zh and text.en for text in (*SENTENCES.values(), *ROLES.values()))


class TestFailedLogIns:
    """OWASP ASVS 4.0.3, 7.1.3."""

    async def test_of_people_are_in_the_audit_trail_and_what_strangers_typed_is_nowhere(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        ivy = await world.person("ivy")
        first = clock.now
        for _ in range(2):
            await log_in(client, password="not hers at all")
            clock.advance(minutes=1)
        await log_in(client, email="eve@northwind.example")
        for _ in range(2):
            await note_all(resources_of(world))

        noted = await entries(world, "login.failed")

        assert [entry.subject_id for entry in noted] == [ivy.id, ivy.id]
        assert (noted[0].at, noted[0].actor_id, noted[0].details) == (first, None, {"because": "password"})
        async with world.database.reading() as session:
            kept = (await session.scalars(sa.select(LoginAttempt))).all()
        assert len(kept) == 3
        assert not [one for one in kept if "eve" in str(vars(one))]

    async def test_are_as_many_as_the_throttle_lets_through(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        await world.person("ivy")
        for _ in range(world.settings.login_attempts):
            assert_problem(await log_in(client, password="guess number x"), 401, "wrong-credentials")
        assert_problem(await log_in(client, password="guess number x"), 429, "login-throttled")

        await note_all(resources_of(world))

        assert len(await entries(world, "login.failed")) == world.settings.login_attempts

    async def test_cost_the_database_the_same_whether_there_is_such_an_account_or_not(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        """Neither the answer nor the time tells a stranger who has an account."""
        await world.person("ivy")
        said: list[str] = []
        sa.event.listen(
            world.database.engine.sync_engine, "before_cursor_execute", lambda *what: said.append(what[2])
        )

        wrong = assert_problem(await log_in(client, password="not hers at all"), 401, "wrong-credentials")
        of_ivy, said[:] = list(said), []
        nobody = assert_problem(await log_in(client, email="eve@northwind.example"), 401, "wrong-credentials")

        assert wrong == nobody
        assert of_ivy == said
        assert any("INSERT INTO login_attempts" in one for one in said)
