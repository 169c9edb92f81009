"""A line to a server that tests may cut or stop: bytes pass through a socket of ours."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PIECE_BYTES = 64 * 1024


class Line:
    """Carries bytes to `target`. `stop_after` lets so many more through and then nothing; `cut_after` hangs up then,
    once; `mend` carries everything. `stopped` is set when a stopped line has carried all it may."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        assert address.hostname is not None
        assert address.port is not None
        self._target = (address.hostname, address.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.stopped = threading.Event()
        self.carried_bytes = 0
        self.cuts = 0
        self._lock = threading.Lock()
        self._left: int | None = None
        self._hangs_up = False
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()
        self._hang_up()

    def stop_after(self, count: int) -> None:
        self._left, self._hangs_up = count, False

    def cut_after(self, count: int) -> None:
        self._left, self._hangs_up = count, True

    def mend(self) -> None:
        """Whatever was stopped is lost, as it is when a phone changes its network."""
        self._left = None
        self._hang_up()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                there = socket.create_connection(self._target)
                self._open += [here, there]
                threading.Thread(target=self._carry, args=(here, there), daemon=True).start()
                threading.Thread(target=self._answer, args=(there, here), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                may, ends = self._take(len(piece))
                target.sendall(piece[:may])
                if ends and self._hangs_up:
                    self.mend()
                    self.cuts += 1
                    return
                if ends:
                    self.stopped.set()
                    return
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _take(self, wanted: int) -> tuple[int, bool]:
        with self._lock:
            may = wanted if self._left is None else min(wanted, self._left)
            self.carried_bytes += may
            if self._left is None:
                return may, False
            self._left -= may
            return may, may < wanted

    @staticmethod
    def _answer(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _hang_up(self) -> None:
        ended, self._open = self._open, []
        for one in ended:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
