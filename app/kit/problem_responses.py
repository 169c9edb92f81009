"""Problems on the wire: RFC 9457 `application/problem+json`, one handler for each way a request can fail."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app.kit.database import is_away, lost_a_deadlock, violated_constraint
from app.kit.idempotency import Replay
from app.kit.problems import (
    AlreadyExists,
    BadRequest,
    Conflict,
    Invalid,
    NotFound,
    PreconditionRequired,
    Problem,
    Stale,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)
from app.kit.sentences import of_validation
from app.kit.storage import StorageUnavailable

PROBLEM_JSON = "application/problem+json"

Constraints = Mapping[str, type[Problem]]


class ProblemOut(BaseModel):
    """Anything that went wrong, with the rule that was broken and the way out."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["not-found"])
    title: str = Field(examples=["There is nothing here that you may see"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no visit with this id among those you may see."])


def documented(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation: which problems it answers with, by status."""
    responses: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        responses.setdefault(int(problem.status), {"description": "", "examples": {}})
        entry = responses[int(problem.status)]
        entry["description"] = "; ".join(filter(None, [entry["description"], problem.title]))
        entry["examples"][problem.type] = {"value": as_json(problem())}
    return {
        status: {
            "description": entry["description"],
            "content": {
                PROBLEM_JSON: {
                    "schema": {"$ref": "#/components/schemas/ProblemOut"},
                    "examples": entry["examples"],
                }
            },
        }
        for status, entry in responses.items()
    }


def as_json(problem: Problem) -> dict[str, object]:
    return {
        "type": problem.type,
        "title": problem.title,
        "status": int(problem.status),
        "detail": problem.detail,
        **problem.members,
    }


def respond(problem: Problem) -> JSONResponse:
    return JSONResponse(
        as_json(problem), status_code=int(problem.status), headers=problem.headers, media_type=PROBLEM_JSON
    )


def install(app: FastAPI, constraints: Constraints) -> None:
    """Register the handlers; `constraints` maps names of database constraints to the problems they mean.

    What nobody expected is caught further out (`app.kit.requests.Net`).
    """

    async def on_problem(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return respond(error)

    async def on_replay(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Replay)
        return error.response

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return respond(_invalid(request, error))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _http(app, request, error)

    async def on_database(_request: Request, error: Exception) -> Response:
        assert isinstance(error, DBAPIError)
        return respond(refused_by_database(error, constraints))

    async def on_pool(_request: Request, _error: Exception) -> Response:
        return respond(Unavailable("The database is too busy: send the same request again in a moment."))

    async def on_storage(_request: Request, _error: Exception) -> Response:
        return respond(Unavailable("The object store does not answer: send the request again in a moment."))

    async def on_stale(_request: Request, _error: Exception) -> Response:
        return respond(Stale())

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(Replay, on_replay)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(DBAPIError, on_database)
    app.add_exception_handler(PoolTimeout, on_pool)
    app.add_exception_handler(StaleDataError, on_stale)
    app.add_exception_handler(StorageUnavailable, on_storage)


def refused_by_database(error: DBAPIError, constraints: Constraints) -> Problem:
    """The problem that a database error means to the caller. Re-raises what is a mistake of ours."""
    if lost_a_deadlock(error):
        return Unavailable("Two requests got in each other's way: send this one again.")
    if is_away(error):
        return Unavailable("The database does not answer: send the same request again in a moment.")
    name = violated_constraint(error) or ""
    for constraint, problem in constraints.items():
        if constraint in name:
            return problem()
    if isinstance(error, IntegrityError):
        unique = name.startswith(("uq_", "pk_")) or "UNIQUE constraint failed" in name
        return AlreadyExists() if unique else Conflict("The database refused it.")
    raise error


def _invalid(request: Request, error: RequestValidationError) -> Problem:
    items = error.errors()
    if any(tuple(item["loc"]) == ("body",) for item in items) and _is_foreign(request):
        return UnsupportedMediaType("Send the body as application/json.")
    if any(item["type"] == "missing" and tuple(item["loc"]) == ("header", "if-match") for item in items):
        return PreconditionRequired("Send If-Match with the ETag of the version you edit.")
    errors = [_error(item) for item in items]
    first = errors[0] if errors else {"pointer": "/", "message": "not readable"}
    return Invalid(f"{first['pointer']}: {first['message']}", errors=errors)


def _pointer(location: Sequence[str | int]) -> str:
    """An RFC 6901 pointer whose first part says where: body, query, path or header."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _error(item: Mapping[str, Any]) -> dict[str, Any]:
    """Where, and what: `code` and `values` say it in other languages (`app.kit.sentences`)."""
    if item["type"] == "json_invalid":
        where, position = item["loc"]
        return {"pointer": f"/{where}", "message": f"{item['ctx']['error']} (character {position})"}
    said = of_validation(item)
    pointer, values = _pointer(item["loc"]), dict(said.values)
    return {"pointer": pointer, "message": said.text, "code": said.code, "values": values}


def _is_foreign(request: Request) -> bool:
    """Whether there is a body that does not claim to be JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    return not is_json and (bool(kind) or request.headers.get("content-length", "0") != "0")


def _http(app: FastAPI, request: Request, error: HTTPException) -> Response:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            problem: Problem = NotFound("There is no such address.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return _method_not_allowed(app, request)
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            problem = TooLarge(
                f"Requests may have {app.max_body_size} bytes; recordings go to the object store."
            )
        case _:
            problem = BadRequest(str(error.detail))
    return respond(problem)


class MethodNotAllowed(Problem):
    type = "method-not-allowed"
    title = "This address does not know that method"
    status = HTTPStatus.METHOD_NOT_ALLOWED


def _method_not_allowed(app: FastAPI, request: Request) -> Response:
    problem = MethodNotAllowed()
    problem.headers = {"Allow": ", ".join(sorted(_methods_at(app, request.url.path)))}
    return respond(problem)


def _methods_at(app: FastAPI, path: str) -> set[str]:
    """All methods of all routes at `path`: Starlette would list those of the first route only.

    `/outlets/export` is an address of its own, though `/outlets/{outlet_id}` looks as if it could match.
    """
    described = [
        (one.path or "", one.methods or ())
        for one in iter_route_contexts(app.routes)
        if one.include_in_schema
    ]
    exactly = [methods for template, methods in described if template == path]
    here = exactly or [
        methods for template, methods in described if compile_path(template)[0].fullmatch(path)
    ]
    return {method for methods in here for method in methods}
