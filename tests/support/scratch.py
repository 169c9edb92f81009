"""Where tests put what has not to outlive them: in memory, on machines that have enough of it.

A database for every test is a thousand small files made and removed again; on a disk that alone takes longer than
many of the tests.
"""

import os
import shutil
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - looked at before it is used
ENOUGH_BYTES = 6 << 30  # a run needs a third of it; containers often have 64 MB


def fast_directory() -> Path | None:
    """A directory in memory, or None where there is none with enough room: the usual place will do."""
    if not os.access(IN_MEMORY, os.W_OK) or shutil.disk_usage(IN_MEMORY).free < ENOUGH_BYTES:
        return None
    return IN_MEMORY
