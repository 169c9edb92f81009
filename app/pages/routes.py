"""HTTP for the description of the API and the page that shows it, whose Swagger UI is of the `fastapi-swagger` package."""

import asyncio
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.kit.files import File, answer
from app.pages.templates import DOCS, STARTER

router = APIRouter(include_in_schema=False)

SELF = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
)
DOCS_POLICY = f"{SELF}; style-src 'self' 'unsafe-inline'"  # Swagger UI sets styles on its elements
A_DAY = "public, max-age=86400"


@router.get("/openapi.json")
async def description(request: Request) -> Response:
    """As it is committed: to make it from the code takes seconds, in which nobody else would be answered."""
    return answer(request, await asyncio.to_thread(_description), {})


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The API, described and ready to be tried."""
    return HTMLResponse(DOCS, headers={"Content-Security-Policy": DOCS_POLICY})


@router.get("/pages/docs.js")
async def starter() -> Response:
    return _file(STARTER.encode(), "text/javascript; charset=utf-8")


@router.get("/pages/swagger-ui.css")
async def swagger_style() -> Response:
    return _file(_swagger().joinpath("swagger-ui.css").read_bytes(), "text/css; charset=utf-8")


@router.get("/pages/swagger-ui-bundle.js")
async def swagger_script() -> Response:
    return _file(_swagger().joinpath("swagger-ui-bundle.js").read_bytes(), "text/javascript; charset=utf-8")


@cache
def _description() -> File:
    return File.packing(resources.files("app").joinpath("openapi.json").read_bytes(), "application/json")


def _swagger() -> Traversable:
    return resources.files("fastapi_swagger").joinpath("resources")


def _file(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": A_DAY})
