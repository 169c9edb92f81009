"""Swift's four servers in this process, each on its own socket."""

import logging
import os
import socket
import sys
import time
import warnings
from collections.abc import Callable

import eventlet
import eventlet.wsgi
from swift.common import constraints, utils, wsgi
from swift.common.ring import RingBuilder
from swift.common.storage_policy import reload_storage_policies
from swift.common.utils import logs

from app.kit.embedded_s3 import configuration
from app.kit.embedded_s3.directory import DEVICE, DataDirectory
from app.kit.embedded_s3.housekeeping import keep_house
from app.kit.embedded_s3.keys import EncryptionKeys
from app.kit.embedded_s3.patience import patient
from app.kit.embedded_s3.settings import Credentials, ServerSettings

STORAGE_KINDS = ("account", "container", "object")
# Objects lie at hash >> this: it must never change for a directory that holds data.
_PARTITION_POWER = 4
_BACKLOG = 256
_MAX_CLIENTS = 1024
_SILENT_CLIENT_S = 60


def serve(
    directory: DataDirectory,
    *,
    credentials: Credentials,
    keys: EncryptionKeys,
    settings: ServerSettings,
    on_ready: Callable[[str], None],
) -> None:
    """Serve for ever. `on_ready` gets the URL once the sockets listen and every server is loaded."""
    _prepare_swift(directory)
    front = socket.create_server((settings.host, settings.port), backlog=_BACKLOG)
    inner = {kind: socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) for kind in STORAGE_KINDS}
    for kind, listener in inner.items():
        _write_ring(directory, kind, port=listener.getsockname()[1])

    greenlets = [
        _spawn(listener, configuration.storage_server(kind, directory), protocol=wsgi.SwiftHttpProtocol)
        for kind, listener in inner.items()
    ]
    proxy = configuration.proxy_server(
        directory, credentials=credentials, keys=keys, cors_origins=settings.cors_origins
    )
    greenlets.append(_spawn(front, proxy, protocol=patient(settings.patience)))
    eventlet.spawn(keep_house, directory, partitions=2**_PARTITION_POWER)
    on_ready(f"http://{settings.host}:{front.getsockname()[1]}")
    for greenlet in greenlets:
        greenlet.wait()


def _prepare_swift(directory: DataDirectory) -> None:
    os.environ["TZ"] = "UTC+0"  # noqa: TID251  # as Swift's daemons do: dates on the wire are UTC
    time.tzset()
    eventlet.hubs.use_hub(utils.get_hub())
    logs.logging_monkey_patch()
    # Swift logs to syslog and, without one, to a UDP port of whoever listens there. Standard error is enough.
    logs.ThreadSafeSysLogHandler = lambda **_: logging.StreamHandler(sys.stderr)
    warnings.filterwarnings("ignore", message="capitalize_response_headers is disabled")
    utils.set_swift_dir(str(directory.etc))
    reload_storage_policies()


def _write_ring(directory: DataDirectory, kind: str, *, port: int) -> None:
    """Tell the others where the server of this kind listens.

    Written anew at each start from the socket that is already bound, so that no port must be kept free
    between two starts. Data stays where it is: with one device all partitions are on it, whatever its port.
    """
    builder = RingBuilder(_PARTITION_POWER, 1, 0)
    address = {"ip": "127.0.0.1", "port": port, "replication_ip": "127.0.0.1", "replication_port": port}
    builder.add_dev({"region": 1, "zone": 1, "device": DEVICE, "weight": 1.0, "meta": "", **address})
    builder.rebalance(seed=0)
    builder.get_ring().save(str(directory.etc / f"{kind}.ring.gz"))


def _spawn(
    listener: socket.socket, config: str, *, protocol: type[wsgi.SwiftHttpProtocol]
) -> eventlet.greenthread.GreenThread:
    app = wsgi.loadapp(wsgi.ConfigString(config), global_conf={"log_name": "embedded_s3"})
    return eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        app,
        log=logging.getLogger("embedded_s3.wsgi"),
        log_output=False,
        protocol=protocol,
        custom_pool=eventlet.GreenPool(_MAX_CLIENTS),
        socket_timeout=_SILENT_CLIENT_S,
        keepalive=_SILENT_CLIENT_S,
        # S3 clients look for "ETag", not for "Etag".
        capitalize_response_headers=False,
        url_length_limit=constraints.MAX_REQUEST_LINE,
    )
