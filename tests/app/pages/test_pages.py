"""The page that shows the API."""

import re

import httpx2


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
