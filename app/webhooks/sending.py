"""One HTTP request to an address somebody else chose: resolved, checked, and connected to exactly what was checked.

Whoever owns a name may let it resolve to a public address when we check and to a private one when we connect. So
the connection is made to the IP address itself; the name goes into the Host header and into TLS, where the
certificate must bear it. No proxy, no redirect, no more of the answer than its beginning.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx2

from app.settings import Environment, Settings
from app.webhooks.rules import Target, Unsafe, may_go_to, read_target

TIMEOUT_S = 15.0  # of everything together
MOST_OF_AN_ANSWER = 16_384  # bytes; who sends more is not listened to

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a host, as the system says. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is null when there was no answer; then `error` says why."""

    status: int | None
    error: str | None
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Sender:
    """How messages leave the house. `loopback` lets them go to this very machine, which only tests want."""

    https_only: bool = True
    loopback: bool = False
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = None
    timeout_s: float = TIMEOUT_S

    @classmethod
    def of(cls, settings: Settings) -> "Sender":
        production = settings.environment is Environment.PRODUCTION
        return cls(https_only=production, loopback=settings.webhooks_to_loopback)

    async def check(self, url: str) -> tuple[Target, Sequence[str]]:
        """The address taken apart and the public IP addresses it leads to. Raises `Unsafe`.

        One that is not public spoils them all: a name that leads to both is no honest one.
        """
        target = read_target(url, https_only=self.https_only)
        try:
            addresses = await self.resolve(target.host, target.port)
        except (OSError, UnicodeError) as error:
            raise Unsafe(f"The host {target.host} cannot be found.") from error
        if not addresses:
            raise Unsafe(f"The host {target.host} cannot be found.")
        for address in addresses:
            if not may_go_to(address, loopback=self.loopback):
                raise Unsafe(f"The host {target.host} leads to an address that is not public.")
        return target, addresses

    async def send(self, url: str, content: bytes, headers: Mapping[str, str]) -> Outcome:
        """Never raises for what the world does."""
        began = time.monotonic()
        status, error = None, None
        try:
            async with asyncio.timeout(self.timeout_s):
                status = await self._post(url, content, headers)
        except TimeoutError:
            error = f"no answer within {self.timeout_s:g} seconds"
        except Unsafe as refusal:
            error = str(refusal)
        except httpx2.HTTPError as failure:
            error = f"{type(failure).__name__}: {failure}"
        return Outcome(status, error and error[:200], round((time.monotonic() - began) * 1000))

    async def _post(self, url: str, content: bytes, headers: Mapping[str, str]) -> int:
        target, addresses = await self.check(url)
        transport = httpx2.AsyncHTTPTransport(verify=self.tls or True, trust_env=False)
        async with (
            httpx2.AsyncClient(transport=transport, timeout=self.timeout_s, trust_env=False) as client,
            client.stream(
                "POST",
                target.at(addresses[0]),
                content=content,
                headers={**headers, "Host": target.host_header, "Accept-Encoding": "identity"},
                extensions={"sni_hostname": target.host},
                follow_redirects=False,
            ) as response,
        ):
            read = 0
            async for piece in response.aiter_raw():
                read += len(piece)
                if read > MOST_OF_AN_ANSWER:
                    break
            return response.status_code
