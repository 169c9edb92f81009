"""What the product asks of an object store, in its own words."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

PROBES = ".probe/"  # what the objects begin with by which a store is tried out


class StorageUnavailable(Exception):
    """The store did not answer, or said that it cannot now: the same request may succeed later."""


class StorageRefused(Exception):
    """The store understood and said no: the same request will be refused again. `code` is the store's own."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class StorageUnfit(StorageRefused):
    """The store lacks something the product's promises rest on."""


class ObjectMissing(StorageRefused):
    """There is no object with this key."""


class NoSuchUpload(StorageRefused):
    """The multipart upload was completed, aborted, or never begun."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the store was seen to do. Without the first two it is refused.

    `encryption` is how the bucket encrypts by default: `AES256` is SSE-S3, empty not at all, or nobody can tell.
    """

    range_requests: bool
    content_md5_enforced: bool
    versioning: bool
    object_lock: bool
    encryption: str


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request somebody without keys may send until it expires. All headers must be sent as given."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A stored part of a pending upload. Its ETag is the MD5 of its content, in hex."""

    number: int
    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A multipart upload that was neither completed nor aborted."""

    key: str
    upload_id: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """A finished object. `token` is what `create_multipart` was given, `None` for other objects."""

    key: str
    size_bytes: int
    etag: str
    content_type: str
    token: str | None


@dataclass(frozen=True, slots=True)
class ListedObject:
    """A line of a listing."""

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Download:
    """What a download wrote."""

    size_bytes: int
    sha256: str


def predicted_etag(part_md5s: Iterable[str]) -> str:
    """The ETag S3 gives an object made of these parts (MD5s in hex, in order).

    Not valid where the store encrypts with its own keys (SSE-KMS).
    """
    digests = [bytes.fromhex(md5) for md5 in part_md5s]
    whole = hashlib.md5(b"".join(digests), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(digests)}"


class Storage(Protocol):
    """One bucket. Every method may raise `StorageUnavailable` or `StorageRefused`."""

    @property
    def public_endpoint_url(self) -> str:
        """Where phones and browsers reach the store: what signed requests begin with."""
        ...

    async def ensure_bucket(self) -> None:
        """Make the bucket unless it is there."""
        ...

    async def probe(self) -> Abilities:
        """Try the store out; raise `StorageUnfit` when Range, Content-MD5 or a wanted encryption does not work."""
        ...

    async def create_multipart(self, key: str, *, token: str, content_type: str) -> str:
        """Begin an upload and return its id. The token comes back from `head` once it is complete."""
        ...

    async def sign_parts(
        self, key: str, upload_id: str, *, md5_by_number: Mapping[int, str], expires_in: timedelta
    ) -> dict[int, SignedRequest]:
        """One request for each part number, usable for the content with that MD5 (hex) only."""
        ...

    async def list_parts(self, key: str, upload_id: str) -> list[Part]:
        """All parts there, by number; raise `NoSuchUpload` when the upload was aborted or never begun.

        Of a completed upload some stores still list the parts, others raise `NoSuchUpload`.
        """
        ...

    async def complete_multipart(self, key: str, upload_id: str, *, parts: Iterable[Part]) -> None:
        """Make the object of these parts.

        Whatever the answer, ask `head` and compare token, size and ETag: after an error the object may or may not
        be there, and some stores (Ceph 16) tell no ETag. A second call answers like the first or raises
        `NoSuchUpload`, by kind of store.
        """
        ...

    async def abort_multipart(self, key: str, upload_id: str) -> None:
        """Forget the upload and its parts; nothing happens to a finished object, or when it is not pending."""
        ...

    async def list_uploads(
        self, *, prefix: str = "", begun_before: datetime | None = None
    ) -> list[PendingUpload]:
        """Pending uploads of keys with this prefix, begun before that time.

        A store killed while it completed an upload may list it although the object is there, and abort would
        then take the object's content: look for a `head` with the upload's token before aborting.
        """
        ...

    async def head(self, key: str) -> ObjectInfo | None:
        """The finished object at this key."""
        ...

    async def copy(self, source: str, target: str) -> None:
        """Copy inside the store, with type and token; raise `ObjectMissing` without a source.

        The target's ETag may differ from the source's.
        """
        ...

    async def protect(self, key: str, *, lasting: timedelta) -> bool:
        """Have the store itself refuse to lose the object for so long, by its own clock; whether it does.

        Only in a bucket that was made with object lock. The lock is one that `delete` may lift by governance.
        """
        ...

    async def delete(self, key: str, *, lift_lock: bool = False) -> None:
        """Remove the object with every version of it; nothing happens when it is not there.

        One that is protected is refused, unless `lift_lock`.
        """
        ...

    async def delete_prefix(self, prefix: str) -> int:
        """Remove every object *and pending upload* with this prefix (D10.4); return how many objects."""
        ...

    def list_keys(self, prefix: str) -> AsyncIterator[ListedObject]:
        """Finished objects with this prefix, by key."""
        ...

    async def download(self, key: str, path: Path) -> Download:
        """Write the object to `path`, hashing on the way; go on where a lost connection left off."""
        ...

    async def upload(self, path: Path, key: str, *, content_type: str, token: str | None = None) -> None:
        """Store the file; memory stays bounded whatever its size. `token` as in `create_multipart`."""
        ...

    async def put_bytes(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store a small object."""
        ...

    async def get_bytes(self, key: str) -> bytes:
        """Fetch a small object; raise `ObjectMissing` when it is not there."""
        ...

    async def sign_get(
        self,
        key: str,
        *,
        expires_in: timedelta,
        filename: str,
        content_type: str,
        disposition: Literal["inline", "attachment"] = "inline",
    ) -> str:
        """A link that plays or saves the object under this name, which must give nothing away (D10.1)."""
        ...
