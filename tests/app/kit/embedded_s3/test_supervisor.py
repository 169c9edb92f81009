"""The embedded server as our process sees it: started, killed, started again, nothing lost."""

import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from app.kit.embedded_s3.supervisor import EmbeddedS3, EmbeddedS3Failed
from app.kit.storage.s3 import S3Storage
from tests.support.s3 import (
    ACCESS_KEY,
    MIB,
    SECRET_KEY,
    WEB_ORIGIN,
    an_encryption_key,
    make_embedded_s3,
    md5,
    of_embedded,
    send,
    store,
    upload_parts,
)
from tests.support.waiting import DEADLINE_S, until

PART = os.urandom(5 * MIB)
LAST = b"the end of the recording"
HOUR = timedelta(hours=1)
PARENT_PROGRAM = """
import asyncio, sys
from pathlib import Path
from app.kit.embedded_s3.supervisor import EmbeddedS3

async def main():
    async with EmbeddedS3(Path(sys.argv[1]), access_key="a:b", secret_key="c") as server:
        print("up", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedS3]:
    """A server of the test's own, to be killed."""
    async with make_embedded_s3(tmp_path / "s3") as server:
        yield server


@pytest.fixture
async def storage(server: EmbeddedS3) -> S3Storage:
    return await a_bucket_of(server)


async def a_bucket_of(server: EmbeddedS3) -> S3Storage:
    storage = S3Storage(of_embedded(server).settings("bucket"))
    await storage.ensure_bucket()
    return storage


def kill(server: EmbeddedS3) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)


def taken(url: str) -> socket.socket:
    """Its port, as soon as nobody else has it, by somebody who lets nobody in."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            return socket.create_server(("127.0.0.1", int(url.rpartition(":")[2])))
        except OSError:
            if time.monotonic() > deadline:
                raise


def stored_bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*.data"))


def contents_of(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in directory.rglob("*") if path.is_file()]


class TestStarting:
    async def test_the_port_stays_the_same_over_restarts(self, server: EmbeddedS3) -> None:
        """Links that were signed before stay good."""
        before = server.endpoint_url

        await server.restart()

        assert server.endpoint_url == before

    async def test_starting_twice_is_one_server(self, server: EmbeddedS3) -> None:
        pid = server.pid

        await server.start()

        assert server.pid == pid

    async def test_a_second_server_on_one_directory_is_refused(
        self, server: EmbeddedS3, tmp_path: Path
    ) -> None:
        second = make_embedded_s3(tmp_path / "s3")

        with pytest.raises(EmbeddedS3Failed, match="already served by another process"):
            await second.start()

        assert second.pid is None

    async def test_a_taken_port_is_told(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            server = EmbeddedS3(
                tmp_path, access_key=ACCESS_KEY, secret_key=SECRET_KEY, port=taken.getsockname()[1]
            )
            with pytest.raises(EmbeddedS3Failed, match="Address already in use"):
                await server.start()

    async def test_an_access_key_of_another_shape_is_told(self, tmp_path: Path) -> None:
        server = EmbeddedS3(tmp_path, access_key="AKIA", secret_key=SECRET_KEY)

        with pytest.raises(EmbeddedS3Failed, match="account:user"):
            await server.start()

    async def test_data_without_its_hash_seed_is_refused(
        self, server: EmbeddedS3, storage: S3Storage, tmp_path: Path
    ) -> None:
        """A new seed would make every object look deleted."""
        await storage.put_bytes("a", b"1", content_type="text/plain")
        await server.stop()
        (tmp_path / "s3" / "etc" / "swift.conf").unlink()

        with pytest.raises(EmbeddedS3Failed, match="restore the file from a backup"):
            await server.start()

    async def test_the_secret_is_neither_on_the_disk_nor_on_a_command_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every user of the machine can read command lines; backups of the data go elsewhere."""
        spawn = asyncio.create_subprocess_exec
        commands: list[tuple[str, ...]] = []

        async def spawn_and_note(*command: str, **options: Any) -> asyncio.subprocess.Process:
            commands.append(command)
            return await spawn(*command, **options)

        monkeypatch.setattr(asyncio, "create_subprocess_exec", spawn_and_note)

        async with make_embedded_s3(tmp_path) as server:
            storage = S3Storage(of_embedded(server).settings("bucket"))
            await storage.ensure_bucket()
            await storage.put_bytes("a", b"1", content_type="text/plain")

        [command] = commands
        contents = contents_of(tmp_path)
        assert ACCESS_KEY in command
        assert SECRET_KEY not in " ".join(command)
        assert b"1" in contents
        assert not [content for content in contents if SECRET_KEY.encode() in content]

    async def test_a_quiet_start_says_nothing(self, server: EmbeddedS3, storage: S3Storage) -> None:
        await storage.put_bytes("a", b"1", content_type="text/plain")

        assert server.log_path.read_text() == ""


