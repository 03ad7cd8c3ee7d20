"""Counting clients, and the octets that arrive."""

from __future__ import annotations

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as some

from smtpfax.intake.crowd import Crowd, Load

ONE, TWO = ip_address("192.0.2.1"), ip_address("192.0.2.2")
CUSTOMER = ip_address("2001:db8:1:2::1"), ip_address("2001:db8:1:2:ffff::1")


def test_each_address_is_counted_for_itself() -> None:
    crowd = Crowd()
    assert [crowd.enter(address) for address in (ONE, TWO, ONE, ONE)] == [1, 1, 2, 3]
    crowd.leave(ONE)
    assert crowd.enter(ONE) == 3


def test_a_customer_of_ipv6_is_one_client() -> None:
    crowd = Crowd()
    assert [crowd.enter(address) for address in (*CUSTOMER, ip_address("2001:db8:1:3::1"))] == [1, 2, 1]


@given(some.lists(some.ip_addresses(), max_size=20))
def test_when_all_are_gone_nobody_is_remembered(addresses: list[object]) -> None:
    crowd = Crowd()
    for address in addresses:
        crowd.enter(address)  # type: ignore[arg-type]
    assert len(crowd) <= len(addresses)
    for address in reversed(addresses):
        crowd.leave(address)  # type: ignore[arg-type]
    assert len(crowd) == 0


def test_octets_come_until_there_is_no_room_and_those_that_go_make_some() -> None:
    load = Load()
    assert load.take(60, most=100)
    assert not load.bears(41, most=100)
    assert not load.take(41, most=100)
    assert load.take(40, most=100)
    load.drop(60)
    assert load.octets == 40
    assert load.bears(60, most=100)
