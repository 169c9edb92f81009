"""Whole files and whole objects, in blocking calls that a thread makes."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)

from app.kit.storage.port import Download, StorageUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_CHUNK_BYTES = 1024 * 1024
_FRUITLESS_ATTEMPTS = 4
# One part at a time: a worker has few cores, and this bounds memory to about two parts.
_UPLOAD = TransferConfig(
    multipart_threshold=16 * _CHUNK_BYTES, multipart_chunksize=16 * _CHUNK_BYTES, use_threads=False
)


def upload_file(
    s3: "S3Client", bucket: str, *, path: Path, key: str, content_type: str, metadata: Mapping[str, str]
) -> None:
    """Store the file, in parts when it is large."""
    extra = {"ContentType": content_type, "Metadata": dict(metadata)}
    s3.upload_file(str(path), bucket, key, ExtraArgs=extra, Config=_UPLOAD)


def download_file(s3: "S3Client", bucket: str, *, key: str, path: Path) -> Download:
    """Write the object to `path`; every byte is hashed as it is written."""
    head = s3.head_object(Bucket=bucket, Key=key)
    size_bytes, etag = head["ContentLength"], head["ETag"]
    digest = hashlib.sha256()
    done = fruitless = 0
    with path.open("wb") as file:
        while done < size_bytes:
            before = done
            try:
                # The ETag makes sure that all pieces are of one object.
                answer = s3.get_object(Bucket=bucket, Key=key, IfMatch=etag, Range=f"bytes={done}-")
                for chunk in answer["Body"].iter_chunks(_CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
                    done += len(chunk)
            except (HTTPClientError, IncompleteReadError, ResponseStreamingError):
                fruitless = 0 if done > before else fruitless + 1
                if fruitless == _FRUITLESS_ATTEMPTS:
                    raise
            else:
                if done < size_bytes:
                    raise StorageUnavailable(f"the object ended after {done} of {size_bytes} bytes")
    return Download(size_bytes=done, sha256=digest.hexdigest())


def copy_object(s3: "S3Client", bucket: str, *, source: str, target: str, part_bytes: int) -> None:
    """Copy inside the store; objects above `part_bytes` part by part.

    S3 itself copies at most 5 GB in one call, and some stores are silent while they copy: parts keep each
    answer inside the time limit.
    """
    head = s3.head_object(Bucket=bucket, Key=source)
    if head["ContentLength"] <= part_bytes:
        s3.copy_object(
            Bucket=bucket,
            Key=target,
            CopySource={"Bucket": bucket, "Key": source},
            CopySourceIfMatch=head["ETag"],
            MetadataDirective="COPY",
        )
        return
    upload_id = s3.create_multipart_upload(
        Bucket=bucket, Key=target, ContentType=head["ContentType"], Metadata=head["Metadata"]
    )["UploadId"]
    try:
        parts: list[CompletedPartTypeDef] = []
        for number, first in enumerate(range(0, head["ContentLength"], part_bytes), start=1):
            last = min(first + part_bytes, head["ContentLength"]) - 1
            answer = s3.upload_part_copy(
                Bucket=bucket,
                Key=target,
                UploadId=upload_id,
                PartNumber=number,
                CopySource={"Bucket": bucket, "Key": source},
                CopySourceIfMatch=head["ETag"],
                CopySourceRange=f"bytes={first}-{last}",
            )
            parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
        s3.complete_multipart_upload(
            Bucket=bucket, Key=target, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )
    except BaseException:
        with suppress(ClientError, BotoCoreError):  # the first failure is the one to tell
            s3.abort_multipart_upload(Bucket=bucket, Key=target, UploadId=upload_id)
        raise