class TestSurviving:
    async def test_objects_are_kept_over_a_restart(self, server: EmbeddedS3, storage: S3Storage) -> None:
        await storage.put_bytes("a", b"1", content_type="text/plain")

        await server.restart()

        assert await storage.get_bytes("a") == b"1"
        assert [listed.key async for listed in storage.list_keys("")] == ["a"]

    async def test_a_pending_upload_goes_on_after_kill_9(
        self, server: EmbeddedS3, storage: S3Storage
    ) -> None:
        """The server's own list of parts is all a phone needs to go on, and its links stay good."""
        upload_id = await upload_parts(storage, "a", parts=(PART,))
        requests = await storage.sign_parts("a", upload_id, md5_by_number={2: md5(LAST)}, expires_in=HOUR)
        before = await storage.list_parts("a", upload_id)

        kill(server)
        await server.restart()

        assert await storage.list_parts("a", upload_id) == before
        assert (await send(requests[2], LAST)).status_code == 200
        await storage.complete_multipart("a", upload_id, parts=await storage.list_parts("a", upload_id))
        assert await storage.get_bytes("a") == PART + LAST

    async def test_a_server_that_died_is_started_again(
        self, server: EmbeddedS3, storage: S3Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.kit.embedded_s3.supervisor._RESTART_PAUSE_S", 0)
        started_again = asyncio.Event()
        restart = server.restart

        async def restart_and_tell() -> None:
            await restart()
            started_again.set()

        monkeypatch.setattr(server, "restart", restart_and_tell)
        await storage.put_bytes("a", b"1", content_type="text/plain")
        watching = asyncio.create_task(server.keep_running())

        kill(server)
        async with asyncio.timeout(60):
            await started_again.wait()

        assert await storage.get_bytes("a") == b"1"
        await server.stop()
        async with asyncio.timeout(60):
            await watching

    async def test_a_start_that_fails_is_not_the_last(
        self, server: EmbeddedS3, storage: S3Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.kit.embedded_s3.supervisor._RESTART_PAUSE_S", 0)
        await storage.put_bytes("a", b"1", content_type="text/plain")
        watching = asyncio.create_task(server.keep_running())

        with capture_logs() as told:
            kill(server)
            with await asyncio.to_thread(taken, server.endpoint_url):
                await until(lambda: any("Address already in use" in one.get("reason", "") for one in told))
        await until(lambda: server.pid is not None)

        assert await storage.get_bytes("a") == b"1"
        await server.stop()
        async with asyncio.timeout(60):
            await watching

    async def test_the_server_ends_with_a_parent_that_was_killed(self, tmp_path: Path) -> None:
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PARENT_PROGRAM, str(tmp_path), stdout=subprocess.PIPE
        )
        assert parent.stdout is not None
        assert await parent.stdout.readline() == b"up\n"

        parent.kill()
        await parent.wait()

        with (tmp_path / "lock").open("rb") as lock:
            async with asyncio.timeout(60):
                # The lock is free as soon as its holder has ended.
                await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)


