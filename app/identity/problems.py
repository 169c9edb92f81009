"""How proving who one is can fail."""

from http import HTTPStatus

from app.kit.problems import Conflict, Forbidden, Invalid, Problem, TooManyRequests, Unauthenticated


class WrongCredentials(Unauthenticated):
    type = "wrong-credentials"
    title = "Organisation, e-mail and password do not go together"


class SecondFactorWanted(Unauthenticated):
    type = "second-factor-wanted"
    title = "Send the code of your second factor as well, or a recovery code"


class SecondFactorMissing(Forbidden):
    type = "second-factor-missing"
    title = "Your role needs a second factor: enrol one with your account first"


class ProofWanted(Forbidden):
    type = "proof-wanted"
    title = "This is grave, and you logged in a while ago: prove again who you are, with POST /v1/auth/prove"


class SecondFactorOn(Conflict):
    type = "second-factor-on"
    title = "The second factor is on already: switch it off before you enrol another"


class SecondFactorOff(Conflict):
    type = "second-factor-off"
    title = "There is no second factor"


class WrongCode(Invalid):
    type = "wrong-code"
    title = "The app shows another code now: is the clock of the phone right?"


class LoginEnded(Unauthenticated):
    type = "login-ended"
    title = "This log-in has ended: log in again"


class LoginTooOld(Unauthenticated):
    type = "login-too-old"
    title = "A log-in at a desk ends some hours after you last proved who you are: log in again"


class TokenReused(Unauthenticated):
    type = "refresh-token-reused"
    title = "This refresh token was used before: the log-in was ended to be safe"


class LoginThrottled(TooManyRequests):
    type = "login-throttled"
    title = "Too many failed log-ins: wait before the next try"

    def __init__(self, detail: str = "", *, retry_after_s: int = 900) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)


NOT_PROVEN = (WrongCredentials, SecondFactorWanted, LoginThrottled)  # whoever must prove who they are


class InvitationInvalid(Problem):
    type = "invitation-invalid"
    title = "This invitation is unknown, used, withdrawn or out of date: ask for a new one"
    status = HTTPStatus.GONE


class PasswordLinkInvalid(Problem):
    type = "password-link-invalid"
    title = "This link is unknown, used, replaced or out of date: ask an admin for a new one"
    status = HTTPStatus.GONE


class WeakPassword(Invalid):
    type = "weak-password"
    title = "Choose a longer or less common password"


class EmailTaken(Conflict):
    type = "email-taken"
    title = "A person of this organisation has this e-mail address already"


class LastAdmin(Conflict):
    type = "last-admin"
    title = "An organisation keeps at least one active admin"


CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_people_organisation_id_email": EmailTaken,
    "people.organisation_id, people.email": EmailTaken,
}
