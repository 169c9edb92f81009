"""Failures a caller can do something about, as RFC 9457 problems. Knows no web framework.

Every feature lists its own in `<feature>/problems.py`. `type` is a stable slug: never renamed, never reused.
"""

from http import HTTPStatus
from typing import ClassVar


class Problem(Exception):
    """Base of all failures that reach a caller.

    `detail` says what happened this time and the way out; further members carry what a program needs
    (dates, codes, names of rules) and must be JSON values.
    """

    type: ClassVar[str] = "about:blank"
    title: ClassVar[str] = "The request failed"
    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.members = members
        self.headers: dict[str, str] = {}


class NotFound(Problem):
    type = "not-found"
    title = "There is nothing here that you may see"
    status = HTTPStatus.NOT_FOUND


class Invalid(Problem):
    type = "invalid-request"
    title = "The request does not have the expected form"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class BadRequest(Problem):
    type = "bad-request"
    title = "The request cannot be read"
    status = HTTPStatus.BAD_REQUEST


class Unauthenticated(Problem):
    type = "unauthenticated"
    title = "Log in first, or again"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail, **members)
        self.headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    type = "forbidden"
    title = "Your role does not allow this"
    status = HTTPStatus.FORBIDDEN


class Conflict(Problem):
    type = "conflict"
    title = "The request contradicts what is stored"
    status = HTTPStatus.CONFLICT


class AlreadyExists(Conflict):
    type = "already-exists"
    title = "Something with this identity exists already"


class Stale(Problem):
    type = "stale"
    title = "Somebody changed it since you read it: read it again"
    status = HTTPStatus.PRECONDITION_FAILED


class PreconditionRequired(Problem):
    type = "precondition-required"
    title = "Send If-Match with the ETag you read"
    status = HTTPStatus.PRECONDITION_REQUIRED


class UnsupportedMediaType(Problem):
    type = "unsupported-media-type"
    title = "The body is in a format that is not read here"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TooLarge(Problem):
    type = "too-large"
    title = "The request is larger than allowed"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class TooManyRequests(Problem):
    type = "too-many-requests"
    title = "Too many attempts: wait and try again"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, detail: str = "", *, retry_after_s: int, **members: object) -> None:
        super().__init__(detail, retry_after_s=retry_after_s, **members)
        self.headers = {"Retry-After": str(retry_after_s)}


class Unavailable(Problem):
    type = "unavailable"
    title = "A part of the service does not answer: try again shortly"
    status = HTTPStatus.SERVICE_UNAVAILABLE
