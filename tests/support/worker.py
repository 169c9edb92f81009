"""The job-only process as a service manager runs it, for tests that end or kill it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.s3 import S3Server

RUN = "from app.settings import Settings; from app.worker import run_worker; run_worker(Settings(_env_file=None))"


def worker_environment(server: S3Server, data_dir: Path) -> dict[str, str]:
    return {
        "PLAINCLOTHES_DATA_DIR": str(data_dir),
        "PLAINCLOTHES_S3_ENDPOINT": server.endpoint_url,
        "PLAINCLOTHES_S3_BUCKET": "worker-tests",
        "PLAINCLOTHES_S3_ACCESS_KEY": server.access_key,
        "PLAINCLOTHES_S3_SECRET_KEY": server.secret_key,
        "PLAINCLOTHES_EXECUTOR_ID": "worker-1",
    }


@contextmanager
def worker(url: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", RUN],
        env={**os.environ, **environment, "PLAINCLOTHES_DATABASE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
