"""Server-sent events: what happens, told while it happens, over one answer that ends by itself."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel

Responses = dict[int | str, dict[str, Any]]

RECONNECT_MS = 1_000  # after which a browser that was cut off, or whose answer ended, asks again
UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the latter for nginx


def event_stream(
    events: AsyncIterator[tuple[str, BaseModel] | tuple[str, BaseModel, str]],
) -> EventSourceResponse:
    """Each (name, body) as one event with the body as JSON; (name, body, id) for who goes on with `Last-Event-ID`."""

    async def written() -> AsyncIterator[bytes]:
        yield format_sse_event(retry=RECONNECT_MS)
        async for name, body, *identity in events:
            yield format_sse_event(
                event=name, data_str=body.model_dump_json(), id=identity[0] if identity else None
            )

    return EventSourceResponse(written(), headers=UNBUFFERED)


def documented_stream(description: str, names: Sequence[str], body: type[BaseModel]) -> Responses:
    """The answer's place in the OpenAPI document: each event is one of `names` with `body` as JSON in its data.

    `body` is written in place; the types it is made of must stand in the document already.
    """
    content = body.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    content.pop("$defs", None)
    event = {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"type": "string", "enum": list(names)},
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": content},
        },
    }
    return {200: {"description": description, "content": {"text/event-stream": {"itemSchema": event}}}}
