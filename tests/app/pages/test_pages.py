"""The page that shows the API."""

import json
import re
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

ROOT = Path(__file__).parents[3]


class TestDocs:
    async def test_load_nothing_from_anybody_else(self, client: httpx2.AsyncClient) -> None:
        page = await client.get("/docs")

        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert wanted
        for address in wanted:
            assert address.startswith("/")
            assert (await client.get(address)).status_code == 200, address
        assert not re.search(r"<script>|<style>| on\w+=", page.text)

    async def test_are_not_part_of_the_api(self, client: httpx2.AsyncClient) -> None:
        document = (await client.get("/openapi.json")).json()

        assert "/v1/me" in document["paths"]
        assert "/" not in document["paths"]
        assert "/docs" not in document["paths"]


class TestDescription:
    async def test_is_the_committed_one_and_is_not_made_while_others_wait(
        self, app: FastAPI, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(app, "openapi_schema", None)  # the app is that of other tests too
        answer = await client.get("/openapi.json")
        await client.request("PATCH", "/v1/me")  # is told what there is instead

        assert answer.json() == json.loads((ROOT / "app" / "openapi.json").read_text(encoding="utf-8"))
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-encoding"] == "gzip"
        assert app.openapi_schema is None

    async def test_is_not_sent_again_to_whoever_has_it(self, client: httpx2.AsyncClient) -> None:
        known = (await client.get("/openapi.json")).headers["etag"]
        answer = await client.get("/openapi.json", headers={"if-none-match": known})

        assert (answer.status_code, answer.content) == (304, b"")
