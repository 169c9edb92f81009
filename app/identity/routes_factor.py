"""HTTP for the second factor. Answers hold secrets, so none is kept under an Idempotency-Key."""

from http import HTTPStatus
from uuid import UUID

from app.identity import second_factor, views
from app.identity.dependencies import Address, Caller, KnownCaller, TheCredentials, TheSettings
from app.identity.problems import NOT_PROVEN, SecondFactorOff, SecondFactorOn, WrongCode
from app.identity.schemas import ProofIn
from app.identity.schemas_factor import (
    ConfirmIn,
    EnrolmentOut,
    HeldFactorOut,
    RecoveryCodesOut,
    SecondFactorOut,
)
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, feature_router

router = feature_router("identity")


@router.get("/me/second-factor")
async def show_second_factor(session: Reading, caller: KnownCaller, settings: TheSettings) -> SecondFactorOut:
    return await views.second_factor(session, caller, settings)


@router.post(
    "/me/second-factor",
    status_code=HTTPStatus.CREATED,
    responses=documented(*NOT_PROVEN, SecondFactorOn),
)
async def enrol_second_factor(
    body: ProofIn, caller: KnownCaller, credentials: TheCredentials, address: Address, now: Now
) -> EnrolmentOut:
    """Begin: a secret for an authenticator app. It counts once a code of it is confirmed."""
    return await second_factor.enrol(credentials, caller, body, address=address, now=now)


@router.post("/me/second-factor/confirm", responses=documented(SecondFactorOff, SecondFactorOn, WrongCode))
async def confirm_second_factor(
    body: ConfirmIn, session: Session, caller: KnownCaller, credentials: TheCredentials, now: Now
) -> RecoveryCodesOut:
    """Switch the second factor on, by a code that the app shows."""
    return await second_factor.confirm(session, caller, body.code, key=credentials.key, now=now)


@router.post("/me/second-factor/recovery-codes", responses=documented(*NOT_PROVEN, SecondFactorOff))
async def draw_recovery_codes(
    body: ProofIn, caller: KnownCaller, credentials: TheCredentials, address: Address, now: Now
) -> RecoveryCodesOut:
    """Ten new recovery codes; those there were are void."""
    return await second_factor.draw_recovery_codes(credentials, caller, body, address=address, now=now)


@router.post(
    "/me/second-factor/switch-off",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(*NOT_PROVEN, SecondFactorOff),
)
async def switch_off_second_factor(
    body: ProofIn, caller: KnownCaller, credentials: TheCredentials, address: Address, now: Now
) -> None:
    await second_factor.switch_off(credentials, caller, body, address=address, now=now)


@router.get("/people/{person_id}/second-factor", responses=documented(NotFound, Forbidden))
async def show_second_factor_of(person_id: UUID, session: Reading, caller: Caller) -> HeldFactorOut:
    """Whether somebody has one, for admins."""
    return await views.held_factor(session, caller, person_id)


@router.post(
    "/people/{person_id}/second-factor/reset",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(*NOT_PROVEN, NotFound, Forbidden, SecondFactorOff),
)
async def reset_second_factor(
    person_id: UUID,
    body: ProofIn,
    caller: Caller,
    credentials: TheCredentials,
    address: Address,
    now: Now,
) -> None:
    """Take it from somebody whose phone and recovery codes are gone. Prove that you are the admin."""
    await second_factor.reset(credentials, caller, person_id, body, address=address, now=now)
