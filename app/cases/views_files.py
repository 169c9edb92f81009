"""From rows to wire types: the files of appeals and actions."""

from datetime import datetime, timedelta

from app.cases import files
from app.cases.files import Upload
from app.cases.models import CaseFile
from app.cases.rules_files import ContentType
from app.cases.schemas_files import FileLinkOut, FileOut, FileUploadOut
from app.kit.storage import Storage
from app.recordings.schemas import SignedPartOut
from app.settings import Settings


def file(row: CaseFile) -> FileOut:
    return FileOut(
        number=row.number,
        content_type=ContentType(row.content_type),
        size_bytes=row.size_bytes,
        state=row.state,
        added_at=row.created_at,
        deleted_at=row.erased_at,
    )


def upload(made: Upload) -> FileUploadOut:
    request = made.request
    return FileUploadOut(
        file=file(made.file),
        upload=None
        if request is None
        else SignedPartOut(
            number=1,
            size_bytes=made.file.size_bytes,
            method=request.method,
            url=request.url,
            headers=dict(request.headers),
        ),
        expires_at=made.expires_at,
    )


async def link(
    storage: Storage, row: CaseFile, *, noun: str, settings: Settings, now: datetime
) -> FileLinkOut:
    """Good for a minute or so."""
    life = timedelta(seconds=settings.play_link_seconds)
    url = await files.link(storage, row, noun=noun, life=life)
    return FileLinkOut(url=url, content_type=ContentType(row.content_type), expires_at=now + life)
