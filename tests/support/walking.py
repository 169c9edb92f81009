"""Asking for everything: every operation of the API as one person, with every id that person knows or might guess."""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.support.world import Caller, World

NOT_TO_BE_SENT = frozenset({"/v1/auth/logout", "/v1/me/password"})  # they would end the walk
_PLACE = re.compile(r"\{(\w+)\}")
_URL = re.compile(r"https?://[^\"\\\s<>]+")


@dataclass(frozen=True)
class Exchange:
    """What was asked, and everything that came back."""

    operation: str
    status: int
    headers: bytes
    body: bytes

    @property
    def pieces(self) -> tuple[bytes, bytes]:
        return self.headers, self.body


@dataclass
class Walk:
    """`values` are what a place in an address may be filled with: by its name, or else the `guesses`."""

    world: World
    who: Caller
    values: Mapping[str, Collection[str]]
    guesses: Collection[str] = ()
    only_reading: bool = False
    exchanges: list[Exchange] = field(default_factory=list)

    async def everywhere(self) -> "Walk":
        """Every operation of the API document, those that write with an empty body."""
        for template, operations in self.world.app.openapi()["paths"].items():
            for method, operation in operations.items():
                wanted = method == "get" if self.only_reading else method != "parameters"
                if wanted and template not in NOT_TO_BE_SENT:
                    await self._ask(method.upper(), template, operation)
        return self

    async def links(self) -> "Walk":
        """Whatever an answer links to, as a browser gets it: whole, a range, and its headers."""
        async with httpx2.AsyncClient(timeout=60) as browser:
            for url in sorted(self.urls()):
                for headers in ({}, {"Range": "bytes=0-99"}):
                    answer = await browser.get(url, headers=headers)
                    self._keep(f"GET {url.partition('?')[0]}", answer)
        return self

    def urls(self) -> set[str]:
        texts = (one.body.decode("utf-8", "ignore") for one in self.exchanges if _has_links(one))
        return {match[0] for text in texts for match in _URL.finditer(text) if "X-Amz-Signature" in match[0]}

    def answered(self, *, status: Collection[int] = (200, 201, 204, 206)) -> set[str]:
        """Operations that gave something."""
        return {one.operation for one in self.exchanges if one.status in status}

    def files(self) -> set[bytes]:
        """Whole files that were fetched, whatever their kind."""
        return {one.body for one in self.exchanges if one.status == 200 and not _has_links(one) and one.body}

    def everything(self) -> Iterator[bytes]:
        for one in self.exchanges:
            yield from one.pieces
        yield from (url.encode() for url in self.urls())

    async def _ask(self, method: str, template: str, operation: Mapping[str, Any]) -> None:
        places = _PLACE.findall(template)
        chosen = [list(self.values.get(place, self.guesses)) for place in places]
        for filling in itertools.product(*chosen):
            address = template
            for place, value in zip(places, filling, strict=True):
                address = address.replace(f"{{{place}}}", value)
            for query in self._queries(operation):
                body: dict[str, str] | None = None if method == "GET" else {}
                answer = await self.who.request(method, address, params=query, json=body)
                self._keep(f"{method} {template}", answer)

    def _queries(self, operation: Mapping[str, Any]) -> Iterable[dict[str, str]]:
        """None, and for lists one row at a time, so that there are cursors to look at."""
        asked = [one for one in operation.get("parameters", []) if one["in"] == "query"]
        required = {one["name"]: self._a_value(one["name"]) for one in asked if one.get("required")}
        if any(one["name"] == "for_s" for one in asked):
            required["for_s"] = "0"  # a stream ends at once
        yield required
        if any(one["name"] == "limit" for one in asked):
            yield {**required, "limit": "1"}

    def _a_value(self, name: str) -> str:
        return next(iter(self.values.get(name, self.guesses)), "1")

    def _keep(self, operation: str, answer: httpx2.Response) -> None:
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.multi_items())
        self.exchanges.append(Exchange(operation, answer.status_code, headers.encode(), answer.content))


def _has_links(exchange: Exchange) -> bool:
    return b"json" in exchange.headers or b"mpegurl" in exchange.headers
