"""A real PostgreSQL server of the tests' own: a fresh cluster, reached through a socket, gone with the test run."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.support.scratch import fast_directory

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
SUPERUSER = "postgres"
UNPRIVILEGED_USERS = ("postgres", "_postgres", "nobody")  # PostgreSQL refuses to run as root

# Beyond PATH: Debian and Ubuntu keep the server's programs out of it, and so does Homebrew.
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/pgsql-*/bin",
)

# Nothing here has to survive a crash; a test run needs speed and many short connections.
SPEED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "log_min_messages": "warning",
}

# What was committed is still there after the death of the server's processes, though not of the machine.
OUTLIVES_ITS_PROCESSES = {**SPEED, "synchronous_commit": "on"}

CLUSTER_OPTIONS = ("-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")

# Lives as long as our end of its standard input is open, so the server ends even if the test run is killed. Told by USR1,
# it has the server crash.
KEEPER = """
"$@" &
server=$!
trap 'kill -INT $server' TERM
trap 'kill -QUIT $server; wait $server; exit' USR1
read -r _
kill -INT $server
wait $server
rm -rf "$CLUSTER"
"""


class PostgresUnavailable(RuntimeError):
    """PostgreSQL cannot be started here; the message says how to get it."""


def program_directory() -> Path:
    """The newest directory that holds `initdb` and `postgres`, searched in PATH last.

    Raises PostgresUnavailable with the way to install it.
    """
    candidates = [place for pattern in PLACES for place in Path("/").glob(pattern.lstrip("/"))]
    candidates.sort(key=_version_of, reverse=True)
    found = shutil.which("initdb")
    if found:
        candidates.append(Path(found).resolve().parent)
    for place in candidates:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise PostgresUnavailable(
        "The tests run on a real PostgreSQL and its server programs (initdb, postgres) are not here. "
        "Debian or Ubuntu: `sudo apt-get install postgresql`; macOS: `brew install postgresql@17`; "
        "elsewhere: put their directory on PATH. `make test` does this by itself where it may."
    )


def _version_of(place: Path) -> int:
    digits = "".join(character for character in str(place) if character.isdigit())
    return int(digits or 0)


class PostgresServer:
    """A running cluster; a context manager that leaves neither process nor files behind."""

    def __init__(self, settings: Mapping[str, str] = SPEED) -> None:
        self._settings = settings
        self._programs = program_directory()
        self._user = _server_user()
        # Not pytest's tmp_path: the path of a socket may have no more than about 100 characters.
        self.directory = Path(tempfile.mkdtemp(prefix="pc-pg-", dir=fast_directory()))
        self._keeper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database of this cluster."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.directory}"

    def create(self, database: str, *, template: str = "template1") -> None:
        """Make a database; `template` must have no open connection."""
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )

    def drop(self, database: str) -> None:
        """Remove a database, ending whatever connections a test left open."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def spend(self, database: str, *, transactions: int) -> None:
        """As a server does that has worked for a while."""
        spending = (
            "DO $$ BEGIN FOR number IN 1..%d LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
        )
        with psycopg.connect(
            host=str(self.directory), user=SUPERUSER, dbname=database, autocommit=True
        ) as connection:
            connection.execute((spending % transactions).encode())

    def stop(self) -> None:
        """End the server, wait for it, and remove its files; a second call does nothing."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            with suppress(OSError):
                if keeper.stdin is not None:
                    keeper.stdin.close()
            try:
                keeper.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                keeper.kill()
                keeper.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def crash(self) -> None:
        """The server's processes die at once, with every connection and whatever was not committed."""
        assert self._keeper is not None
        self._keeper.send_signal(signal.SIGUSR1)  # it waits for the server's end and leaves the files
        self._keeper.wait(STOP_TIMEOUT_S)

    def launch(self) -> None:
        """Start the server, and let it recover what a crash left. Blocks until it answers."""
        log = self.directory / "log"
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        server: list[str | Path] = [
            self._programs / "postgres",
            "-D",
            self._data,
            "-k",
            self.directory,
            "-h",
            "",
            *settings,
        ]
        with log.open("ab") as output:
            self._keeper = subprocess.Popen(
                ["/bin/sh", "-c", KEEPER, "postgres-keeper", *server],
                user=self._user,
                cwd="/",
                env={**os.environ, "CLUSTER": str(self.directory)},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests; they then end the server
            )
        self._wait_until_ready(self._keeper, log)

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _start(self) -> None:
        if self._user is not None:
            shutil.chown(self.directory, self._user)
        self._initialise(self._data)
        self.launch()

    def _initialise(self, data: Path) -> None:
        made = subprocess.run(
            [self._programs / "initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", *CLUSTER_OPTIONS],
            user=self._user,
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise PostgresUnavailable(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")

    def _wait_until_ready(self, keeper: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self._execute(sql.SQL("SELECT 1"))
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or keeper.poll() is not None:
                    raise PostgresUnavailable(
                        f"PostgreSQL did not start: {error}\n{log.read_text()}"
                    ) from error
                with suppress(subprocess.TimeoutExpired):
                    keeper.wait(0.05)
            else:
                return

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.directory), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def _server_user() -> str | None:
    """Whom the server runs as: ourselves, or somebody harmless when we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in UNPRIVILEGED_USERS:
        if name in known:
            return name
    raise PostgresUnavailable(
        f"PostgreSQL refuses to run as root and none of {', '.join(UNPRIVILEGED_USERS)} exists here: "
        "run the tests as an ordinary user."
    )
