"""How often a token may ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from smtpfax.api import limiter
from smtpfax.api.app import make_public
from smtpfax.api.limiter import Limiter

from .conftest import World

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_burst_is_let_through_and_then_the_rate() -> None:
    bound = Limiter(per_minute=60, burst=3)
    assert [bound.wait("a", NOON) for _ in range(5)] == [0, 0, 0, 1, 1]
    assert [bound.wait("a", after(1)) for _ in range(2)] == [0, 1]
    assert [bound.wait("a", after(100)) for _ in range(4)] == [0, 0, 0, 1]


def test_who_waits_as_long_as_told_is_let_through() -> None:
    bound = Limiter(per_minute=7, burst=1)
    assert bound.wait("a", NOON) == 0
    seconds = bound.wait("a", after(0.5))
    assert bound.wait("a", after(seconds - 1.5)) > 0
    assert bound.wait("a", after(0.5 + seconds)) == 0


def test_one_that_is_busy_takes_nothing_from_another() -> None:
    bound = Limiter(per_minute=1, burst=1)
    assert [bound.wait("a", NOON), bound.wait("a", NOON), bound.wait("b", NOON)] == [0, 60, 0]


def test_a_clock_that_is_set_back_gives_nothing_and_takes_nothing() -> None:
    bound = Limiter(per_minute=60, burst=2)
    assert [bound.wait("a", NOON), bound.wait("a", after(-3600)), bound.wait("a", after(-3600))] == [0, 0, 1]


def test_nothing_is_a_limit_when_none_is_set() -> None:
    assert {Limiter().wait("a", NOON) for _ in range(1000)} == {0}


def test_there_are_never_more_than_so_many_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "MOST", 10)
    bound = Limiter(per_minute=60, burst=5)
    for number in range(100):
        bound.wait(str(number), NOON)
    assert len(bound._buckets) == 10
    bound.wait("late", after(60))
    assert list(bound._buckets) == ["late"], "of those that are full again nothing is kept"


async def test_a_token_that_asks_too_often_is_told_when_to_come_again(world: World) -> None:
    busy = replace(world.deps, limiter=Limiter(per_minute=6, burst=2))
    mine, other = {"X-Auth-Token": await world.token("acme")}, {"X-Auth-Token": await world.token("acme")}
    path = "/v2/accounts/acme/faxes/outgoing"
    async with TestClient(TestServer(make_public(busy))) as http:
        assert [(await http.get(path, headers=mine)).status for _ in range(3)] == [200, 200, 429]
        answer = await http.get(path, headers=mine)
        body = await answer.json()
        assert (body["status"], body["error"], body["message"]) == ("error", "429", "too_many_requests")
        assert answer.headers["Retry-After"] == "10"
        assert (await http.get(path, headers=other)).status == 200
        assert (await http.get("/healthz")).status == 200
        world.moved.append(timedelta(seconds=10))
        assert (await http.get(path, headers=mine)).status == 200
