"""Clients that bring nothing, little, or without end: they are told so within seconds, and others are served meanwhile."""

import os
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

import httpx2
import pytest

from app.kit.storage.s3 import S3Settings, S3Storage
from app.settings import Settings
from tests.support.s3 import TOKEN, md5
from tests.support.serving import Served, free_port, serving
from tests.support.waiting import until

HEAD_S, STALLED_S, CONNECTIONS = 1.0, 1.5, 100
SLOWEST_BYTES_PER_S = 50_000
ENDED_WITHIN_S = 60  # 3 s, on a machine that tests share
GROWTH_BYTES = 64 * 1024**2
LOGIN = b"POST /v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
LARGEST_BODY = 65_536


@pytest.fixture(scope="module")
def store_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, store_port: int) -> Iterator[Served]:
    settings = {
        "head_seconds": HEAD_S,
        "stalled_seconds": STALLED_S,
        "slowest_bytes_per_second": SLOWEST_BYTES_PER_S,
        "max_connections": CONNECTIONS,
        "max_body_bytes": LARGEST_BODY,
        "login_attempts": 1000,
        "s3_port": store_port,
    }
    with serving(tmp_path_factory.mktemp("slow"), settings) as served:
        yield served


@pytest.fixture
async def served(started: Served) -> Served:
    await started.ready()
    return started


@pytest.fixture
def store(served: Served, store_port: int) -> Served:
    """The object store that it started: phones talk to it themselves."""
    return replace(served, address=f"http://127.0.0.1:{store_port}")


def bucket_of(store: Served) -> S3Storage:
    settings = Settings(_env_file=None)
    return S3Storage(
        S3Settings(
            endpoint_url=store.address,
            bucket=settings.s3_bucket,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key.get_secret_value(),
        )
    )


def connected(served: Served, *, takes_bytes: int | None = None) -> socket.socket:
    """`takes_bytes`: how much the client's side of the connection holds for somebody who does not read."""
    made = socket.socket()
    if takes_bytes is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes_bytes)
    host, port = served.address.removeprefix("http://").split(":")
    made.connect((host, int(port)))
    made.settimeout(ENDED_WITHIN_S)
    return made


def told(client: socket.socket) -> bytes:
    """All that it is sent until the server hangs up; fails if that takes too long."""
    heard = b""
    try:
        while some := client.recv(65_536):
            heard += some
    except ConnectionResetError:  # what it still sent was not wanted
        pass
    return heard


def all_taken(client: socket.socket, piece: bytes) -> bool:
    """Whether the server listens to a thousand pieces."""
    try:
        for _ in range(1000):
            client.sendall(piece)
    except OSError:
        return False
    return True


def trickled(client: socket.socket, content: bytes) -> bytes:
    """What it is told while it sends a byte ten times a second."""
    since = monotonic()
    for number in range(len(content)):
        try:
            client.send(content[number : number + 1])
        except OSError:
            break
        if select.select([client], [], [], 0.1)[0]:
            break
        assert monotonic() < since + ENDED_WITHIN_S
    return told(client)


def is_served(served: Served) -> bool:
    """Somebody else gets an answer to what reads and writes the database."""
    nobody = {"organisation": "nobodys", "email": "nobody@nobodys.example", "password": "nobody has one"}
    answer = httpx2.post(f"{served.address}/v1/auth/login", json=nobody, timeout=ENDED_WITHIN_S)
    return answer.status_code == 401


def resident_bytes(served: Served) -> int:
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def open_files(served: Served) -> int:
    return len(list(Path(f"/proc/{served.process.pid}/fd").iterdir()))


def is_held(client: socket.socket) -> bool:
    """Whether the server has its end open; what it sent before may be on its way still."""
    ends = [f":{end[1]:04X}" for end in (client.getpeername(), client.getsockname())]
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = [line[9] for line in lines if [line[1][8:], line[2][8:]] == ends]
    return inodes not in ([], ["0"])


class TestHead:
    def test_that_comes_byte_by_byte_is_given_up(self, served: Served) -> None:
        with connected(served) as client:
            answer = trickled(client, b"GET /healthz HTTP/1.1\r\n" + b"x-more: and more\r\n" * 100)

        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert b"connection: close" in answer
        assert is_served(served)

    def test_that_never_begins_is_given_up_without_a_word(self, served: Served) -> None:
        """A browser that opened the connection ahead would take a word for its answer."""
        with connected(served) as client:
            assert told(client) == b""

    def test_after_an_answer_is_given_up_as_well(self, served: Served) -> None:
        """An empty line keeps a connection from being idle and is no request."""
        with connected(served) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")

            assert b"HTTP/1.1 408 " in trickled(client, b"\r\n" * 200)

    @pytest.mark.parametrize(
        ("begins", "goes_on"), [(b"x-one: ", b"yyyy"), (b"", b"x-many: y\r\n")], ids=["one", "many"]
    )
    def test_without_end_is_refused(self, served: Served, begins: bytes, goes_on: bytes) -> None:
        before = resident_bytes(served)
        with connected(served) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\n" + begins)
            assert not all_taken(client, goes_on * 10_000)
            answer = told(client)

        assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
        assert resident_bytes(served) < before + GROWTH_BYTES
        assert is_served(served)


