"""The port on any S3 server: boto3, in threads."""

import base64
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote

import anyio.to_thread
import boto3
from botocore.config import Config

from app.kit.clock import utc_now
from app.kit.storage.abilities import probe_abilities
from app.kit.storage.buckets import ensure_bucket
from app.kit.storage.failures import translated_failures
from app.kit.storage.port import (
    Abilities,
    Download,
    ListedObject,
    NoSuchUpload,
    ObjectInfo,
    ObjectMissing,
    Part,
    PendingUpload,
    SignedRequest,
    Storage,
)
from app.kit.storage.transfer import copy_object, download_file, upload_file
from app.kit.storage.versions import delete_versions, is_locked, is_versioned, lock_version

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Result = TypeVar("Result")

_TOKEN = "upload-token"  # noqa: S105  # the name of the metadata entry


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Where the bucket is. Links are signed for `public_endpoint_url`: what phones and browsers can reach."""

    endpoint_url: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    public_endpoint_url: str = ""
    concurrency: int = 16
    copy_part_bytes: int = 256 * 1024 * 1024
    encryption_wanted: bool = False


class S3Storage:
    """One bucket of an S3 server. Safe to share; nothing here blocks the event loop."""

    def __init__(self, settings: S3Settings) -> None:
        self.endpoint_url = settings.endpoint_url
        self._bucket = settings.bucket
        self._region = settings.region
        self._copy_part_bytes = settings.copy_part_bytes
        self._encryption_wanted = settings.encryption_wanted
        self._s3 = _client(settings, settings.endpoint_url)
        # The host is part of a signature, hence a second client.
        self.public_endpoint_url = settings.public_endpoint_url or settings.endpoint_url
        self._public_s3 = _client(settings, self.public_endpoint_url)
        self._threads = anyio.CapacityLimiter(settings.concurrency)
        self._is_locked: bool | None = None
        self._is_versioned: bool | None = None

    async def ensure_bucket(self) -> None:
        await self._call(lambda: ensure_bucket(self._s3, self._bucket, region=self._region))

    async def probe(self) -> Abilities:
        return await self._call(
            lambda: probe_abilities(self._s3, self._bucket, encryption_wanted=self._encryption_wanted)
        )

    async def create_multipart(self, key: str, *, token: str, content_type: str) -> str:
        answer = await self._call(
            lambda: self._s3.create_multipart_upload(
                Bucket=self._bucket, Key=key, ContentType=content_type, Metadata={_TOKEN: token}
            )
        )
        return answer["UploadId"]

    async def sign_parts(
        self, key: str, upload_id: str, *, md5_by_number: Mapping[int, str], expires_in: timedelta
    ) -> dict[int, SignedRequest]:
        def sign_all() -> dict[int, SignedRequest]:
            return {
                number: self._sign_part(key, upload_id, number=number, md5=md5, expires_in=expires_in)
                for number, md5 in md5_by_number.items()
            }

        return await self._call(sign_all)

    async def list_parts(self, key: str, upload_id: str) -> list[Part]:
        def all_pages() -> list[Part]:
            pages = self._s3.get_paginator("list_parts").paginate(
                Bucket=self._bucket, Key=key, UploadId=upload_id
            )
            return [
                Part(number=part["PartNumber"], size_bytes=part["Size"], etag=part["ETag"].strip('"'))
                for page in pages
                for part in page.get("Parts", ())
            ]

        with _of_an_upload():
            return await self._call(all_pages)

    async def complete_multipart(self, key: str, upload_id: str, *, parts: Iterable[Part]) -> None:
        ordered = sorted(parts, key=lambda part: part.number)
        with _of_an_upload():
            await self._call(
                lambda: self._s3.complete_multipart_upload(
                    Bucket=self._bucket,
                    Key=key,
                    UploadId=upload_id,
                    MultipartUpload={
                        "Parts": [{"PartNumber": part.number, "ETag": part.etag} for part in ordered]
                    },
                )
            )

    async def abort_multipart(self, key: str, upload_id: str) -> None:
        with suppress(NoSuchUpload), _of_an_upload():
            await self._call(
                lambda: self._s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
            )

    async def list_uploads(
        self, *, prefix: str = "", begun_before: datetime | None = None
    ) -> list[PendingUpload]:
        uploads = await self._call(lambda: list(self._pending_uploads(prefix)))
        return [upload for upload in uploads if begun_before is None or upload.begun_at < begun_before]

    async def head(self, key: str) -> ObjectInfo | None:
        try:
            answer = await self._call(lambda: self._s3.head_object(Bucket=self._bucket, Key=key))
        except ObjectMissing:
            return None
        return ObjectInfo(
            key=key,
            size_bytes=answer["ContentLength"],
            etag=answer["ETag"].strip('"'),
            content_type=answer["ContentType"],
            token=answer["Metadata"].get(_TOKEN),
        )

    async def copy(self, source: str, target: str) -> None:
        await self._call(
            lambda: copy_object(
                self._s3, self._bucket, source=source, target=target, part_bytes=self._copy_part_bytes
            )
        )

    async def protect(self, key: str, *, lasting: timedelta) -> bool:
        until = utc_now() + lasting
        return await self._call(lambda: self._locks() and lock_version(self._s3, self._bucket, key, until))

    async def delete(self, key: str, *, lift_lock: bool = False) -> None:
        def delete() -> None:
            if self._versions():
                delete_versions(self._s3, self._bucket, key, lift_lock=lift_lock)
            else:
                self._s3.delete_object(Bucket=self._bucket, Key=key)

        await self._call(delete)

    async def delete_prefix(self, prefix: str) -> int:
        for upload in await self.list_uploads(prefix=prefix):
            await self.abort_multipart(upload.key, upload.upload_id)
        keys = [listed.key async for listed in self.list_keys(prefix)]
        for key in keys:
            await self.delete(key)
        return len(keys)

    async def list_keys(self, prefix: str) -> AsyncIterator[ListedObject]:
        last_key: str | None = ""
        while last_key is not None:
            page, last_key = await self._call(partial(self._listing_page, prefix, after=last_key))
            for listed in page:
                yield listed

    async def download(self, key: str, path: Path) -> Download:
        return await self._call(lambda: download_file(self._s3, self._bucket, key=key, path=path))

    async def upload(self, path: Path, key: str, *, content_type: str, token: str | None = None) -> None:
        metadata = {} if token is None else {_TOKEN: token}
        await self._call(
            lambda: upload_file(
                self._s3, self._bucket, path=path, key=key, content_type=content_type, metadata=metadata
            )
        )

    async def put_bytes(self, key: str, data: bytes, *, content_type: str) -> None:
        await self._call(
            lambda: self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)
        )

    async def get_bytes(self, key: str) -> bytes:
        def read() -> bytes:
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()

        return await self._call(read)

    async def sign_get(
        self,
        key: str,
        *,
        expires_in: timedelta,
        filename: str,
        content_type: str,
        disposition: Literal["inline", "attachment"] = "inline",
    ) -> str:
        parameters = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": f"{disposition}; filename*=UTF-8''{quote(filename, safe='')}",
        }
        return await self._call(
            lambda: self._public_s3.generate_presigned_url(
                "get_object", Params=parameters, ExpiresIn=int(expires_in.total_seconds())
            )
        )

    async def _call(self, blocking: Callable[[], Result]) -> Result:
        def translated() -> Result:
            with translated_failures():
                return blocking()

        # A cancelled caller waits for the thread: nobody writes to a scratch file that is already removed.
        return await anyio.to_thread.run_sync(translated, limiter=self._threads)

    def _locks(self) -> bool:
        """Asked once: a bucket is made with a lock or never has one."""
        if self._is_locked is None:
            self._is_locked = is_locked(self._s3, self._bucket)
        return self._is_locked

    def _versions(self) -> bool:
        if self._is_versioned is None:
            self._is_versioned = is_versioned(self._s3, self._bucket)
        return self._is_versioned

    def _sign_part(
        self, key: str, upload_id: str, *, number: int, md5: str, expires_in: timedelta
    ) -> SignedRequest:
        content_md5 = base64.b64encode(bytes.fromhex(md5)).decode()
        url = self._public_s3.generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "UploadId": upload_id,
                "PartNumber": number,
                "ContentMD5": content_md5,
            },
            ExpiresIn=int(expires_in.total_seconds()),
        )
        return SignedRequest(method="PUT", url=url, headers={"Content-MD5": content_md5})

    def _pending_uploads(self, prefix: str) -> Iterator[PendingUpload]:
        pages = self._s3.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for upload in page.get("Uploads", ()):
                yield PendingUpload(
                    key=upload["Key"], upload_id=upload["UploadId"], begun_at=upload["Initiated"]
                )

    def _listing_page(self, prefix: str, *, after: str) -> tuple[list[ListedObject], str | None]:
        """One page and the key to go on after, `None` at the end."""
        answer = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix, StartAfter=after)
        page = [
            ListedObject(key=line["Key"], size_bytes=line["Size"], modified_at=line["LastModified"])
            for line in answer.get("Contents", ())
        ]
        return page, page[-1].key if page and answer["IsTruncated"] else None


@contextmanager
def _of_an_upload() -> Iterator[None]:
    """Some stores look for the upload's mark as for an object, and miss that when it was completed or aborted."""
    try:
        yield
    except ObjectMissing as error:
        raise NoSuchUpload(str(error), code=error.code) from error


def _client(settings: S3Settings, endpoint_url: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        config=Config(
            signature_version="s3v4",
            # Other servers than AWS refuse or spoil what newer defaults add (aws-chunked trailers).
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"},
            max_pool_connections=settings.concurrency,
            retries={"mode": "standard", "total_max_attempts": 4},
            connect_timeout=5,
            read_timeout=60,
        ),
    )


_: type[Storage] = S3Storage
