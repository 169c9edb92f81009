"""A process of the product whose clock can be set: `python -m tests.torture.process web|worker CLOCK`.

CLOCK is a file that holds by how many seconds the process is ahead of the machine. Everything else comes from the
settings, as `plainclothes serve` and `plainclothes worker` read them.
"""

import sys
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


if __name__ == "__main__":
    clock = stepped(Path(sys.argv[2]))
    match sys.argv[1]:
        case "web":
            serve_with(Settings(_env_file=None), clock=clock)
        case "worker":
            run_worker(Settings(_env_file=None), clock=clock)
        case other:
            sys.exit(f"no such process: {other}")
