"""Encryption at rest is the bucket's: whether it is on is looked at before anything is kept there.

Neither of the two servers that tests know can encrypt without a keeper of keys, so what a bucket says of itself is
put into the client's mouth here; everything else of the probe is real.
"""

from dataclasses import replace

import pytest

from app.kit.storage import StorageUnfit
from app.kit.storage.s3 import S3Storage
from tests.support.s3 import S3Server


def saying(storage: S3Storage, algorithm: str, monkeypatch: pytest.MonkeyPatch) -> S3Storage:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    said = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    monkeypatch.setattr(storage._s3, "get_bucket_encryption", lambda **_: said)
    return storage


def wanting_it(storage: S3Storage, server: S3Server) -> S3Storage:
    return S3Storage(replace(server.settings(storage._bucket), encryption_wanted=True))


class TestEncryption:
    async def test_a_bucket_without_it_is_refused_where_it_is_wanted(
        self, storage: S3Storage, s3_server: S3Server
    ) -> None:
        assert (await storage.probe()).encryption == ""

        with pytest.raises(StorageUnfit, match="does not say that it encrypts"):
            await wanting_it(storage, s3_server).probe()

    async def test_a_bucket_with_it_is_taken(
        self, storage: S3Storage, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        abilities = await saying(wanting_it(storage, s3_server), "AES256", monkeypatch).probe()

        assert abilities.encryption == "AES256"

    async def test_a_bucket_whose_etags_cannot_be_foretold_is_refused_at_once(
        self, storage: S3Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Instead of at the end of the first upload."""
        with pytest.raises(StorageUnfit, match="encrypts with aws:kms"):
            await saying(storage, "aws:kms", monkeypatch).probe()
