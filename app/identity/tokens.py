"""Access tokens (signed, minutes) and refresh tokens (opaque, rotating)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt

from app.kit.problems import Unauthenticated

ALGORITHM = "HS256"
AUDIENCE = "plainclothes"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    person_id: UUID
    login_id: UUID


def make_access_token(claims: AccessClaims, *, key: str, now: datetime, life: timedelta) -> str:
    payload = {
        "sub": str(claims.person_id),
        "lid": str(claims.login_id),
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }
    return jwt.encode(payload, key, algorithm=ALGORITHM)


def read_access_token(token: str, *, key: str, now: datetime) -> AccessClaims:
    """Raises `Unauthenticated` for a token that is not ours or has run out at `now`."""
    try:
        payload = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": ["sub", "lid", "exp"], "verify_exp": False, "verify_iat": False},
        )
        claims = AccessClaims(UUID(payload["sub"]), UUID(payload["lid"]))
        expires = float(payload["exp"])
    except (jwt.InvalidTokenError, ValueError, TypeError, KeyError) as error:
        raise Unauthenticated("The access token is not one of ours.") from error
    if now.timestamp() >= expires:
        raise Unauthenticated("The access token has run out: use the refresh token.")
    return claims


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored of a random secret: SHA-256 is enough, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
