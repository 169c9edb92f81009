"""Reading what a person hands over: the file and the reason are named when it cannot be used."""

import json
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from app.checklists.document import Document
from app.checklists.problems import ChecklistRefused
from app.checklists.reading import read
from app.cli.terminal import Failed
from app.visits.answers import AnswerSheet

LARGEST_ANSWERS = 5_000_000  # bytes; a full telecom sheet with notes and evidence has about 30,000


def read_checklist(path: Path) -> Document:
    """The checklist, or Failed with a line `file:line: place: reason` for each mistake."""
    try:
        return read(path)
    except OSError as problem:
        raise Failed(f"{path}: {_reason(problem)}") from problem
    except ChecklistRefused as refused:
        raise Failed("\n".join(f"{path}: {finding}" for finding in refused.findings)) from refused


def read_answers(path: Path) -> AnswerSheet:
    """The answers, or Failed with a line for each mistake."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_ANSWERS + 1)
    except OSError as problem:
        raise Failed(f"{path}: {_reason(problem)}") from problem
    if len(content) > LARGEST_ANSWERS:
        raise Failed(f"{path}: larger than {LARGEST_ANSWERS} bytes")
    try:
        return AnswerSheet.model_validate(_json(content))
    except ValidationError as problem:
        lines = [
            f"{path}: {'.'.join(str(step) for step in error['loc'])}: {error['msg'].removeprefix('Value error, ')}"
            for error in problem.errors(include_url=False, include_input=False)
        ]
        raise Failed("\n".join(lines)) from problem
    except (ValueError, RecursionError) as problem:
        raise Failed(f"{path}: not JSON: {problem}") from problem


def _json(content: bytes) -> object:
    return json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        seen = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in seen if seen.count(key) > 1)!r} is given twice")
    return mapping


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _reason(problem: OSError) -> str:
    return (problem.strerror or "cannot be read").lower()
