"""Uploads: how fast the reference client is beside boto3's own, and how little of the bytes our web process carries.

`python -m tests.bench.bench_upload [--megabytes 128] [--rounds 5]`: the product as it is served, with the embedded S3
server; a file of random bytes goes both ways in turn, with the same parts, as many at a time, over the same loopback.
Rounds alternate, because a machine that others share is never twice the same; what counts is the median of the ratios.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import boto3
import httpx2
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from app.client.bringing import Article, bring
from app.client.desk import Desk
from app.client.patience import Patience
from app.client.uploading import Uploader, digest
from app.kit.ids import new_id
from app.recordings.rules import Kind
from app.recordings.upload_rules import PART_BYTES
from app.settings import Settings
from tests.bench.rows import Row
from tests.support.databases import make_sqlite_template, sqlite_url
from tests.support.served import Served, ServedWorld

GOAL = 0.9
AT_ONCE = 3  # the command's default
RESULTS = Path("var") / "bench-upload.json"
ENTERED = 5  # of the population's visits: ivy is inside


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds for the same bytes; `digests_s` is the client's look at the file before it declares it (D11)."""

    boto3_s: float
    client_s: float
    digests_s: float
    web_bytes: int

    @property
    def ratio(self) -> float:
        return self.boto3_s / self.client_s

    @property
    def ratio_of_sending(self) -> float:
        """Without the digests, which boto3 does not make and no server could trust it for."""
        return self.boto3_s / (self.client_s - self.digests_s)


@dataclass(frozen=True, slots=True)
class Uploads:
    megabytes: float
    rounds: tuple[Round, ...]

    @property
    def ratio(self) -> float:
        return statistics.median(one.ratio for one in self.rounds)

    @property
    def ratio_of_sending(self) -> float:
        return statistics.median(one.ratio_of_sending for one in self.rounds)

    @property
    def web_share(self) -> float:
        """What the web process read and wrote, whatever for, of the bytes uploaded."""
        return statistics.median(one.web_bytes for one in self.rounds) / (self.megabytes * 1e6)

    @property
    def megabytes_a_second(self) -> float:
        return self.megabytes / statistics.median(one.client_s for one in self.rounds)


def compare(megabytes: float, rounds: int) -> Uploads:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        database = make_sqlite_template(directory / "bench.sqlite")
        world = ServedWorld(sqlite_url(database), directory / "var")
        with world as served:
            taken = [
                _round(served, world.pid, directory, round(megabytes * 1e6), turn)
                for turn in range(rounds + 1)
            ]
    return Uploads(megabytes, tuple(taken[1:]))  # the first fills caches and pools


def upload_throughput() -> Row:
    """For `make bench`: about a minute. The figures are kept under `var/`."""
    found = compare(128.0, 5)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "ratio": found.ratio,
        "ratio_of_sending": found.ratio_of_sending,
        "web_share": found.web_share,
        "megabytes_a_second": found.megabytes_a_second,
        **asdict(found),
    }
    RESULTS.write_text(json.dumps(kept, indent=2))
    return Row(
        "upload by the reference client against bare boto3 (digests included); of the bytes, through our web process",
        f"{found.ratio_of_sending:.2f} × ({found.ratio:.2f} ×) at {found.megabytes_a_second:.0f} MB/s; {found.web_share:.2%}",
        f"{GOAL} × at least; nearly 0",
    )


def _round(served: Served, web: int, directory: Path, size_bytes: int, turn: int) -> Round:
    path = directory / "film.mp4"
    path.write_bytes(os.urandom(size_bytes))
    before = _carried(web)
    if turn % 2:
        boto3_s = _by_boto3(served, path)
        client_s = _by_client(served, path)
    else:
        client_s = _by_client(served, path)
        boto3_s = _by_boto3(served, path)
    return Round(boto3_s, client_s, _timed(lambda: _digests(path)), _carried(web) - before)


def _by_client(served: Served, path: Path) -> float:
    token = served.tokens["ivy"]
    article = Article(path, Kind.VIDEO, "video/mp4", "recorder")
    with httpx2.Client(base_url=served.url, timeout=60) as http, httpx2.Client(timeout=60) as store:
        desk = Desk(http, lambda: token, patience=Patience(0))
        uploader = Uploader(desk, store, parallel=AT_ONCE)
        visit = UUID(served.ids["visit_id"][ENTERED])
        return _timed(lambda: bring(desk, uploader, visit, article, new_id=new_id))


def _by_boto3(served: Served, path: Path) -> float:
    settings = Settings(_env_file=None)
    s3 = boto3.client(
        "s3",
        endpoint_url=served.store,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
    )
    config = TransferConfig(
        multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=AT_ONCE
    )
    return _timed(lambda: s3.upload_file(str(path), settings.s3_bucket, f"bench/{new_id()}", Config=config))


def _digests(path: Path) -> None:
    digest(path, part_bytes=PART_BYTES)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _carried(pid: int) -> int:
    """Bytes a process has read and written through system calls, sockets included."""
    lines = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(lines["rchar"]) + int(lines["wchar"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=128.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    found = compare(options.megabytes, options.rounds)
    for one in found.rounds:
        sys.stdout.write(f"{one} {one.ratio:.3f} {one.ratio_of_sending:.3f}\n")
    sys.stdout.write(
        f"{found.ratio:.3f} with digests, {found.ratio_of_sending:.3f} without; web {found.web_share:.4%}\n"
    )


if __name__ == "__main__":
    main()
