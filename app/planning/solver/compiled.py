"""Compilation of the hot loop. Results are cached on disk, so only the first start after an update pays."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def _cache_directory() -> Path | None:
    """A directory of this very version of the sources.

    numba looks only at the file of the cached function, not at the files of the functions it calls.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(here.glob("*.py")):
        content = source.read_bytes()
        if b"import compiled" in content or source.name in {"compiled.py", "layout.py"}:
            digest.update(content)
    for root in (here / "__pycache__", Path.home() / ".cache" / "plainclothes"):
        directory = root / f"native-{digest.hexdigest()[:16]}"
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(directory, os.W_OK):
            return directory
    return None


_CACHE = _cache_directory()
_NATIVE: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_UNCOUNTED: dict[str, Any] = {"_nrt": False}  # no counting of references to arrays
if _CACHE is not None:
    setattr(numba.config, "CACHE_DIR", str(_CACHE))  # noqa: B010 - the module makes its names at run time


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Native code that runs without the interpreter lock, so that threads use every core.

    It may not allocate: counting references to the arrays is turned off, which halves the time of a step.
    """
    return cast("Callable[P, R]", numba.njit(**_NATIVE, **_UNCOUNTED, cache=_CACHE is not None)(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, for small functions of the inner loop: a call would cost more than the work."""
    return cast("Callable[P, R]", numba.njit(**_NATIVE, **_UNCOUNTED, forceinline=True)(function))


def allocating(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, for functions outside the hot loop that make arrays of their own."""
    return cast("Callable[P, R]", numba.njit(**_NATIVE, cache=_CACHE is not None)(function))


def uncached(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, for code outside this package, whose versions the cache does not know."""
    return cast("Callable[P, R]", numba.njit(**_NATIVE, **_UNCOUNTED)(function))
