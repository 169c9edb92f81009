"""Any operation of the OpenAPI document as a request about something that is there."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.database import Database
from tests.support.population import Population
from tests.support.visits import CHECKLIST

Document = Mapping[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")
NOT_JSON = {
    "application/yaml": CHECKLIST.replace("version: 1", "version: 2"),
    "text/csv": "code\n",
}


@dataclass(frozen=True)
class Operation:
    """`GET /v1/visits/{visit_id}` and what the document says of it."""

    name: str
    method: str
    path: str
    said: Document = field(repr=False, compare=False)

    @property
    def is_public(self) -> bool:
        return not self.said.get("security")

    def parameters(self, place: str) -> list[Document]:
        return [one for one in self.said.get("parameters", []) if one["in"] == place]

    def needs(self, header: str) -> bool:
        return any(one["name"].lower() == header for one in self.parameters("header"))


def operations(document: Document) -> list[Operation]:
    return [
        Operation(f"{method.upper()} {path}", method.upper(), path, said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if method in METHODS
    ]


@dataclass(frozen=True)
class Question:
    """A request, and the ids in its address."""

    operation: Operation
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any]

    async def ask(self, client: httpx2.AsyncClient, token: str | None, **headers: str) -> httpx2.Response:
        sent = {} if token is None else {"Authorization": f"Bearer {token}"}
        if self.operation.needs("if-match"):
            sent["If-Match"] = '"1"'
        body = dict(self.body)
        if "kind" in body:
            sent["Content-Type"] = body.pop("kind")
        sent |= headers
        answer = await client.request(
            self.operation.method, self.path, params=self.query, headers=sent, **body
        )
        if answer.status_code == 412 and "If-Match" not in headers:
            version = answer.json().get("current_version")
            return await self.ask(client, token, **{"If-Match": f'"{version}"'})
        return answer


def question(operation: Operation, people: Population, about: Mapping[str, str]) -> Question:
    """About what `about` names by parameter, otherwise about the first thing of that kind.

    `about["body"]` is sent instead of the document's example, `about["with"]` names a further parameter.
    """
    known = {name: values[0] for name, values in people.ids.items()}
    ids = {**known, **about}
    path = operation.path
    for one in operation.parameters("path"):
        path = path.replace("{" + one["name"] + "}", ids[one["name"]])
    needed = [
        one
        for one in operation.parameters("query")
        if one.get("required") or one["name"] == about.get("with")
    ]
    query = {one["name"]: ids[one["name"]] for one in needed}
    return Question(
        operation, path, query, _body(operation, {name: ids[name] for name in known}, about.get("body"))
    )


def _body(operation: Operation, ids: Mapping[str, str], given: str | None) -> dict[str, Any]:
    content = operation.said.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        example = content["application/json"]["example"] if given is None else json.loads(given)
        return {"json": _about(example, ids)}
    for kind in content:
        return {"content": (given or NOT_JSON[kind]).encode(), "kind": kind}
    return {}


def _about(value: Any, ids: Mapping[str, str]) -> Any:
    """The example with ids that exist."""
    match value:
        case dict():
            return {name: ids[name] if name in ids else _about(item, ids) for name, item in value.items()}
        case list():
            return [_about(item, ids) for item in value]
        case _:
            return value


class Unchanging(Database):
    """Checks what a request writes and keeps none of it, so that one question does not change the next answer.

    Use cases that need several transactions keep what they write; they may be asked twice.
    """

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[AsyncSession]:
        async with super().opened() as session:
            session.commit = session.flush  # type: ignore[method-assign]
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        async with super().opened() as session:
            yield session
            await session.commit()
