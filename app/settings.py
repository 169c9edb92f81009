"""Every setting of the product, read once from the environment (`PLAINCLOTHES_…`) or a `.env` file.

Constructed only by the entry points (`app.main`, `app.cli`, `app.worker`) and handed down from there.
"""

from enum import StrEnum
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only-secret-do-not-use-in-production"  # noqa: S105 (refused outside development)
DEVELOPMENT_S3_SECRET = "development-only-s3-secret"  # noqa: S105 (refused outside development)


# libpq's: seconds for a connection; milliseconds until one that acknowledges nothing any more is given up (Linux).
PATIENCE_WITH_DATABASE = {"connect_timeout": "10", "tcp_user_timeout": "30000"}


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class MailSecurity(StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class RoutingService(StrEnum):
    """Whose HTTP interface a routing service speaks."""

    OSRM = "osrm"
    VALHALLA = "valhalla"


PersonRole = Literal["admin", "supervisor", "inspector", "reviewer", "outlet_manager", "auditor"]


class Settings(BaseSettings):
    """One machine needs none of these; many machines set the database, the object store and the secrets."""

    model_config = SettingsConfigDict(
        env_prefix="PLAINCLOTHES_", env_file=".env", extra="ignore", frozen=True
    )

    environment: Environment = Field(
        Environment.DEVELOPMENT, description="`production` refuses the secrets that ship with the source"
    )
    data_dir: Path = Field(
        Path("var"), description="where the embedded database, object store and scratch files live"
    )
    database_url: str = Field(
        "",
        description="`sqlite+aiosqlite:///…` or `postgresql+psycopg://…`; empty: a SQLite file in DATA_DIR",
    )
    s3_endpoint: str = Field(
        "", description="address of the S3 server; empty: an embedded one in DATA_DIR is started"
    )
    s3_public_endpoint: str = Field(
        "", description="address of the same S3 server as phones and browsers reach it; empty: S3_ENDPOINT"
    )
    s3_bucket: str = Field("plainclothes", description="bucket for recordings, photos and renditions")
    s3_region: str = Field("us-east-1", description="region that goes into S3 signatures")
    s3_access_key: str = Field("plainclothes:app", description="S3 access key")
    s3_secret_key: SecretStr = Field(SecretStr(DEVELOPMENT_S3_SECRET), description="S3 secret key")
    s3_port: int = Field(8333, ge=0, le=65535, description="port of the embedded S3 server; 0: any free one")
    s3_lock_days: int = Field(
        90,
        ge=0,
        le=3660,
        description="days for which the store itself refuses to lose a verified original, if it has object lock",
    )
    s3_encryption_required: bool = Field(
        False, description="refuse a bucket that does not say that it encrypts what it keeps (SSE-S3)"
    )
    s3_encryption_keys: SecretStr = Field(
        SecretStr(""),
        description="keys under which the embedded S3 server encrypts, `name:BASE64 …`, the one for new objects first",
    )
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET), min_length=32, description="signs access tokens"
    )
    host: str = Field("127.0.0.1", description="address the web server listens on")
    port: int = Field(8080, ge=0, le=65535, description="port the web server listens on")
    public_url: str = Field(
        "", description="address under which people reach the product; empty: HOST and PORT"
    )
    allowed_origins: tuple[str, ...] = Field(
        (), description="further web origins that may call the API and the object store (JSON list)"
    )
    run_jobs: bool = Field(
        True,
        description="work background jobs inside the web process; false: separate `plainclothes worker`s",
    )
    executor_id: str = Field("local", description="stable and unique name of this worker process")
    worker_concurrency: int = Field(
        2, ge=1, le=64, description="background jobs worked at a time by one process"
    )
    access_token_minutes: int = Field(10, ge=1, le=60, description="life of an access token")
    refresh_token_days: int = Field(30, ge=1, le=365, description="life of an unused refresh token")
    desk_login_hours: int = Field(
        12,
        ge=0,
        le=8760,
        description="after them whoever is more than an inspector logs in again; 0: only REFRESH_TOKEN_DAYS count",
    )
    invitation_hours: int = Field(72, ge=1, le=720, description="life of an invitation")
    login_attempts: int = Field(
        10,
        ge=1,
        description="failed log-ins per account and per address before the throttle answers, per 15 minutes",
    )
    alert_visits_per_hour: int = Field(
        40,
        ge=0,
        description="admins and auditors are told of whoever opens recordings of so many visits within an hour; 0: never",
    )
    alert_originals_per_hour: int = Field(15, ge=0, description="the same, of original recordings; 0: never")
    alert_sheets_per_hour: int = Field(
        12, ge=0, description="the same, of lists taken out as sheets; 0: never"
    )
    alert_accounts_per_hour: int = Field(
        8, ge=0, description="the same, of accounts tried in vain from one address; 0: never"
    )
    proof_minutes: int = Field(
        30,
        ge=1,
        le=1440,
        description="after a log-in; from then on changing people, inviting and giving grants need a new proof",
    )
    second_factor_required_for: tuple[PersonRole, ...] = Field(
        (),
        description='roles that need a second factor, as a JSON list; `["admin"]` at least in production',
    )
    play_link_seconds: int = Field(90, ge=15, le=3600, description="life of a link to a rendition (D10.3)")
    part_link_minutes: int = Field(60, ge=1, le=1440, description="life of a link to upload one part")
    max_body_bytes: int = Field(
        4_194_304, ge=65_536, description="largest request body; recordings do not pass through"
    )
    max_connections: int = Field(
        1000,
        ge=10,
        le=100_000,
        description="connections of one web process; above it those that bring nothing make room for new ones",
    )
    head_seconds: float = Field(
        10, gt=0, le=600, description="time for a client to send the head of a request"
    )
    stalled_seconds: float = Field(
        30, gt=0, le=600, description="time for which a body may come, or an answer be taken, at any speed"
    )
    slowest_bytes_per_second: int = Field(
        2048, ge=1, description="speed at which a client must bring its body and take its answer after that"
    )
    max_recording_bytes: int = Field(
        21_474_836_480, ge=5_242_880, description="largest single recording file"
    )
    max_visit_bytes: int = Field(
        64_424_509_440, ge=5_242_880, description="largest sum of files of one visit"
    )
    max_person_day_bytes: int = Field(
        214_748_364_800, ge=5_242_880, description="largest sum of files one person brings within a day"
    )
    routing_url: str = Field(
        "", description="address of a routing service for travel times; empty: a model of road speeds"
    )
    routing: RoutingService = Field(RoutingService.OSRM, description="what it speaks: `osrm` or `valhalla`")
    routing_profile: str = Field(
        "", pattern=r"^[a-z_]*$", description="its profile or costing; empty: `driving` or `auto`"
    )
    routing_block: int = Field(
        50, ge=1, le=1000, description="places on each side of one table that it answers at most"
    )
    smtp_host: str = Field(
        "", description="mail server; empty: mails are kept in DATA_DIR, for `plainclothes mail`"
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="port of the mail server")
    smtp_security: MailSecurity = Field(
        MailSecurity.STARTTLS, description="`starttls`, `tls` from the first byte, or `none`"
    )
    smtp_user: str = Field("", description="account at the mail server; empty: none is needed")
    smtp_password: SecretStr = Field(SecretStr(""), description="its password")
    mail_from: str = Field("plainclothes@localhost", description="sender of mails")
    webhooks_to_loopback: bool = Field(
        False, description="let webhooks go to this very machine; refused outside development"
    )
    report_font: str = Field(
        "", description="TrueType file with Chinese letters, for PDFs; empty: one of the system's"
    )
    log_level: str = Field("INFO", description="threshold of the structured log")
    otel_endpoint: str = Field("", description="OTLP/HTTP address for traces; empty: none are made")

    @model_validator(mode="after")
    def _refuse_shipped_secrets(self) -> Self:
        if self.environment is Environment.DEVELOPMENT:
            return self
        shipped = [
            name
            for name, value, default in (
                ("SECRET_KEY", self.secret_key, DEVELOPMENT_SECRET),
                ("S3_SECRET_KEY", self.s3_secret_key, DEVELOPMENT_S3_SECRET),
            )
            if value.get_secret_value() == default
        ]
        if self.webhooks_to_loopback:
            raise ValueError("WEBHOOKS_TO_LOOPBACK is for development")
        if shipped:
            names = ", ".join(f"PLAINCLOTHES_{name}" for name in shipped)
            raise ValueError(
                f"set {names}: the value that ships with the source is refused outside development"
            )
        return self

    @model_validator(mode="after")
    def _encryption_where_it_is_wanted(self) -> Self:
        has_keys = bool(self.s3_encryption_keys.get_secret_value())
        if has_keys and not self.embedded_s3:
            raise ValueError(
                "S3_ENCRYPTION_KEYS are the embedded S3 server's; another one is told by its bucket"
            )
        if self.s3_encryption_required and self.embedded_s3 and not has_keys:
            raise ValueError("S3_ENCRYPTION_REQUIRED wants S3_ENCRYPTION_KEYS for the embedded S3 server")
        return self

    @model_validator(mode="after")
    def _known_database(self) -> Self:
        if self.database_url and not self.database_url.startswith(
            ("sqlite+aiosqlite://", "postgresql+psycopg://")
        ):
            raise ValueError("DATABASE_URL must begin with sqlite+aiosqlite:// or postgresql+psycopg://")
        return self

    @property
    def database(self) -> str:
        """The database URL in force, with how long a server is waited for that says nothing."""
        if self.database_url.startswith("postgresql"):
            return _patient(self.database_url)
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'plainclothes.sqlite'}"

    @property
    def embedded_s3(self) -> bool:
        return not self.s3_endpoint

    @property
    def address(self) -> str:
        """Where people reach the product."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def secure_cookies(self) -> bool:
        return urlsplit(self.address).scheme == "https"


def _patient(url: str) -> str:
    """What the operator's address says of it itself stands."""
    query = urlsplit(url).query
    missing = {name: value for name, value in PATIENCE_WITH_DATABASE.items() if name not in parse_qs(query)}
    return url + ("&" if query else "?") * bool(missing) + urlencode(missing)
