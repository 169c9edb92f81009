"""Structured logs without personal data: one JSON object a line on standard error, readable text on a terminal.

What may be logged: names of our own, ids, numbers. A last line of defence takes out what slips into messages of
libraries: addresses, tokens, query strings, values of rows.
"""

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

QUIET = ("botocore", "boto3", "s3transfer", "urllib3", "httpx2", "alembic", "asyncio")
WITH_QUERY_STRINGS = ("uvicorn.access",)  # the request line of ours replaces it

SCRUBBED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "<address>"),
    (re.compile(r"(?i)\b(bearer|basic|dpop)\s+[\w.~+/=-]+"), r"\1 <secret>"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "<token>"),
    (re.compile(r"(?i)\b(https?|s3)://[^\s/@]+@"), r"\1://<secret>@"),
    (re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+"), r"\1?<query>"),
    (re.compile(r"DETAIL: .*"), "DETAIL: <row>"),  # PostgreSQL quotes the offending values
    (re.compile(r"\[parameters: .*"), "[parameters: <row>]"),
)


def configure(level: str, *, stream: TextIO | None = None) -> None:
    """Send all logs of the process, ours and those of libraries, to `stream` (standard error) at `level` and above."""
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(target))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in WITH_QUERY_STRINGS:
        logging.getLogger(name).disabled = True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def scrub(text: str) -> str:
    """`text` without what looks like somebody's data."""
    for pattern, instead in SCRUBBED:
        text = pattern.sub(instead, text)
    return text


def _rendering(target: TextIO) -> list[Processor]:
    terminal = target.isatty()
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _scrub_event,
        structlog.dev.ConsoleRenderer()
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _scrub_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: scrub(value) if isinstance(value, str) else value for key, value in event.items()}
