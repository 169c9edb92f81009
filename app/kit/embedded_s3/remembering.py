"""Swift's cache of what accounts and containers are, in memory: the service it asks for otherwise is one more to run.

Without any, each request to an object asks for both anew, by requests of its own.
"""

import json
import time
from collections.abc import Callable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]

MOST_ENTRIES = 1000  # there are a handful: one account, its buckets and their parts


class Memory:
    """The part of Swift's `MemcacheRing` that its proxy calls. Entries are copies, as if they came over a wire."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[float, str]] = {}

    def get(self, key: str, raise_on_error: bool = False) -> Any:  # noqa: ARG002 - Swift's own
        until, text = self._entries.get(key, (0.0, ""))
        return json.loads(text) if self._clock() < until else None

    def set(self, key: str, value: Any, time: float = 0, **_: Any) -> None:
        if len(self._entries) >= MOST_ENTRIES:
            self._entries.clear()
        self._entries[key] = (self._clock() + time, json.dumps(value))

    def delete(self, key: str, server_key: str | None = None) -> None:  # noqa: ARG002 - Swift's own
        self._entries.pop(key, None)


def filter_factory(_settings: dict[str, str], **_: str) -> Callable[[Application], Application]:
    """For the pipeline of Swift's proxy."""
    memory = Memory()

    def remembering(application: Application) -> Application:
        def remembered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            environ["swift.cache"] = memory
            return application(environ, start_response)

        return remembered

    return remembering
