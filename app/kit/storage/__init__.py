"""Object storage: the port every feature depends on. The adapter is `app.kit.storage.s3`."""

from app.kit.storage.port import (
    PROBES,
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
    StorageRefused,
    StorageUnavailable,
    StorageUnfit,
    predicted_etag,
)
from app.kit.storage.sweeping import sweep

__all__ = [
    "PROBES",
    "Abilities",
    "Download",
    "ListedObject",
    "NoSuchUpload",
    "ObjectInfo",
    "ObjectMissing",
    "Part",
    "PendingUpload",
    "SignedRequest",
    "Storage",
    "StorageRefused",
    "StorageUnavailable",
    "StorageUnfit",
    "predicted_etag",
    "sweep",
]
