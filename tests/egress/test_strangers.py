"""Addresses that somebody else named: where they may lead, and that each redirect is looked at anew."""

from __future__ import annotations

import pytest

from smtpfax.egress import Barred, NoAnswer, Places, Request, Strangers
from tests.egress.rough import Rough, never_answers, ok, rough, says, trickles

OUTSIDE = Strangers(Places())


def trusting(*servers: Rough, redirects: int = 3) -> Strangers:
    return Strangers(Places(private=frozenset(f"127.0.0.1:{each.port}" for each in servers), redirects=redirects))


def get(url: str, **more: object) -> Request:
    return Request(**{"method": "GET", "url": url, "total_seconds": 5, **more})  # type: ignore[arg-type]


def leads_to(url: str, status: str = "302 Found") -> bytes:
    return f"HTTP/1.1 {status}\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/", "no public address"),
        ("http://localhost/", "no public address"),
        ("http://2130706433/", "no address"),  # 127.0.0.1, as an old inet_aton reads it
        ("http://127.1/", "no address"),
        ("http://0x7f.1/", "no public address"),
        ("http://[::1]/", "no public address"),
        ("http://[::ffff:10.0.0.1]/", "no public address"),
        ("http://169.254.169.254/latest/meta-data", "no public address"),
        ("http://8.8.8.8:25/", "port 25"),
        ("https://8.8.8.8:8443/", "port 8443"),
        ("ftp://8.8.8.8/", "http:// or https://"),
        ("file:///etc/passwd", "http:// or https://"),
        ("//8.8.8.8/", "http:// or https://"),
        ("http:///fax.pdf", "http:// or https://"),
        ("", "http:// or https://"),
        ("http://[", "no URL"),
        ("http://8.8.8.8:99999/", "no URL"),
        ("http://ann:secret@8.8.8.8/", "name or password"),
        ("http://8.8.8.8/" + "x" * 2048, "more than 2048"),
    ],
)
async def test_what_may_not_be_asked_is_told_why(url: str, why: str) -> None:
    with pytest.raises(Barred) as told:
        await OUTSIDE.ask(get(url))
    assert why in told.value.why
    assert "secret" not in str(told.value)


async def test_a_private_place_is_asked_on_the_port_that_is_named_alone() -> None:
    async with rough(ok(b"fax")) as named, rough(ok()) as other:
        strangers = trusting(named)
        assert (await strangers.ask(get(named.url))).body == b"fax"
        with pytest.raises(Barred):
            await strangers.ask(get(other.url))
    assert other.seen == []


async def test_a_redirect_is_followed_without_the_headers_of_the_first_host() -> None:
    async with rough(ok(b"fax")) as end, rough(says(leads_to(f"{end.url}/fax.pdf"))) as start:
        answer = await trusting(start, end).ask(get(start.url, headers={"Host": "a.example", "Referer": "secret"}))
    assert answer.body == b"fax"
    assert end.seen[0].startswith(b"GET /fax.pdf ")
    assert b"secret" not in end.seen[0]
    assert b"a.example" not in end.seen[0]


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [("303 See Other", b"GET", b""), ("302 Found", b"GET", b""), ("307 Temporary Redirect", b"POST", b"a=1")],
)
async def test_a_post_is_repeated_only_where_the_redirect_says_so(status: str, method: bytes, body: bytes) -> None:
    async with rough(ok()) as end, rough(says(leads_to(end.url, status))) as start:
        await trusting(start, end).ask(get(start.url, method="POST", body=b"a=1"))
    assert end.seen[0].startswith(method + b" ")
    assert end.seen[0].partition(b"\r\n\r\n")[2] == body


@pytest.mark.parametrize("inner", ["http://127.0.0.1:22/", "http://10.0.0.1/", "file:///etc/passwd", "http://["])
async def test_a_redirect_leads_nowhere_that_could_not_be_asked_at_once(inner: str) -> None:
    async with rough(says(leads_to(inner))) as start:
        with pytest.raises((Barred, NoAnswer)):
            await trusting(start).ask(get(start.url))


async def test_a_circle_of_redirects_ends_at_the_bound() -> None:
    async with rough(says(leads_to("/again"))) as server:
        answer = await trusting(server, redirects=2).ask(get(server.url))
    assert (answer.status, len(server.seen)) == (302, 3)


async def test_no_redirect_is_followed_where_none_is_wanted() -> None:
    async with rough(says(leads_to("/again"))) as server:
        assert (await trusting(server).ask(get(server.url), redirects=0)).status == 302
    assert len(server.seen) == 1


@pytest.mark.parametrize("behave", [never_answers, trickles])
async def test_whoever_takes_too_long_is_no_answer(behave: object) -> None:
    async with rough(behave) as server:  # type: ignore[arg-type]
        with pytest.raises(NoAnswer):
            await trusting(server).ask(get(server.url, total_seconds=0.3))
