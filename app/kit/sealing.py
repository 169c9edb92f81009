"""Secrets we must be able to use again, as they are kept in the database: useless without the key in the settings."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class Unsealable(Exception):
    """Sealed under another key, or damaged."""


def seal(secret: str, *, key: str, purpose: str) -> str:
    """`purpose` keeps what is sealed for one use from being opened for another."""
    return _box(key, purpose).encrypt(secret.encode()).decode()


def unseal(sealed: str, *, key: str, purpose: str) -> str:
    """Raises `Unsealable`."""
    try:
        return _box(key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unsealable("sealed under another PLAINCLOTHES_SECRET_KEY") from error


def _box(key: str, purpose: str) -> Fernet:
    derived = hashlib.blake2b(purpose.encode(), key=hashlib.sha256(key.encode()).digest(), digest_size=32)
    return Fernet(base64.urlsafe_b64encode(derived.digest()))
