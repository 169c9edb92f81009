"""Where webhooks may go, when they are tried again, and when a subscriber is given up. Standard library only."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; may be replayed


# Nine attempts over a day: a deployment takes minutes, an outage a night.
RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=9),
)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
GIVEN_UP_AFTER = timedelta(days=5)  # of nothing but failures: longer than a public holiday's weekend
OVERLAP_DEFAULT, OVERLAP_LONGEST = timedelta(hours=24), timedelta(days=7)
LOG_KEPT_FOR = timedelta(days=90)

MOST_PORTS = 65_535
HTTPS_PORT, HTTP_PORT = 443, 80


class Unsafe(ValueError):
    """An address webhooks may not go to; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. `host` is a name, or an IP address without brackets."""

    scheme: str
    host: str
    port: int
    path: str  # with the query

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = HTTPS_PORT if self.scheme == "https" else HTTP_PORT
        return name if self.port == usual else f"{name}:{self.port}"

    def at(self, address: str) -> str:
        """The same resource by an IP address."""
        literal = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{literal}:{self.port}{self.path}"


def read_target(url: str, *, https_only: bool) -> Target:
    """Raises `Unsafe` for anything but a plain http(s) address without credentials."""
    if not url.isascii() or any(sign.isspace() or not sign.isprintable() for sign in url) or "\\" in url:
        raise Unsafe("The address must be plain ASCII without spaces; write other letters as xn--… or %XX.")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise Unsafe("This is no address.") from error
    if parts.scheme not in ({"https"} if https_only else {"https", "http"}):
        raise Unsafe("The address must begin with https://.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise Unsafe("The address needs a host, and takes no user name, password or fragment.")
    if port is None:
        port = HTTPS_PORT if parts.scheme == "https" else HTTP_PORT
    if port == 0:
        raise Unsafe("Port 0 is no port.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


# What `is_global` lets pass, in some Python or other: a cloud's metadata on a public number, and assignments that
# came after the Python did.
FURTHER = tuple(
    map(
        ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24", "64:ff9b:1::/48", "3fff::/20", "5f00::/16")
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
COMPATIBLE = ipaddress.ip_network("::/96")


def may_go_to(address: str, *, loopback: bool) -> bool:
    """Whether an IP address is a public one. `loopback` lets 127.0.0.0/8 and ::1 pass, for development."""
    try:
        ip = _inner(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if ip.is_loopback:
        return loopback
    refused = ip.is_multicast or ip.is_unspecified or ip.is_reserved or ip.is_link_local
    if isinstance(ip, ipaddress.IPv6Address):
        refused = refused or ip.is_site_local
    return ip.is_global and not refused and not any(ip in network for network in FURTHER)


def _inner(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address an IPv6 one stands for: a gateway would go there."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    in_last_bits = ip in NAT64 or (ip in COMPATIBLE and int(ip) > 1)
    return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF) if in_last_bits else ip


def is_success(status: int | None) -> bool:
    """Only 2xx: a redirect is not followed, and an answer cut short or none is none."""
    return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def is_subscriber_down(status: int | None) -> bool:
    """Whether the subscriber, rather than this one message, is the trouble: the others wait as well."""
    return (
        status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
    )


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; `None` after the last."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


def pause_after(failures: int) -> timedelta:
    """How long a subscriber that is down is left alone after so many failures in a row."""
    doublings = min(failures - 1, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
