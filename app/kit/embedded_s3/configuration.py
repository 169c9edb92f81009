"""Swift's configuration as text. It stays in memory, so that the secret key is never on the disk."""

from collections.abc import Mapping, Sequence

from app.kit.embedded_s3 import remembering
from app.kit.embedded_s3.directory import DataDirectory
from app.kit.embedded_s3.keys import EncryptionKeys
from app.kit.embedded_s3.settings import Credentials

REGION = "us-east-1"
MAX_PARTS = 10_000  # as S3 itself; Swift's default of 1,000 ends at 5 GB of 5 MiB parts
_MIN_PART_BYTES = 5 * 1024 * 1024

# One process on a busy machine: nobody else could answer, so waiting is better than giving up early.
_PATIENCE = {"conn_timeout": "30", "node_timeout": "60"}

_CACHE = "cache"
_FILTERS = (
    "catch_errors",
    "gatekeeper",
    _CACHE,
    "listing_formats",
    "s3api",
    "tempauth",
    "copy",
    "slo",
    "dlo",
    "versioned_writes",
    "symlink",
)
_ENCRYPTING = ("keymaster", "encryption")  # last of all, so that it sees objects as they are kept


def storage_server(kind: str, directory: DataDirectory) -> str:
    """The account, container or object server."""
    options = {
        **_defaults(directory),
        "devices": str(directory.devices),
        "mount_check": "false",
        "disable_fallocate": "true",
    }
    server = {
        "use": f"egg:swift#{kind}",
        **_PATIENCE,
        # A part must be in ListParts as soon as its upload is answered: wait for the listing's update.
        "container_update_timeout": "60",
        # One replica has nobody to tell about a deletion: keep its mark for a day, not for a week.
        "reclaim_age": "86400",
    }
    return _text({"DEFAULT": options, "pipeline:main": {"pipeline": kind}, f"app:{kind}": server})


def object_updater(directory: DataDirectory) -> dict[str, str]:
    """Options of the daemon that repeats listing updates which a crash cut off."""
    return {
        **_defaults(directory),
        **_PATIENCE,
        "devices": str(directory.devices),
        "mount_check": "false",
        "recon_cache_path": str(directory.recon),
    }


def proxy_server(
    directory: DataDirectory, *, credentials: Credentials, keys: EncryptionKeys, cors_origins: Sequence[str]
) -> str:
    """The S3 front: signatures, multipart, versions, CORS, encryption at rest."""
    origins = ",".join(cors_origins)
    options = {
        **_defaults(directory),
        "cors_allow_origin": origins,
        "cors_expose_headers": "ETag, Content-Range, Accept-Ranges",
    }
    proxy = {
        "use": "egg:swift#proxy",
        "account_autocreate": "true",
        **_PATIENCE,
        # Swift leaves a node alone for a minute after ten errors; ours is the only one.
        "error_suppression_limit": "1000000000",
    }
    own = {
        "s3api": {
            "location": REGION,
            "min_segment_size": str(_MIN_PART_BYTES),
            "max_upload_part_num": str(MAX_PARTS),
            "cors_preflight_allow_origin": origins,
        },
        "tempauth": {f"user_{credentials.account}_{credentials.user}": f"{credentials.secret_key} .admin"},
        # Deleting at once: the asynchronous way waits for a daemon that does not run here, and keeps the bytes.
        "slo": {"allow_async_delete": "false", "max_manifest_segments": str(MAX_PARTS)},
        "versioned_writes": {"allow_versioned_writes": "true", "allow_object_versioning": "true"},
    }
    filters: tuple[str, ...] = _FILTERS
    if keys.active is not None:
        filters += _ENCRYPTING
        own["keymaster"] = {
            **{f"encryption_root_secret_{name}": secret for name, secret in keys.by_name.items()},
            "active_root_secret_id": keys.active,
        }
    sections: dict[str, Mapping[str, str]] = {
        "DEFAULT": options,
        "pipeline:main": {"pipeline": " ".join((*filters, "proxy-server"))},
        "app:proxy-server": proxy,
    }
    for name in filters:
        sections[f"filter:{name}"] = {"use": f"egg:swift#{name}", **own.get(name, {})}
    sections[f"filter:{_CACHE}"] = {"paste.filter_factory": f"{remembering.__name__}:filter_factory"}
    return _text(sections)


def _defaults(directory: DataDirectory) -> dict[str, str]:
    return {"swift_dir": str(directory.etc), "log_level": "ERROR"}


def _text(sections: Mapping[str, Mapping[str, str]]) -> str:
    lines = []
    for name, options in sections.items():
        lines.append(f"[{name}]")
        lines.extend(f"{key} = {value}" for key, value in options.items())
    return "\n".join(lines) + "\n"