class TestBody:
    def test_that_is_never_finished_is_given_up_and_nobody_waits_for_it(self, served: Served) -> None:
        with connected(served) as client:
            client.sendall(LOGIN + b'content-length: 100\r\n\r\n{"email":')
            assert is_served(served)
            answer = told(client)

        assert answer.startswith(b"HTTP/1.1 408 ")

    def test_that_comes_byte_by_byte_is_given_up(self, served: Served) -> None:
        with connected(served) as client:
            client.sendall(LOGIN + b"content-length: 60000\r\n\r\n")
            answer = trickled(client, b"{" * 1000)

        assert answer.startswith(b"HTTP/1.1 408 ")

    def test_that_is_all_packaging_is_refused(self, served: Served) -> None:
        """Extensions of chunks and trailing headers are no part of a body, and count all the same."""
        with connected(served) as client:
            client.sendall(LOGIN + b"transfer-encoding: chunked\r\n\r\n1;")
            assert not all_taken(client, b"x=y;" * 20_000)
            answer = told(client)

        assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
        assert is_served(served)

    def test_that_goes_on_after_its_refusal_ends(self, served: Served) -> None:
        with connected(served) as client:
            client.sendall(LOGIN + b"content-length: 10000000000\r\n\r\n")
            assert not all_taken(client, b"x" * LARGEST_BODY)

    def test_of_an_import_may_be_larger_than_of_other_requests(self, served: Served) -> None:
        """It is read to its end, and then nobody knows who sent it."""
        sheet = b"code\n" + b"\n" * 20 * LARGEST_BODY
        headers = {"Content-Type": "text/csv", "Authorization": "Bearer nobody"}
        answer = httpx2.post(
            f"{served.address}/v1/outlets/import", content=sheet, headers=headers, timeout=ENDED_WITHIN_S
        )

        assert answer.status_code == 401

    def test_many_unfinished_ones_cost_no_more_memory_than_is_set_aside(self, served: Served) -> None:
        before = resident_bytes(served)
        with ExitStack() as stack:
            clients = [stack.enter_context(connected(served)) for _ in range(CONNECTIONS - 10)]
            for client in clients:
                head = LOGIN + b"content-length: %d\r\n\r\n" % LARGEST_BODY
                client.sendall(head + b" " * (LARGEST_BODY - 1))
            assert is_served(served)
            answers = [told(client) for client in clients]

        assert {answer[:13] for answer in answers if answer} == {b"HTTP/1.1 408 ", b"HTTP/1.1 503 "}
        assert resident_bytes(served) < before + GROWTH_BYTES
        assert is_served(served)


class TestManyConnections:
    def test_that_ask_nothing_make_room_for_one_that_does(self, served: Served) -> None:
        with ExitStack() as stack:
            idle = [stack.enter_context(connected(served)) for _ in range(3 * CONNECTIONS)]
            assert is_served(served)
            assert open_files(served) < 2 * CONNECTIONS
            assert told(idle[0]) == b""


class TestAnswer:
    async def test_that_nobody_takes_is_given_up(self, served: Served) -> None:
        plain = {"accept-encoding": "identity"}
        asked = httpx2.get(f"{served.address}/openapi.json", headers=plain, timeout=ENDED_WITHIN_S)
        with connected(served, takes_bytes=4096) as client:
            client.sendall(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n")
            assert client.recv(9) == b"HTTP/1.1 "
            assert is_held(client)

            await until(lambda: not is_held(client), within_s=ENDED_WITHIN_S)
            taken = len(told(client))

        assert len(asked.content) > 1_000_000
        assert taken < len(asked.content) / 2
        assert is_served(served)

    def test_that_is_taken_slowly_but_steadily_is_sent_whole(self, served: Served) -> None:
        with connected(served, takes_bytes=65_536) as client:
            client.sendall(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            taken, since = b"", monotonic()
            while some := client.recv(32_768):
                taken += some
                select.select([], [], [], 0.05)
            lasted = monotonic() - since

        head, _, body = taken.partition(b"\r\n\r\n")
        assert f"content-length: {len(body)}".encode() in head.lower()
        assert lasted > STALLED_S


class TestObjectStore:
    """The embedded one; others have settings of their own."""

    async def test_hangs_up_on_a_head_that_comes_byte_by_byte(self, store: Served) -> None:
        since = monotonic()
        with connected(store) as client:
            answer = trickled(client, b"PUT /plainclothes/x HTTP/1.1\r\n" + b"x-more: and more\r\n" * 100)
            lasted = monotonic() - since

        assert (answer, HEAD_S < lasted < ENDED_WITHIN_S / 2) == (b"", True)

    async def test_hangs_up_on_a_part_that_comes_byte_by_byte_and_serves_others(self, store: Served) -> None:
        bucket, content, key = bucket_of(store), os.urandom(100_000), "incoming/slow"
        upload_id = await bucket.create_multipart(key, token=TOKEN, content_type="video/mp4")
        signed = await bucket.sign_parts(
            key, upload_id, md5_by_number={1: md5(content)}, expires_in=timedelta(minutes=5)
        )
        headers = {**signed[1].headers, "host": store.address.removeprefix("http://")}
        lines = [f"PUT {signed[1].url.removeprefix(store.address)} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, f"content-length: {len(content)}", "", ""]).encode()

        with connected(store) as client:
            client.sendall(head)
            await bucket.put_bytes("renditions/of-another", b"meanwhile", content_type="text/plain")
            answer = trickled(client, content[:1000])

        assert not answer.startswith(b"HTTP/1.1 200")
        assert await bucket.list_parts(key, upload_id) == []
        assert await bucket.get_bytes("renditions/of-another") == b"meanwhile"
