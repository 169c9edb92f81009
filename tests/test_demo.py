"""The demonstration itself, on real clips, a real server and a real object store: what `make demo` and `make run` do."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from app.demo import seed
from app.demo.people import MONA
from tests.support.command import MODULE, ROOT, environment, plainclothes, refusal
from tests.support.serving import Served, free_port
from tests.support.waiting import DEADLINE_S, eventually

A_STORY_S = 400  # about 30 on an idle machine; tests share two cores


class TestDemo:
    @pytest.mark.timeout(A_STORY_S)
    def test_walks_one_visit_through_and_tells_what_it_did(self, tmp_path: Path) -> None:
        done = plainclothes("demo", "--directory", tmp_path, timeout_s=A_STORY_S)

        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        for told in (
            "dry run: row 3, tier: 'flagshp' is not one of your tiers",
            "refused (rotation-conflict); first allowed date",
            "leave gate shut: ",
            "recording-not-black, recording-not-silent",
            "may leave",
            "line cut inside the second",
            "1 part is there: 3 sent, completed",
            "processed, 100%",
            "approval refused before the veto is confirmed",
            "published under the random alias",
            "points, 90.96 without vetoes",
            "206; heartbeat: 3 s noted",
            "headers and files included: none",
            "the score is provisional, not hidden",
            "alice alone: pending; otto agrees: veto lifted, 86.11 → 93.11 points",
            "the one for the lifted veto is cancelled by itself",
            "and the action is verified by itself",
            "nobody goes back too soon (D5.1); it waits on the route board",
            "play ledger verified: ",
            "no warning, nobody named",
            " s  in all",
        ):
            assert told in done.stdout, f"{told!r} is not in:\n{done.stdout}"
        assert "✗" not in done.stdout

    def test_says_what_is_missing_before_it_begins(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [*MODULE, "demo", "--directory", str(tmp_path)],
            cwd=ROOT,
            env={**environment({}), "PATH": str(tmp_path)},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

        assert done.returncode == 1
        assert "ffmpeg is not installed" in done.stdout
        assert str(tmp_path / "server.log") in done.stderr


class TestDemoServe:
    @pytest.mark.timeout(2 * A_STORY_S)
    async def test_seeds_an_empty_database_once_and_keeps_what_is_there(self, tmp_path: Path) -> None:
        with serving_demo(tmp_path, "first.txt") as first:
            await ready(first)
            reports_at_first = reports_of_mona(first.address)
            first.process.send_signal(signal.SIGTERM)
            assert first.process.wait(DEADLINE_S) == 0
        with serving_demo(tmp_path, "second.txt") as second:
            await ready(second)
            reports_later = reports_of_mona(second.address)

        assert "The auditor checks" in first.log.read_text(encoding="utf-8")
        assert "The auditor checks" not in second.log.read_text(encoding="utf-8")
        for log in (first.log, second.log):
            assert [MONA.email, MONA.password] in [
                line.split()[1:] for line in log.read_text(encoding="utf-8").splitlines()
            ]
        assert len(reports_at_first) == 2
        assert reports_later == reports_at_first

    def test_is_refused_in_production(self, tmp_path: Path) -> None:
        said = refusal(
            "demo",
            "--serve",
            settings={
                "data_dir": tmp_path,
                "environment": "production",
                "secret_key": "a secret of the operator, long enough",
                "s3_secret_key": "another secret of the operator",
            },
        )

        assert "log-ins that everybody knows" in said


@contextmanager
def serving_demo(directory: Path, log: str) -> Iterator[Served]:
    """`make run` with data of its own; what it prints is in `log`."""
    port = free_port()
    settings = {"data_dir": directory / "var", "port": port, "s3_port": 0}
    with (directory / log).open("wb") as file:
        process = subprocess.Popen(
            [*MODULE, "demo", "--serve"], cwd=ROOT, env=environment(settings), stdout=file
        )
    try:
        yield Served(process, f"http://127.0.0.1:{port}", directory / log)
    finally:
        process.terminate()  # it stops the server it started
        process.wait(DEADLINE_S)


async def ready(served: Served) -> None:
    """Until it serves for good, and not only for the story."""

    async def told() -> bool:
        assert served.process.poll() is None, served.log.read_text(encoding="utf-8")
        return "ctrl-C stops it" in served.log.read_text(encoding="utf-8")

    await eventually(told, within_s=A_STORY_S)
    await served.ready()


def reports_of_mona(address: str) -> list[str]:
    """The aliases she sees after logging in as the start has told."""
    credentials = MONA.credentials(seed.SLUG).model_dump(mode="json", exclude_none=True)
    token = httpx2.post(f"{address}/v1/auth/login", json=credentials).json()["access_token"]
    listed = httpx2.get(f"{address}/v1/reports", headers={"Authorization": f"Bearer {token}"}).json()
    return [report["alias"] for report in listed["items"]]
