"""Opening what a process stands on: the database and the object store, both as the settings say."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from app.kit import migrations
from app.kit.clock import Clock, utc_now
from app.kit.database import Database
from app.kit.embedded_s3.settings import Patience
from app.kit.embedded_s3.supervisor import EmbeddedS3
from app.kit.health import Check
from app.kit.jobs import Resources
from app.kit.storage import Storage
from app.kit.storage.s3 import S3Settings, S3Storage
from app.settings import Settings

LOCALHOST = "127.0.0.1"
_found_fit: set[str] = set()


class UnknownObjectStore(Exception):
    """The embedded object store belongs to another process and its port is not known."""


@asynccontextmanager
async def open_resources(
    settings: Settings, *, clock: Clock = utc_now, start_embedded: bool
) -> AsyncIterator[Resources]:
    """Database and bucket, closed at the end. The database is not migrated here.

    With the embedded object store, one process starts it (`start_embedded`) and the others on the machine use it.
    Raises `UnknownObjectStore`, `EmbeddedS3Failed`, and what an unreachable or unfit object store raises.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.database)
        stack.push_async_callback(database.dispose)
        endpoint = settings.s3_endpoint
        if settings.embedded_s3 and start_embedded:
            endpoint = (await stack.enter_async_context(_running(_embedded(settings)))).endpoint_url
        elif settings.embedded_s3:
            endpoint = _endpoint_of_another(settings)
        storage = S3Storage(_s3(settings, endpoint))
        await storage.ensure_bucket()
        if endpoint not in _found_fit:  # it does not change while a process lives
            await storage.probe()
            _found_fit.add(endpoint)
        yield Resources(database=database, storage=storage, settings=settings, clock=clock)


def readiness(resources: Resources) -> Mapping[str, Check]:
    """What `/readyz` asks."""
    return {
        "database": partial(migrations.missing, resources.database),
        "object store": partial(_unreachable, resources.storage),
    }


async def _unreachable(storage: Storage) -> str | None:
    await storage.head(
        "readyz"
    )  # raises unless the server answers; that there is no such object is an answer
    return None


@asynccontextmanager
async def _running(server: EmbeddedS3) -> AsyncIterator[EmbeddedS3]:
    """Started, and started again should it die."""
    async with server:
        watch = asyncio.create_task(server.keep_running())
        try:
            yield server
        finally:
            watch.cancel()
            await asyncio.wait([watch])


def _embedded(settings: Settings) -> EmbeddedS3:
    return EmbeddedS3(
        settings.data_dir / "s3",
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        port=settings.s3_port,
        cors_origins=(settings.address, *settings.allowed_origins),
        encryption_keys=settings.s3_encryption_keys.get_secret_value(),
        patience=Patience(settings.head_seconds, settings.stalled_seconds, settings.slowest_bytes_per_second),
    )


def _endpoint_of_another(settings: Settings) -> str:
    if not settings.s3_port:
        raise UnknownObjectStore(
            "the embedded object store runs in the web process on a port that is not known here: "
            "set PLAINCLOTHES_S3_PORT in both, or PLAINCLOTHES_S3_ENDPOINT"
        )
    return f"http://{LOCALHOST}:{settings.s3_port}"


def _s3(settings: Settings, endpoint: str) -> S3Settings:
    return S3Settings(
        endpoint_url=endpoint,
        public_endpoint_url=settings.s3_public_endpoint,
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        encryption_wanted=settings.s3_encryption_required and not settings.embedded_s3,
    )
