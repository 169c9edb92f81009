"""Object lock and versions: what keeps an object from being lost by accident, and how it goes for good all the same.

Only a bucket that says that it was made with a lock is asked to lock anything: Swift takes the request for a new
object and overwrites the one that was to be protected.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from app.kit.storage.failures import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def is_locked(s3: "S3Client", bucket: str) -> bool:
    """Whether this bucket was made with a lock; servers without locks say the same as an unlocked bucket."""
    try:
        answer = s3.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if error_code(error) == "AccessDenied":
            raise
        return False
    return answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"


def is_versioned(s3: "S3Client", bucket: str) -> bool:
    """Whether the bucket keeps, or once kept, earlier versions: deleting then only hides."""
    try:
        return bool(s3.get_bucket_versioning(Bucket=bucket).get("Status"))
    except ClientError as error:
        if error_code(error) == "AccessDenied":
            raise
        return False


def lock_version(s3: "S3Client", bucket: str, key: str, until: datetime) -> bool:
    """Lock the object as it is now, so that only whoever may lift governance removes it earlier."""
    s3.put_object_retention(
        Bucket=bucket, Key=key, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until}
    )
    return True


def delete_versions(s3: "S3Client", bucket: str, key: str, *, lift_lock: bool) -> None:
    """Every version of the key, and every note that it was deleted."""
    lifting = {"BypassGovernanceRetention": True} if lift_lock else {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if one["Key"] == key:
                s3.delete_object(Bucket=bucket, Key=key, VersionId=one["VersionId"], **lifting)  # type: ignore[arg-type]
