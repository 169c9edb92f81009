"""YAML as it is meant, not as YAML 1.1 reads it.

Only what a checklist needs: mappings, lists, text, true/false, plain numbers, null. Refused with a line
number: bare words that other readers take for something else (yes, no, on, 12:30, 0x1f, dates), keys given
twice, aliases and merges (they can blow up), tags, more than one document, too much text or nesting.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import Resolver
from yaml.scanner import Scanner

LARGEST_BYTES = 1_000_000  # the telecom checklist, in two languages, has about 60,000
DEEPEST = 20  # levels; a document needs nine

Value: TypeAlias = "str | int | bool | Decimal | list[Value] | dict[str, Value] | None"
Path: TypeAlias = tuple[str | int, ...]

TAG = "tag:yaml.org,2002:"
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,11}")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,11})\.[0-9]{1,12}")
# Text to YAML 1.1, but a number or a truth value to YAML 1.2 or to older readers.
ELSEWHERE = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|[yYnN]")


class Unreadable(Exception):
    """The text is not the YAML we accept; says why and in which line, counted from 1."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Parsed:
    """The values, and the line each one begins in."""

    value: Value
    lines: dict[Path, int]


class _Tree(Reader, Scanner, Parser, Composer, Resolver):
    """PyYAML up to the tree of nodes: nothing is constructed, aliases are never followed."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        Resolver.__init__(self)
        self._depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("aliases (*name) are not allowed", line=_line(event))
        if self._depth >= DEEPEST:
            raise Unreadable("nested too deeply", line=_line(event))
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def parse(content: bytes) -> Parsed:
    """Raises Unreadable, and nothing else, for anything that is not acceptable."""
    if len(content) > LARGEST_BYTES:
        raise Unreadable(f"larger than {LARGEST_BYTES} bytes")
    try:
        root = _Tree(content.decode("utf-8")).get_single_node()
    except UnicodeDecodeError as problem:
        raise Unreadable("not UTF-8 text") from problem
    except yaml.reader.ReaderError as problem:
        raise Unreadable(f"holds a character that is not allowed (place {problem.position})") from problem
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        reason = problem.problem or problem.context or "not valid YAML"
        raise Unreadable(reason, line=mark.line + 1 if mark else None) from problem
    if root is None:
        raise Unreadable("empty")
    lines: dict[Path, int] = {}
    return Parsed(_value(root, (), lines), lines)


def _value(node: Node, path: Path, lines: dict[Path, int]) -> Value:
    lines[path] = _line(node)
    match node:
        case MappingNode():
            _plain_tag(node, "map")
            return _mapping(node, path, lines)
        case SequenceNode():
            _plain_tag(node, "seq")
            return [_value(child, (*path, place), lines) for place, child in enumerate(node.value)]
        case ScalarNode():
            return _scalar(node)
        case _:
            raise Unreadable("not a mapping, list or scalar", line=_line(node))


def _mapping(node: MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Value]:
    mapping: dict[str, Value] = {}
    for key_node, child in node.value:
        key = _scalar(key_node) if isinstance(key_node, ScalarNode) else None
        if not isinstance(key, str):
            raise Unreadable("a key must be text", line=_line(key_node))
        if key in mapping:
            raise Unreadable(f"the key {key!r} is given twice", line=_line(key_node))
        mapping[key] = _value(child, (*path, key), lines)
    return mapping


def _scalar(node: ScalarNode) -> Value:
    text: str = node.value
    kind = str(node.tag).removeprefix(TAG)
    if kind == "str" and (node.style is not None or not ELSEWHERE.fullmatch(text)):
        return text
    if node.style is None:
        if kind == "null" and text in {"", "null", "~"}:
            return None
        if kind == "bool" and text in {"true", "false"}:
            return text == "true"
        if kind == "int" and INTEGER.fullmatch(text):
            return int(text)
        if kind == "float" and DECIMAL.fullmatch(text):
            return Decimal(text)
    raise Unreadable(_ambiguous(text), line=_line(node))


def _ambiguous(text: str) -> str:
    return f"{text[:40]!r} means different things to different YAML readers: write text in quotes, numbers plainly, true or false"


def _plain_tag(node: Node, kind: str) -> None:
    if node.tag != TAG + kind:
        raise Unreadable(f"the tag {node.tag!r} is not allowed", line=_line(node))


def _line(marked: Node | yaml.Event) -> int:
    return int(marked.start_mark.line) + 1 if marked.start_mark else 0
