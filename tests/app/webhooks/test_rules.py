"""Where webhooks may go and when they are tried again: no database, no network."""

from datetime import timedelta
from itertools import pairwise

import pytest

from app.webhooks.rules import (
    GIVEN_UP_AFTER,
    LONGEST_PAUSE,
    RETRY_AFTER,
    Unsafe,
    is_subscriber_down,
    is_success,
    may_go_to,
    pause_after,
    read_target,
    retry_after,
)

NOT_PUBLIC = [
    "0.0.0.1", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",  # shared; Alibaba's metadata
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255",
    "168.63.129.16",  # Azure's, though a public number
    "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.7", "224.0.0.1",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo of 127.0.0.1
    "100::1", "2001:db8::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "", "localhost", "1.2.3", "not an address",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


class TestMayGoTo:
    @pytest.mark.parametrize("address", NOT_PUBLIC)
    def test_refuses_what_is_not_public(self, address: str) -> None:
        assert not may_go_to(address, loopback=False)

    @pytest.mark.parametrize("address", PUBLIC)
    def test_lets_public_ones_pass(self, address: str) -> None:
        assert may_go_to(address, loopback=False)

    def test_lets_loopback_pass_in_development_and_nothing_more(self) -> None:
        passing = [address for address in NOT_PUBLIC if may_go_to(address, loopback=True)]

        assert passing == [
            "127.0.0.1", "127.255.255.254", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
            "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe",
        ]  # fmt: skip


class TestReadTarget:
    def test_takes_an_address_apart(self) -> None:
        target = read_target("https://hooks.example.org:8443/a/b?c=d", https_only=True)

        assert (target.host, target.port, target.path) == ("hooks.example.org", 8443, "/a/b?c=d")
        assert target.host_header == "hooks.example.org:8443"
        assert target.at("2606:4700::1") == "https://[2606:4700::1]:8443/a/b?c=d"

    def test_knows_the_usual_ports(self) -> None:
        assert read_target("https://a.example", https_only=True).host_header == "a.example"
        assert read_target("http://[2606:4700::1]/x", https_only=False).host_header == "[2606:4700::1]"

    @pytest.mark.parametrize(
        "url",
        [
            "http://hooks.example.org/", "ftp://hooks.example.org/", "file:///etc/passwd", "gopher://x/", "//x/",
            "https://", "https:///path", "https://user@hooks.example.org/", "https://u:p@hooks.example.org/",
            "https://hooks.example.org/#part", "https://hooks.example.org:0/", "https://hooks.example.org:99999/",
            "https://[::1", "https://hooks.example.org\\@127.0.0.1/", "https://hooks.example.org /",
            "https://hooks.example.org/\r\nX: y", "https://höoks.example.org/", "hooks.example.org",
        ],
    )  # fmt: skip
    def test_refuses_everything_else(self, url: str) -> None:
        with pytest.raises(Unsafe):
            read_target(url, https_only=True)


class TestRetries:
    def test_go_on_for_a_day_with_growing_waits(self) -> None:
        waits = [retry_after(attempts) for attempts in range(1, len(RETRY_AFTER) + 1)]

        assert sum((wait for wait in waits if wait), timedelta()) >= timedelta(hours=24)
        assert all(one and other and one < other for one, other in pairwise(waits))
        assert retry_after(len(RETRY_AFTER) + 1) is None

    def test_a_subscriber_that_is_down_is_left_alone_longer_and_longer_but_never_for_long(self) -> None:
        assert [pause_after(failures).total_seconds() for failures in (1, 2, 3)] == [30, 60, 120]
        assert pause_after(1000) == LONGEST_PAUSE < GIVEN_UP_AFTER

    def test_only_2xx_counts(self) -> None:
        assert [
            status for status in (None, 100, 200, 204, 299, 301, 302, 400, 500) if is_success(status)
        ] == [
            200,
            204,
            299,
        ]

    def test_a_refusal_of_one_message_does_not_hold_up_the_others(self) -> None:
        assert [status for status in (None, 302, 400, 410, 429, 500, 503) if is_subscriber_down(status)] == [
            None,
            429,
            500,
            503,
        ]
