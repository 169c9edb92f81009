"""A line that breaks in the middle of a part, as lines in lifts and basements do."""

from collections.abc import Iterator

import httpx2

PIECE_BYTES = 64 * 1024


class LineBroke(httpx2.WriteError):
    """No more bytes get through."""


class BrokenLine(httpx2.BaseTransport):
    """Carries so many bytes of request bodies and then drops the connection, with half a part on the way."""

    def __init__(self, *, after_bytes: int) -> None:
        self._line = httpx2.HTTPTransport()
        self._left = after_bytes

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.stream = _Pieces(self._through(request.read()))
        return self._line.handle_request(request)

    def close(self) -> None:
        self._line.close()

    def _through(self, content: bytes) -> Iterator[bytes]:
        for start in range(0, len(content), PIECE_BYTES):
            piece = content[start : start + PIECE_BYTES]
            if len(piece) > self._left:
                raise LineBroke("the line broke")
            self._left -= len(piece)
            yield piece


class _Pieces(httpx2.SyncByteStream):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces
