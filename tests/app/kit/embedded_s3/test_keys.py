"""Keys for encryption: what is one, and that a directory is not served without those it needs."""

import base64
from pathlib import Path

import pytest

from app.kit.embedded_s3.directory import DirectoryUnusable, open_directory
from app.kit.embedded_s3.keys import LEAST_BYTES, EncryptionKeys, hold_to
from app.kit.embedded_s3.settings import SettingsRefused
from tests.support.s3 import an_encryption_key

ENOUGH = base64.b64encode(bytes(LEAST_BYTES)).decode()
SHORT = base64.b64encode(bytes(LEAST_BYTES - 1)).decode()


class TestParsing:
    def test_takes_the_first_for_what_is_new(self) -> None:
        keys = EncryptionKeys.parse(f"{an_encryption_key('b')} {an_encryption_key('a')}\n")

        assert (keys.active, list(keys.by_name)) == ("b", ["b", "a"])

    def test_of_nothing_encrypts_nothing(self) -> None:
        assert EncryptionKeys.parse("\n").active is None

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("Key:AAAA", "small letters and digits; not 'Key'"),
            ("AAAA", "not 'AAAA'"),
            (f"a:{ENOUGH} a:{ENOUGH}", "each name once"),
            ("a:no-base64!", "'a' is not base64"),
            (f"a:{SHORT}", "'a' is shorter than 32 bytes"),
        ],
    )
    def test_says_what_is_wrong_and_shows_no_secret(self, text: str, reason: str) -> None:
        with pytest.raises(SettingsRefused, match=reason) as refused:
            EncryptionKeys.parse(text)

        assert not [
            word
            for word in text.split()
            if (secret := word.partition(":")[2]) and secret in str(refused.value)
        ]

    def test_shows_none_in_its_representation(self) -> None:
        key = an_encryption_key("a")

        assert key.partition(":")[2] not in repr(EncryptionKeys.parse(key))


class TestDirectory:
    def test_remembers_each_key_that_was_the_first(self, tmp_path: Path) -> None:
        old, new, never_first = (an_encryption_key(name) for name in ("old", "new", "other"))
        with open_directory(tmp_path) as directory:
            hold_to(directory, EncryptionKeys.parse(f"{old} {never_first}"))
            hold_to(directory, EncryptionKeys.parse(f"{new} {old}"))

            hold_to(directory, EncryptionKeys.parse(f"{old} {new}"))
            for without in (old, new, ""):
                with pytest.raises(DirectoryUnusable, match="which is not given"):
                    hold_to(directory, EncryptionKeys.parse(without))

    def test_tells_another_key_under_the_same_name(self, tmp_path: Path) -> None:
        with open_directory(tmp_path) as directory:
            hold_to(directory, EncryptionKeys.parse(an_encryption_key("a")))

            with pytest.raises(DirectoryUnusable, match="a new key needs a new name"):
                hold_to(directory, EncryptionKeys.parse(an_encryption_key("a")))
