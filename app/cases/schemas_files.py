"""What goes over the wire about the files of appeals and actions."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field

from app.cases.rules_files import MOST_BYTES, ContentType, FileState
from app.kit.wire import Id, In, Out, Whole
from app.recordings.schemas import Md5, SignedPartOut

FileNumber = Annotated[int, Path(ge=1, le=1000, description="within its case", examples=[1])]


class FileIn(In):
    """A photo or a document. Sent twice, it is one file, and gets a fresh address to be sent to."""

    id: Id = Field(description="made by the client (D11)")
    content_type: ContentType
    size_bytes: Annotated[Whole, Field(gt=0, le=MOST_BYTES)] = Field(examples=[482_113])
    md5: Md5 = Field(description="of the content, in hex", examples=["d41d8cd98f00b204e9800998ecf8427e"])


class FileOut(Out):
    """It has a number and no name: what it was called where it came from is nobody's business."""

    number: int
    content_type: ContentType
    size_bytes: int
    state: FileState
    added_at: datetime
    deleted_at: datetime | None = Field(description="its time was over (D10.4)")


class FileUploadOut(Out):
    """`upload` is the request that brings the content, and no other; null when it has arrived."""

    file: FileOut
    upload: SignedPartOut | None
    expires_at: datetime | None


class FileLinkOut(Out):
    url: str
    content_type: ContentType
    expires_at: datetime
