"""Trying a store out before anything of value is trusted to it."""

import base64
import hashlib
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import ClientError

from app.kit.storage.port import PROBES, Abilities, StorageUnfit
from app.kit.storage.versions import is_locked

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SSE_S3 = "AES256"
_CONTENT = b"0123456789"


def probe_abilities(s3: "S3Client", bucket: str, *, encryption_wanted: bool) -> Abilities:
    """Write, read and remove small objects; raise `StorageUnfit` when the store cannot be used."""
    key = f"{PROBES}{uuid4()}"
    s3.put_object(Bucket=bucket, Key=key, Body=_CONTENT)
    try:
        abilities = Abilities(
            range_requests=_answers_ranges(s3, bucket, key),
            content_md5_enforced=_refuses_other_content(s3, bucket, key),
            versioning=_knows_versions(s3, bucket),
            object_lock=is_locked(s3, bucket),
            encryption=_encryption(s3, bucket),
        )
    finally:
        s3.delete_object(Bucket=bucket, Key=key)
    if not abilities.range_requests:
        raise StorageUnfit(
            "the S3 server does not answer Range requests with 206: recordings could not be played"
        )
    if not abilities.content_md5_enforced:
        raise StorageUnfit("the S3 server accepts a wrong Content-MD5: uploads could be spoilt unnoticed")
    if abilities.encryption not in ("", SSE_S3):
        raise StorageUnfit(
            f"the bucket encrypts with {abilities.encryption}, whose ETags cannot be foretold, so that uploads would be "
            f"refused: let it encrypt with {SSE_S3} (SSE-S3)"
        )
    if encryption_wanted and abilities.encryption != SSE_S3:
        raise StorageUnfit(
            f"the bucket does not say that it encrypts what it keeps: make {SSE_S3} (SSE-S3) its default encryption"
        )
    return abilities


def _encryption(s3: "S3Client", bucket: str) -> str:
    try:
        answer = s3.get_bucket_encryption(Bucket=bucket)
    except ClientError:  # there is none, or the server knows no such thing
        return ""
    # Servers that do not know the question may answer it as if it were for a list of objects.
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    return next((rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules), "")


def _answers_ranges(s3: "S3Client", bucket: str, key: str) -> bool:
    answer = s3.get_object(Bucket=bucket, Key=key, Range="bytes=2-4")
    return answer["ResponseMetadata"]["HTTPStatusCode"] == 206 and answer["Body"].read() == _CONTENT[2:5]


def _refuses_other_content(s3: "S3Client", bucket: str, key: str) -> bool:
    md5 = base64.b64encode(hashlib.md5(b"other", usedforsecurity=False).digest()).decode()
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=_CONTENT, ContentMD5=md5)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 400:
            return True
        raise
    return False


def _knows_versions(s3: "S3Client", bucket: str) -> bool:
    try:
        s3.get_bucket_versioning(Bucket=bucket)
    except ClientError:
        return False
    return True
