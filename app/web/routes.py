"""HTTP for the web application: one page for every address of its three areas, and the files it is made of."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.kit.files import File, answer
from app.kit.problems import NotFound, Unavailable
from app.kit.routing import TheStorage
from app.kit.storage import Storage
from app.web import policy
from app.web.site import INDEX, NotBuilt, site

router = APIRouter(include_in_schema=False)


def the_site() -> dict[str, File]:
    try:
        return site()
    except NotBuilt as missing:
        raise Unavailable("The web application is not built: make web.") from missing


TheSite = Annotated[dict[str, File], Depends(the_site)]


@router.get("/")
@router.get("/login")
@router.get("/invitation")
@router.get("/new-password")
@router.get("/account")
@router.get("/m")
@router.get("/m/{_rest:path}")
@router.get("/s")
@router.get("/s/{_rest:path}")
@router.get("/o")
@router.get("/o/{_rest:path}")
async def page(request: Request, files: TheSite, storage: TheStorage) -> Response:
    """The application itself, which looks at the address."""
    return answer(
        request,
        files[INDEX],
        {"Content-Security-Policy": policy.of_pages(storage), "Permissions-Policy": policy.PERMISSIONS},
    )


@router.get("/assets/{name}")
async def asset(name: str, request: Request, files: TheSite, storage: TheStorage) -> Response:
    return _file(f"assets/{name}", request, files, storage)


@router.get("/icons/{name}")
async def icon(name: str, request: Request, files: TheSite, storage: TheStorage) -> Response:
    return _file(f"icons/{name}", request, files, storage)


@router.get("/manifest.webmanifest")
@router.get("/service-worker.js")
async def single(request: Request, files: TheSite, storage: TheStorage) -> Response:
    return _file(request.url.path.removeprefix("/"), request, files, storage)


def _file(name: str, request: Request, files: dict[str, File], storage: Storage) -> Response:
    if name not in files:
        raise NotFound("There is no such file.")
    return answer(request, files[name], {"Content-Security-Policy": policy.of_workers(storage)})
