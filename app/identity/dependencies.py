"""The caller of a request, and what the web layer needs of identity."""

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.identity import login
from app.identity.actor import Actor
from app.identity.passwords import Passwords
from app.identity.problems import ProofWanted, SecondFactorMissing
from app.identity.proving import Credentials
from app.kit import idempotency
from app.kit.database import Database
from app.kit.problems import Unauthenticated
from app.kit.routing import Now, Session, the_database
from app.settings import Settings

_bearer = HTTPBearer(auto_error=False, description="An access token from `/v1/auth/login`.")


async def the_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def the_passwords(request: Request) -> Passwords:
    passwords: Passwords = request.app.state.passwords
    return passwords


TheSettings = Annotated[Settings, Depends(the_settings)]
ThePasswords = Annotated[Passwords, Depends(the_passwords)]
TheDatabase = Annotated[Database, Depends(the_database)]


async def the_credentials(
    database: TheDatabase, passwords: ThePasswords, settings: TheSettings
) -> Credentials:
    return Credentials(database, passwords, settings)


async def authenticate(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    database: TheDatabase,
    settings: TheSettings,
    now: Now,
) -> Actor:
    if bearer is None:
        raise Unauthenticated("Send `Authorization: Bearer` with an access token.")
    async with database.reading() as session:
        return await login.authenticate(session, settings, bearer.credentials, now=now)


KnownCaller = Annotated[Actor, Depends(authenticate)]  # for one's own account, whatever is due


async def with_second_factor(caller: KnownCaller) -> Actor:
    """Raises `SecondFactorMissing` where a role of the caller's needs what they do not have."""
    if caller.second_factor_due:
        raise SecondFactorMissing
    return caller


Caller = Annotated[Actor, Depends(with_second_factor)]


async def freshly_proven(caller: Caller) -> Actor:
    """Raises `ProofWanted` of somebody who logged in, or proved again to be there, too long ago."""
    if caller.proof_due:
        raise ProofWanted
    return caller


ProvenCaller = Annotated[Actor, Depends(freshly_proven)]  # for what is grave


async def answer_once(
    request: Request,
    caller: KnownCaller,
    session: Session,
    now: Now,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=8,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="made once per intention by the client; the same request sent again gets the same answer",
        ),
    ] = None,
) -> None:
    if idempotency_key is not None:
        await idempotency.expect(session, request, caller_id=caller.person_id, key=idempotency_key, now=now)


ONCE = [Depends(answer_once)]


async def client_address(request: Request) -> str:
    """The peer's address as uvicorn knows it (it reads proxy headers only from proxies it was told to trust)."""
    return request.client.host if request.client else "unknown"


Address = Annotated[str, Depends(client_address)]
TheCredentials = Annotated[Credentials, Depends(the_credentials)]
