"""HTTP for people and log-ins."""

from http import HTTPStatus
from uuid import UUID

from fastapi import Response

from app.identity import browsers, login, people, queries, views
from app.identity.browsers import FROM_OUR_PAGES, RefreshCookie
from app.identity.dependencies import (
    ONCE,
    Address,
    Caller,
    KnownCaller,
    ProvenCaller,
    TheCredentials,
    ThePasswords,
    TheSettings,
)
from app.identity.models import Device, Invitation, Person
from app.identity.problems import (
    NOT_PROVEN,
    EmailTaken,
    InvitationInvalid,
    LastAdmin,
    LoginEnded,
    LoginTooOld,
    ProofWanted,
    TokenReused,
    WeakPassword,
)
from app.identity.schemas import (
    AcceptIn,
    AccessOut,
    DeviceOut,
    InvitationIn,
    InvitationMadeOut,
    InvitationOut,
    InvitationSecret,
    InvitedOut,
    LoginIn,
    MeOut,
    PasswordChangeIn,
    PersonIn,
    PersonOut,
    ProofIn,
    RefreshIn,
    TokensOut,
)
from app.kit.etags import IfMatch, show_version
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Conflict, Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router

router = feature_router("identity")


@router.post("/auth/login", responses=documented(*NOT_PROVEN))
async def log_in(body: LoginIn, credentials: TheCredentials, address: Address, now: Now) -> TokensOut:
    """Exchange organisation, e-mail, password and, of those who have a second factor, a code for a pair of tokens."""
    return await login.log_in(credentials, body, address=address, now=now)


@router.post("/auth/refresh", responses=documented(LoginEnded, LoginTooOld, TokenReused))
async def refresh(body: RefreshIn, credentials: TheCredentials, now: Now) -> TokensOut:
    """The next pair of tokens. A refresh token is good for once; using it again later ends the log-in."""
    return await login.refresh(credentials, body.refresh_token, now=now)


@router.post("/auth/logout", status_code=HTTPStatus.NO_CONTENT, dependencies=ONCE)
async def log_out(session: Session, caller: KnownCaller, now: Now) -> None:
    await login.log_out(session, caller, now=now)


@router.post(
    "/auth/prove",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(*NOT_PROVEN),
)
async def prove_again(
    body: ProofIn, caller: KnownCaller, credentials: TheCredentials, address: Address, now: Now
) -> None:
    """Prove that it is still you, before what is grave: changing people, inviting them, giving grants."""
    await login.prove_again(credentials, caller, body, address=address, now=now)


@router.post(
    "/auth/browser",
    dependencies=FROM_OUR_PAGES,
    responses=documented(*NOT_PROVEN, Forbidden),
)
async def log_in_browser(
    body: LoginIn,
    credentials: TheCredentials,
    settings: TheSettings,
    address: Address,
    now: Now,
    response: Response,
) -> AccessOut:
    """Log in from the product's own pages: the refresh token goes into a cookie that no script can read."""
    tokens = await login.log_in(credentials, body, address=address, now=now)
    return browsers.keep(response, settings, tokens)


@router.post(
    "/auth/browser/invitation",
    status_code=HTTPStatus.CREATED,
    dependencies=FROM_OUR_PAGES,
    responses=documented(InvitationInvalid, WeakPassword, EmailTaken, Forbidden),
)
async def accept_invitation_in_browser(
    body: AcceptIn,
    session: Session,
    passwords: ThePasswords,
    settings: TheSettings,
    now: Now,
    response: Response,
) -> AccessOut:
    """Make the account that an invitation promises, and log in from the product's own pages."""
    person = await people.accept(session, body, passwords=passwords, now=now)
    tokens = await login.open_login(session, settings, person, body.device, now=now)
    return browsers.keep(response, settings, tokens)


@router.post(
    "/auth/browser/refresh",
    dependencies=FROM_OUR_PAGES,
    responses=documented(LoginEnded, LoginTooOld, TokenReused, Forbidden),
)
async def refresh_browser(
    credentials: TheCredentials,
    settings: TheSettings,
    now: Now,
    response: Response,
    plainclothes_refresh: RefreshCookie = "",
) -> AccessOut:
    """The next access token for the cookie, which is exchanged as well."""
    tokens = await login.refresh(credentials, plainclothes_refresh, now=now)
    return browsers.keep(response, settings, tokens)


@router.post(
    "/auth/browser/logout",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=FROM_OUR_PAGES,
    responses=documented(Forbidden),
)
async def log_out_browser(
    credentials: TheCredentials,
    settings: TheSettings,
    now: Now,
    response: Response,
    plainclothes_refresh: RefreshCookie = "",
) -> None:
    """End the cookie's log-in and take the cookie back. Needs no access token, and may be sent again."""
    await login.end(credentials, plainclothes_refresh, now=now)
    browsers.forget(response, settings)


