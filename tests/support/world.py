"""Makers of the least needed rows, and people who can call the API.

The cast: alice (admin), sam (supervisor), ivy and ian (inspectors), rita (reviewer), mona (outlet manager),
otto (auditor); bob is the admin of another organisation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from fastapi import FastAPI

from app.identity.actor import Actor, Role
from app.identity.models import Login, Organisation, Person, PersonRole
from app.identity.tokens import AccessClaims, make_access_token
from app.kit.database import Database
from app.kit.ids import new_id
from app.settings import Settings

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # 17:00 in Shanghai

STAYS = timedelta(days=400)  # a caller's log-in, however far a test moves the clock

CAST: Mapping[str, tuple[str, tuple[Role, ...]]] = {
    "alice": ("northwind", (Role.ADMIN,)),
    "sam": ("northwind", (Role.SUPERVISOR,)),
    "ivy": ("northwind", (Role.INSPECTOR,)),
    "ian": ("northwind", (Role.INSPECTOR,)),
    "rita": ("northwind", (Role.REVIEWER,)),
    "mona": ("northwind", (Role.OUTLET_MANAGER,)),
    "otto": ("northwind", (Role.AUDITOR,)),
    "bob": ("southgate", (Role.ADMIN,)),
}


@dataclass
class FakeClock:
    """Time that only moves when told to."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Caller:
    """A logged-in person: `await ivy.get("/v1/me")`."""

    name: str
    actor: Actor
    client: httpx2.AsyncClient
    token: str

    @property
    def id(self) -> UUID:
        return self.actor.person_id

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> httpx2.Response:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return await self.client.request(method, path, headers=sent, **rest)

    async def get(self, path: str, **rest: Any) -> httpx2.Response:
        return await self.request("GET", path, **rest)

    async def post(self, path: str, **rest: Any) -> httpx2.Response:
        return await self.request("POST", path, **rest)

    async def put(self, path: str, **rest: Any) -> httpx2.Response:
        return await self.request("PUT", path, **rest)

    async def delete(self, path: str, **rest: Any) -> httpx2.Response:
        return await self.request("DELETE", path, **rest)


@dataclass
class World:
    app: FastAPI
    client: httpx2.AsyncClient
    clock: FakeClock
    organisations: dict[str, Organisation] = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    @property
    def settings(self) -> Settings:
        settings: Settings = self.app.state.settings
        return settings

    async def add(self, *rows: object) -> None:
        """Insert rows one after the other, so that children may follow their parents."""
        async with self.database.writing() as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def organisation(self, slug: str) -> Organisation:
        if slug not in self.organisations:
            made = Organisation(id=new_id(), slug=slug, name=slug.title(), created_at=self.clock.now)
            await self.add(made)
            self.organisations[slug] = made
        return self.organisations[slug]

    async def person(self, name: str) -> Caller:
        """A member of the cast, logged in."""
        if name in self.callers:
            return self.callers[name]
        slug, roles = CAST[name]
        return await self.newcomer(name, *roles, organisation=slug)

    async def newcomer(self, name: str, *roles: Role, organisation: str = "northwind") -> Caller:
        """Anybody else, logged in."""
        home = await self.organisation(organisation)
        row = Person(
            id=new_id(),
            organisation_id=home.id,
            email=f"{name}@{organisation}.example",
            name=name.title(),
            language="en",
            password_hash=await self.app.state.passwords.hash(f"{name} has a password"),
            active=True,
            created_at=self.clock.now,
        )
        login = Login(
            id=new_id(),
            person_id=row.id,
            created_at=self.clock.now,
            last_used_at=self.clock.now,
            proved_at=self.clock.now + STAYS,
        )
        await self.add(row, *(PersonRole(person_id=row.id, role=role) for role in roles), login)
        actor = Actor(row.id, home.id, frozenset(roles), login.id)
        token = make_access_token(
            AccessClaims(row.id, login.id),
            key=self.settings.secret_key.get_secret_value(),
            now=self.clock.now,
            life=STAYS,
        )
        self.callers[name] = Caller(name, actor, self.client, token)
        return self.callers[name]


def assert_problem(response: httpx2.Response, status: int, slug: str) -> dict[str, Any]:
    """The one shape of every failure (RFC 9457). Gives the document for further looks."""
    document: dict[str, Any] = response.json()
    assert (response.status_code, document.get("type")) == (status, slug), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document
