"""Log-ins that an admin ends, when a phone is lost or a token is in other hands. Who may: `tests/access.txt`."""

import httpx2

from app.identity.letters import Change
from tests.app.identity.test_login import log_in, refresh
from tests.app.identity.test_telling import entries, told
from tests.support.world import World, assert_problem


class TestEndLogIns:
    async def test_ends_all_on_every_device_leaves_the_account_and_is_told(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        alice, ivy = await world.person("alice"), await world.person("ivy")
        tokens = (await log_in(client)).json()

        assert (await alice.post(f"/v1/people/{ivy.id}/end-log-ins")).status_code == 204

        assert_problem(await ivy.get("/v1/me"), 401, "login-ended")
        assert_problem(await refresh(client, tokens["refresh_token"]), 401, "login-ended")
        assert (await log_in(client)).status_code == 200
        assert len(await told(world, Change.LOG_INS_ENDED)) == 1
        (entry,) = await entries(world, "person.logged_out")
        assert (entry.actor_id, entry.subject_id) == (alice.id, ivy.id)

    async def test_of_ones_own_leaves_the_one_it_is_done_with(self, world: World) -> None:
        alice = await world.person("alice")

        assert (await alice.post(f"/v1/people/{alice.id}/end-log-ins")).status_code == 204

        assert (await alice.get("/v1/me")).status_code == 200
