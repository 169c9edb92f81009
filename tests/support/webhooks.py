"""A subscriber's server, and subscribing it: `with Receiver() as receiver: await a_webhook(alice, receiver.url)`."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook as Verifier

from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.webhooks.delivering import send_next
from app.webhooks.jobs import fan_out_all
from app.webhooks.models import Webhook
from tests.support.recordings import resources_of, worked
from tests.support.waiting import DEADLINE_S
from tests.support.world import Caller, World


@dataclass(frozen=True, slots=True)
class Message:
    path: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """The body, if it was signed with this secret within the last minutes. Raises `WebhookVerificationError`."""
        found: dict[str, Any] = Verifier(secret).verify(self.content, dict(self.headers))
        return found


@dataclass
class Receiver:
    """Answers each message with the next of `answers`, then with 204; a redirect names where it leads."""

    answers: list[int] = field(default_factory=list)
    leads_to: str = ""
    endless: bool = False  # an answer that never stops
    holds: int = 0  # the answer to this one, by number, until `let_go`
    messages: list[Message] = field(default_factory=list)
    url: str = ""
    _gate: threading.Event = field(default_factory=threading.Event)

    def let_go(self) -> None:
        self._gate.set()

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.messages.append(Message(self.path, headers, self.rfile.read(length)))
                if len(receiver.messages) == receiver.holds:
                    receiver._gate.wait(DEADLINE_S)
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                if receiver.leads_to:
                    self.send_header("Location", receiver.leads_to)
                self.end_headers()
                with suppress(ConnectionError):
                    while receiver.endless:
                        self.wfile.write(b"x" * 4096)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (name of the library)
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def webhook_body(url: str, *kinds: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "url": url,
        "kinds": list(kinds or ("visit.accepted",)),
        "role": "admin",
        **changes,
    }


async def a_webhook(caller: Caller, url: str, *kinds: str, **changes: Any) -> dict[str, Any]:
    made = await caller.post("/v1/webhooks", json=webhook_body(url, *kinds, **changes))
    assert made.status_code == 201, made.text
    document: dict[str, Any] = made.json()
    return document


async def told(world: World) -> None:
    """What happened becomes messages, and what is due is sent: the steps of the jobs, without the engine's cost."""
    resources = resources_of(world)
    await fan_out_all(resources)
    async with world.database.reading() as session:
        hooks = (await session.scalars(sa.select(Webhook.id).order_by(Webhook.created_at))).all()
    for hook in hooks:
        while await send_next(resources, hook):
            pass


async def told_by_jobs(world: World) -> None:
    """The same by the engine."""
    async with world.database.writing() as session:
        await enqueue(session, "webhooks.fan-out")
    assert await worked(world) == []
