"""From YAML to a document that is right, or every reason why not, with place and line."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.checklists.document import Document
from app.checklists.problems import ChecklistRefused
from app.checklists.rules import Finding, findings
from app.checklists.sentences import Says
from app.checklists.yaml_text import LARGEST_BYTES, Parsed, Unreadable, Value, parse
from app.kit.sentences import Sentence, of_validation

PLAIN_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text: write it in quotes",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "string_pattern_mismatch": "must be lower-case letters, digits and single hyphens",
    "union_tag_not_found": "has no type",
    "union_tag_invalid": "has an unknown type",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "tuple_type": "must be a list",
}


def read(path: Path) -> Document:
    """The document in a file. Raises ChecklistRefused, or OSError when the file cannot be read."""
    with path.open("rb") as file:
        return from_yaml(file.read(LARGEST_BYTES + 1))


def from_yaml(content: bytes) -> Document:
    """The document in YAML. Raises ChecklistRefused with all findings: of the text, or fields, or rules."""
    try:
        parsed = parse(content)
    except Unreadable as problem:
        raise ChecklistRefused(
            [Finding((), Says.UNREADABLE.of(text=problem.message), line=problem.line)]
        ) from problem
    try:
        document = Document.model_validate(parsed.value)
    except ValidationError as problem:
        raise ChecklistRefused(_located(_of_fields(problem, parsed.value), parsed)) from problem
    wrong = findings(document)
    if wrong:
        raise ChecklistRefused(_located(wrong, parsed))
    return document


def _of_fields(problem: ValidationError, value: Value) -> Iterable[Finding]:
    errors = problem.errors(include_url=False, include_input=False)
    places = [_without_tags(error["loc"], value) for error in errors]
    for error, path in zip(errors, places, strict=True):
        inside = any(len(other) > len(path) and other[: len(path)] == path for other in places)
        if error["type"] == "too_short" and inside:
            continue  # Pydantic counts only the entries that are right
        yield Finding(path, _in_plain_words(error))


def _in_plain_words(error: ErrorDetails) -> Sentence:
    said, words = of_validation(error), _words(error)
    return replace(said, text=words, values={"text": words} if "text" in said.values else said.values)


def _words(error: ErrorDetails) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            return f"must be at least {limits['ge']}"
        case "greater_than":
            return f"must be above {limits['gt']}"
        case "less_than_equal":
            return f"must be at most {limits['le']}"
        case "less_than":
            return f"must be below {limits['lt']}"
        case "too_short" | "string_too_short":
            return f"must have at least {limits['min_length']}"
        case kind:
            message = error["msg"].removeprefix("Value error, ")
            return PLAIN_WORDS.get(kind, message[:1].lower() + message[1:])


def _without_tags(loc: tuple[str | int, ...], value: Value) -> tuple[str | int, ...]:
    """The place in the file: Pydantic also names the branch of a union it took, which no author wrote."""
    path: tuple[str | int, ...] = ()
    here: Value = value
    for step in loc:
        match here, step:
            case (dict(), str(key)) if key in here:
                here = here[key]
            case (list(), int(place)) if place < len(here):
                here = here[place]
            case _:
                continue
        path += (step,)
    missing = loc[-1:]
    if isinstance(here, dict) and missing != ("[key]",) and path[-1:] != missing:
        return path + missing
    return path


def _located(wrong: Iterable[Finding], parsed: Parsed) -> Iterable[Finding]:
    for finding in wrong:
        known = next(
            finding.path[:end]
            for end in range(len(finding.path), -1, -1)
            if finding.path[:end] in parsed.lines
        )
        yield replace(finding, where=_in_codes(finding.path, parsed.value), line=parsed.lines[known])


def _in_codes(path: tuple[str | int, ...], value: Value) -> str:
    """`items.greeting.weight` rather than `dimensions[0].indicators[2].items[1].weight`."""
    steps: list[str] = []
    here: Value = value
    for step in path:
        name = str(step)
        if isinstance(here, list) and isinstance(step, int):
            here = here[step]
            code = here.get("code") if isinstance(here, dict) else None
            name = code if isinstance(code, str) else f"{step + 1}"
            if isinstance(code, str):
                steps = steps[-1:]  # codes are unique: what stands above adds nothing
        elif isinstance(here, dict) and isinstance(step, str):
            here = here.get(step)
        steps.append(name)
    return ".".join(steps)
