"""Making the bucket, where there is none."""

from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from app.kit.storage.failures import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType

_REGION_WITHOUT_NAME = "us-east-1"  # S3 refuses it as a location constraint
_OURS_ALREADY = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


def ensure_bucket(s3: "S3Client", bucket: str, *, region: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        _create_bucket(s3, bucket, region=region)


def _create_bucket(s3: "S3Client", bucket: str, *, region: str) -> None:
    """With object lock where the server has it: a lock cannot be added later."""
    try:
        _create(s3, bucket, region=region, lock=True)
    except ClientError as error:
        if error_code(error) in _OURS_ALREADY:
            return  # another process of ours was quicker
        _create_without_lock(s3, bucket, region=region)


def _create_without_lock(s3: "S3Client", bucket: str, *, region: str) -> None:
    try:
        _create(s3, bucket, region=region, lock=False)
    except ClientError as error:
        if error_code(error) not in _OURS_ALREADY:
            raise


def _create(s3: "S3Client", bucket: str, *, region: str, lock: bool) -> None:
    if region == _REGION_WITHOUT_NAME:
        s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=lock)
    else:
        place = cast("BucketLocationConstraintType", region)
        s3.create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": place},
            ObjectLockEnabledForBucket=lock,
        )
