"""`plainclothes worker`, when it cannot begin."""

from pathlib import Path

import pytest

from app.cli.terminal import Failed
from app.cli.worker import worker


class TestWorker:
    def test_without_a_store_ends_in_plain_words_for_a_service_manager_to_start_it_again(
        self, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLAINCLOTHES_DATABASE_URL", f"sqlite+aiosqlite:///{sqlite_template}")
        monkeypatch.setenv("PLAINCLOTHES_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("PLAINCLOTHES_S3_ENDPOINT", "http://127.0.0.1:9")

        with pytest.raises(Failed, match="the object store does not answer"):
            worker()
