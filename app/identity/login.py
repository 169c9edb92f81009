"""Logging in, staying logged in, logging out.

These use cases end their own transactions: a refused log-in must be counted, and a stolen token's family must
stay ended, although the caller gets an error.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record_by_itself
from app.identity import queries
from app.identity.actor import Actor, Role
from app.identity.letters import Change
from app.identity.models import Device, Login, Person, RefreshToken
from app.identity.problems import LoginEnded, LoginTooOld, TokenReused, WrongCredentials
from app.identity.proving import Claim, Credentials, proven, proven_again
from app.identity.rules import ends_by_itself_at
from app.identity.schemas import DeviceIn, LoginIn, ProofIn, TokensOut
from app.identity.telling import tell
from app.identity.tokens import AccessClaims, fingerprint, make_access_token, new_secret, read_access_token
from app.kit.problems import Unauthenticated
from app.settings import Settings

BEARER: Literal["Bearer"] = "Bearer"
UNNAMED_TOLD_AGAIN = timedelta(days=1)
GRACE = timedelta(seconds=30)  # a phone that lost the answer asks again with the same token


async def log_in(with_: Credentials, body: LoginIn, *, address: str, now: datetime) -> TokensOut:
    """Raises what `proven` raises."""
    claim = Claim(body.organisation, body.email, address)
    async with proven(with_, claim, body, now=now) as (session, person):
        await _tell_of_new_device(session, person, body.device, now)
        return await open_login(session, with_.settings, person, body.device, now=now)


async def open_login(
    session: AsyncSession, settings: Settings, person: Person, device: DeviceIn | None, *, now: datetime
) -> TokensOut:
    device_id = None if device is None else await _register_device(session, person, device, now)
    login = Login(person_id=person.id, device_id=device_id, created_at=now, last_used_at=now)
    session.add(login)
    await session.flush()
    _token, secret = _issue(session, settings, login.id, now)
    return _tokens(settings, person.id, login.id, secret, now)


async def refresh(with_: Credentials, secret: str, *, now: datetime) -> TokensOut:
    """Exchange a refresh token for the next pair.

    Raises `LoginEnded` for an unknown, outdated or revoked one, `LoginTooOld` at a desk that is to log in again, and
    `TokenReused` (ending the whole log-in) when one is used again, unless the answer may have been lost: within `GRACE`
    and its successor still unused.
    """
    async with with_.database.writing() as session:
        outcome = await _rotate(session, with_.settings, secret, now)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def log_out(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
    login, _person = await queries.get_login(session, actor.login_id)
    login.revoked_at, login.revoked_because = now, "logged out"


async def end(with_: Credentials, secret: str, *, now: datetime) -> None:
    """End the log-in a refresh token belongs to. One that is unknown or has ended is as good as ended."""
    async with with_.database.writing() as session:
        token = await queries.find_refresh_token(session, fingerprint(secret))
        if token is None:
            return
        login, _person = await queries.get_login(session, token.login_id)
        if login.revoked_at is None:
            login.revoked_at, login.revoked_because = now, "logged out"


async def authenticate(session: AsyncSession, settings: Settings, bearer: str, *, now: datetime) -> Actor:
    """The caller behind an access token. Raises `Unauthenticated`, `LoginEnded` after a revocation, and `LoginTooOld`."""
    claims = read_access_token(bearer, key=settings.secret_key.get_secret_value(), now=now)
    standing = await queries.find_standing(session, claims.login_id, claims.person_id)
    if standing is None:
        raise Unauthenticated("The access token belongs to nobody.")
    if standing.login.revoked_at is not None or not standing.person.active:
        raise LoginEnded
    proved_at = _proved_at(standing.login)
    _require_young(settings, proved_at, standing.roles, now)
    return Actor(
        person_id=standing.person.id,
        organisation_id=standing.person.organisation_id,
        roles=standing.roles,
        login_id=standing.login.id,
        second_factor_due=not standing.has_second_factor and needs_second_factor(settings, standing.roles),
        proof_due=now - proved_at > timedelta(minutes=settings.proof_minutes),
    )


async def prove_again(
    with_: Credentials, actor: Actor, proof: ProofIn, *, address: str, now: datetime
) -> None:
    """For a while what is grave is done without asking. Raises what `proven` raises."""
    async with proven_again(with_, actor, proof, address=address, now=now) as (session, _person):
        login, _person = await queries.get_login(session, actor.login_id)
        login.proved_at = now


def needs_second_factor(settings: Settings, roles: Collection[Role]) -> bool:
    return not set(settings.second_factor_required_for).isdisjoint(roles)


def _proved_at(login: Login) -> datetime:
    """When its person last gave password and code."""
    return login.proved_at or login.created_at


def _require_young(settings: Settings, proved_at: datetime, roles: Collection[Role], now: datetime) -> None:
    """Raises `LoginTooOld`."""
    ends_at = ends_by_itself_at(proved_at, roles, desk_hours=settings.desk_login_hours)
    if ends_at is not None and ends_at <= now:
        raise LoginTooOld(
            f"You last proved who you are at {proved_at:%Y-%m-%d %H:%M} UTC, and a log-in at a desk lasts "
            f"{settings.desk_login_hours} hours from then on: log in again.",
            hours=settings.desk_login_hours,
        )


async def _tell_of_new_device(
    session: AsyncSession, person: Person, device: DeviceIn | None, now: datetime
) -> None:
    """Whoever names no device is not known again; of such log-ins one a day is told."""
    if device is None:
        known = await queries.logged_in_without_device(session, person.id, since=now - UNNAMED_TOLD_AGAIN)
    else:
        known = await queries.is_known_device(session, person.id, device.id)
    if not known:
        device_id = None if device is None else device.id
        await tell(session, person.id, Change.NEW_DEVICE, device_id=device_id, now=now)


async def _register_device(session: AsyncSession, person: Person, body: DeviceIn, now: datetime) -> UUID:
    device = await queries.find_device(session, body.id)
    if device is None:
        device = Device(
            id=body.id,
            person_id=person.id,
            name=body.name,
            platform=body.platform,
            created_at=now,
            last_seen_at=now,
        )
        session.add(device)
        await session.flush()
    elif device.person_id != person.id or device.revoked_at is not None:
        raise WrongCredentials("This device id belongs to another person or was withdrawn: make a new one.")
    device.name, device.last_seen_at = body.name, now
    return device.id


def _issue(
    session: AsyncSession, settings: Settings, login_id: UUID, now: datetime
) -> tuple[RefreshToken, str]:
    secret = new_secret()
    token = RefreshToken(
        login_id=login_id,
        token_hash=fingerprint(secret),
        issued_at=now,
        expires_at=now + timedelta(days=settings.refresh_token_days),
    )
    session.add(token)
    return token, secret


def _tokens(settings: Settings, person_id: UUID, login_id: UUID, secret: str, now: datetime) -> TokensOut:
    life = timedelta(minutes=settings.access_token_minutes)
    access = make_access_token(
        AccessClaims(person_id, login_id), key=settings.secret_key.get_secret_value(), now=now, life=life
    )
    return TokensOut(
        access_token=access, token_type=BEARER, expires_in_s=int(life.total_seconds()), refresh_token=secret
    )


async def _rotate(
    session: AsyncSession, settings: Settings, secret: str, now: datetime
) -> TokensOut | Exception:
    """The next pair, or the refusal as a value, so that what it changed is committed. Raises `LoginTooOld`."""
    token = await queries.find_refresh_token(session, fingerprint(secret))
    if token is None:
        return LoginEnded()
    login, person = await queries.get_login(session, token.login_id)
    if login.revoked_at is not None or token.expires_at <= now or not person.active:
        return LoginEnded()
    if token.used_at is not None and not await _answer_may_be_lost(session, token, now):
        login.revoked_at, login.revoked_because = now, "refresh token reused"
        record_by_itself(session, person.organisation_id, "login.token_reused", subject_id=person.id, now=now)
        return TokenReused()
    _require_young(
        settings, _proved_at(login), (await queries.roles_of(session, [person.id]))[person.id], now
    )
    successor, next_secret = _issue(session, settings, login.id, now)
    await session.flush()
    token.used_at = token.used_at or now
    token.successor_id = successor.id
    login.last_used_at = now
    return _tokens(settings, person.id, login.id, next_secret, now)


async def _answer_may_be_lost(session: AsyncSession, token: RefreshToken, now: datetime) -> bool:
    """Within the grace and the successor unused; the successor dies, so that only one of the two can live on."""
    if token.used_at is None or token.successor_id is None or now - token.used_at > GRACE:
        return False
    successor = await queries.get_token(session, token.successor_id)
    if successor.used_at is not None:
        return False
    successor.expires_at = now
    return True
