"""Organisations, their people, and how these prove who they are."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.identity.actor import Role
from app.kit.etags import Versioned
from app.kit.orm import Base, Json, closed_set, id_column

TO_NOTE = "person_id IS NOT NULL AND noted_at IS NULL"


class Organisation(Base):
    """A tenant: sees only its own data (D10.6)."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = id_column()
    slug: Mapped[str] = mapped_column(sa.String(63), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime]


class Person(Versioned, Base):
    __tablename__ = "people"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "email"),)

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    email: Mapped[str] = mapped_column(sa.String(254))  # lower case
    name: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(5))
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    active: Mapped[bool]
    created_at: Mapped[datetime]


class PersonRole(Base):
    __tablename__ = "person_roles"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(closed_set(Role, "role"), primary_key=True)


class Invitation(Base):
    """A promise of an account to whoever brings the token; used once, or never."""

    __tablename__ = "invitations"
    __table_args__ = (
        sa.Index("ix_invitations_organisation_id_created_at", "organisation_id", "created_at", "id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    email: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(200))
    roles: Mapped[list[str]] = mapped_column(Json)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invited_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class PasswordLink(Base):
    """A promise of a new password to whoever brings the token; one for a person, gone when it was used."""

    __tablename__ = "password_links"

    id: Mapped[UUID] = id_column()
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), unique=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Device(Base):
    """A phone or desk a person logs in from; revoking it ends its log-ins."""

    __tablename__ = "devices"
    __table_args__ = (sa.Index("ix_devices_person_id", "person_id"),)

    id: Mapped[UUID] = id_column()
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    platform: Mapped[str] = mapped_column(sa.String(40))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Login(Base):
    """One log-in and all refresh tokens that descend from it."""

    __tablename__ = "logins"
    __table_args__ = (sa.Index("ix_logins_person_id", "person_id"),)

    id: Mapped[UUID] = id_column()
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    device_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("devices.id"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]  # when its person last proved again to be there; before, `created_at`
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(sa.String(40))


class RefreshToken(Base):
    """An opaque token, kept as its SHA-256; used once, then replaced by its successor."""

    __tablename__ = "refresh_tokens"

    id: Mapped[UUID] = id_column()
    login_id: Mapped[UUID] = mapped_column(sa.ForeignKey("logins.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("refresh_tokens.id"))


class LoginAttempt(Base):
    """A failed log-in, for the throttle and, where there is such an account, for the audit trail.

    What was typed is kept as a hash only, and so is from where. `person_id` is a plain id: a row about nobody costs the
    database what one about somebody does, so that the time tells nothing.
    """

    __tablename__ = "login_attempts"
    __table_args__ = (
        sa.Index("ix_login_attempts_account_hash_at", "account_hash", "at"),
        sa.Index("ix_login_attempts_address_hash_at", "address_hash", "at"),
        sa.Index(
            "ix_login_attempts_to_note",
            "at",
            "id",
            sqlite_where=sa.text(TO_NOTE),
            postgresql_where=sa.text(TO_NOTE),
        ),
    )

    id: Mapped[UUID] = id_column()
    account_hash: Mapped[str] = mapped_column(sa.String(64))
    address_hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[UUID | None]
    because: Mapped[str | None] = mapped_column(sa.String(20))
    noted_at: Mapped[datetime | None]  # when the audit trail got it


class SecondFactor(Base):
    """What a person's authenticator app knows. It counts from `confirmed_at` on; before, its enrolment is under way."""

    __tablename__ = "second_factors"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    secret_sealed: Mapped[str]
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(sa.BigInteger)  # codes up to it are used up


class RecoveryCode(Base):
    """Stands for a code of the app, once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (sa.Index("ix_recovery_codes_person_id", "person_id"),)

    id: Mapped[UUID] = id_column()
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    salt: Mapped[str] = mapped_column(sa.String(32))
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]
