"""What Swift leaves to daemons of a cluster and one machine needs too."""

import logging
import time
from collections.abc import Callable

import eventlet
from swift.common.storage_policy import POLICIES
from swift.common.utils import Timestamp
from swift.container.backend import ContainerBroker
from swift.obj.diskfile import DiskFileRouter
from swift.obj.updater import ObjectUpdater

from app.kit.embedded_s3.configuration import object_updater
from app.kit.embedded_s3.directory import DEVICE, DataDirectory

INTERVAL_S = 3600.0
_DELETION_MARKS_KEPT_S = 86_400
_log = logging.getLogger("embedded_s3.housekeeping")


def keep_house(directory: DataDirectory, *, partitions: int) -> None:
    """Repeat all tasks for ever; a task that fails is logged and tried again in the next round."""
    tasks: tuple[Callable[[], None], ...] = (
        lambda: finish_listing_updates(directory),
        lambda: forget_deleted_objects(directory, partitions=partitions),
        lambda: forget_deleted_rows(directory),
    )
    while True:
        for task in tasks:
            try:
                task()
            except Exception:  # noqa: BLE001  # the server goes on without a tidy house
                _log.exception("housekeeping failed")
        eventlet.sleep(INTERVAL_S)


def finish_listing_updates(directory: DataDirectory) -> None:
    """List the objects whose listing a crash prevented."""
    updater = ObjectUpdater(object_updater(directory))
    updater.get_container_ring().get_nodes("")
    updater.object_sweep(str(directory.devices / DEVICE))


def forget_deleted_objects(directory: DataDirectory, *, partitions: int) -> None:
    """Remove the marks that deleted objects leave behind; computing a partition's hashes does that."""
    conf = {**object_updater(directory), "reclaim_age": str(_DELETION_MARKS_KEPT_S)}
    manager = DiskFileRouter(conf, _log)[POLICIES.default]
    for partition in range(partitions):
        manager.get_hashes(DEVICE, str(partition), [], POLICIES.default)
        eventlet.sleep(0)


def forget_deleted_rows(directory: DataDirectory) -> None:
    """Remove the rows of deleted objects from the listings."""
    before = Timestamp(time.time() - _DELETION_MARKS_KEPT_S).internal
    for path in (directory.devices / DEVICE / "containers").glob("*/*/*/*.db"):
        ContainerBroker(str(path), logger=_log).reclaim(before, before)
        eventlet.sleep(0)
