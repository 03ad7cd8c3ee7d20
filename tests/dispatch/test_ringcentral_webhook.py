"""Webhooks: a subscription that is made, renewed and mended; events that are believed as a reason to ask."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from smtpfax.dispatch.ringcentral import RingCentral
from smtpfax.dispatch.ringcentral.callbacks import hear
from smtpfax.dispatch.ringcentral.subscription import Address
from smtpfax.model.backend import Callback, Heard
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.testing.ringcentral import FakeRingCentral
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import Clock, offer, spooled

TOKEN = "our-token"
EVENT = {"uuid": "u", "event": "/restapi/v1.0/account/1/extension/2/message-store"}


def event(kind: str = "Fax") -> bytes:
    return json.dumps({**EVENT, "body": {"changes": [{"type": kind, "newCount": 1, "updatedCount": 0}]}}).encode()


def callback(body: bytes, **headers: str) -> Callback:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Callback(method="POST", path="/callbacks/ringcentral", headers=named, body=body)


@asynccontextmanager
async def door(hears: Callable[[], RingCentral]) -> AsyncIterator[str]:
    """What stands at our public address."""

    async def serve(request: web.Request) -> web.Response:
        asked = Callback(
            method=request.method, path=request.path, headers=dict(request.headers), body=await request.read()
        )
        try:
            return web.Response(headers=dict(hears().read_callback(asked).headers))
        except Permanent:
            return web.Response(status=403)

    app = web.Application()
    app.router.add_post("/callbacks/ringcentral", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/callbacks/ringcentral"
    await runner.cleanup()


@asynccontextmanager
async def subscribed(ring: FakeRingCentral, folder: Path) -> AsyncIterator[RingCentral]:
    """A backend that RingCentral can reach."""
    made: list[RingCentral] = []
    async with door(lambda: made[0]) as url:
        made.append(ringcentral(ring, folder, address=Address(url=url, token=TOKEN), webhook=True))
        yield made[0]


async def test_it_subscribes_once_echoes_the_handshake_and_gives_its_token(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    async with subscribed(ring, tmp_path) as backend:
        for _ in range(3):
            await backend.tend()
            clock.pass_by(hours=1)
    [record] = ring.subscriptions.records.values()
    creating = [seen for seen in ring.seen if (seen.method, seen.path) == ("POST", "/restapi/v1.0/subscription")]
    assert len(creating) == 1
    assert json.loads(creating[0].body) == {
        "eventFilters": ["/restapi/v1.0/account/~/extension/~/message-store"],
        "deliveryMode": {
            "transportType": "WebHook",
            "address": record["deliveryMode"]["address"],
            "verificationToken": TOKEN,
        },
        "expiresIn": 604800,
    }


async def test_it_is_renewed_a_day_before_its_end(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    async with subscribed(ring, tmp_path) as backend:
        await backend.tend()
        clock.pass_by(days=5, hours=23)
        await backend.tend()
        assert not [seen for seen in ring.seen if seen.path.endswith("/renew")]
        clock.pass_by(hours=2)
        await backend.tend()
    [renewing] = [seen for seen in ring.seen if seen.path.endswith("/renew")]
    [id_] = ring.subscriptions.records
    assert (renewing.method, renewing.path) == ("POST", f"/restapi/v1.0/subscription/{id_}/renew")


async def test_one_that_was_blacklisted_is_deleted_and_made_anew(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    async with subscribed(ring, tmp_path) as backend:
        await backend.tend()
        [before] = ring.subscriptions.records
        ring.subscriptions.records[before]["status"] = "Blacklisted"
        clock.pass_by(hours=2)
        await backend.tend()
    [after] = ring.subscriptions.records
    assert after != before


async def test_anothers_subscription_is_left_alone(ring: FakeRingCentral, tmp_path: Path) -> None:
    other = {"id": "x", "status": "Blacklisted", "deliveryMode": {"address": "https://other.example"}}
    ring.subscriptions.records["x"] = other
    async with subscribed(ring, tmp_path) as backend:
        await backend.tend()
    assert ring.subscriptions.records["x"] is other
    assert len(ring.subscriptions.records) == 2


async def test_where_nobody_answers_the_handshake_it_is_temporary_and_tried_again(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    async def refuses(_: web.Request) -> web.Response:
        return web.Response(status=500)

    async with _serving(refuses) as url:
        backend = ringcentral(ring, tmp_path, address=Address(url=url, token=TOKEN), webhook=True)
        for _ in range(2):
            with pytest.raises(Temporary, match="SUB-525"):
                await backend.tend()
    assert not ring.subscriptions.records


@asynccontextmanager
async def _serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_an_event_makes_an_ended_fax_known_sooner(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    async with subscribed(ring, spooled(tmp_path)) as backend:
        await backend.tend()
        tickets = [await backend.offer(offer(f"m{number}-1")) for number in range(3)]
        await backend.ask(tickets)
        assert (await backend.tend()).moved == []
        clock.pass_by(seconds=5)
        ring.store.end(4_444_444_445, "Sent", pages=3)
        assert await ring.subscriptions.tell("Fax") == [200]
        assert (await backend.tend()).moved == [tickets[1]]
        assert (await backend.tend()).moved == []


async def test_a_flood_of_events_costs_few_calls(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    await backend.ask([await backend.offer(offer())])
    for _ in range(100):
        backend.read_callback(callback(event(), Verification_Token=TOKEN))
        await backend.tend()
        clock.pass_by(seconds=0.1)
    assert ring.limits.calls["light"] <= 3


async def test_without_the_setting_it_subscribes_to_nothing(ring: FakeRingCentral, tmp_path: Path) -> None:
    await ringcentral(ring, tmp_path).tend()
    assert ring.seen == []


@pytest.mark.parametrize("name", ["Verification_Token", "Validation_Token", "verification_token"])
def test_an_event_with_our_token_is_believed_under_either_name(name: str) -> None:
    assert hear(callback(event(), **{name: TOKEN}), token=TOKEN) == Heard(changed=True)


@pytest.mark.parametrize("headers", [{}, {"Verification_Token": "another"}, {"Verification_Token": ""}])
def test_an_event_without_it_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Permanent):
        hear(callback(event(), **headers), token=TOKEN)


@pytest.mark.parametrize("body", [event("SMS"), b"[]", b"{", b"[" * 100_000, b'{"body": 5}'])
def test_what_is_not_about_faxes_changes_nothing(body: bytes) -> None:
    assert hear(callback(body, Verification_Token=TOKEN), token=TOKEN) == Heard()


def test_an_event_of_faxes_alone_is_about_faxes() -> None:
    body = {"event": "/restapi/v1.0/account/1/extension/2/fax?direction=Inbound", "body": {"id": 1}}
    assert hear(callback(json.dumps(body).encode(), Verification_Token=TOKEN), token=TOKEN).changed


def test_the_handshake_is_echoed_as_it_came() -> None:
    heard = hear(callback(b"", Validation_Token="c0ffee-1"), token=TOKEN)
    assert heard == Heard(headers={"Validation-Token": "c0ffee-1"})


@pytest.mark.parametrize("echo", ["", "x" * 201, "a\r\nSet-Cookie: x", "ü"])
def test_what_cannot_be_a_handshake_is_refused(echo: str) -> None:
    with pytest.raises(Permanent):
        hear(callback(b"  ", Validation_Token=echo), token=TOKEN)


def test_where_no_token_was_given_no_event_is_believed() -> None:
    for headers in ({}, {"Verification_Token": ""}):
        with pytest.raises(Permanent):
            hear(callback(event(), **headers), token="")


async def test_of_several_at_our_address_the_active_one_counts(ring: FakeRingCentral, tmp_path: Path) -> None:
    async with subscribed(ring, tmp_path) as backend:
        await backend.tend()
        [(id_, record)] = list(ring.subscriptions.records.items())
        ring.subscriptions.records = {"a-1": {**record, "id": "a-1", "status": "Blacklisted"}, id_: record}
        await ringcentral(
            ring, tmp_path, address=Address(url=record["deliveryMode"]["address"], token=TOKEN), webhook=True
        ).tend()
    assert set(ring.subscriptions.records) == {"a-1", id_}


async def test_an_event_that_comes_right_after_a_reading_is_followed_all_the_same(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    async with subscribed(ring, spooled(tmp_path)) as backend:
        await backend.tend()
        ticket = await backend.offer(offer())
        await backend.ask([ticket])
        clock.pass_by(seconds=1)
        ring.store.end(4_444_444_444, "Sent", pages=3)
        await ring.subscriptions.tell("Fax")
        soon = await backend.tend()
        assert (list(soon.moved), soon.again.total_seconds()) == ([], 4)
        clock.pass_by(seconds=4)
        assert (await backend.tend()).moved == [ticket]


@pytest.mark.parametrize("listed", [True, False], ids=["still listed", "gone meanwhile"])
async def test_one_that_cannot_be_renewed_any_more_is_made_anew(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path, listed: bool
) -> None:
    async with subscribed(ring, tmp_path) as backend:
        await backend.tend()
        [before] = ring.subscriptions.records
        ring.subscriptions.renewal, ring.subscriptions.deletes = 404, listed
        clock.pass_by(days=8)
        await backend.tend()
    after = [id_ for id_ in ring.subscriptions.records if id_ != before]
    assert len(after) == 1
    assert listed == (before not in ring.subscriptions.records)


async def test_trouble_while_it_is_renewed_is_no_reason_to_make_another(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    async with subscribed(ring, tmp_path) as backend:
        await backend.tend()
        [before] = ring.subscriptions.records
        clock.pass_by(days=6, hours=12)
        ring.subscriptions.renewal = 500
        with pytest.raises(Temporary):
            await backend.tend()
        ring.subscriptions.renewal = 200
        await backend.tend()
    assert list(ring.subscriptions.records) == [before]
