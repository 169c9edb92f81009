"""A child that never outlives its parent, even one that was killed."""

import ctypes
import os
import signal
import sys

import eventlet

_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>
_POLL_S = 1.0


def die_with(parent: int) -> None:
    """End this process when `parent` ends: at once by the Linux kernel, within a second elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # Also on Linux: the parent may have ended before the request above.
    _end_if_orphaned(parent)
    eventlet.spawn(_watch, parent)


def _watch(parent: int) -> None:
    while True:
        eventlet.sleep(_POLL_S)
        _end_if_orphaned(parent)


def _end_if_orphaned(parent: int) -> None:
    if os.getppid() != parent:
        # Not sys.exit: in a greenlet it would end that greenlet alone. Storage is safe against a kill.
        os._exit(0)
