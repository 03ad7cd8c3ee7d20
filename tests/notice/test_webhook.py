"""What a program is told, how it knows who tells it, and what its answers mean."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from smtpfax.egress import Places, Strangers
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.notice import Notice, NoticeKind
from smtpfax.model.webhook import Webhook
from smtpfax.notice.webhook import Webhooks, again, flat, request_of, signed
from tests.egress.rough import Behaviour, drops, never_answers, ok, rough, says, trickles

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORD: dict[str, Any] = {
    "id": "j1",
    "pages": 2,
    "held": None,
    "tx_result": {"success": True, "error_message": ""},
    "history": [{"event": "sent"}],
}


NOTICE = Notice(id="n1", kind=NoticeKind.WEBHOOK, mail_id="m", job_id="j1", recipient="u", created=NOON, due=NOON)


async def deliver(behave: Behaviour, *, secret: str = "s3cret", seconds: float = 5, **said: str) -> tuple[str, bytes]:
    """One call; what it came to, and what the program saw."""
    async with rough(behave) as server:
        strangers = Strangers(Places(private=frozenset({f"127.0.0.1:{server.port}"})))
        webhook = Webhook(url=f"{server.url}/hook?key=1", **said)
        webhooks = Webhooks(strangers=strangers, secret=secret, seconds=seconds)
        told = await webhooks.deliver(NOTICE, webhook=webhook, record=RECORD, at=NOON)
    return told, server.seen[0]


def test_a_signature_is_the_standards_own_example() -> None:
    """From the libraries of Standard Webhooks."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        at=at,
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_is_no_base64_is_taken_as_it_stands() -> None:
    for secret in ("s3cret", "whsec_not base64"):
        digest = hmac.new(secret.encode(), b"n.1772366400.body", hashlib.sha256).digest()
        assert signed("n", b"body", at=NOON, secret=secret)["webhook-signature"] == f"v1,{b64encode(digest).decode()}"


def test_without_a_secret_nothing_is_signed() -> None:
    assert set(signed("n", b"body", at=NOON, secret="")) == {"webhook-id", "webhook-timestamp"}


async def test_a_program_is_told_in_json() -> None:
    told, seen = await deliver(ok(status="202 Accepted"))
    head, _, body = seen.partition(b"\r\n\r\n")
    assert told == "202"
    assert head.startswith(b"POST /hook?key=1 HTTP/1.1\r\n")
    assert json.loads(body) == {"event": "fax.ended", "data": RECORD}
    signature = signed("n1", body, at=NOON, secret="s3cret")["webhook-signature"]
    assert f"webhook-signature: {signature}".encode() in head
    assert b"Content-Type: application/json" in head


async def test_a_program_is_told_in_a_form_where_it_wants_that() -> None:
    _, seen = await deliver(ok(), method="put", type="www-url-form-encoded")
    head, _, body = seen.partition(b"\r\n\r\n")
    assert head.startswith(b"PUT ")
    assert dict(parse_qsl(body.decode(), keep_blank_values=True)) == {
        "event": "fax.ended",
        "id": "j1",
        "pages": "2",
        "tx_result.success": "true",
        "tx_result.error_message": "",
        "history": '[{"event": "sent"}]',
    }


@pytest.mark.parametrize(
    "behave",
    [
        ok(status="500 Oh"),
        ok(status="404 Not Found"),
        ok(status="302 Found", headers=b"Location: /elsewhere\r\n"),
        drops,
        says(b"\x00 not HTTP\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"),
        ok(b"x" * 1_100_000),
        never_answers,
        trickles,
    ],
)
async def test_a_program_that_does_not_thank_is_called_again(behave: Behaviour) -> None:
    with pytest.raises(Temporary):
        await deliver(behave, seconds=0.5)


async def test_a_program_says_when_to_come_again() -> None:
    with pytest.raises(Temporary) as told:
        await deliver(ok(status="503 Busy", headers=b"Retry-After: 600\r\n"))
    assert told.value.after == timedelta(seconds=600)


async def test_a_program_that_is_gone_is_called_no_more() -> None:
    with pytest.raises(Permanent):
        await deliver(ok(status="410 Gone"))


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://10.0.0.1/hook", "http://8.8.8.8:25/", "http://["])
async def test_an_address_inside_is_not_called(url: str) -> None:
    webhooks = Webhooks(strangers=Strangers(Places()))
    with pytest.raises(Permanent):
        await webhooks.deliver(NOTICE, webhook=Webhook(url=url), record=RECORD, at=NOON)


async def test_a_webhook_that_nobody_names_any_more_is_given_up() -> None:
    webhooks = Webhooks(strangers=Strangers(Places()))
    with pytest.raises(Permanent):
        await webhooks.deliver(NOTICE, webhook=None, record={}, at=NOON)


def test_pauses_grow_and_end() -> None:
    notice, at, pauses = NOTICE, NOON, []
    while (due := again(notice, at=at, give_up=timedelta(hours=8), after=None)) is not None:
        pauses.append(int((due - at).total_seconds()) // 60)
        notice, at = replace(notice, tries=notice.tries + 1), due
    assert pauses == [1, 5, 15, 60, 180, 180]


def test_a_program_may_ask_for_a_longer_pause_and_not_for_a_shorter_one() -> None:
    notice = NOTICE
    for after, minutes in ((timedelta(hours=1), 60), (timedelta(), 1)):
        assert again(notice, at=NOON, give_up=timedelta(hours=8), after=after) == NOON + timedelta(minutes=minutes)


def test_what_lies_deeper_is_named_with_dots() -> None:
    assert dict(flat({"a": {"b": {"c": 1}}, "d": None, "e": True})) == {"a.b.c": "1", "e": "true"}


def test_the_address_is_called_as_it_was_named() -> None:
    webhook = Webhook(url="https://hooks.example/x?y=z")
    request = request_of(NOTICE, webhook, RECORD, at=NOON, secret="", seconds=7)
    assert (request.method, request.url, request.total_seconds) == ("POST", "https://hooks.example/x?y=z", 7)
