"""Listens to what a release's web processes say to their database: `python -m tests.support.hearing 0.1.0`.

A small network is played into being over the API, then every operation is asked as everybody, on SQLite and on
PostgreSQL. To be run when a release is made; the file goes under version control with it.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from app.kit import logs
from app.kit.jobs import is_engine_table
from app.kit.migrations import newest
from tests.bench.bench_insight import a_database
from tests.support import statements
from tests.support.asking import question
from tests.support.databases import Backend
from tests.support.populated import populated
from tests.test_access import about, guarded, stated

TYPES = {int: "::BIGINT", float: "::DOUBLE PRECISION", Decimal: "::NUMERIC"}
OURS = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|WITH)\b")


@contextmanager
def heard() -> Iterator[set[str]]:
    """Fills while it lasts. The job engine keeps and changes its tables itself."""
    said: set[str] = set()

    def listen(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        words = re.findall(r"\w+", statement)
        if OURS.match(statement) and not any(word == "dbos" or is_engine_table(word) for word in words):
            said.add(statements.plain(_typed(statement, values)))

    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)


def _typed(statement: str, values: Any) -> str:
    """With the types of bare numbers, which psycopg tells beside the statement."""
    told = values[0] if isinstance(values, list) and values else values
    numbers = (
        {name: TYPES[type(one)] for name, one in told.items() if type(one) in TYPES}
        if isinstance(told, dict)
        else {}
    )
    return re.sub(r"%\((\w+)\)s(?!::)", lambda found: found[0] + numbers.get(found[1], ""), statement)


async def said_on(url: str) -> list[str]:
    table = stated()
    with heard() as said:
        async with populated(url) as people:
            for operation in guarded(people):
                for name in table[operation.name]:
                    asked = question(operation, people, about(operation, people, name))
                    await asked.ask(people.world.client, people.person(name).token)
    return sorted(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release")
    release = parser.parse_args().release
    logs.configure("WARNING", stream=sys.stderr)
    said = {}
    for backend in Backend:
        with a_database(backend) as url:
            said[str(backend)] = asyncio.run(said_on(url))
    file = statements.keep(release, said, revision=newest())
    counted = ", ".join(f"{len(found)} on {name}" for name, found in said.items())
    sys.stdout.write(f"{file}: {counted}\n")


if __name__ == "__main__":
    main()
