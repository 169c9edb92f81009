"""boto3's errors in the port's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  # botocore's own
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)

from app.kit.storage.port import NoSuchUpload, ObjectMissing, StorageRefused, StorageUnavailable

# HEAD answers carry no body, so that botocore has the bare status for a code.
_MISSING = frozenset({"NoSuchKey", "NotFound", "404"})
_BUSY = frozenset({"SlowDown", "RequestTimeout", "RequestTimeTooSkewed", "OperationAborted", "Throttling"})
_BUSY_STATUS = frozenset({408, 429})
_NOT_IMPLEMENTED = 501


@contextmanager
def translated_failures() -> Iterator[None]:
    """Turn what boto3 raises inside into `StorageUnavailable` or a `StorageRefused`."""
    try:
        yield
    except ClientError as error:
        raise _translate(error) from error
    except S3UploadFailedError as error:
        cause = error.__context__
        if isinstance(cause, ClientError):
            raise _translate(cause) from error
        raise StorageUnavailable(str(error)) from error
    except (HTTPClientError, ConnectionError, IncompleteReadError, ResponseStreamingError) as error:
        raise StorageUnavailable(str(error)) from error
    except BotoCoreError as error:
        raise StorageRefused(str(error), code=type(error).__name__) from error


def error_code(error: ClientError) -> str:
    """The store's own word for the failure."""
    return error.response.get("Error", {}).get("Code", "")


def _translate(error: ClientError) -> StorageRefused | StorageUnavailable:
    code = error_code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchUpload":
        return NoSuchUpload(str(error), code=code)
    if code in _MISSING:
        return ObjectMissing(str(error), code=code)
    if code in _BUSY or status in _BUSY_STATUS or (status >= 500 and status != _NOT_IMPLEMENTED):
        return StorageUnavailable(str(error))
    return StorageRefused(str(error), code=code)
