"""Examples for the OpenAPI document, put together from what the fields themselves say.

A field says its own by `examples=[…]`; for kinds that need no words (ids, dates, flags, closed sets) there is one
here, and for names that mean the same everywhere the product brings a list.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

BY_FORMAT = {
    "uuid": "0199a1b2-0000-7000-8000-000000000001",
    "date": "2026-03-05",
    "date-time": "2026-03-05T10:00:00+08:00",
}
NULL = {"type": "null"}


class NoExample(Exception):
    """A field that must be there says no example; the argument is the way to it."""


class Examples:
    """Makes values that fit schemas of one document. `words` has examples by the name of a field."""

    def __init__(self, components: Mapping[str, Schema], words: Mapping[str, object]) -> None:
        self._components = components
        self._words = words

    def of(self, schema: Schema, name: str = "") -> Any:
        """Raises `NoExample`."""
        if "$ref" in schema and not schema.keys() & {"examples", "default"}:
            return self.of(self._components[schema["$ref"].rpartition("/")[2]], name)
        if schema.keys() & {"examples", "const", "enum", "default"}:
            return _said(schema)
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self.of(schema[key][0], name)
        return self._made(schema, name)

    def _made(self, schema: Schema, name: str) -> Any:  # noqa: PLR0911 (one line for each kind)
        match schema.get("type"):
            case "object":
                return self._object(schema, name)
            case "array":
                return self._list(schema, name)
            case "boolean":
                return True
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "null":
                return None
            case "string" if schema.get("format") in BY_FORMAT:
                return BY_FORMAT[schema["format"]]
            case _ if name in self._words:
                return self._words[name]
            case _:
                raise NoExample(name)

    def _list(self, schema: Schema, name: str) -> list[Any]:
        word = self._words.get(name)
        if isinstance(word, list):
            return word
        return [self.of(item, name) for item in schema.get("prefixItems") or [schema["items"]]]

    def _object(self, schema: Schema, name: str) -> dict[str, Any]:
        """What may be left out and may be null is left out, unless it says an example of its own."""
        needed = schema.get("required", ())
        made = {}
        for field, content in schema.get("properties", {}).items():
            if field not in needed and "examples" not in content and NULL in content.get("anyOf", ()):
                continue
            try:
                made[field] = self.of(content, field)
            except NoExample as missing:
                raise NoExample(f"{name}.{missing}") from missing
        return made


def _said(schema: Schema) -> Any:
    if "const" in schema:
        return schema["const"]
    if schema.get("examples"):
        return schema["examples"][0]
    return schema["default"] if "default" in schema else schema["enum"][0]
