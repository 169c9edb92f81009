"""What the web processes of a release say to the database, and whether a later schema still understands it.

`tests/releases/0.1.0.json.xz` holds the distinct statements of that release by database, as `tests.support.hearing`
heard them, and the revision its database is at. They go on being said while the next release's migrations have already run.
"""

import json
import lzma
import re
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

RELEASES = Path(__file__).parents[1] / "releases"
ONE = r"(?:\?|%\(p\)s(?:::[\w ]+)?)"
ROW = r"\((?:[^()]|\([^()]*\))*\)"
LISTED = re.compile(rf"IN \(({ONE})(?:, {ONE})+\)")
BATCH = re.compile(rf"VALUES ({ROW})(?:, {ROW})+")


def releases() -> list[str]:
    return sorted(file.name.removesuffix(".json.xz") for file in RELEASES.iterdir())


def said_by(release: str) -> dict[str, list[str]]:
    """By database."""
    found: dict[str, list[str]] = _kept(release)["said"]
    return found


def revision_of(release: str) -> str:
    """The one that its database is at."""
    return str(_kept(release)["revision"])


def keep(release: str, said: dict[str, list[str]], *, revision: str) -> Path:
    RELEASES.mkdir(exist_ok=True)
    file = RELEASES / f"{release}.json.xz"
    kept = {"revision": revision, "said": said}
    file.write_bytes(lzma.compress(json.dumps(kept, indent=0).encode()))
    return file


def _kept(release: str) -> dict[str, Any]:
    packed = (RELEASES / f"{release}.json.xz").read_bytes()
    found: dict[str, Any] = json.loads(lzma.decompress(packed))
    return found


def plain(statement: str) -> str:
    """The same for all names of parameters, lengths of lists and sizes of batches."""
    nameless = re.sub(r"%\(\w+\)s", "%(p)s", " ".join(statement.split()))
    return BATCH.sub(r"VALUES \1", LISTED.sub(r"IN (\1)", nameless))


def not_understood(engine: sa.Engine, said: Iterable[str]) -> dict[str, str]:
    """Statements that the database would refuse whatever the values are, and what it says."""
    refused = {}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in said:
            try:
                if engine.dialect.name == "sqlite":
                    nothing = (None,) * statement.count("?")
                    connection.exec_driver_sql(f"EXPLAIN {statement}", nothing)
                else:
                    connection.exec_driver_sql(f"PREPARE heard AS {_numbered(statement)}")
                    connection.exec_driver_sql("DEALLOCATE heard")
            except sa.exc.DBAPIError as error:
                refused[statement] = str(error.orig)
    return refused


def _numbered(statement: str) -> str:
    numbers = count(1)
    return re.sub(r"%\(p\)s", lambda _: f"${next(numbers)}", statement).replace("%%", "%")
