"""The edge of the HTTP door, probes and metrics."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from smtpfax.api import probes
from smtpfax.api.app import make_public
from smtpfax.api.deps import Check
from smtpfax.api.routes import Call, Route, by_token, make_app
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.status import NO_SPACE, OUR_FAULT, PART_ENCRYPTED

from .conftest import World


async def bug(call: Call) -> web.StreamResponse:
    raise ZeroDivisionError("the secret place is /var/lib/x")


async def full(call: Call) -> web.StreamResponse:
    raise Temporary(NO_SPACE, after=timedelta(seconds=90), reason="No space left on /dev/sda1")


async def encrypted(call: Call) -> web.StreamResponse:
    raise Permanent(PART_ENCRYPTED, part="offer.pdf", cause=Cause.DOCUMENT)


async def echo(call: Call) -> web.StreamResponse:
    return call.success(dict(await call.body()))


ROUTES = [
    Route(method="GET", path="/bug", handler=bug, scope=None),
    Route(method="GET", path="/full", handler=full, scope=None),
    Route(method="GET", path="/encrypted", handler=encrypted, scope=None),
    Route(method="POST", path="/echo", handler=echo, scope=None),
]


@pytest.fixture
async def odd(world: World) -> AsyncIterator[TestClient]:
    """A door behind which everything goes wrong."""
    async with TestClient(TestServer(make_app(world.deps, ROUTES, admit=by_token))) as client:
        yield client


async def test_a_bug_is_a_500_that_says_nothing_and_is_logged_with_its_id(
    odd: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await odd.get("/bug")
    body = await answer.text()
    assert answer.status == 500
    assert "secret place" not in body
    assert "Division" not in body
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert getattr(record, "smtpfax_id", "") == json.loads(body)["request_id"] == answer.headers["X-Request-ID"]
    assert "secret place" in str(getattr(record, "smtpfax_fields", ""))


async def test_a_fault_that_passes_is_503_with_the_time_to_come_again(odd: TestClient) -> None:
    answer = await odd.get("/full")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "90")
    assert "/dev/sda1" not in await answer.text()


async def test_what_only_the_client_can_change_is_400_in_the_words_of_the_catalogue(odd: TestClient) -> None:
    body = await (await odd.get("/encrypted")).json()
    assert body["error"] == "400"
    assert body["data"] == {
        "message": "offer.pdf is encrypted: send it without a password",
        "enhanced_status": "5.6.0",
    }


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"data": 1}', b"\xff\xfe", b"[" * 100_000, b'{"data": null}'])
async def test_a_body_that_is_no_envelope_is_400(odd: TestClient, body: bytes) -> None:
    answer = await odd.post("/echo", data=body)
    assert (answer.status, (await answer.json())["message"]) == (400, "validation error")


async def test_a_body_over_the_bound_is_413(odd: TestClient) -> None:
    answer = await odd.post("/echo", data=b"x" * 300_000)
    assert (answer.status, (await answer.json())["message"]) == (413, "too_large")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_what_its_header_says_is_400(odd: TestClient, encoding: str) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    answer = await odd.post("/echo", data=b"abcde", headers=headers, compress=None)
    assert answer.status == 400


async def test_the_loop_turns(http: TestClient) -> None:
    answer = await http.get("/healthz")
    assert (answer.status, await answer.json()) == (200, {"status": "ok", "version": "0.1.0"})


@asynccontextmanager
async def door(world: World, *checks: Check) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(make_public(replace(world.deps, readiness=checks)))) as client:
        yield client


async def well() -> str:
    return ""


async def unwell() -> str:
    return "2 of 3 migrations at postgresql://secret@db"


async def broken() -> str:
    raise Temporary(OUR_FAULT, reason="database is locked")


async def gone() -> str:
    raise OSError("no such device")


async def silent() -> str:
    await asyncio.Event().wait()
    return ""


async def test_ready_is_when_every_check_is_well(world: World) -> None:
    async with door(world, Check(name="store", run=well), Check(name="spool", run=well)) as http:
        answer = await http.get("/readyz")
        assert (answer.status, await answer.json()) == (200, {"ready": True, "checks": {"store": "ok", "spool": "ok"}})


@pytest.mark.parametrize("check", [unwell, broken, gone, silent])
async def test_one_check_that_is_not_well_is_503_and_its_reason_is_for_the_log(
    world: World, check: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(probes, "CHECK_SECONDS", 0.01)
    async with door(world, Check(name="store", run=well), Check(name="spool", run=check)) as http:  # type: ignore[arg-type]
        answer = await http.get("/readyz")
        assert answer.status == 503
        assert (await answer.json())["checks"] == {"store": "ok", "spool": "failed"}
    assert any("not ready" in record.getMessage() for record in caplog.records)


async def test_metrics_show_the_queue_as_it_is_and_requests_by_route(http: TestClient, world: World) -> None:
    await world.taken()
    await world.taken(rendered=False)
    world.moved.append(timedelta(seconds=100))
    await http.get("/v2/accounts/acme/faxes/outgoing/m1-1")
    await http.get("/stranger/than/fiction")
    text = await (await http.get("/metrics")).text()
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["smtpfax_jobs", ("state", "rendered")] == 1
    assert samples["smtpfax_jobs", ("state", "queued")] == 1
    assert samples["smtpfax_jobs", ("state", "accepted")] == 0
    assert samples["smtpfax_queue_oldest_seconds",] > 100
    assert samples["smtpfax_build_info", ("version", "0.1.0")] == 1
    assert "m1-1" not in text
    assert "stranger" not in text


async def test_a_request_is_one_line_of_log_without_its_query(
    http: TestClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smtpfax.http")
    token = await world.token()
    await http.get("/v2/smtplog", params={"filter_from": "ann@acme.example"}, headers={"X-Auth-Token": token})
    (record,) = [record for record in caplog.records if record.name == "smtpfax.http"]
    fields = getattr(record, "smtpfax_fields", {})
    assert (fields["method"], fields["path"], fields["code"]) == ("GET", "/v2/smtplog", 200)
    assert token not in str(fields)
    assert "ann@acme.example" not in str(fields)
