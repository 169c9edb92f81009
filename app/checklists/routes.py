"""HTTP for checklists."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request

from app.checklists import queries, service, views
from app.checklists.document import json_schema_document
from app.checklists.models import ChecklistVersion
from app.checklists.problems import ChecklistRefused, VersionPublished
from app.checklists.schemas import DifferenceOut, ValidationOut, VersionOut, VersionWithDocument
from app.identity.dependencies import ONCE, Caller
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, feature_router

router = feature_router("checklists", prefix="/checklists")
Code = Annotated[str, Path(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]
YAML = {
    "requestBody": {
        "required": True,
        "description": "the checklist as YAML; JSON is YAML too",
        "content": {"application/yaml": {"schema": {"type": "string"}}},
    }
}


@router.get("")
async def list_checklists(session: Reading, caller: Caller, paging: Paging) -> Page[VersionOut]:
    """The newest version of each checklist."""
    found = await paginate(
        session,
        queries.latest_visible_to(caller),
        paging,
        by=[Key(ChecklistVersion.code), Key(ChecklistVersion.id)],
    )
    return found.page([views.version(row) for row in found.rows])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(Forbidden, ChecklistRefused, VersionPublished),
    openapi_extra=YAML,
)
async def publish_checklist(request: Request, session: Session, caller: Caller, now: Now) -> VersionOut:
    """Publish a version; from then on it never changes."""
    return views.version(await service.publish(session, caller, await request.body(), now=now))


@router.post("/validate", openapi_extra=YAML)
async def validate(request: Request, session: Reading, caller: Caller) -> ValidationOut:
    """Everything that is wrong with a checklist, with place and line, or what it would change; nothing is kept."""
    return views.validation(await service.examine(session, caller, await request.body()))


@router.get("/schema")
async def show_schema(caller: Caller) -> dict[str, Any]:  # noqa: ARG001 (only for people of the house)
    """The JSON Schema of a checklist document, for editors."""
    return json_schema_document()


@router.get("/versions/{version_id}", responses=documented(NotFound))
async def show_version(version_id: UUID, session: Reading, caller: Caller) -> VersionWithDocument:
    return views.with_document(await queries.get_version(session, caller, version_id))


@router.get("/{code}/versions")
async def list_versions(code: Code, session: Reading, caller: Caller, paging: Paging) -> Page[VersionOut]:
    """Newest first."""
    found = await paginate(
        session, queries.versions_of(caller, code), paging, by=[Key(ChecklistVersion.number, descending=True)]
    )
    return found.page([views.version(row) for row in found.rows])


@router.get("/{code}/difference", responses=documented(NotFound))
async def show_difference(
    code: Code, before: Number, after: Number, session: Reading, caller: Caller
) -> DifferenceOut:
    """What changed from one version to another: items, weights, texts."""
    return views.difference(await service.compare(session, caller, code, before=before, after=after))
