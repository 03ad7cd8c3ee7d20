"""Scripts of other sites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from smtpfax.api.app import make_public

from .conftest import World

PORTAL = "https://portal.example"
FAXES = "/v2/accounts/acme/faxes/outgoing"


@pytest.fixture
async def http(world: World) -> AsyncIterator[TestClient]:
    named = replace(world.deps, origins=frozenset({PORTAL}))
    async with TestClient(TestServer(make_public(named))) as client:
        yield client


async def test_a_named_origin_is_told_what_it_may_ask(http: TestClient) -> None:
    asks = {"Origin": PORTAL, "Access-Control-Request-Method": "PATCH"}
    answer = await http.options("/v2/accounts/acme/faxboxes/sales", headers=asks)
    assert (answer.status, await answer.read()) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == PORTAL
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, PATCH, POST"
    assert "X-Auth-Token" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_a_named_origin_reads_the_answer_and_its_errors(http: TestClient, world: World) -> None:
    for headers, code in (({"X-Auth-Token": await world.token("acme")}, 200), ({}, 401)):
        answer = await http.get(FAXES, headers={"Origin": PORTAL, **headers})
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (code, PORTAL)
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin", ["https://portal.example.evil.example", "http://portal.example", "https://PORTAL.example", "null", ""]
)
async def test_a_stranger_is_told_nothing(http: TestClient, world: World, origin: str) -> None:
    asks = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    answer = await http.options(FAXES, headers=asks)
    assert answer.status == 405
    shown = await http.get(FAXES, headers={"Origin": origin, "X-Auth-Token": await world.token("acme")})
    for each in (answer, shown):
        assert not [name for name in each.headers if name.startswith("Access-Control")]
        assert each.headers["Vary"] == "Origin", "another origin gets another answer"


async def test_only_the_api_is_for_scripts_of_others(http: TestClient) -> None:
    for path in ("/healthz", "/metrics", "/nowhere"):
        answer = await http.get(path, headers={"Origin": PORTAL})
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_without_a_setting_nobody_may(world: World) -> None:
    async with TestClient(TestServer(make_public(world.deps))) as http:
        answer = await http.options(FAXES, headers={"Origin": PORTAL, "Access-Control-Request-Method": "GET"})
        assert answer.status == 405
        assert not [name for name in answer.headers if name.startswith("Access-Control") or name == "Vary"]


async def test_a_preflight_of_what_is_not_there_is_404(http: TestClient) -> None:
    asks = {"Origin": PORTAL, "Access-Control-Request-Method": "GET"}
    assert (await http.options("/v2/nowhere", headers=asks)).status == 404
