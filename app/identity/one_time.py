"""One-time codes: those an authenticator app shows (RFC 6238), and recovery codes on paper. No database."""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from app.kit.sealing import Unsealable, seal, unseal

ISSUER = "Plainclothes"
SEALED_FOR = "second factors"
DIGITS = 6
STEPS_OFF = 1  # a phone's clock may be half a minute off, and typing takes time
RECOVERY_CODES = 10
GROUPS, GROUP = 4, 4
# 32 signs that nobody mistakes for each other: 80 bits a code. Their hash is salted, as ASVS 2.6.2 asks below 112.
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def draw_secret() -> str:
    """160 bits, in base 32 as apps take them."""
    return pyotp.random_base32()


def sealed(secret: str, *, key: str) -> str:
    return seal(secret, key=key, purpose=SEALED_FOR)


def address_of(secret: str, *, account: str) -> str:
    """The `otpauth:` address that an app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def qr_of(text: str) -> list[str]:
    """The rows of a QR code, 1 for a dark module; the quiet zone of four around it is the drawer's."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    return ["".join("1" if dark else "0" for dark in row) for row in code.modules]


def plain(code: str) -> str:
    """As it is compared: without what people put between groups."""
    return code.replace(" ", "").replace("-", "").upper()


def step_of(code: str, secret_sealed: str, *, key: str, now: datetime) -> int | None:
    """The time step whose code this is, at most `STEPS_OFF` from now; `None` when it is none.

    A secret sealed under another key has no codes any more: recovery codes and a reset still work.
    """
    if not (len(code) == DIGITS and code.isdecimal()):
        return None
    try:
        totp = pyotp.TOTP(unseal(secret_sealed, key=key, purpose=SEALED_FOR))
        return totp.verify_and_get_timecode(code, for_time=now, valid_window=STEPS_OFF)
    except (OTPVerificationError, Unsealable):
        return None


def draw_recovery_codes() -> list[str]:
    """As they are shown: `ABCD-EFGH-JKLM-NPQR`."""
    return ["-".join(_group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(SIGNS) for _ in range(GROUP))


def draw_salt() -> str:
    return secrets.token_hex(16)


def hashed(code: str, *, salt: str) -> str:
    return hashlib.sha256(f"{salt}/{plain(code)}".encode()).hexdigest()


def is_hash_of(known: str, code: str, *, salt: str) -> bool:
    return hmac.compare_digest(known, hashed(code, salt=salt))