class TestDeleting:
    async def test_a_deleted_recording_leaves_no_bytes_on_the_disk(
        self, storage: S3Storage, tmp_path: Path
    ) -> None:
        """D10.4: deleting covers the parts an object was made of."""
        before = stored_bytes(tmp_path)
        await store(storage, "a", parts=(PART, LAST))
        await upload_parts(storage, "b", parts=(PART,))
        assert stored_bytes(tmp_path) >= before + 2 * len(PART)

        await storage.delete_prefix("")

        assert stored_bytes(tmp_path) == before


class TestEncryption:
    async def test_leaves_neither_a_content_nor_a_key_readable_on_the_disk(self, tmp_path: Path) -> None:
        key = an_encryption_key("first")
        async with make_embedded_s3(tmp_path, encryption_keys=key) as server:
            storage = await a_bucket_of(server)
            await store(storage, "a", parts=(PART, LAST))

            assert await storage.get_bytes("a") == PART + LAST

        contents = b"\n".join(contents_of(tmp_path))
        assert not [
            secret for secret in (LAST, PART[:64], key.partition(":")[2].encode()) if secret in contents
        ]

    async def test_under_a_new_key_leaves_what_there_was_readable(self, tmp_path: Path) -> None:
        """What was kept before there was any key, and what was under an older one."""
        keys = ""
        for number in range(3):
            async with make_embedded_s3(tmp_path, encryption_keys=keys) as server:
                storage = await a_bucket_of(server)
                await storage.put_bytes(f"kept-{number}", LAST, content_type="text/plain")

                assert [await storage.get_bytes(f"kept-{one}") for one in range(number + 1)] == [LAST] * (
                    number + 1
                )

            keys = f"{an_encryption_key(f'key{number}')} {keys}"
        assert sum(LAST in content for content in contents_of(tmp_path)) == 1

    async def test_a_key_that_is_needed_is_missed_before_anything_is_served(self, tmp_path: Path) -> None:
        async with make_embedded_s3(tmp_path, encryption_keys=an_encryption_key("first")):
            pass

        with pytest.raises(EmbeddedS3Failed, match="encrypted with the key 'first', which is not given"):
            await make_embedded_s3(tmp_path).start()


class TestBrowsers:
    async def test_the_web_app_may_send_parts(self, embedded_s3: EmbeddedS3) -> None:
        preflight = await self.ask_to_put(embedded_s3, origin=WEB_ORIGIN)

        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == WEB_ORIGIN
        assert "PUT" in preflight.headers["access-control-allow-methods"]
        assert "content-md5" in preflight.headers["access-control-allow-headers"].lower()

    async def test_other_sites_may_not(self, embedded_s3: EmbeddedS3) -> None:
        preflight = await self.ask_to_put(embedded_s3, origin="https://elsewhere.example.org")

        assert "access-control-allow-origin" not in preflight.headers

    async def test_the_web_app_may_read_what_it_needs_of_an_answer(self, embedded_s3: EmbeddedS3) -> None:
        storage = S3Storage(of_embedded(embedded_s3).settings("browsers"))
        await storage.ensure_bucket()
        await storage.put_bytes("a", b"123", content_type="video/mp4")
        url = await storage.sign_get("a", expires_in=HOUR, filename="a", content_type="video/mp4")

        async with httpx2.AsyncClient() as client:
            answer = await client.get(url, headers={"Origin": WEB_ORIGIN, "Range": "bytes=0-1"})

        exposed = answer.headers["access-control-expose-headers"].lower()
        assert answer.headers["access-control-allow-origin"] == WEB_ORIGIN
        assert {"etag", "content-range", "accept-ranges"} <= {name.strip() for name in exposed.split(",")}

    @staticmethod
    async def ask_to_put(server: EmbeddedS3, *, origin: str) -> httpx2.Response:
        storage = S3Storage(of_embedded(server).settings("browsers"))
        requests = await storage.sign_parts("a", "u", md5_by_number={1: md5(LAST)}, expires_in=HOUR)
        async with httpx2.AsyncClient() as client:
            return await client.options(
                requests[1].url,
                headers={
                    "Origin": origin,
                    "Access-Control-Request-Method": "PUT",
                    "Access-Control-Request-Headers": "content-md5",
                },
            )
