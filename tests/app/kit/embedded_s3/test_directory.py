"""Directories and settings that are refused before anything is served."""

import errno
from pathlib import Path

import pytest
import xattr

from app.kit.embedded_s3.directory import DirectoryUnusable, open_directory
from app.kit.embedded_s3.settings import Credentials, ServerSettings, SettingsRefused


class TestDirectories:
    def test_a_file_system_without_extended_attributes_is_refused_with_advice(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def not_supported(*_: object) -> None:
            raise OSError(errno.ENOTSUP, "Operation not supported")

        monkeypatch.setattr(xattr, "setxattr", not_supported)

        with (
            pytest.raises(DirectoryUnusable, match=r"keeps no user extended attributes.*choose a directory"),
            open_directory(tmp_path),
        ):
            pass

    def test_the_hash_seed_is_written_once(self, tmp_path: Path) -> None:
        with open_directory(tmp_path) as directory:
            first = directory.swift_conf.read_text()
        with open_directory(tmp_path) as directory:
            assert directory.swift_conf.read_text() == first

    def test_nobody_else_may_read_the_data(self, tmp_path: Path) -> None:
        with open_directory(tmp_path / "s3") as directory:
            assert directory.root.stat().st_mode & 0o077 == 0


class TestSettings:
    @pytest.mark.parametrize("access_key", ["", "plain", "plain:", ":app", "a:b:c", "a_b:c", "a:b c", "ä:b"])
    def test_access_keys_swift_would_misread_are_refused(self, access_key: str) -> None:
        with pytest.raises(SettingsRefused, match="account:user"):
            Credentials.parse(access_key=access_key, secret_key="secret")

    @pytest.mark.parametrize("secret_key", ["", "two words", "50%(x)s", "a\nb", "密"])
    def test_secret_keys_swift_would_misread_are_refused_and_not_shown(self, secret_key: str) -> None:
        with pytest.raises(SettingsRefused) as refused:
            Credentials.parse(access_key="plain:app", secret_key=secret_key)

        assert not secret_key or secret_key not in str(refused.value)

    def test_a_secret_is_not_part_of_the_representation(self) -> None:
        assert "hidden" not in repr(Credentials.parse(access_key="plain:app", secret_key="hidden"))

    @pytest.mark.parametrize(
        "origins",
        [
            ["app.example.org"],
            ["https://a.example.org/path"],
            ["*", "https://a.example.org"],
            ["https://a, b"],
        ],
    )
    def test_origins_a_browser_never_sends_are_refused(self, origins: list[str]) -> None:
        with pytest.raises(SettingsRefused, match="CORS origin"):
            ServerSettings.parse(host="127.0.0.1", port=9000, cors_origins=origins)
