"""What the server is told at its start, refused here when Swift could not take it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

# Swift reads both keys from a configuration text: spaces split values, % interpolates, _ splits the name.
_ACCESS_KEY = re.compile(r"[A-Za-z0-9.-]+:[A-Za-z0-9.-]+")
_SECRET_KEY = re.compile(r"[A-Za-z0-9/+=_.-]+")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+|\*")


class SettingsRefused(ValueError):
    """A setting the server cannot work with; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one key pair that may use the server."""

    account: str
    user: str
    secret_key: str = field(repr=False)

    @classmethod
    def parse(cls, *, access_key: str, secret_key: str) -> "Credentials":
        """Raise `SettingsRefused` unless both keys can be written into Swift's configuration."""
        if not _ACCESS_KEY.fullmatch(access_key):
            raise SettingsRefused(
                f"the access key must look like account:user (letters, digits, . and -), not {access_key!r}"
            )
        if not _SECRET_KEY.fullmatch(secret_key):
            raise SettingsRefused(
                "the secret key must be letters, digits and any of / + = _ . - and not empty"
            )
        account, user = access_key.split(":")
        return cls(account=account, user=user, secret_key=secret_key)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client may take: for a head, and for a body whose speed after `stalled_s` is this one at least."""

    head_s: float = 10.0
    stalled_s: float = 30.0
    bytes_per_s: int = 2048


USUAL = Patience()


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where to listen, which web origins may call, and how long clients are waited for."""

    host: str
    port: int
    cors_origins: tuple[str, ...]
    patience: Patience

    @classmethod
    def parse(
        cls, *, host: str, port: int, cors_origins: Sequence[str], patience: Patience = USUAL
    ) -> "ServerSettings":
        """Raise `SettingsRefused` for a port, an origin or a patience that cannot be."""
        if min(patience.head_s, patience.stalled_s, patience.bytes_per_s) <= 0:
            raise SettingsRefused("nobody can be waited for no time at all")
        if not 0 <= port <= 65535:
            raise SettingsRefused(f"there is no port {port}")
        for origin in cors_origins:
            if not _ORIGIN.fullmatch(origin):
                raise SettingsRefused(f"a CORS origin looks like https://app.example.org, not {origin!r}")
        if "*" in cors_origins and len(cors_origins) > 1:
            raise SettingsRefused("the CORS origin * stands alone")
        return cls(host=host, port=port, cors_origins=tuple(cors_origins), patience=patience)
