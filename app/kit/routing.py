"""One request is one transaction, committed before the answer is sent.

`Session` opens a write transaction; the route commits it after the answer was rendered, together with the kept
answer of an idempotent request (which is why a dependency's own exit would be too early and too late: it does
not see the answer). A failure anywhere before leaves no trace. `Reading` never writes.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit import idempotency
from app.kit.clock import Clock
from app.kit.database import Database
from app.kit.legible import LegibleRequest
from app.kit.storage import Storage


class TransactionRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = _query_parameters(self.dependant)

        async def in_one_transaction(request: Request) -> Response:
            request = LegibleRequest(request.scope, request.receive)
            request.require_legible_address(known)
            response = await handle(request)
            session: AsyncSession | None = getattr(request.state, "session", None)
            if session is not None:
                idempotency.keep(session, request, response)
                await session.commit()
            return response

        return in_one_transaction


def _query_parameters(dependant: Dependant) -> frozenset[str] | None:
    """The names that may stand in the query; `None` where a model of the feature's own refuses the others."""
    names: set[str] = set()
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return None
        names.add(field.alias)
    below = [_query_parameters(one) for one in dependant.dependencies]
    return None if None in below else frozenset(names).union(*filter(None, below))


def feature_router(tag: str, *, prefix: str = "") -> APIRouter:
    """The router every feature uses."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=TransactionRoute)


async def the_database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def the_clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


async def read_clock(clock: Annotated[Clock, Depends(the_clock)]) -> datetime:
    return clock()


async def the_storage(request: Request) -> Storage:
    storage: Storage = request.app.state.storage
    return storage


async def open_session(
    request: Request, database: Annotated[Database, Depends(the_database)]
) -> AsyncIterator[AsyncSession]:
    async with database.opened() as session:
        request.state.session = session
        yield session


async def open_reading(database: Annotated[Database, Depends(the_database)]) -> AsyncIterator[AsyncSession]:
    async with database.reading() as session:
        yield session


TheClock = Annotated[Clock, Depends(the_clock)]
Now = Annotated[datetime, Depends(read_clock)]
Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
Reading = Annotated[AsyncSession, Depends(open_reading, scope="function")]
TheStorage = Annotated[Storage, Depends(the_storage)]
