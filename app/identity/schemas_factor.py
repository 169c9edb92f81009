"""What goes over the wire about the second factor."""

from datetime import datetime

from pydantic import Field

from app.identity.schemas import OneTimeCode
from app.kit.wire import In, Out


class SecondFactorOut(Out):
    on_since: datetime | None
    required: bool = Field(description="one of your roles needs it")
    recovery_codes_left: int


class HeldFactorOut(Out):
    on_since: datetime | None


class EnrolmentOut(Out):
    secret: str = Field(description="base 32, shown this once", examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    otpauth_uri: str = Field(
        examples=[
            "otpauth://totp/Plainclothes:ivy%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Plainclothes"
        ]
    )
    qr: list[str] = Field(
        description="the address as a QR code: its rows, 1 for dark; leave four modules light around it",
        examples=[["1110111", "1010101", "1110111"]],
    )


class ConfirmIn(In):
    code: OneTimeCode


class RecoveryCodesOut(Out):
    recovery_codes: list[str] = Field(
        description="each stands for a code once; shown this once", examples=[["ABCD-EFGH-JKLM-NPQR"]]
    )
