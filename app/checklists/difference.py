"""What changed between two versions of a checklist, or between a checklist and its variant."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from app.checklists.document import Document, Part

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"
Fields: TypeAlias = Mapping[str, "str | int | bool | None"]


class Kind(StrEnum):
    """What a change is about, and so whom it concerns: who sees words, who gets points, how it is judged."""

    TEXT = "text"
    WEIGHT = "weight"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Change:
    """One field. None stands for a field that is not there."""

    kind: Kind
    where: str
    field: str
    before: str | int | bool | None
    after: str | int | bool | None

    def to_json(self) -> dict[str, Plain]:
        """As it goes over the wire."""
        return {
            "kind": self.kind,
            "where": self.where,
            "field": self.field,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """From one document to another. An item that moved has a changed field `indicator`."""

    before: str
    after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changes: tuple[Change, ...]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)

    def to_json(self) -> dict[str, Plain]:
        """As it goes over the wire: changes by kind."""
        return {
            "before": self.before,
            "after": self.after,
            "added": list(self.added),
            "removed": list(self.removed),
            "weights": [change.to_json() for change in self.of(Kind.WEIGHT)],
            "texts": [change.to_json() for change in self.of(Kind.TEXT)],
            "rules": [change.to_json() for change in self.of(Kind.RULE)],
        }


def diff(before: Document, after: Document) -> Difference:
    """Items are matched by code, so a renamed code is one item removed and one added."""
    old, new = _items(before), _items(after)
    changes = [
        *_changes({"checklist": _head(before)}, {"checklist": _head(after)}),
        *_changes(_titles(before), _titles(after)),
        *_changes(_profiles(before), _profiles(after)),
        *_changes({code: old[code] for code in old if code in new}, new, only_known=True),
    ]
    return Difference(
        before=f"{before.id}@{before.version}",
        after=f"{after.id}@{after.version}",
        added=tuple(code for code in new if code not in old),
        removed=tuple(code for code in old if code not in new),
        changes=tuple(changes),
    )


def _changes(
    old: Mapping[str, Fields], new: Mapping[str, Fields], *, only_known: bool = False
) -> Iterator[Change]:
    for where in dict.fromkeys([*old, *([] if only_known else new)]):
        before, after = old.get(where, {}), new.get(where, {})
        for field in dict.fromkeys([*before, *after]):
            if before.get(field) != after.get(field):
                yield Change(_kind(where, field), where, field, before.get(field), after.get(field))


def _kind(where: str, field: str) -> Kind:
    if field.rsplit(".", 1)[-1] in {"zh", "en"}:
        return Kind.TEXT
    if field == "weight" or (where.startswith("profile ") and "." in field):
        return Kind.WEIGHT
    return Kind.RULE


def _head(document: Document) -> Fields:
    """All but the parts that are compared one by one, and the version, which is bound to differ."""
    parts = {"id", "version", "profiles", "dimensions"}
    return dict(_flat(document.model_dump(mode="json", exclude=parts)))


def _titles(document: Document) -> dict[str, Fields]:
    titles: dict[str, Fields] = {}
    for dimension in document.dimensions:
        titles[f"dimension {dimension.code}"] = _fields(dimension.title, under="title")
        for indicator in dimension.indicators:
            titles[f"indicator {indicator.code}"] = {
                **_fields(indicator.title, under="title"),
                "dimension": dimension.code,
            }
    return titles


def _profiles(document: Document) -> dict[str, Fields]:
    return {f"profile {profile.code}": _fields(profile) for profile in document.profiles}


def _items(document: Document) -> dict[str, Fields]:
    return {
        item.code: {**_fields(item), "indicator": indicator.code}
        for indicator in document.indicators()
        for item in indicator.items
    }


def _fields(part: Part, *, under: str = "") -> Fields:
    return dict(_flat(part.model_dump(mode="json"), under=under))


def _flat(value: Plain, *, under: str = "") -> Iterable[tuple[str, str | int | bool | None]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _flat(inner, under=f"{under}.{key}" if under else key)
        case list():
            for place, inner in enumerate(value):
                name = inner.get("code") if isinstance(inner, dict) else None
                yield from _flat(inner, under=f"{under}.{name if name is not None else place + 1}")
        case _:
            yield under, value
