"""A second factor beside the password: a one-time code from an app, with recovery codes for when the phone is gone.

Whoever switches it on, off, or draws new recovery codes proves again who they are (`app.identity.proving`).
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record, record_by_itself
from app.identity import one_time, queries
from app.identity.actor import Actor, Role
from app.identity.letters import Change
from app.identity.models import Person, RecoveryCode, SecondFactor
from app.identity.problems import SecondFactorOff, SecondFactorOn, WrongCode
from app.identity.proving import Credentials, proven_again
from app.identity.schemas import ProofIn
from app.identity.schemas_factor import EnrolmentOut, RecoveryCodesOut
from app.identity.telling import tell
from app.kit.ids import new_id


async def enrol(
    with_: Credentials, actor: Actor, proof: ProofIn, *, address: str, now: datetime
) -> EnrolmentOut:
    """A secret that counts once a code of it has been brought; shown this once. A secret not confirmed is replaced.

    Raises `SecondFactorOn`, and what `proven_again` raises.
    """
    async with proven_again(with_, actor, proof, address=address, now=now) as (session, person):
        if await queries.find_factor(session, person.id) is not None:
            raise SecondFactorOn
        await session.execute(sa.delete(SecondFactor).where(SecondFactor.person_id == person.id))
        secret = one_time.draw_secret()
        session.add(
            SecondFactor(
                person_id=person.id,
                secret_sealed=one_time.sealed(secret, key=with_.key),
                begun_at=now,
                confirmed_at=None,
                last_step=None,
            )
        )
        uri = one_time.address_of(secret, account=person.email)
        return EnrolmentOut(secret=secret, otpauth_uri=uri, qr=one_time.qr_of(uri))


async def confirm(
    session: AsyncSession, actor: Actor, code: str, *, key: str, now: datetime
) -> RecoveryCodesOut:
    """Switch it on, by a code of the secret; with recovery codes, which are shown this once.

    Raises `SecondFactorOff` when none was begun, `SecondFactorOn`, and `WrongCode`.
    """
    begun = await queries.find_begun_factor(session, actor.person_id)
    if begun is None:
        raise SecondFactorOff("Begin with POST /v1/me/second-factor.")
    if begun.confirmed_at is not None:
        raise SecondFactorOn
    step = one_time.step_of(one_time.plain(code), begun.secret_sealed, key=key, now=now)
    if step is None:
        raise WrongCode
    begun.confirmed_at, begun.last_step = now, step
    record(session, actor, "second_factor.switched_on", subject_id=actor.person_id, now=now)
    await tell(session, actor.person_id, Change.SECOND_FACTOR_ON, now=now)
    return await _new_recovery_codes(session, actor.person_id)


async def draw_recovery_codes(
    with_: Credentials, actor: Actor, proof: ProofIn, *, address: str, now: datetime
) -> RecoveryCodesOut:
    """Ten new ones; those there were are void. Raises `SecondFactorOff`, and what `proven_again` raises."""
    await _require_on(with_, actor.person_id)
    async with proven_again(with_, actor, proof, address=address, now=now) as (session, person):
        record(session, actor, "recovery_codes.drawn", subject_id=person.id, now=now)
        await tell(session, person.id, Change.RECOVERY_CODES, now=now)
        return await _new_recovery_codes(session, person.id)


async def switch_off(
    with_: Credentials, actor: Actor, proof: ProofIn, *, address: str, now: datetime
) -> None:
    """Raises `SecondFactorOff`, and what `proven_again` raises."""
    await _require_on(with_, actor.person_id)
    async with proven_again(with_, actor, proof, address=address, now=now) as (session, person):
        await _forget(session, person.id)
        record(session, actor, "second_factor.switched_off", subject_id=person.id, now=now)
        await tell(session, person.id, Change.SECOND_FACTOR_OFF, now=now)


async def reset(
    with_: Credentials, actor: Actor, person_id: UUID, proof: ProofIn, *, address: str, now: datetime
) -> None:
    """Take it from somebody whose phone and recovery codes are gone; the admin proves again to be one.

    Raises `Forbidden`, `NotFound`, `SecondFactorOff`, and what `proven_again` raises.
    """
    actor.require(Role.ADMIN)
    async with with_.database.reading() as session:
        person = await queries.get_person(session, actor, person_id)
    await _require_on(with_, person.id)
    async with proven_again(with_, actor, proof, address=address, now=now) as (session, _admin):
        await _forget(session, person.id)
        record(session, actor, "second_factor.reset", subject_id=person.id, now=now)
        await tell(session, person.id, Change.SECOND_FACTOR_RESET, now=now)


async def reset_from_the_machine(session: AsyncSession, person: Person, *, now: datetime) -> None:
    """The same for whoever runs the product, when the only admin is locked out. Raises `SecondFactorOff`."""
    if await queries.find_factor(session, person.id) is None:
        raise SecondFactorOff
    await _forget(session, person.id)
    organisation_id = person.organisation_id
    record_by_itself(session, organisation_id, "second_factor.reset", subject_id=person.id, now=now)
    await tell(session, person.id, Change.SECOND_FACTOR_RESET, now=now)


async def _require_on(with_: Credentials, person_id: UUID) -> None:
    async with with_.database.reading() as session:
        if await queries.find_factor(session, person_id) is None:
            raise SecondFactorOff


async def _forget(session: AsyncSession, person_id: UUID) -> None:
    await session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    await session.execute(sa.delete(SecondFactor).where(SecondFactor.person_id == person_id))


async def _new_recovery_codes(session: AsyncSession, person_id: UUID) -> RecoveryCodesOut:
    await session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = one_time.draw_recovery_codes()
    for code in codes:
        salt = one_time.draw_salt()
        session.add(
            RecoveryCode(
                id=new_id(),
                person_id=person_id,
                salt=salt,
                code_hash=one_time.hashed(code, salt=salt),
                used_at=None,
            )
        )
    await session.flush()
    return RecoveryCodesOut(recovery_codes=codes)
