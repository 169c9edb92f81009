"""How requests travel under torture: to either web process, sometimes twice, late, cut, not at all, or with the answer lost.

Every request is repeated until it is answered for good, as phones and integrators do it (D11): under one
`Idempotency-Key`, or by the id in it.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

import httpx2

from tests.torture.tally import Tally

PATIENCE_S = 240.0
PAUSE_S = 0.25
ANSWER_WITHIN_S = 30.0
CUT_WITHIN_S = 0.06
LATE_S = (0.5, 6.0)
DUPLICATE, ANSWER_LOST, LOST, CUT, LATE = 0.08, 0.08, 0.05, 0.06, 0.05
"""Shares of requests."""

SIGNED = re.compile(r"X-Amz-(Date|Signature)=[0-9A-Za-z]+|\"expires_at\":\"[^\"]*\"")
AREAS = {
    "/submit": "submissions",
    "/answers": "submissions",
    "/leave": "submissions",
    "/check-ins": "submissions",
    "/recordings": "uploads",
    "/plans": "planning",
    "/bulletins": "reports",
    "/publish": "reports",
    "/exports": "exports",
    "/review": "review",
    "/mutes": "review",
}
OTHER = "other requests"


class NeverAnswered(Exception):
    """For minutes nobody gave an answer that counts, though nothing was wrong any more."""


class RoughRoad(httpx2.AsyncBaseTransport):
    """Stands where the network is, from `begin_mischief` to `end_mischief`."""

    def __init__(self, addresses: Sequence[str], chance: random.Random, tally: Tally) -> None:
        self._addresses = addresses
        self._chance = chance
        self._tally = tally
        self._client = httpx2.AsyncClient(timeout=ANSWER_WITHIN_S)
        self._smooth_since: float | None = None
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._waiting: dict[str, list[asyncio.Future[str]]] = {}
        self._answered_at: dict[str, float] = {}
        self._late: set[asyncio.Task[None]] = set()

    async def aclose(self) -> None:
        for task in self._late:
            task.cancel()
        await self._client.aclose()

    def begin_mischief(self) -> None:
        self._smooth_since = None

    def end_mischief(self) -> None:
        """The web processes answer, and the network carries what it is given."""
        self._smooth_since = asyncio.get_running_loop().time()

    @property
    def is_smooth(self) -> bool:
        return self._smooth_since is not None

    def asked_of(self, address: str) -> list[str]:
        """What a web process is being asked at this moment."""
        return sorted(
            {area for (where, area), times in self._under_way.items() if where == address and times}
        )

    def answered_at(self, address: str) -> float:
        """When a web process last answered anything, by the clock that only goes forward."""
        return self._answered_at.get(address, 0.0)

    async def next_about(self, area: str) -> str:
        """The address of the web process that is asked next about it."""
        asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(area, []).append(asked)
        return await asked

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        content = await request.aread()
        headers = dict(request.headers)
        del headers["host"]
        if request.method == "POST":
            headers.setdefault("idempotency-key", uuid4().hex)
        began, last = asyncio.get_running_loop().time(), "no answer"
        while not self._is_over(began):
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

    def _is_over(self, began: float) -> bool:
        """People go on as long as something is wrong. Their patience counts from when nothing is."""
        if self._smooth_since is None:
            return False
        return asyncio.get_running_loop().time() > max(began, self._smooth_since) + PATIENCE_S

    async def _try(
        self, request: httpx2.Request, headers: dict[str, str], content: bytes
    ) -> httpx2.Response | None:
        """None for what never came, or whose answer did not."""
        shares = {
            "request sent twice at once": DUPLICATE,
            "answer lost": ANSWER_LOST,
            "request lost": LOST,
            "request cut": CUT,
            "request came again later": LATE,
        }
        drawn = self._chance.choices([*shares, ""], [*shares.values(), 1 - sum(shares.values())])[0]
        if self._smooth_since is not None or not drawn:
            return await self._send(request, headers, content)
        self._tally.faults[drawn] += 1
        match drawn:
            case "request sent twice at once":
                return await self._twice(request, headers, content)
            case "answer lost":
                await self._send(request, headers, content)
                return None
            case "request lost":
                return None
            case "request cut":
                async with asyncio.timeout(self._chance.random() * CUT_WITHIN_S):
                    return await self._send(request, headers, content)
            case _:
                self._have_come_again(request, headers, content)
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
        if request.method == "POST" and len({(one.status_code, _said(one)) for one in answers}) > 1:
            self._tally.lose(
                f"sent twice, answered differently: {request.method} {request.url.path}: "
                + " / ".join(f"{one.status_code} {one.text[:200]}" for one in answers)
            )
        return answers[0] if answers else None

    def _have_come_again(self, request: httpx2.Request, headers: dict[str, str], content: bytes) -> None:
        """After others that were sent later: networks keep no order, and phones forget that they were answered."""

        async def come() -> None:
            await asyncio.sleep(self._chance.uniform(*LATE_S))
            try:
                await self._send(request, headers, content)
            except httpx2.TransportError:
                return

        task = asyncio.create_task(come())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _send(
        self, request: httpx2.Request, headers: dict[str, str], content: bytes, *, to: str = ""
    ) -> httpx2.Response:
        address = to or self._chance.choice(self._addresses)
        path = request.url.raw_path.decode()
        with self._noted(address, area_of(request.url.path)):
            answer = await self._client.request(
                request.method, f"{address}{path}", headers=headers, content=content
            )
        self._answered_at[address] = time.monotonic()
        return answer

    @contextmanager
    def _noted(self, address: str, area: str) -> Iterator[None]:
        self._under_way[address, area] += 1
        for asked in self._waiting.pop(area, []):
            if not asked.done():
                asked.set_result(address)
        try:
            yield
        finally:
            self._under_way[address, area] -= 1


def area_of(path: str) -> str:
    """What a request is about, by the last word of its path that tells."""
    parts = [f"/{part}" for part in path.split("/")]
    return next((AREAS[part] for part in reversed(parts) if part in AREAS), OTHER)


def _said(answer: httpx2.Response) -> str:
    """What it says, but for when links in it were signed: each is as good as the other."""
    return SIGNED.sub("", answer.text)


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
