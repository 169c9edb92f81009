"""`make bench`: takes every measurement of MEASUREMENTS and prints them as a table beside their goals."""

import sys
from collections.abc import Callable

from tests.bench.bench_checks import precision_and_recall
from tests.bench.bench_upload import upload_throughput
from tests.bench.bench_worker import memory_and_cost
from tests.bench.rows import Row

MEASUREMENTS: tuple[Callable[[], Row], ...] = (memory_and_cost, upload_throughput, precision_and_recall)


def main() -> None:
    sys.stdout.write("| what | measured | goal |\n|---|---|---|\n")
    for measure in MEASUREMENTS:
        row = measure()
        sys.stdout.write(f"| {row.what} | {row.measured} | {row.goal} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
