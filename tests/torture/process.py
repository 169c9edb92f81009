"""A process of the product whose clock can be set: `python -m tests.torture.process web|worker CLOCK`.

CLOCK is a file that holds by how many seconds the process is ahead of the machine. Everything else comes from the
settings, as `plainclothes serve` and `plainclothes worker` read them. It lives as long as somebody holds the other end of
its standard input, so that nothing is left of a torture that was killed itself.
"""

import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

from app.cli.serve import serve_with
from app.kit.clock import Clock, utc_now
from app.settings import Settings
from app.worker import run_worker


def stepped(file: Path) -> Clock:
    def now() -> datetime:
        return utc_now() + timedelta(seconds=float(file.read_text() or 0))

    return now


def end_with_whoever_started() -> None:
    """At once: tools that it runs (ffmpeg in its sandbox) end with their parents."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):  # not `sys.stdin.read`: its lock would trouble an ordinary end
            continue
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    end_with_whoever_started()
    clock = stepped(Path(sys.argv[2]))
    match sys.argv[1]:
        case "web":
            serve_with(Settings(_env_file=None), clock=clock)
        case "worker":
            run_worker(Settings(_env_file=None), clock=clock)
        case other:
            sys.exit(f"no such process: {other}")
