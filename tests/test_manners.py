"""How the API behaves whatever the feature: what is not understood is refused, and every refusal is a problem."""

import json

import httpx2
import pytest

from tests.support.world import World, assert_problem

REGION = {"code": "gd", "name_en": "Guangdong", "jurisdiction": "CN-44", "time_zone": "Asia/Shanghai"}


async def send(world: World, body: bytes | str, kind: str = "application/json") -> httpx2.Response:
    alice = await world.person("alice")
    content = body.encode() if isinstance(body, str) else body
    return await alice.post("/v1/regions", content=content, headers={"Content-Type": kind})


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            json.dumps({**REGION, "name_en": "a\0b"}),
            json.dumps({**REGION, "name_en": "half \ud800 pair"}),
            json.dumps({**REGION, "a\0": 1}),
            json.dumps({**REGION, "half \ud800": 1}),
            '{"code": NaN}',
            '{"code": ' + "1" * 5000 + "}",
            "[" * 100_000,
            "{",
            b"\xff\xfe",
            json.dumps(REGION).encode("utf-16"),
        ],
        ids=[
            "NUL",
            "surrogate",
            "NUL key",
            "surrogate key",
            "NaN",
            "digits",
            "nested",
            "cut",
            "bytes",
            "utf-16",
        ],
    )
    async def test_what_no_database_could_keep_is_refused(self, world: World, body: bytes | str) -> None:
        answer = await send(world, body)

        problem = assert_problem(answer, 422, "invalid-request")
        assert problem["errors"][0]["pointer"] == "/body"

    async def test_what_only_looks_like_it_is_taken(self, world: World) -> None:
        answer = await send(world, json.dumps({**REGION, "name_en": r"a\u0000b", "name_zh": "深圳 😀"}))

        assert answer.status_code == 201
        assert answer.json()["name_en"] == r"a\u0000b"

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
    async def test_another_format_is_named_as_the_mistake(self, world: World, kind: str) -> None:
        assert_problem(await send(world, json.dumps(REGION), kind), 415, "unsupported-media-type")

    async def test_each_mistake_is_pointed_at(self, world: World) -> None:
        answer = await send(world, json.dumps({**REGION, "a/b~c": 1, "central_city": "yes"}))

        pointers = {one["pointer"] for one in assert_problem(answer, 422, "invalid-request")["errors"]}
        assert pointers == {"/body/a~1b~0c", "/body/central_city"}


class TestAddresses:
    @pytest.mark.parametrize("path", ["/v1/me", "/v1/people", "/v1/outlets", "/v1/checklists/schema"])
    async def test_an_unknown_parameter_is_refused(self, world: World, path: str) -> None:
        alice = await world.person("alice")

        problem = assert_problem(await alice.get(path, params={"lmit": "5"}), 422, "invalid-request")
        assert problem["errors"][0]["pointer"] == "/query/lmit"

    async def test_a_nul_is_refused(self, world: World) -> None:
        alice = await world.person("alice")

        assert_problem(await alice.get("/v1/outlets?text=%00"), 400, "bad-request")

    async def test_one_thing_has_one_address(self, world: World) -> None:
        alice = await world.person("alice")

        assert_problem(await alice.get("/v1/outlets/"), 404, "not-found")

    @pytest.mark.parametrize("cursor", ["abc", "W10", "ÿ", "WyJhIl0", "WzFd", "e30", "W251bGwsbnVsbF0"])
    async def test_a_cursor_of_somebody_elses_making_is_refused(self, world: World, cursor: str) -> None:
        alice = await world.person("alice")

        assert_problem(await alice.get("/v1/outlets", params={"cursor": cursor}), 400, "bad-request")


class TestMethods:
    async def test_head_is_get_without_the_body(self, world: World) -> None:
        alice = await world.person("alice")

        wanted = await alice.get("/v1/me")
        answer = await alice.request("HEAD", "/v1/me")

        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-length"] == str(len(wanted.content))

    async def test_head_of_what_has_no_get_is_refused(self, world: World) -> None:
        alice = await world.person("alice")

        answer = await alice.request("HEAD", "/v1/auth/logout")

        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"

    async def test_another_method_is_told_which_there_are(self, world: World) -> None:
        answer = await world.client.request("PATCH", "/v1/programmes/01a1fcf1-e48c-754c-8440-90ddca200224")

        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET, PUT"

    async def test_an_invitation_is_not_called_accept(self, world: World) -> None:
        answer = await world.client.request("DELETE", "/v1/invitations/accept")

        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "POST"


class TestEdits:
    async def test_an_edit_says_which_version_it_edits(self, world: World) -> None:
        alice = await world.person("alice")
        made = await send(world, json.dumps(REGION))

        answer = await alice.put(f"/v1/regions/{made.json()['id']}", json=REGION)

        assert_problem(answer, 428, "precondition-required")

    @pytest.mark.parametrize("strange", ["*", "1", 'W/"1"', '"-1"', '"1", "2"', ""])
    async def test_a_strange_version_is_a_stale_one(self, world: World, strange: str) -> None:
        alice = await world.person("alice")
        made = await send(world, json.dumps(REGION))

        answer = await alice.request(
            "PUT", f"/v1/regions/{made.json()['id']}", json=REGION, headers={"If-Match": strange}
        )

        assert_problem(answer, 412, "stale")
