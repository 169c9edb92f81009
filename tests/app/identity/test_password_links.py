"""A new password for somebody who forgot it, by a link from an admin."""

import httpx2

from app.identity.letters import Change
from tests.app.identity.test_login import log_in
from tests.app.identity.test_telling import told
from tests.support.factors import a_factor
from tests.support.world import FakeClock, World, assert_problem


class TestPasswordLink:
    async def test_sets_a_new_password_once_ends_all_logins_and_opens_none(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        """OWASP ASVS 4.0.3, 2.5.6: nobody but its owner learns the new password, and a second factor stays wanted."""
        alice, ivy = await world.person("alice"), await world.person("ivy")
        factor = await a_factor(ivy, clock)
        made = await alice.post(f"/v1/people/{ivy.id}/password-link")
        assert made.status_code == 201
        body = {"token": made.json()["token"], "new_password": "short"}
        assert_problem(await client.post("/v1/auth/new-password", json=body), 422, "weak-password")
        body["new_password"] = "a longer and new one"

        assert (await client.post("/v1/auth/new-password", json=body)).status_code == 204

        again = await client.post("/v1/auth/new-password", json=body)
        assert_problem(again, 410, "password-link-invalid")
        assert_problem(await ivy.get("/v1/me"), 401, "login-ended")
        assert_problem(await log_in(client, password="a longer and new one"), 401, "second-factor-wanted")
        code = factor.code(clock.now)
        assert (await log_in(client, password="a longer and new one", code=code)).status_code == 200
        assert len(await told(world, Change.PASSWORD_LINK)) == len(await told(world, Change.PASSWORD)) == 1

    async def test_is_worth_nothing_once_there_is_another_or_its_time_is_over(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        alice, ivy = await world.person("alice"), await world.person("ivy")
        path = f"/v1/people/{ivy.id}/password-link"
        first, second = [(await alice.post(path)).json()["token"] for _ in range(2)]
        clock.advance(hours=world.settings.invitation_hours)

        for token in (first, second):
            body = {"token": token, "new_password": "a longer and new one"}
            answer = await client.post("/v1/auth/new-password", json=body)
            assert_problem(answer, 410, "password-link-invalid")
