"""Real S3 servers for tests. Asking for `storage` runs the test once on each server, in a bucket of its own."""

import base64
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from app.kit.clock import utc_now
from app.kit.embedded_s3.supervisor import EmbeddedS3
from app.kit.storage import SignedRequest
from app.kit.storage.s3 import S3Settings, S3Storage
from tests.support import ceph
from tests.support.databases import Backend

ACCESS_KEY = "plainclothes:app"
SECRET_KEY = "a-secret-of-the-tests"
WEB_ORIGIN = "https://app.example.org"
MIB = 1024 * 1024
TOKEN = "token-of-the-upload"
NOT_FOR_THAT = {
    400,
    403,
    405,
    411,
    501,
}  # a signed request with another method: each server has its own words
SigningEarlier = Callable[[], AbstractContextManager[None]]


class S3Kind(StrEnum):
    """The servers of the contract suite."""

    EMBEDDED = "embedded"
    CEPH = "ceph"


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server and the key pair it knows."""

    endpoint_url: str
    access_key: str
    secret_key: str

    def settings(self, bucket: str) -> S3Settings:
        """Parts of a copy are as small as S3 allows, so that a small object is copied in several."""
        return S3Settings(
            endpoint_url=self.endpoint_url,
            bucket=bucket,
            access_key=self.access_key,
            secret_key=self.secret_key,
            copy_part_bytes=5 * MIB,
        )


def make_embedded_s3(directory: Path, *, port: int = 0, encryption_keys: str = "") -> EmbeddedS3:
    """An embedded server that is not started yet."""
    return EmbeddedS3(
        directory,
        access_key=ACCESS_KEY,
        secret_key=SECRET_KEY,
        port=port,
        cors_origins=(WEB_ORIGIN,),
        encryption_keys=encryption_keys,
    )


def an_encryption_key(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def of_embedded(server: EmbeddedS3) -> S3Server:
    return S3Server(server.endpoint_url, ACCESS_KEY, SECRET_KEY)


@pytest_asyncio.fixture(scope="session")
async def embedded_s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedS3]:
    """One embedded server for the test process. It encrypts, so that whatever is kept in tests is kept so."""
    keys = an_encryption_key("tests")
    async with make_embedded_s3(tmp_path_factory.mktemp("s3"), encryption_keys=keys) as server:
        yield server


@pytest.fixture(scope="session")
def ceph_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One Ceph for all processes of the test run; the failure says how to install it."""
    run = tmp_path_factory.getbasetemp()
    with ceph.shared_ceph(run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) as endpoint_url:
        yield S3Server(endpoint_url, ceph.ACCESS_KEY, ceph.SECRET_KEY)


@pytest.fixture(params=list(S3Kind), ids=str)
def s3_server(request: pytest.FixtureRequest) -> S3Server:
    """Asking for it runs the test once on each server."""
    # Asked for by name: a run of one kind must not start the other.
    match S3Kind(request.param):
        case S3Kind.EMBEDDED:
            return of_embedded(request.getfixturevalue("embedded_s3"))
        case S3Kind.CEPH:
            server: S3Server = request.getfixturevalue("ceph_s3")
            return server


def object_store_by_database(backend: Backend, request: pytest.FixtureRequest) -> S3Server:
    """For a module whose tests are to run on both stores: `object_store = pytest.fixture(object_store_by_database)`.

    Each test runs on both databases anyway, so each gets a store of another kind, and no test runs four times.
    """
    match backend:
        case Backend.SQLITE:
            return of_embedded(request.getfixturevalue("embedded_s3"))
        case Backend.POSTGRESQL:
            server: S3Server = request.getfixturevalue("ceph_s3")
            return server


@pytest.fixture
async def storage(s3_server: S3Server) -> S3Storage:
    """An empty bucket of the test's own."""
    bucket = S3Storage(s3_server.settings(f"test-{uuid4()}"))
    await bucket.ensure_bucket()
    return bucket


@pytest.fixture
def two_hours_ago(monkeypatch: pytest.MonkeyPatch) -> SigningEarlier:
    """Requests signed inside are two hours old."""

    @contextmanager
    def signing_earlier() -> Iterator[None]:
        then = utc_now() - timedelta(hours=2)
        with monkeypatch.context() as patch:
            patch.setattr("botocore.auth.get_current_datetime", lambda: then)
            yield

    return signing_earlier


async def send(request: SignedRequest, content: bytes) -> httpx2.Response:
    """Do what a phone does: it has no keys and no S3 library."""
    async with httpx2.AsyncClient(timeout=60) as client:
        return await client.request(
            request.method, request.url, headers=dict(request.headers), content=content
        )


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


async def upload_parts(storage: S3Storage, key: str, *, parts: Sequence[bytes], token: str = TOKEN) -> str:
    """Begin an upload and send all its parts by signed requests."""
    upload_id = await storage.create_multipart(key, token=token, content_type="video/mp4")
    requests = await storage.sign_parts(
        key,
        upload_id,
        md5_by_number={number: md5(part) for number, part in enumerate(parts, start=1)},
        expires_in=timedelta(hours=1),
    )
    for number, part in enumerate(parts, start=1):
        response = await send(requests[number], part)
        assert response.status_code == 200, response.text
    return upload_id


async def store(storage: S3Storage, key: str, *, parts: Sequence[bytes]) -> None:
    upload_id = await upload_parts(storage, key, parts=parts)
    await storage.complete_multipart(key, upload_id, parts=await storage.list_parts(key, upload_id))


def answer_in_pages_of_two(storage: S3Storage, operation: str, *, limit: str) -> None:
    """Make the store's pages so small that a test of paging needs few objects."""

    def set_limit(params: dict[str, object], **_: object) -> None:
        params[limit] = 2

    storage._s3.meta.events.register(f"before-parameter-build.s3.{operation}", set_limit)