@router.get("/me")
async def show_me(session: Reading, caller: KnownCaller) -> MeOut:
    person = await queries.get_person(session, caller, caller.person_id)
    return await views.me(session, caller, person)


@router.post(
    "/me/password",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(*NOT_PROVEN, WeakPassword),
)
async def change_password(
    body: PasswordChangeIn, caller: KnownCaller, credentials: TheCredentials, address: Address, now: Now
) -> None:
    """With the password now and, of those who have a second factor, a code. All other log-ins end."""
    await people.change_password(credentials, caller, body, address=address, now=now)


@router.get("/me/devices")
async def list_devices(session: Reading, caller: KnownCaller, paging: Paging) -> Page[DeviceOut]:
    found = await paginate(session, queries.devices_of(caller), paging, by=[Key(Device.id)])
    return found.page([DeviceOut.model_validate(row) for row in found.rows])


@router.delete("/me/devices/{device_id}", status_code=HTTPStatus.NO_CONTENT, responses=documented(NotFound))
async def revoke_device(device_id: UUID, session: Session, caller: KnownCaller, now: Now) -> None:
    """End every log-in made from this device; it needs a new id to come back."""
    await people.revoke_device(session, caller, device_id, now=now)


@router.get("/people")
async def list_people(session: Reading, caller: Caller, paging: Paging) -> Page[PersonOut]:
    found = await paginate(session, queries.visible_to(caller), paging, by=[Key(Person.id)])
    return found.page(await views.people(session, list(found.rows)))


@router.get("/people/{person_id}", responses=documented(NotFound))
async def show_person(person_id: UUID, session: Reading, caller: Caller, response: Response) -> PersonOut:
    person = await queries.get_person(session, caller, person_id)
    show_version(response, person)
    return (await views.people(session, [person]))[0]


@router.put(
    "/people/{person_id}",
    responses=documented(NotFound, Forbidden, ProofWanted, Stale, PreconditionRequired, LastAdmin, Conflict),
)
async def change_person(
    person_id: UUID,
    body: PersonIn,
    session: Session,
    caller: ProvenCaller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> PersonOut:
    person = await people.change_person(session, caller, person_id, body, expected_version=expected, now=now)
    show_version(response, person)
    return (await views.people(session, [person]))[0]


@router.post(
    "/people/{person_id}/end-log-ins",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden),
)
async def end_log_ins(person_id: UUID, session: Session, caller: Caller, now: Now) -> None:
    """Of somebody whose phone is lost, or whose log-in may be in other hands: at once, on every device."""
    await people.end_log_ins(session, caller, person_id, now=now)


@router.post(
    "/invitations",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(Forbidden, ProofWanted, Conflict),
)
async def invite(
    body: InvitationIn, session: Session, caller: ProvenCaller, settings: TheSettings, now: Now
) -> InvitationMadeOut:
    """Invite somebody. The token in the answer is shown this once."""
    invitation, token = await people.invite(session, caller, body, settings=settings, now=now)
    return views.invitation_made(invitation, token)


@router.get("/invitations", responses=documented(Forbidden))
async def list_invitations(session: Reading, caller: Caller, paging: Paging) -> Page[InvitationOut]:
    rows = views.invitations_for(caller)
    found = await paginate(
        session, rows, paging, by=[Key(Invitation.created_at, descending=True), Key(Invitation.id)]
    )
    return found.page([InvitationOut.model_validate(row) for row in found.rows])


@router.delete(
    "/invitations/{invitation_id:uuid}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(NotFound, Forbidden),
)
async def withdraw_invitation(invitation_id: UUID, session: Session, caller: Caller, now: Now) -> None:
    await people.withdraw_invitation(session, caller, invitation_id, now=now)


@router.post("/invitations/look", responses=documented(InvitationInvalid))
async def look_at_invitation(body: InvitationSecret, session: Reading, now: Now) -> InvitedOut:
    """Who is invited, and where: for whoever holds the token, before they accept."""
    return await views.invited(session, body.token, now=now)


@router.post(
    "/invitations/accept",
    status_code=HTTPStatus.CREATED,
    responses=documented(InvitationInvalid, WeakPassword, EmailTaken),
)
async def accept_invitation(
    body: AcceptIn, session: Session, passwords: ThePasswords, settings: TheSettings, now: Now
) -> TokensOut:
    """Make the account that an invitation promises, and log it in."""
    person = await people.accept(session, body, passwords=passwords, now=now)
    return await login.open_login(session, settings, person, body.device, now=now)
