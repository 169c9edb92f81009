"""The data directory: who owns it, what never changes in it, and whether its file system will do."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import xattr

DEVICE = "d1"


class DirectoryUnusable(Exception):
    """The directory cannot be served from; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The places below one root. `etc` holds the hash seed and the rings, `devices` everybody's data."""

    root: Path

    @property
    def etc(self) -> Path:
        """Swift's configuration directory."""
        return self.root / "etc"

    @property
    def swift_conf(self) -> Path:
        """The file with the hash seed: without it no object can be found again."""
        return self.etc / "swift.conf"

    @property
    def keys(self) -> Path:
        """The names and fingerprints of the keys that something here may be encrypted with."""
        return self.etc / "keys"

    @property
    def devices(self) -> Path:
        """What Swift calls a set of disks; ours has one."""
        return self.root / "srv"

    @property
    def recon(self) -> Path:
        """Where Swift's daemons leave statistics."""
        return self.root / "recon"


@contextmanager
def open_directory(root: Path) -> Iterator[DataDirectory]:
    """Hold `root` for this process alone, prepared; raise `DirectoryUnusable` when it cannot be.

    The lock is the kernel's and dies with the process, so that nothing has to be cleaned up after `kill -9`.
    """
    directory = DataDirectory(root)
    for path in (root, directory.etc, directory.devices / DEVICE, directory.recon):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (root / "lock").open("a+b") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryUnusable(f"{root} is already served by another process") from None
        _refuse_without_xattrs(directory)
        _ensure_hash_seed(directory)
        yield directory


def _refuse_without_xattrs(directory: DataDirectory) -> None:
    """Swift keeps each object's metadata in extended attributes of its file."""
    probe = directory.devices / DEVICE / f".xattr-probe-{secrets.token_hex(4)}"
    probe.touch()
    try:
        xattr.setxattr(str(probe), "user.swift.probe", b"x")
    except OSError as error:
        raise DirectoryUnusable(
            f"the file system of {directory.root} keeps no user extended attributes ({error.strerror});"
            " choose a directory on ext4, xfs, btrfs or APFS, or use another S3 server"
        ) from error
    finally:
        probe.unlink()


def _ensure_hash_seed(directory: DataDirectory) -> None:
    """Written once: objects lie at places computed from it, so another seed would hide all of them."""
    if directory.swift_conf.exists():
        return
    if any((directory.devices / DEVICE).iterdir()):
        raise DirectoryUnusable(
            f"{directory.swift_conf} is missing, and without it the data in {directory.devices} cannot be found:"
            " restore the file from a backup"
        )
    text = (
        "[swift-hash]\n"
        f"swift_hash_path_prefix = {secrets.token_hex(16)}\n"
        f"swift_hash_path_suffix = {secrets.token_hex(16)}\n"
        "[storage-policy:0]\nname = Policy-0\ndefault = yes\n"
    )
    write_durably(directory.swift_conf, text)


def write_durably(path: Path, text: str) -> None:
    """All of it or what was there before, whenever the machine stops."""
    unfinished = path.with_suffix(".new")
    with unfinished.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
