"""Argon2id, never on the event loop and never more at a time than the machine bears."""

import anyio
import anyio.to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 10  # NIST SP 800-63B asks for 8 at least; there is no second factor yet
LONGEST = 200
AT_A_TIME = 2  # each takes 64 MiB and about 0.3 s of a core
COMMON = frozenset({"password12", "1234567890", "0123456789", "qwertyuiop", "passwordpassword", "adminadmin"})


class Passwords:
    """Hashing and verifying. `cheap=True` is for tests only."""

    def __init__(self, *, cheap: bool = False) -> None:
        hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else Argon2Hasher()
        self._hash = PasswordHash((hasher,))
        self._turns = anyio.CapacityLimiter(AT_A_TIME)
        self._nobody = self._hash.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        return await anyio.to_thread.run_sync(self._hash.hash, password, limiter=self._turns)

    async def verify(self, password: str, known: str | None) -> bool:
        """Whether `password` belongs to the hash `known`. An absent account takes as long as a wrong password."""
        right = await anyio.to_thread.run_sync(
            self._hash.verify, password, known or self._nobody, limiter=self._turns
        )
        return right and known is not None


def is_weak(password: str, *, about: str) -> bool:
    """Too short, too common, or the account's own words."""
    lowered = password.lower()
    return len(password) < SHORTEST or lowered in COMMON or len(set(lowered)) < 5 or lowered in about.lower()
