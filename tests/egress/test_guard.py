"""The guard's table."""

from __future__ import annotations

import pytest

from smtpfax.egress.guard import host_of, is_public, own_hosts


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "127.1",
        "0x7f.0.0.1", "2130706433", "localhost", "",
    ],
)  # fmt: skip
def test_what_is_private_reserved_or_no_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_everybody_may_reach_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://API.Example.com:8443/v2", "api.example.com"),
        ("http://[::1]:80/", "::1"),
        ("http://api.example.com./", "api.example.com"),
        ("http://[", ""),
        ("/no/host", ""),
    ],
)
def test_a_host_is_compared_without_case_port_or_last_dot(url: str, host: str) -> None:
    assert host_of(url) == host


def test_own_hosts_are_the_hosts_of_the_addresses_and_nothing_empty() -> None:
    assert own_hosts("https://a.example/v2", "http://[", "http://B.example:1") == {"a.example", "b.example"}
