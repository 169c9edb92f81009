"""Keys under which the server encrypts what it writes, and what a directory remembers of them."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.kit.embedded_s3.directory import DataDirectory, DirectoryUnusable, write_durably
from app.kit.embedded_s3.settings import SettingsRefused

LEAST_BYTES = 32  # what Swift's keymaster asks for: the strength of AES-256
_NAME = re.compile(r"[a-z0-9]+")  # goes into the name of an option


@dataclass(frozen=True, slots=True)
class EncryptionKeys:
    """Root secrets in base64 by name, in order: the first encrypts what is new, the others only decrypt."""

    by_name: Mapping[str, str] = field(repr=False, default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "EncryptionKeys":
        """`name:BASE64 name:BASE64 …`; raise `SettingsRefused` for what is no key."""
        keys: dict[str, str] = {}
        for word in text.split():
            name, _, secret = word.partition(":")
            if not _NAME.fullmatch(name) or name in keys:
                raise SettingsRefused(
                    f"an encryption key is name:BASE64, each name once, of small letters and digits; not {name!r}"
                )
            if len(_decoded(name, secret)) < LEAST_BYTES:
                raise SettingsRefused(f"the encryption key {name!r} is shorter than {LEAST_BYTES} bytes")
            keys[name] = secret
        return cls(keys)

    @property
    def active(self) -> str | None:
        """The name of the key for what is new, or `None` where nothing is encrypted."""
        return next(iter(self.by_name), None)


def hold_to(directory: DataDirectory, keys: EncryptionKeys) -> None:
    """Note the active key as one that `directory` needs from now on.

    Raise `DirectoryUnusable` when a key is missing, or another, that something in it may be encrypted with.
    """
    needed = dict(_needed(directory.keys))
    for name, fingerprint in needed.items():
        if name not in keys.by_name:
            raise DirectoryUnusable(
                f"objects in {directory.root} are encrypted with the key {name!r}, which is not given:"
                " put it behind the newer ones"
            )
        if not hmac.compare_digest(fingerprint, _fingerprint(keys.by_name[name])):
            raise DirectoryUnusable(
                f"the key {name!r} is not the one that objects in {directory.root} are encrypted with:"
                " a new key needs a new name, before the old one"
            )
    if keys.active is not None and keys.active not in needed:
        needed[keys.active] = _fingerprint(keys.by_name[keys.active])
        write_durably(directory.keys, "".join(f"{name} {mark}\n" for name, mark in needed.items()))


def _needed(file: Path) -> Iterator[tuple[str, str]]:
    if file.exists():
        for line in file.read_text(encoding="ascii").splitlines():
            name, _, fingerprint = line.partition(" ")
            yield name, fingerprint


def _decoded(name: str, secret: str) -> bytes:
    try:
        return base64.b64decode(secret, validate=True)
    except binascii.Error as error:
        raise SettingsRefused(f"the encryption key {name!r} is not base64") from error


def _fingerprint(secret: str) -> str:
    """Tells two keys apart and nothing of either: they are random, so that nobody tries them all."""
    return hashlib.sha256(b"fingerprint of an encryption key:" + base64.b64decode(secret)).hexdigest()
