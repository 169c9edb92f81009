"""How requests travel under torture: to either web process, sometimes twice, sometimes cut, sometimes with the answer lost.

Every request is repeated until it is answered for good, as phones and integrators do it (D11): under one
`Idempotency-Key`, or by the id in it.
"""

import asyncio
import random
from collections.abc import Sequence
from uuid import uuid4

import httpx2

from tests.torture.tally import Tally

PATIENCE_S = 240.0
PAUSE_S = 0.25
ANSWER_WITHIN_S = 30.0
CUT_WITHIN_S = 0.06
DUPLICATE, LOST, CUT = 0.08, 0.08, 0.06
"""Shares of requests."""


class NeverAnswered(Exception):
    """For minutes nobody gave an answer that counts."""


class RoughRoad(httpx2.AsyncBaseTransport):
    """Stands where the network is; `smooth` ends the mischief."""

    def __init__(self, addresses: Sequence[str], chance: random.Random, tally: Tally) -> None:
        self._addresses = addresses
        self._chance = chance
        self._tally = tally
        self._client = httpx2.AsyncClient(timeout=ANSWER_WITHIN_S)
        self.smooth = False

    async def aclose(self) -> None:
        await self._client.aclose()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        content = await request.aread()
        headers = dict(request.headers)
        del headers["host"]
        if request.method == "POST":
            headers.setdefault("idempotency-key", uuid4().hex)
        ends = asyncio.get_running_loop().time() + PATIENCE_S
        last = "no answer"
        while asyncio.get_running_loop().time() < ends:
            try:
                answer = await self._try(request, headers, content)
            except (httpx2.TransportError, TimeoutError) as error:
                last = type(error).__name__
            else:
                if answer is not None and not _passes(answer):
                    return httpx2.Response(
                        answer.status_code, headers=_kept(answer), content=answer.content, request=request
                    )
                last = str(answer.status_code) if answer is not None else last
                if answer is not None:
                    self._tally.answers[f"{answer.status_code}"] += 1
            await asyncio.sleep(PAUSE_S * (0.5 + self._chance.random()))
        raise NeverAnswered(f"{request.method} {request.url.path}: {last}")

    async def _try(
        self, request: httpx2.Request, headers: dict[str, str], content: bytes
    ) -> httpx2.Response | None:
        dice = 1.0 if self.smooth else self._chance.random()
        if dice < DUPLICATE:
            self._tally.faults["request sent twice at once"] += 1
            return await self._twice(request, headers, content)
        if dice < DUPLICATE + LOST:
            self._tally.faults["answer lost"] += 1
            await self._send(request, headers, content)
            return None
        if dice < DUPLICATE + LOST + CUT:
            self._tally.faults["request cut"] += 1
            async with asyncio.timeout(self._chance.random() * CUT_WITHIN_S):
                return await self._send(request, headers, content)
        return await self._send(request, headers, content)

    async def _twice(
        self, request: httpx2.Request, headers: dict[str, str], content: bytes
    ) -> httpx2.Response | None:
        both = await asyncio.gather(
            *(self._send(request, headers, content, to=address) for address in self._addresses),
            return_exceptions=True,
        )
        for one in both:
            if isinstance(one, BaseException) and not isinstance(one, httpx2.TransportError):
                raise one
        answers = [one for one in both if isinstance(one, httpx2.Response) and not _passes(one)]
        if request.method == "POST" and len({(one.status_code, one.content) for one in answers}) > 1:
            self._tally.lose(
                f"sent twice, answered differently: {request.method} {request.url.path}: "
                + " / ".join(f"{one.status_code} {one.text[:200]}" for one in answers)
            )
        return answers[0] if answers else None

    async def _send(
        self, request: httpx2.Request, headers: dict[str, str], content: bytes, *, to: str = ""
    ) -> httpx2.Response:
        address = to or self._chance.choice(self._addresses)
        path = request.url.raw_path.decode()
        return await self._client.request(
            request.method, f"{address}{path}", headers=headers, content=content
        )


def _passes(answer: httpx2.Response) -> bool:
    """Whether it says: not now."""
    return (
        answer.status_code in {408, 429}
        or answer.status_code >= 500
        or "request-in-flight" in answer.text[:300]
    )


def _kept(answer: httpx2.Response) -> dict[str, str]:
    return {
        name: value
        for name, value in answer.headers.items()
        if name not in {"content-encoding", "content-length", "transfer-encoding"}
    }
