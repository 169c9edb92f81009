"""What goes over the wire about people and log-ins."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from app.identity.actor import Role
from app.identity.passwords import LONGEST
from app.kit.wire import Id, In, Line, Out


def _one_at(value: str) -> str:
    local, at, domain = value.partition("@")
    if (
        not (local and at and "." in domain)
        or "@" in domain
        or not all(sign.isprintable() and sign != " " for sign in value)
    ):
        raise ValueError("must look like name@example.org")
    return value


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, min_length=3, max_length=254),
    AfterValidator(_one_at),
    Field(json_schema_extra={"pattern": r"^\s*[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]*\s*$"}),
]
Slug = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{1,62}$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
OneTimeCode = Annotated[
    str,
    StringConstraints(min_length=6, max_length=40, pattern=r"^[0-9A-Za-z -]+$"),
    Field(
        description="the one that an authenticator app shows, or a recovery code; spaces and hyphens do not matter",
        examples=["123456"],
    ),
]
Secret = Annotated[str, StringConstraints(min_length=20, max_length=200)]
Language = Literal["zh", "en"]


class DeviceIn(In):
    id: Id = Field(
        description="made by the device once and kept", examples=["0199a1b2-0000-7000-8000-000000000001"]
    )
    name: Line = Field(examples=["Ivy's phone"])
    platform: Literal["android", "ios", "web", "other"]


class ProofIn(In):
    """Who is at the keyboard: the password and, of those who have a second factor, a code."""

    password: Password = Field(examples=["correct horse battery"])
    code: OneTimeCode | None = None


class LoginIn(ProofIn):
    organisation: Slug = Field(examples=["northwind-telecom"])
    email: Email = Field(examples=["ivy@example.org"])
    device: DeviceIn | None = None


class AccessOut(Out):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in_s: int


class TokensOut(AccessOut):
    refresh_token: str


class RefreshIn(In):
    refresh_token: Secret


class PasswordChangeIn(In):
    current_password: Password
    new_password: Password
    code: OneTimeCode | None = None


class NewPasswordIn(In):
    token: Secret
    new_password: Password


class PasswordLinkOut(Out):
    token: str = Field(description="shown this once: hand it to the person who forgot the password")
    expires_at: datetime


class OrganisationOut(Out):
    id: UUID
    slug: str
    name: str


class PersonOut(Out):
    id: UUID
    name: str
    email: str
    language: str
    active: bool
    roles: list[Role]
    version: int


class MeOut(PersonOut):
    organisation: OrganisationOut
    second_factor_due: bool = Field(
        description="one of your roles needs a second factor: until you have one, only your own account answers"
    )


class PersonIn(In):
    name: Line
    language: Language
    roles: Annotated[list[Role], Field(min_length=1, max_length=len(Role))]
    active: bool


class DeviceOut(Out):
    id: UUID
    name: str
    platform: str
    created_at: datetime
    last_seen_at: datetime
    revoked_at: datetime | None


class InvitationIn(In):
    email: Email = Field(examples=["ivy@example.org"])
    name: Line = Field(examples=["Ivy Chen"])
    roles: Annotated[list[Role], Field(min_length=1, max_length=len(Role), examples=[["inspector"]])]


class InvitationOut(Out):
    id: UUID
    email: str
    name: str
    roles: list[Role]
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None


class InvitationMadeOut(InvitationOut):
    token: str = Field(description="shown this once: hand it to the person you invite")


class InvitationSecret(In):
    token: Secret


class InvitedOut(Out):
    organisation: OrganisationOut
    email: str
    name: str
    roles: list[Role]
    expires_at: datetime


class AcceptIn(InvitationSecret):
    password: Password
    language: Language = "zh"
    device: DeviceIn | None = None
