"""One person's access to the API over HTTP, with typed answers, and a witness of everything that came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID, uuid4

import httpx2
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from app.demo.account import Unexpected
from app.identity.schemas import LoginIn, MeOut, TokensOut

Answer = TypeVar("Answer")

PATIENCE_S = 60.0  # the first request after a start waits for imports on a busy machine
KEPT_OPEN_S = 2.0  # shorter than the server keeps it: nobody writes into a connection that is being closed
DONE = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED)


class Refusal(BaseModel):
    """A problem as RFC 9457 has it; its further members are in `model_extra`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str
    title: str
    status: int
    detail: str

    def member(self, name: str) -> object:
        return (self.model_extra or {}).get(name)


@dataclass(slots=True)
class Witness:
    """Remembers every byte somebody was given: addresses, headers, bodies."""

    heard: list[tuple[str, bytes]] = field(default_factory=list)

    def hear(self, response: httpx2.Response) -> None:
        response.read()
        headers = b"\n".join(name + b": " + value for name, value in response.headers.raw)
        where = f"{response.request.method} {response.request.url.path}"
        self.heard += [(f"{where} (headers)", headers), (where, response.content)]


def visitors(address: str) -> httpx2.Client:
    """The connections over which everybody comes; to be closed."""
    return httpx2.Client(
        base_url=address, timeout=PATIENCE_S, limits=httpx2.Limits(keepalive_expiry=KEPT_OPEN_S)
    )


class Api:
    """What one person does. Raises `Unexpected` for every answer that is not the promised one."""

    def __init__(self, http: httpx2.Client, token: str = "", *, witness: Witness | None = None) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._witness = witness

    def log_in(self, credentials: LoginIn) -> TokensOut:
        return self.post("/v1/auth/login", TokensOut, credentials)

    def me(self) -> MeOut:
        return self.get("/v1/me", MeOut)

    def get(self, path: str, answer: type[Answer], **parameters: str | int) -> Answer:
        return self._ask("GET", path, answer, params=parameters)

    def post(
        self,
        path: str,
        answer: type[Answer],
        body: BaseModel | None = None,
        *,
        key: str | None = None,
        version: int | None = None,
    ) -> Answer:
        """`key` makes the request repeatable: sent again under the same one, it gets the same answer."""
        return self._ask("POST", path, answer, body=body, key=key or uuid4().hex, version=version)

    def put(
        self, path: str, answer: type[Answer], body: BaseModel | None = None, *, version: int | None = None
    ) -> Answer:
        return self._ask("PUT", path, answer, body=body, version=version)

    def send_text(
        self, path: str, answer: type[Answer], text: str, *, content_type: str, **parameters: str
    ) -> Answer:
        """A file as the body of a POST."""
        headers = {**self._headers, "Content-Type": content_type}
        response = self._http.post(path, content=text.encode(), params=parameters, headers=headers)
        return _read(self._heard(response), answer)

    def refused(self, method: str, path: str, slug: str, body: BaseModel | None = None) -> Refusal:
        """The problem with which a request is refused, which must be this one."""
        response = self._send(method, path, body=body, key=uuid4().hex if method == "POST" else None)
        try:
            refusal = Refusal.model_validate_json(response.content)
        except ValidationError as error:
            raise Unexpected(
                f"{method} {path} should be refused as {slug}; came: {_shown(response)}"
            ) from error
        if refusal.type != slug:
            raise Unexpected(f"{method} {path} should be refused as {slug}; came: {_shown(response)}")
        return refusal

    def tell(self, path: str, body: BaseModel) -> None:
        """Something that needs no answer."""
        response = self._send("POST", path, body=body, key=uuid4().hex)
        if response.status_code != HTTPStatus.NO_CONTENT:
            raise Unexpected(f"POST {path}: {_shown(response)}")

    def _ask(
        self,
        method: str,
        path: str,
        answer: type[Answer],
        *,
        body: BaseModel | None = None,
        params: Mapping[str, str | int] | None = None,
        key: str | None = None,
        version: int | None = None,
    ) -> Answer:
        return _read(self._send(method, path, body=body, params=params, key=key, version=version), answer)

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: BaseModel | None = None,
        params: Mapping[str, str | int] | None = None,
        key: str | None = None,
        version: int | None = None,
    ) -> httpx2.Response:
        headers = dict(self._headers)
        if key is not None:
            headers["Idempotency-Key"] = key
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = body.model_dump_json(exclude_unset=True).encode()
        return self._heard(self._http.request(method, path, content=content, params=params, headers=headers))

    def _heard(self, response: httpx2.Response) -> httpx2.Response:
        if self._witness is not None:
            self._witness.hear(response)
        return response


def _read(response: httpx2.Response, answer: type[Answer]) -> Answer:
    if response.status_code not in DONE:
        raise Unexpected(f"{response.request.method} {response.request.url.path}: {_shown(response)}")
    try:
        return TypeAdapter(answer).validate_json(response.content)
    except ValidationError as error:
        raise Unexpected(
            f"{response.request.url.path} gives something else than it promises:\n{error}"
        ) from error


def _shown(response: httpx2.Response) -> str:
    return f"{response.status_code} {response.text[:2000]}"


def path_of(*parts: str | UUID) -> str:
    return "/v1/" + "/".join(str(part) for part in parts)
