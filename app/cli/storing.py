"""The object store, for commands that may run beside the product or without it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.kit.embedded_s3.supervisor import EmbeddedS3Failed
from app.kit.jobs import Resources
from app.kit.resources import open_resources
from app.settings import Settings


@asynccontextmanager
async def reached(settings: Settings) -> AsyncIterator[Resources]:
    """By the store that runs, or by one that is started for it."""
    async with AsyncExitStack() as stack:
        try:
            resources = await stack.enter_async_context(open_resources(settings, start_embedded=True))
        except EmbeddedS3Failed:  # the web process has started it
            resources = await stack.enter_async_context(open_resources(settings, start_embedded=False))
        yield resources
