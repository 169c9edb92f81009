"""HTTP for a password that was forgotten."""

from http import HTTPStatus
from uuid import UUID

from app.identity import password_links
from app.identity.dependencies import ProvenCaller, ThePasswords, TheSettings
from app.identity.problems import PasswordLinkInvalid, ProofWanted, WeakPassword
from app.identity.schemas import NewPasswordIn, PasswordLinkOut
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound
from app.kit.routing import Now, Session, feature_router

router = feature_router("identity")


@router.post(
    "/people/{person_id}/password-link",
    status_code=HTTPStatus.CREATED,
    responses=documented(NotFound, Forbidden, ProofWanted),
)
async def make_password_link(
    person_id: UUID, session: Session, caller: ProvenCaller, settings: TheSettings, now: Now
) -> PasswordLinkOut:
    """For somebody who forgot the password. The token in the answer is shown this once; one made earlier is void."""
    return await password_links.make(session, caller, person_id, settings=settings, now=now)


@router.post(
    "/auth/new-password",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(PasswordLinkInvalid, WeakPassword),
)
async def set_new_password(body: NewPasswordIn, session: Session, passwords: ThePasswords, now: Now) -> None:
    """With the token of a link from an admin. All log-ins end; log in with the new password, and a code as before."""
    await password_links.use(session, body, passwords=passwords, now=now)
