"""The OpenAPI document as FastAPI makes it, with what only the whole of it can say put right."""

from typing import Any

from fastapi import FastAPI

from app.kit.problem_responses import ProblemOut


def install(app: FastAPI) -> None:
    """Extend the document of `app`, in FastAPI's documented way."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _described(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemOut"] = ProblemOut.model_json_schema()
    for operations in document["paths"].values():
        for operation in operations.values():
            if "requestBody" not in operation:
                operation["responses"].pop("415", None)
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _without_null(parameter["schema"])
    return document


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An address and a header know no null: what is not wanted is left out."""
    alternatives = schema.get("anyOf", [])
    wanted = [one for one in alternatives if one != {"type": "null"}]
    if len(wanted) == len(alternatives):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**wanted[0], **rest} if len(wanted) == 1 else {**rest, "anyOf": wanted}
