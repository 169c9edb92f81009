"""Proving who one is by password and, where it is on, a one-time code; refusals are counted and throttled together.

What needs such a proof ends its own transactions: a refusal must be counted although the caller gets an error.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record_by_itself
from app.identity import one_time, queries
from app.identity.actor import Actor
from app.identity.letters import Change
from app.identity.models import LoginAttempt, Person, SecondFactor
from app.identity.passwords import Passwords
from app.identity.problems import LoginThrottled, SecondFactorWanted, WrongCredentials
from app.identity.schemas import ProofIn
from app.identity.telling import tell
from app.identity.tokens import fingerprint
from app.kit.database import Database
from app.settings import Settings

THROTTLE_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proving needs of the process."""

    database: Database
    passwords: Passwords
    settings: Settings

    @property
    def key(self) -> str:
        return self.settings.secret_key.get_secret_value()


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says to be, and from where."""

    organisation: str
    email: str
    address: str

    @property
    def account_hash(self) -> str:
        return fingerprint(f"{self.organisation}/{self.email}")

    @property
    def address_hash(self) -> str:
        return fingerprint(self.address)


@asynccontextmanager
async def proven(
    with_: Credentials, claim: Claim, proof: ProofIn, *, now: datetime
) -> AsyncIterator[tuple[AsyncSession, Person]]:
    """A transaction, and the person who proved to be the one claimed; the code is used up in it.

    Raises `WrongCredentials` for any mismatch, `SecondFactorWanted` when all that is missing is the code, and
    `LoginThrottled` after too many mismatches.
    """
    async with with_.database.reading() as session:
        await _require_patience(session, with_.settings, claim, now)
        person = await queries.find_account(session, claim.organisation, claim.email)
    known = person.password_hash if person else None
    if not await with_.passwords.verify(proof.password, known) or person is None:
        async with with_.database.writing() as session:
            session.add(_failure(claim, person, "password", now))
        raise WrongCredentials
    async with with_.database.writing() as session:
        factor = await queries.find_factor(session, person.id)
        if factor is None or await _spend(session, person, factor, proof.code, key=with_.key, now=now):
            yield session, person
            return
        if proof.code is not None:
            session.add(_failure(claim, person, "code", now))
    raise SecondFactorWanted if proof.code is None else WrongCredentials


@asynccontextmanager
async def proven_again(
    with_: Credentials, actor: Actor, proof: ProofIn, *, address: str, now: datetime
) -> AsyncIterator[tuple[AsyncSession, Person]]:
    """The same of somebody who is logged in and wants something grave."""
    async with with_.database.reading() as session:
        organisation = await queries.get_organisation(session, actor.organisation_id)
        person = await queries.get_account(session, actor.person_id)
    claim = Claim(organisation.slug, person.email, address)
    async with proven(with_, claim, proof, now=now) as (session, proved):
        yield session, proved


async def _spend(
    session: AsyncSession, person: Person, factor: SecondFactor, code: str | None, *, key: str, now: datetime
) -> bool:
    """Whether the code is one of theirs, and was not used before. It is used now."""
    given = one_time.plain(code or "")
    step = one_time.step_of(given, factor.secret_sealed, key=key, now=now)
    if step is not None:
        return await queries.take_step(session, person.id, step)
    return await _spend_recovery_code(session, person, given, now)


async def _spend_recovery_code(session: AsyncSession, person: Person, code: str, now: datetime) -> bool:
    left = await queries.recovery_codes_left(session, person.id)
    for one in left:
        if one_time.is_hash_of(one.code_hash, code, salt=one.salt):
            if not await queries.take_recovery_code(session, one.id, now=now):
                return False
            details = {"left": len(left) - 1}
            organisation_id = person.organisation_id
            record_by_itself(
                session, organisation_id, "recovery_code.used", subject_id=person.id, details=details, now=now
            )
            await tell(session, person.id, Change.RECOVERY_CODE_USED, now=now)
            return True
    return False


async def _require_patience(session: AsyncSession, settings: Settings, claim: Claim, now: datetime) -> None:
    by_account, by_address = await queries.failed_logins(
        session,
        account_hash=claim.account_hash,
        address_hash=claim.address_hash,
        since=now - THROTTLE_WINDOW,
    )
    # Many people may sit behind one address, so it gets ten times the patience of an account.
    if by_account >= settings.login_attempts or by_address >= 10 * settings.login_attempts:
        raise LoginThrottled(retry_after_s=int(THROTTLE_WINDOW.total_seconds()))


def _failure(claim: Claim, person: Person | None, because: str, now: datetime) -> LoginAttempt:
    return LoginAttempt(
        account_hash=claim.account_hash,
        address_hash=claim.address_hash,
        at=now,
        person_id=None if person is None else person.id,
        because=because,
    )
