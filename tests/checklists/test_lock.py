"""`published.lock` guards what was published."""

from pathlib import Path

import pytest

from app.checklists.lock import LockUnreadable, changed_after_publication, name_of, read_lock, write_lock
from app.checklists.reading import from_yaml
from tests.support.checklists import bent, small


class TestTheLock:
    def test_reads_back_what_was_written(self, tmp_path: Path) -> None:
        entries = {name_of(small()): small().fingerprint(), "another@12": "0" * 64}

        write_lock(tmp_path / "published.lock", entries)

        assert read_lock(tmp_path / "published.lock") == entries

    def test_is_empty_before_anything_was_published(self, tmp_path: Path) -> None:
        assert read_lock(tmp_path / "published.lock") == {}

    def test_catches_an_edit_after_publication(self) -> None:
        entries = {name_of(small()): small().fingerprint()}

        assert not changed_after_publication(small(), entries)
        assert changed_after_publication(from_yaml(bent("weight: 10", "weight: 11")), entries)

    def test_lets_a_new_version_pass(self) -> None:
        entries = {name_of(small()): small().fingerprint()}

        assert not changed_after_publication(from_yaml(bent("version: 1", "version: 2")), entries)

    @pytest.mark.parametrize(
        "line", ["small-shop: 12", "small-shop@1: xyz", f"a@1: {'0' * 64}\na@1: {'1' * 64}"]
    )
    def test_with_a_strange_line_is_refused(self, tmp_path: Path, line: str) -> None:
        (tmp_path / "published.lock").write_text(line + "\n", encoding="utf-8")

        with pytest.raises(LockUnreadable, match=r"published\.lock, line [12]"):
            read_lock(tmp_path / "published.lock")
