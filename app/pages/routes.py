"""HTTP for the page that shows the API. Swagger UI's files come from the `fastapi-swagger` package."""

from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from app.pages.templates import DOCS, STARTER

router = APIRouter(include_in_schema=False)

SELF = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
)
DOCS_POLICY = f"{SELF}; style-src 'self' 'unsafe-inline'"  # Swagger UI sets styles on its elements
A_DAY = "public, max-age=86400"


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


def _swagger() -> Traversable:
    return resources.files("fastapi_swagger").joinpath("resources")


def _file(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": A_DAY})
