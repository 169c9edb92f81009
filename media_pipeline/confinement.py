"""Walls around a tool that reads a stranger's file.

The whitelists on ffmpeg's command line always stand (`graphs.py`). Around them: limits by `prlimit`, and a
`bwrap` sandbox without network in which only the system's libraries, the one file and the scratch
directory exist. Containers often forbid the sandbox; the report then says so in a note.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.errors import MediaError, ToolFailed
from media_pipeline.limits import Limits
from media_pipeline.processes import run

MEDIA_NAME = "media"  # the file's name as every tool sees it: never the uploader's
_PROBE_DEADLINE_S = 10.0
_NOBODY = "65534"
_OPEN_FILES = 256
_OUTPUT_ALLOWANCE_BYTES = 2 * 1024**3  # beside three times the input: PCM and statistics of a small long file


@dataclass(frozen=True, slots=True)
class Confinement:
    """`prlimit` and `bwrap` where they exist and work here; `notes` says what is missing.

    `said` is what the tool answered to `-version` when the sandbox was tried out on it.
    """

    prlimit: Path | None
    bwrap: Path | None
    notes: tuple[str, ...]
    said: str = ""

    @property
    def sandboxed(self) -> bool:
        return self.bwrap is not None


@dataclass(frozen=True, slots=True)
class Scratch:
    """A private directory in which a tool works on one file, under the name `MEDIA_NAME`."""

    directory: Path
    media: Path


async def find_confinement(tool: Path, directory: Path) -> Confinement:
    """Try the walls out on `tool -version`, rather than believing that an installed one works."""
    prlimit, bwrap = shutil.which("prlimit"), shutil.which("bwrap")
    notes = [] if prlimit else ["no resource limits: prlimit is not installed"]
    usable, said = None, ""
    if bwrap is None:
        notes.append("no sandbox: bwrap is not installed; format and protocol whitelists stand alone")
    else:
        try:
            said = await _tried([bwrap, *_walls(tool, directory), str(tool), "-version"], directory)
            usable = Path(bwrap)
        except MediaError as error:
            notes.append(f"no sandbox: bwrap is refused here ({error}); whitelists stand alone")
    return Confinement(Path(prlimit) if prlimit else None, usable, tuple(notes), said)


async def _tried(command: Sequence[str], directory: Path) -> str:
    finished = await run(command, cwd=directory, deadline_s=_PROBE_DEADLINE_S)
    if finished.returncode != 0:
        last = (
            finished.stderr_tail.splitlines()[-1] if finished.stderr_tail else f"exit {finished.returncode}"
        )
        raise ToolFailed(last, returncode=finished.returncode)
    return finished.stdout.decode(errors="replace")


def lay_out(media: Path, directory: Path, confinement: Confinement) -> Scratch:
    """Put the file at its neutral name: by a link, or, in the sandbox, by the mount that `confined` makes."""
    if not confinement.sandboxed:
        (directory / MEDIA_NAME).symlink_to(media.resolve())
    return Scratch(directory, media.resolve())


def confined(
    command: Sequence[str], scratch: Scratch, confinement: Confinement, *, limits: Limits, deadline_s: float
) -> list[str]:
    """The command with the walls in front of it. Its first word is the tool's absolute path."""
    walls: list[str] = []
    if confinement.prlimit is not None:
        walls += [str(confinement.prlimit), *_limits(scratch.media, limits, deadline_s)]
    if confinement.bwrap is not None:
        tool = Path(command[0])
        media = ["--ro-bind", str(scratch.media), str(scratch.directory / MEDIA_NAME)]
        walls += [str(confinement.bwrap), *_walls(tool, scratch.directory, media)]
    return [*walls, *command]


def _limits(media: Path, limits: Limits, deadline_s: float) -> list[str]:
    written = 3 * media.stat().st_size + _OUTPUT_ALLOWANCE_BYTES
    return [
        f"--as={limits.memory_bytes}",
        f"--cpu={round(deadline_s * limits.threads) + 1}",
        f"--fsize={written}",
        f"--nofile={_OPEN_FILES}",
        "--core=0",
        "--",
    ]


def _walls(tool: Path, directory: Path, media: Sequence[str] = ()) -> list[str]:
    """bwrap's options. No /proc: ffmpeg does not need it, and containers forbid mounting it."""
    system = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            system += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            system += ["--ro-bind", name, name]
    for name in ("/etc/alternatives", "/etc/ld.so.cache"):  # Debian's libblas is an alternative
        system += ["--ro-bind-try", name, name]
    if not tool.is_relative_to("/usr"):
        system += ["--ro-bind", str(tool), str(tool)]
    own = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    own += ["--setenv", "LC_ALL", "C", "--uid", _NOBODY, "--gid", _NOBODY]
    place = [
        "--dev",
        "/dev",
        "--bind",
        str(directory),
        str(directory),
        *media,
        "--chdir",
        str(directory),
        "--",
    ]
    return [*own, *system, *place]
