"""HTTP for the two pages. Swagger UI's files come from the `fastapi-swagger` package."""

from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.pages.templates import DOCS, START, STARTER, STYLE

router = APIRouter(include_in_schema=False)

SELF = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
)
START_POLICY = f"{SELF}; style-src 'self'"
DOCS_POLICY = f"{SELF}; style-src 'self' 'unsafe-inline'"  # Swagger UI sets styles on its elements
A_DAY = "public, max-age=86400"


@router.get("/")
async def start(request: Request) -> HTMLResponse:
    """Where one has arrived, and where to go on."""
    page = START.format(version=request.app.version)
    return HTMLResponse(page, headers={"Content-Security-Policy": START_POLICY})


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The API, described and ready to be tried."""
    return HTMLResponse(DOCS, headers={"Content-Security-Policy": DOCS_POLICY})


@router.get("/pages/start.css")
async def style() -> Response:
    return _file(STYLE.encode(), "text/css; charset=utf-8")


@router.get("/pages/docs.js")
async def starter() -> Response:
    return _file(STARTER.encode(), "text/javascript; charset=utf-8")


@router.get("/pages/swagger-ui.css")
async def swagger_style() -> Response:
    return _file(_swagger().joinpath("swagger-ui.css").read_bytes(), "text/css; charset=utf-8")


@router.get("/pages/swagger-ui-bundle.js")
async def swagger_script() -> Response:
    return _file(_swagger().joinpath("swagger-ui-bundle.js").read_bytes(), "text/javascript; charset=utf-8")


def _swagger() -> Traversable:
    return resources.files("fastapi_swagger").joinpath("resources")


def _file(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": A_DAY})
