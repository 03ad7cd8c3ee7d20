"""Counting clients, and the octets that arrive."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as some

from smtpfax.intake.crowd import Crowd, Load, Turns

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


async def test_those_who_wait_are_let_on_in_their_order_a_few_each_time_the_loop_comes_round() -> None:
    turns, order, rounds = Turns(), list[str](), 0

    async def one(name: str) -> None:
        await turns.next()
        order.append(name)

    waiting = [asyncio.create_task(one(f"{number}")) for number in range(9)]
    waiting[3].cancel()
    while not all(task.done() for task in waiting):
        before = len(order)
        await asyncio.sleep(0)
        rounds += 1
        assert len(order) <= before + Turns.AT_A_TIME
    assert order == [f"{number}" for number in range(9) if number != 3]
    assert rounds >= 4
    await asyncio.wait_for(turns.next(), 5)  # nobody is left who would be waited for


async def test_nobody_is_let_on_before_the_disk_has_most_of_what_came() -> None:
    turns = Turns()
    turns.writing = Turns.MOST_WRITING + 1
    waiting = asyncio.create_task(turns.next())
    for _ in range(9):
        await asyncio.sleep(0)
    assert not waiting.done()
    turns.writing = 0
    await asyncio.wait_for(waiting, 5)
