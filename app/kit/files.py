"""Files that are answered as they are: in memory, packed beforehand, and known again by the hash of their content."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from fastapi import Request, Response

ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    packed: bytes | None  # gzip, where that is smaller
    media_type: str
    etag: str
    cache_control: str = ASK_AGAIN

    @classmethod
    def of(
        cls, content: bytes, packed: bytes | None, media_type: str, cache_control: str = ASK_AGAIN
    ) -> Self:
        return cls(
            content, packed, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"', cache_control
        )

    @classmethod
    def packing(cls, content: bytes, media_type: str) -> Self:
        """Packs here and now, which takes its time."""
        return cls.of(content, gzip.compress(content, mtime=0), media_type)


def answer(request: Request, file: File, headers: Mapping[str, str]) -> Response:
    """The file, packed for those who can unpack it; 304 for those who have it."""
    headers = {**headers, "ETag": file.etag, "Cache-Control": file.cache_control, "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if file.packed is None or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.content, media_type=file.media_type, headers=headers)
    return Response(file.packed, media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"})
