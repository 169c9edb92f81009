"""What is said of a password that somebody might guess."""

from collections.abc import Mapping

from app.identity.passwords import SHORTEST, Passwords, Weakness
from app.identity.problems import WeakPassword

WAY_OUT = "Four words that do not belong together make a good one."
WEAK: Mapping[Weakness, str] = {
    Weakness.TOO_SHORT: f"At least {SHORTEST} characters are needed, several spaces in a row counted as one. {WAY_OUT}",
    Weakness.KNOWN: f"This password is known from breaches: whoever guesses passwords tries it first. {WAY_OUT}",
    Weakness.MONOTONOUS: f"This password repeats too few characters. {WAY_OUT}",
    Weakness.OWN_ADDRESS: f"This password is part of the e-mail address it is for. {WAY_OUT}",
}


async def require_strength(passwords: Passwords, password: str, *, about: str) -> None:
    """Raises `WeakPassword`, which names the rule and the way out."""
    weakness = await passwords.weakness(password, about=about)
    if weakness is not None:
        raise WeakPassword(WEAK[weakness], rule=str(weakness))
