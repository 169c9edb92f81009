"""How long the server waits for a client, and for how many: slow ones must not keep others out.

uvicorn by itself waits for ever for a head, a body, and for an answer to be taken, and keeps heads of any length.
"""

import asyncio
import math
import socket
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import ClassVar, cast

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.settings import Settings

log = structlog.get_logger(__name__)

LOOK_S = 1.0  # how often every connection is looked at
HEAD_BYTES = 65_536  # of one request's address and headers; ours have one or two thousand
FRAMING = 8  # bytes around one byte of a body that comes in chunks of one, and some
UNSENT_BYTES = 65_536  # that the kernel takes beyond what is on its way, so that "taken" means by the client
BODIES_AT_A_TIME = 64  # of the largest size; that much memory may wait for requests to be complete


class Awaits(Enum):
    """What a connection has to bring next."""

    REQUEST = auto()  # nothing has been asked since the last answer
    HEAD = auto()
    BODY = auto()
    NOTHING = auto()  # it is our turn


@dataclass(frozen=True, slots=True)
class Patience:
    """`bytes_per_s` is the least speed of bodies and of answers, after `stalled_s` of any speed."""

    connections: int
    head_s: float
    stalled_s: float
    bytes_per_s: int
    body_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> "Patience":
        return cls(
            connections=settings.max_connections,
            head_s=settings.head_seconds,
            stalled_s=settings.stalled_seconds,
            bytes_per_s=settings.slowest_bytes_per_second,
            body_bytes=settings.max_body_bytes,
        )


@dataclass(slots=True)
class Held:
    """Bytes of bodies that the process keeps for requests which are not answered yet."""

    size: int = 0


class PatientProtocol(HttpToolsProtocol):
    """Ends connections that make no progress, and under pressure the one that was waited for longest."""

    patience: ClassVar[Patience]
    held: ClassVar[Held]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._holds = 0
        self._await(Awaits.HEAD)
        self._taking_since, self._untaken = self._since, 0
        self._look_later()
        connected = transport.get_extra_info("socket")
        if hasattr(socket, "TCP_NOTSENT_LOWAT") and connected.family != socket.AF_UNIX:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        if len(self.connections) > self.patience.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        self._let_go()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.awaits is Awaits.REQUEST:
            self._await(Awaits.HEAD)
        self._bytes += len(data)
        super().data_received(data)
        if self._bytes > HEAD_BYTES + FRAMING * self._body_bytes:
            self.end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        self._await(Awaits.HEAD)
        self._bytes = 1  # or more: where it began in what has come is not told
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._await(Awaits.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        self._bytes += len(body)
        if self.cycle.response_complete:
            self._unwanted += len(body)
        else:
            self._holds += len(body)
            self.held.size += len(body)
        super().on_body(body)
        if self._unwanted > self.patience.body_bytes:  # refused long ago; it had the time to read that
            self.end(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif self.held.size > BODIES_AT_A_TIME * self.patience.body_bytes:
            self._waited_longest(among=Awaits.BODY).end(HTTPStatus.SERVICE_UNAVAILABLE)

    def on_message_complete(self) -> None:
        self._await(Awaits.NOTHING)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._let_go()
        if self.awaits is Awaits.NOTHING and not self.pipeline:
            self._await(Awaits.REQUEST)
        super().on_response_complete()

    def resume_writing(self) -> None:
        self._taking_since, self._untaken = self.loop.time(), 0
        super().resume_writing()

    @property
    def waited_s(self) -> float:
        """For how long the client has had the next move; -1 where it is our turn."""
        if self.awaits is not Awaits.NOTHING:
            return self.loop.time() - self._since
        return self.loop.time() - self._taking_since if self._untaken else -1

    def _await(self, awaited: Awaits) -> None:
        self.awaits, self._since = awaited, self.loop.time()
        self._bytes = self._body_bytes = self._unwanted = 0

    def _let_go(self) -> None:
        self.held.size -= self._holds
        self._holds = 0

    def _look_later(self) -> None:
        self._next_look = self.loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        if self._is_not_taken():
            log.info("client does not take its answer")
            self.transport.abort()
            return
        if not self.transport.is_closing():
            if self.flow.read_paused:
                self._since += LOOK_S  # it is we who do not read
            if self.loop.time() > self._since + self._allowed_s():
                self.end(HTTPStatus.REQUEST_TIMEOUT)
        self._look_later()

    def _allowed_s(self) -> float:
        match self.awaits:
            case Awaits.HEAD:
                return self.patience.head_s
            case Awaits.BODY:
                return self.patience.stalled_s + self._body_bytes / self.patience.bytes_per_s
            case _:
                return math.inf  # uvicorn ends idle connections by itself

    def _is_not_taken(self) -> bool:
        """Less than the least speed over the whole of `stalled_s`, while there was something to take."""
        untaken, now = self.transport.get_write_buffer_size(), self.loop.time()
        if untaken == 0 or self._untaken == 0:
            self._taking_since, self._untaken = now, untaken
            return False
        if now < self._taking_since + self.patience.stalled_s:
            return False
        taken = self._untaken - untaken
        self._taking_since, self._untaken = now, untaken
        return taken < self.patience.stalled_s * self.patience.bytes_per_s

    def _make_room(self) -> None:
        """For this one, at the cost of who was waited for longest; who is being answered stays."""
        longest = self._waited_longest()
        longest.end(HTTPStatus.SERVICE_UNAVAILABLE)
        self.connections.discard(longest)

    def _waited_longest(self, *, among: Awaits | None = None) -> "PatientProtocol":
        """This one, where nobody is waited for."""
        known = [one for one in self.connections if isinstance(one, PatientProtocol)]
        waiting = [one for one in known if one.waited_s >= 0 and among in (None, one.awaits)]
        return max(waiting, key=lambda one: one.waited_s, default=self)

    def end(self, status: HTTPStatus) -> None:
        """Says why, where something was asked and no answer has begun, and hangs up.

        To nobody who has said nothing: browsers open connections ahead, and might show it for the next answer.
        """
        self._let_go()
        if self.transport.is_closing():
            return
        log.info("client ended", status=int(status), waits_for=self.awaits.name.lower())
        cycle = cast("RequestResponseCycle | None", self.cycle)  # there is none before the first request
        has_asked = self._bytes > 0 or self.awaits in (Awaits.BODY, Awaits.NOTHING)
        if has_asked and (cycle is None or cycle.response_complete or not cycle.response_started):
            line = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            self.transport.write(f"{line}connection: close\r\ncontent-length: 0\r\n\r\n".encode())
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()


def patient(settings: Settings) -> type[asyncio.Protocol]:
    """The protocol for `uvicorn.Config(http=…)` of one process."""
    made = type("Patient", (PatientProtocol,), {"patience": Patience.of(settings), "held": Held()})
    return cast("type[asyncio.Protocol]", made)
