"""Schemathesis with every check against the running server; longer by `python -m tests.support.fuzzing`."""

from pathlib import Path

import pytest

from tests.support.databases import sqlite_copy
from tests.support.fuzzing import fuzz
from tests.support.served import ServedWorld

BOUNDED = ["--seed", "1", "--phases", "examples,coverage", "--warnings", "off"]


class TestEveryOperation:
    @pytest.mark.timeout(1500)  # every operation, one after the other: minutes, and more with each operation
    def test_answers_as_the_openapi_document_says(self, sqlite_template: Path, tmp_path: Path) -> None:
        with sqlite_copy(tmp_path, sqlite_template) as url, ServedWorld(url, tmp_path / "var") as served:
            done = fuzz(served, "alice", tmp_path, options=BOUNDED)

        assert done.returncode == 0, done.stdout + done.stderr
        assert "Coverage" in done.stdout
        assert " passed" in done.stdout
