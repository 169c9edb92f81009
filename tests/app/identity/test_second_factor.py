"""A second factor: enrolling it, logging in with it, losing it, and needing it (OWASP ASVS 4.0.3, 2.6 to 2.8, 4.3.1)."""

import asyncio
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import sqlalchemy as sa

from app.cli.people import reset
from app.cli.terminal import Failed
from app.identity.letters import Change
from app.identity.models import RecoveryCode, SecondFactor
from app.identity.noting import note_all
from tests.app.identity.test_login import log_in, refresh
from tests.app.identity.test_people import INVITATION
from tests.app.identity.test_telling import entries, told
from tests.support.asking import operations
from tests.support.factors import a_factor
from tests.support.recordings import resources_of
from tests.support.world import Caller, FakeClock, World, assert_problem

MINE = "/v1/me/second-factor"
IVYS = {"password": "ivy has a password"}


async def shown(caller: Caller) -> dict[str, object]:
    answer: dict[str, object] = (await caller.get(MINE)).json()
    return answer


class TestEnrol:
    async def test_shows_a_secret_for_an_app_and_counts_once_a_code_of_it_was_brought(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        ivy = await world.person("ivy")
        begun = (await ivy.post(MINE, json=IVYS)).json()
        again = (await ivy.post(MINE, json=IVYS)).json()
        assert (await log_in(client)).status_code == 200  # it does not count yet

        factor = await a_factor(ivy, clock)

        assert len({begun["secret"], again["secret"], factor.secret}) == 3
        address = urlsplit(begun["otpauth_uri"])
        assert (address.scheme, address.netloc) == ("otpauth", "totp")
        assert parse_qs(address.query) | {"secret": [begun["secret"]]} == parse_qs(address.query)
        assert len(begun["qr"]) == len(begun["qr"][0]) > 21
        assert [row[:8] for row in begun["qr"][:3]] == ["11111110", "10000010", "10111010"]
        assert await shown(ivy) == {
            "on_since": "2026-03-02T09:00:00Z",
            "required": False,
            "recovery_codes_left": 10,
        }
        (letter,) = await told(world, Change.SECOND_FACTOR_ON)
        assert letter.to == "ivy@northwind.example"
        (entry,) = await entries(world, "second_factor.switched_on")
        assert entry.actor_id == ivy.id

    async def test_keeps_the_secret_sealed_and_recovery_codes_as_salted_hashes(
        self, world: World, clock: FakeClock
    ) -> None:
        factor = await a_factor(await world.person("ivy"), clock)

        async with world.database.reading() as session:
            kept = (await session.scalars(sa.select(SecondFactor))).one()
            codes = (await session.scalars(sa.select(RecoveryCode))).all()

        assert factor.secret not in kept.secret_sealed
        assert len({code.salt for code in codes}) == len(set(factor.recovery_codes)) == 10
        assert not [one for one in factor.recovery_codes if one in str([vars(code) for code in codes])]

    async def test_is_refused_without_the_password_with_another_code_and_when_it_is_on(
        self, world: World, clock: FakeClock
    ) -> None:
        ivy = await world.person("ivy")
        guess = await ivy.post(MINE, json={"password": "not hers at all"})
        assert_problem(guess, 401, "wrong-credentials")
        nothing = await ivy.post(f"{MINE}/confirm", json={"code": "123456"})
        assert_problem(nothing, 409, "second-factor-off")
        await ivy.post(MINE, json=IVYS)
        for code in ("000000", "ABCD-EFGH-JKLM-NPQR"):
            assert_problem(await ivy.post(f"{MINE}/confirm", json={"code": code}), 422, "wrong-code")

        factor = await a_factor(ivy, clock)

        proof = IVYS | {"code": factor.code(clock.now)}
        assert_problem(await ivy.post(MINE, json=proof), 409, "second-factor-on")
        assert_problem(await ivy.post(f"{MINE}/confirm", json={"code": "123456"}), 409, "second-factor-on")


class TestLogIn:
    async def test_wants_the_code_and_tells_nothing_else(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        factor = await a_factor(await world.person("ivy"), clock)
        code, wrong = factor.code(clock.now), factor.wrong_code(clock.now)

        assert_problem(await log_in(client), 401, "second-factor-wanted")
        refused = [
            assert_problem(await log_in(client, password=password, code=given), 401, "wrong-credentials")
            for password, given in (
                ("not hers at all", None),
                ("not hers at all", code),
                ("ivy has a password", wrong),
            )
        ]

        assert refused[0] == refused[1] == refused[2]
        assert (await log_in(client, code=f"{code[:3]} {code[3:]}")).status_code == 200

    async def test_takes_each_step_once_and_one_before_or_after_now(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        """RFC 6238, 5.2."""
        factor = await a_factor(await world.person("ivy"), clock)
        clock.advance(minutes=5)

        async def answered(steps: int) -> int:
            return (await log_in(client, code=factor.code(clock.now, steps=steps))).status_code

        assert [await answered(steps) for steps in (-2, 2)] == [401, 401]
        assert [await answered(steps) for steps in (-1, -1, 0, 1, 1, 0)] == [200, 401, 200, 200, 401, 401]

    async def test_of_two_at_once_with_one_code_one_gets_in(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        factor = await a_factor(await world.person("ivy"), clock)

        for code in (factor.code(clock.now), factor.recovery_codes[0]):
            answers = await asyncio.gather(*(log_in(client, code=code) for _ in range(4)))
            assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]

    async def test_is_throttled_by_wrong_passwords_and_wrong_codes_together(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        ivy = await world.person("ivy")
        factor = await a_factor(ivy, clock)
        wrong = factor.wrong_code(clock.now)
        for number in range(world.settings.login_attempts):
            given = {"password": "guess number x"} if number % 2 else {"code": wrong}
            assert_problem(await log_in(client, **given), 401, "wrong-credentials")

        code = factor.code(clock.now)
        assert_problem(await log_in(client, code=code), 429, "login-throttled")
        off = await ivy.post(f"{MINE}/switch-off", json=IVYS | {"code": code})
        assert_problem(off, 429, "login-throttled")
        await note_all(resources_of(world))
        because = [entry.details["because"] for entry in await entries(world, "login.failed")]
        assert (because.count("password"), because.count("code")) == (5, 5)
        clock.advance(minutes=16)
        assert (await log_in(client, code=factor.code(clock.now))).status_code == 200

    async def test_takes_a_recovery_code_once_and_tells_its_owner(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        ivy = await world.person("ivy")
        factor = await a_factor(ivy, clock)
        typed = factor.recovery_codes[3].lower().replace("-", " ")

        assert (await log_in(client, code=typed)).status_code == 200
        assert_problem(await log_in(client, code=factor.recovery_codes[3]), 401, "wrong-credentials")

        assert (await shown(ivy))["recovery_codes_left"] == 9
        assert len(await told(world, Change.RECOVERY_CODE_USED)) == 1
        (entry,) = await entries(world, "recovery_code.used")
        assert (entry.subject_id, entry.details) == (ivy.id, {"left": 9})


class TestRecoveryCodes:
    async def test_are_followed_by_ten_new_ones_for_who_proves_to_be_the_owner(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        ivy = await world.person("ivy")
        assert_problem(await ivy.post(f"{MINE}/recovery-codes", json=IVYS), 409, "second-factor-off")
        factor = await a_factor(ivy, clock)
        assert_problem(await ivy.post(f"{MINE}/recovery-codes", json=IVYS), 401, "second-factor-wanted")

        proof = IVYS | {"code": factor.code(clock.now)}
        drawn = (await ivy.post(f"{MINE}/recovery-codes", json=proof)).json()["recovery_codes"]

        assert len(set(drawn)) == 10
        assert_problem(await log_in(client, code=factor.recovery_codes[0]), 401, "wrong-credentials")
        assert (await log_in(client, code=drawn[0])).status_code == 200
        assert len(await told(world, Change.RECOVERY_CODES)) == 1


class TestSwitchOff:
    async def test_needs_password_and_code_and_ends_what_they_protected(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        ivy = await world.person("ivy")
        assert_problem(await ivy.post(f"{MINE}/switch-off", json=IVYS), 409, "second-factor-off")
        factor = await a_factor(ivy, clock)
        code = factor.code(clock.now)
        assert_problem(await ivy.post(f"{MINE}/switch-off", json=IVYS), 401, "second-factor-wanted")
        guess = await ivy.post(f"{MINE}/switch-off", json={"password": "not hers at all", "code": code})
        assert_problem(guess, 401, "wrong-credentials")

        done = await ivy.post(f"{MINE}/switch-off", json=IVYS | {"code": code})

        assert done.status_code == 204
        assert (await log_in(client)).status_code == 200
        assert (await shown(ivy))["recovery_codes_left"] == 0
        assert len(await told(world, Change.SECOND_FACTOR_OFF)) == 1
        assert len(await entries(world, "second_factor.switched_off")) == 1


class TestPassword:
    async def test_needs_the_code_too_and_guesses_are_throttled(self, world: World, clock: FakeClock) -> None:
        """OWASP ASVS 4.0.3, 2.2.1: whoever holds a log-in only does not find out the password by trying."""
        ivy = await world.person("ivy")
        factor = await a_factor(ivy, clock)
        change = {"current_password": "ivy has a password", "new_password": "a longer and new one"}
        assert_problem(await ivy.post("/v1/me/password", json=change), 401, "second-factor-wanted")
        for number in range(world.settings.login_attempts):
            guess = change | {"current_password": f"guess number {number}"}
            assert_problem(await ivy.post("/v1/me/password", json=guess), 401, "wrong-credentials")
        change["code"] = factor.code(clock.now)
        assert_problem(await ivy.post("/v1/me/password", json=change), 429, "login-throttled")
        clock.advance(minutes=16)
        change["code"] = factor.code(clock.now)

        assert (await ivy.post("/v1/me/password", json=change)).status_code == 204


class TestReset:
    async def test_by_an_admin_who_proves_to_be_one_lets_somebody_in_again(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        alice, ivy = await world.person("alice"), await world.person("ivy")
        await a_factor(ivy, clock)
        own = await a_factor(alice, clock)
        path = f"/v1/people/{ivy.id}/second-factor"
        assert (await alice.get(path)).json() == {"on_since": "2026-03-02T09:00:00Z"}
        alices = {"password": "alice has a password"}
        assert_problem(await alice.post(f"{path}/reset", json=alices), 401, "second-factor-wanted")

        done = await alice.post(f"{path}/reset", json=alices | {"code": own.code(clock.now)})

        assert done.status_code == 204
        assert (await alice.get(path)).json() == {"on_since": None}
        assert (await log_in(client)).status_code == 200
        (letter,) = await told(world, Change.SECOND_FACTOR_RESET)
        assert letter.to == "ivy@northwind.example"
        (entry,) = await entries(world, "second_factor.reset")
        assert (entry.actor_id, entry.subject_id) == (alice.id, ivy.id)
        assert_problem(await alice.post(f"{path}/reset", json=alices), 409, "second-factor-off")

    async def test_is_for_admins_of_the_organisation(self, world: World, clock: FakeClock) -> None:
        ivy = await world.person("ivy")
        await a_factor(ivy, clock)
        path = f"/v1/people/{ivy.id}/second-factor"

        for name, status, slug in (("sam", 403, "forbidden"), ("bob", 404, "not-found")):
            caller = await world.person(name)
            assert_problem(await caller.get(path), status, slug)
            proof = {"password": f"{name} has a password"}
            assert_problem(await caller.post(f"{path}/reset", json=proof), status, slug)


class TestResetFromTheMachine:
    async def test_lets_the_only_admin_in_again(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        """As `plainclothes person reset-second-factor` does."""
        alice = await world.person("alice")
        await a_factor(alice, clock)
        alices = {"email": "alice@northwind.example", "password": "alice has a password"}
        assert_problem(await log_in(client, **alices), 401, "second-factor-wanted")

        await reset(world.settings, "northwind", "Alice@northwind.example")

        assert (await log_in(client, **alices)).status_code == 200
        assert len(await told(world, Change.SECOND_FACTOR_RESET)) == 1
        (entry,) = await entries(world, "second_factor.reset")
        assert (entry.actor_id, entry.subject_id) == (None, alice.id)
        for email, why in (("alice@northwind.example", "no second factor"), ("eve@x.example", "nobody")):
            with pytest.raises(Failed, match=why):
                await reset(world.settings, "northwind", email)


class TestProof:
    async def test_is_wanted_again_before_what_is_grave_a_while_after_the_log_in(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        """OWASP ASVS 4.0.3, 3.7.1: roles, invitations and grants."""
        alice, otto = await world.person("alice"), await world.person("otto")
        alices = {"email": "alice@northwind.example", "password": "alice has a password"}
        tokens = (await log_in(client, **alices)).json()
        clock.advance(minutes=world.settings.proof_minutes + 1)
        tokens = (await refresh(client, tokens["refresh_token"])).json()  # to stay is not to prove
        mine = replace(alice, token=tokens["access_token"])
        person = {"name": "Otto", "language": "en", "roles": ["auditor", "reviewer"], "active": True}
        grant = {"person_id": str(otto.id), "purpose": "Spring", "valid_until": "2026-06-01T00:00:00Z"}
        grave = (
            ("PUT", f"/v1/people/{otto.id}", person),
            ("POST", "/v1/invitations", INVITATION),
            ("POST", "/v1/auditor-grants", grant),
        )

        for method, path, body in grave:
            answer = await mine.request(method, path, json=body, headers={"If-Match": '"1"'})
            assert_problem(answer, 403, "proof-wanted")
        assert (await mine.get("/v1/people")).status_code == 200
        guess = await mine.post("/v1/auth/prove", json={"password": "not hers at all"})
        assert_problem(guess, 401, "wrong-credentials")
        assert (await mine.post("/v1/auth/prove", json={"password": alices["password"]})).status_code == 204

        for method, path, body in reversed(grave):
            answer = await mine.request(method, path, json=body, headers={"If-Match": '"1"'})
            assert answer.is_success, answer.text


class TestRequired:
    async def test_of_a_role_leaves_those_without_their_own_account_alone(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        """They can log in, enrol and log out; every other operation there is says what to do first."""
        required = {"second_factor_required_for": ("admin",)}
        world.app.state.settings = world.settings.model_copy(update=required)
        alice, ivy = await world.person("alice"), await world.person("ivy")
        refused, answered = 0, set()
        for operation in operations(world.app.openapi()):
            if operation.is_public or operation.path == "/v1/auth/logout":
                continue
            anything = re.sub(r"\{\w+\}", str(ivy.id), operation.path)
            answer = await alice.request(operation.method, anything)
            if answer.status_code == 403 and answer.json()["type"] == "second-factor-missing":
                refused += 1
            else:
                answered.add(operation.path.removesuffix("/{device_id}"))

        assert refused > 200
        assert answered == {
            "/v1/auth/prove",
            "/v1/me",
            "/v1/me/password",
            "/v1/me/devices",
            MINE,
            *(f"{MINE}/{what}" for what in ("confirm", "recovery-codes", "switch-off")),
        }
        assert (await alice.get("/v1/me")).json()["second_factor_due"] is True
        assert (await ivy.get("/v1/people")).status_code == 200

        await a_factor(alice, clock)

        assert (await alice.get("/v1/people")).status_code == 200
        assert (await alice.get("/v1/me")).json()["second_factor_due"] is False
        assert (await alice.post("/v1/auth/logout")).status_code == 204
