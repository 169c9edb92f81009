"""The command `plainclothes` in a process of its own, as installed."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 240  # the slowest needs 20 s of work, on a machine that tests share
MODULE = [sys.executable, "-W", "error", "-m", "app.cli"]


def plainclothes(
    *arguments: object,
    locale: str = "C.UTF-8",
    settings: Mapping[str, object] | None = None,
    timeout_s: float = PATIENCE_S,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MODULE, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=timeout_s,
        check=False,
        cwd=ROOT,
        env={**environment(settings or {}), "LC_ALL": locale},
    )


def refusal(*arguments: object, settings: Mapping[str, object] | None = None) -> str:
    """What is said on standard error when a command ends in refusal."""
    done = plainclothes(*arguments, settings=settings)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr


def environment(settings: Mapping[str, object]) -> dict[str, str]:
    """This process's environment with these settings: `environment({"port": 8080})`."""
    return {**os.environ, **{f"PLAINCLOTHES_{name.upper()}": str(value) for name, value in settings.items()}}
