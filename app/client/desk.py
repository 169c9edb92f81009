"""The API as a client meets it: logged in, patient, with typed answers and problems that can be told apart."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from app.client.patience import Patience, require_answer
from app.identity.schemas import LoginIn, RefreshIn, TokensOut

Answer = TypeVar("Answer", bound=BaseModel)
LogIn = Callable[[], str]


class Problem(BaseModel):
    """A refusal as RFC 9457 has it; `type` is stable, and further members are in `model_extra`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str
    title: str
    detail: str = ""


class Refused(Exception):
    """The API understood and said no. `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.title}. {problem.detail}".strip())
        self.problem = problem


class NoApi(Exception):
    """What answers at this address is not Plainclothes."""


class Desk:
    """Every request of it may be repeated, and is: uploads have no other. Safe to share between threads."""

    def __init__(self, http: httpx2.Client, log_in: LogIn, *, patience: Patience) -> None:
        self._http = http
        self._log_in = log_in
        self._patience = patience
        self._token = ""
        self._logging_in = threading.Lock()

    def get(self, path: str, answer: type[Answer]) -> Answer:
        """Raises `Refused`, and when patience has ended `TryLater` or a `TransportError`."""
        return self._ask("GET", path, answer, None)

    def post(self, path: str, answer: type[Answer], body: BaseModel | None = None) -> Answer:
        """As `get`."""
        return self._ask("POST", path, answer, body)

    def _ask(self, method: str, path: str, answer: type[Answer], body: BaseModel | None) -> Answer:
        response = self._send(method, path, body, token := self._token or self._new_token(""))
        if response.status_code == HTTPStatus.UNAUTHORIZED:  # the token expired while a large part travelled
            response = self._send(method, path, body, self._new_token(token))
        return read(response, answer)

    def _send(self, method: str, path: str, body: BaseModel | None, token: str) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = body.model_dump_json(exclude_unset=True).encode()
        return self._patience.through(
            lambda: require_answer(self._http.request(method, path, headers=headers, content=content))
        )

    def _new_token(self, expired: str) -> str:
        with self._logging_in:
            if self._token == expired:
                self._token = self._patience.through(self._log_in)
            return self._token


def by_password(http: httpx2.Client, credentials: LoginIn) -> LogIn:
    """Logs in, and stays so when a token has expired: they live for minutes, uploads may take hours, a one-time code is
    good for once.
    """
    held: list[str] = []

    def ask(path: str, body: BaseModel) -> str:
        content = body.model_dump_json(exclude_unset=True).encode()
        response = http.post(path, content=content, headers={"Content-Type": "application/json"})
        tokens = read(require_answer(response), TokensOut)
        held[:] = [tokens.refresh_token]
        return tokens.access_token

    def log_in() -> str:
        if held:
            try:
                return ask("/v1/auth/refresh", RefreshIn(refresh_token=held[0]))
            except Refused:  # ended, a desk's after half a day, or unused for weeks: the password is left
                if credentials.code is not None:
                    raise
        return ask("/v1/auth/login", credentials)

    return log_in


def read(response: httpx2.Response, answer: type[Answer]) -> Answer:
    """The promised answer. Raises `Refused` and `NoApi`."""
    try:
        if response.is_success:
            return answer.model_validate_json(response.content)
        refusal = Problem.model_validate_json(response.content)
    except ValidationError as error:
        shown = f"{response.status_code} {response.text[:200]!r}"
        raise NoApi(f"{response.request.url} does not answer as Plainclothes does: {shown}") from error
    raise Refused(refusal)
