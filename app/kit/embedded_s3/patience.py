"""How long the store's front waits for a client: slow ones must not keep others out.

Swift gives up a part, or an answer, of which nothing moves for a minute; heads, and bodies of other requests, may come byte by
byte for hours.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import SHUT_RDWR
from time import monotonic
from typing import Any, ClassVar, cast

import eventlet
from eventlet.greenthread import GreenThread
from swift.common.wsgi import SwiftHttpProtocol

from app.kit.embedded_s3.settings import Patience


class PatientProtocol(SwiftHttpProtocol):  # type: ignore[misc]  # Swift has no types
    """Hangs up on whoever sends a head, or a body, too slowly."""

    patience: ClassVar[Patience]
    _watch: GreenThread | None = None

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        finally:
            self.wait_no_longer()

    def _read_request_line(self) -> bytes:
        with suppress(OSError, ValueError):  # met again, and told, by the read below
            self.rfile.peek(1)  # idle until then, for which there is a limit already
        self.wait(self.patience.head_s)
        return cast("bytes", super()._read_request_line())

    def get_environ(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Called when the head is complete."""
        self.wait_no_longer()
        environ: dict[str, Any] = super().get_environ(*arguments, **named)
        environ["eventlet.input"].rfile = _Body(self)
        return environ

    def wait(self, allowed_s: float) -> None:
        self._watch = eventlet.spawn_after(max(allowed_s, 0.0), self._hang_up)

    def wait_no_longer(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()

    def _hang_up(self) -> None:
        """Whoever reads from the connection finds its end, and answers nobody."""
        watch = self._watch
        eventlet.sleep(0)  # where the process itself was busy, what has come meanwhile is read first
        if watch is not None and self._watch is watch:
            with suppress(OSError):
                self.connection.shutdown(SHUT_RDWR)


@dataclass
class _Body:
    """What a client sends behind its head: the longer it is, the longer it may take. Our own pauses do not count."""

    protocol: PatientProtocol
    size_bytes: int = 0
    waited_s: float = 0.0

    def read(self, length: int) -> bytes:
        with self._patience(length):
            return self._counted(self.protocol.rfile.read(length))

    def readline(self, length: int = -1) -> bytes:
        with self._patience(length):
            return self._counted(self.protocol.rfile.readline(length))

    def _counted(self, content: bytes) -> bytes:
        self.size_bytes += len(content)
        return content

    @contextmanager
    def _patience(self, length: int) -> Iterator[None]:
        patience, began_at = self.protocol.patience, monotonic()
        wanted = self.size_bytes + max(length, 0)
        self.protocol.wait(patience.stalled_s + wanted / patience.bytes_per_s - self.waited_s)
        try:
            yield
        finally:
            self.protocol.wait_no_longer()
            self.waited_s += monotonic() - began_at


def patient(patience: Patience) -> type[PatientProtocol]:
    """The protocol of one front."""
    return type("Patient", (PatientProtocol,), {"patience": patience})
