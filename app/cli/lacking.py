"""What a process needs and does not find, in one line that names the setting: a service manager shows no more."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError

from app.cli.terminal import Failed
from app.kit.database import is_away
from app.kit.migrations import NotMigrated

NOT_ALLOWED = "42501"  # PostgreSQL's word for a right that somebody lacks


@contextmanager
def told_plainly() -> Iterator[None]:
    """What is lacking inside is `Failed`; a mistake of ours stays what it is."""
    try:
        yield
    except Exception as problem:
        if (sentence := sentence_of(problem)) is None:
            raise
        raise Failed(" ".join(sentence.split())) from problem


@contextmanager
def told_of_files() -> Iterator[None]:
    """Likewise, of the product's own directory, where it can be nobody else's that could not be written."""
    try:
        yield
    except OSError as problem:
        if problem.filename is None:
            raise
        raise Failed(
            f"cannot use {problem.filename}: {problem.strerror}: it must be possible to write there, "
            "see PLAINCLOTHES_DATA_DIR"
        ) from problem


def sentence_of(problem: Exception) -> str | None:
    """`None` for what no setting mends."""
    match problem:
        case NotMigrated():
            return str(problem)
        case DBAPIError():
            return _of_database(problem)
        case _:
            return _of_process(problem)


def _of_process(problem: Exception) -> str | None:
    # Here: they bring the job engine and boto3, which take longer to import than most commands to run.
    from app.kit.embedded_s3.supervisor import EmbeddedS3Failed  # noqa: PLC0415
    from app.kit.jobs import WorkerNameTaken  # noqa: PLC0415
    from app.kit.resources import UnknownObjectStore  # noqa: PLC0415
    from app.kit.storage import StorageRefused, StorageUnavailable, StorageUnfit  # noqa: PLC0415

    match problem:
        case WorkerNameTaken() | UnknownObjectStore() | StorageUnfit():
            return str(problem)
        case EmbeddedS3Failed():
            return (
                f"the embedded object store does not start: {problem}: "
                "see PLAINCLOTHES_DATA_DIR, PLAINCLOTHES_S3_PORT and PLAINCLOTHES_S3_ACCESS_KEY"
            )
        case StorageUnavailable():
            return (
                f"the object store does not answer: {problem}: start it (the embedded one is in `plainclothes serve`), "
                "or correct PLAINCLOTHES_S3_ENDPOINT"
            )
        case StorageRefused():
            return (
                f"the object store refuses: {problem}: "
                "correct PLAINCLOTHES_S3_ACCESS_KEY, PLAINCLOTHES_S3_SECRET_KEY or PLAINCLOTHES_S3_BUCKET"
            )
        case _:
            return None


def _of_database(problem: DBAPIError) -> str | None:
    said = str(problem.orig)
    if isinstance(problem.orig, sqlite3.Error):
        file = "see PLAINCLOTHES_DATA_DIR, or PLAINCLOTHES_DATABASE_URL"
        return (
            f"the database cannot be used: {said}: {file}" if isinstance(problem, OperationalError) else None
        )
    if is_away(problem) and "FATAL:" not in said:
        return f"the database does not answer: {said}: start it, or correct PLAINCLOTHES_DATABASE_URL"
    if isinstance(problem, OperationalError) or getattr(problem.orig, "sqlstate", None) == NOT_ALLOWED:
        return f"the database refuses: {said}: correct it, or PLAINCLOTHES_DATABASE_URL"
    return None
