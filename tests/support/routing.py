"""A small routing service on loopback that speaks as OSRM and as Valhalla do, for a world with its own roads."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Point = tuple[float, float]  # latitude, longitude
MINUTES_PER_DEGREE = 400.0


@dataclass
class Roads:
    """Where it stands, what it was asked, and how it is to fail."""

    url: str = ""
    most: int = 100  # places on a side
    island: Point | None = None
    broken: str | None = None  # sent instead of an answer
    asked: list[str] = field(default_factory=list)

    def seconds(self, here: Point, there: Point) -> float | None:
        """Longer eastwards than westwards, as one-way streets make it."""
        if here != there and self.island in {here, there}:
            return None
        uphill = 1.5 if there[1] > here[1] else 1.0
        degrees = abs(here[0] - there[0]) + uphill * abs(here[1] - there[1])
        return 60 * MINUTES_PER_DEGREE * degrees


@contextmanager
def routing_service() -> Iterator[Roads]:
    roads = Roads()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            points = [
                (float(latitude), float(longitude))
                for longitude, latitude in (one.split(",") for one in address.path.split("/")[-1].split(";"))
            ]
            query = parse_qs(address.query)
            sources, targets = (
                [points[int(number)] for number in query[name][0].split(";")]
                for name in ("sources", "destinations")
            )
            rows = [[roads.seconds(here, there) for there in targets] for here in sources]
            self._answer(max(len(sources), len(targets)), {"code": "Ok", "durations": rows})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sources, targets = (
                [(one["lat"], one["lon"]) for one in body[name]] for name in ("sources", "targets")
            )
            rows = [[{"time": roads.seconds(here, there)} for there in targets] for here in sources]
            self._answer(max(len(sources), len(targets)), {"sources_to_targets": rows})

        def _answer(self, size: int, body: object) -> None:
            roads.asked.append(self.path)
            content = (roads.broken or json.dumps(body)).encode()
            self.send_response(200 if size <= roads.most else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (name of the library)
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        roads.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield roads
        finally:
            server.shutdown()
            thread.join()
