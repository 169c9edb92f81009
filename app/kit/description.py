"""The OpenAPI document as FastAPI makes it, completed by what only the whole of it can say."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.kit.examples import Examples, NoExample
from app.kit.problem_responses import PROBLEM_JSON, ProblemOut, documented
from app.kit.problems import Problem

JSON = "application/json"
REFERENCE = "#/components/schemas/"
# Bounds on a type that is validated by a function as well reach the document under Python's names.
BOUNDS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
OF_NO_MEANING = frozenset({"schemas", "rules"})  # parts of a module's name


def operation_name(route: APIRoute) -> str:
    """`visits_arrange_visit`: the tag, because two features may have a verb in common, and the function."""
    return "_".join([*(str(tag).replace(" ", "_") for tag in route.tags), route.name])


def install(
    app: FastAPI, words: Mapping[str, object], *, refusals: Callable[[str], Sequence[type[Problem]]]
) -> None:
    """Extend the document of `app`, in FastAPI's documented way; `words` has examples by the name of a field.

    `refusals` says of an address what whoever is logged in may be answered there, beside what the operation says itself.
    """
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(_bounded(_with_short_names(generate())), words, refusals)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _with_short_names(document: dict[str, Any]) -> dict[str, Any]:
    """Two classes of one name are told apart by their feature: `VisitsState`, not `app__visits__rules__State`."""
    names = document.get("components", {}).get("schemas", {})
    short = {f"{REFERENCE}{name}": f"{REFERENCE}{_short(name)}" for name in names if "__" in name}
    if short:
        document["components"]["schemas"] = {_short(name): schema for name, schema in names.items()}
    renamed: dict[str, Any] = _renamed(document, short)
    return renamed


def _short(name: str) -> str:
    if "__" not in name:
        return name
    _, *way, last = name.split("__")
    words = [word for part in way for word in part.split("_") if word not in OF_NO_MEANING]
    return "".join(word.capitalize() for word in words) + last


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {key: _renamed(item, names) for key, item in value.items()}
        case list():
            return [_renamed(item, names) for item in value]
        case str():
            return names.get(value, value)
        case _:
            return value


def _bounded(value: Any) -> Any:
    match value:
        case dict():
            return {
                BOUNDS.get(key, key) if isinstance(item, int | float) else key: _bounded(item)
                for key, item in value.items()
            }
        case list():
            return [_bounded(item) for item in value]
        case _:
            return value


def _completed(
    document: dict[str, Any], words: Mapping[str, object], refusals: Callable[[str], Sequence[type[Problem]]]
) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemOut"] = ProblemOut.model_json_schema()
    examples = Examples(schemas, words)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if operation.get("security"):
                _add_refusals(operation["responses"], refusals(path))
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _without_null(parameter["schema"])
            if "requestBody" in operation:
                _add_example(operation["requestBody"], examples)
            else:
                operation["responses"].pop("415", None)
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    _add_example(response, examples)
    return document


def _add_refusals(responses: dict[str, Any], problems: Sequence[type[Problem]]) -> None:
    for status, told in documented(*problems).items():
        known = responses.setdefault(str(status), told)
        examples = known["content"][PROBLEM_JSON]["examples"]
        examples.update(told["content"][PROBLEM_JSON]["examples"])


def _add_example(body: dict[str, Any], examples: Examples) -> None:
    content = body.get("content", {}).get(JSON)
    if content is not None and content.get("schema") and not content.keys() & {"example", "examples"}:
        with suppress(NoExample):  # a test names the field; the document is useful without
            content["example"] = examples.of(content["schema"])


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An address and a header know no null: what is not wanted is left out."""
    alternatives = schema.get("anyOf", [])
    wanted = [one for one in alternatives if one != {"type": "null"}]
    if len(wanted) == len(alternatives):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**wanted[0], **rest} if len(wanted) == 1 else {**rest, "anyOf": wanted}
