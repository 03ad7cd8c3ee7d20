"""A request leaves once, or not at all, and the two failures are told apart."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import aiohttp
import pytest

from smtpfax.egress import Egress, Json, Multipart, NoAnswer, NotSent, Part, Request
from smtpfax.model.errors import ConfigError
from tests.egress.rough import Behaviour, drops, never_answers, ok, rough, says, trickles

HERE = Egress(own_hosts=frozenset({"127.0.0.1", "localhost"}))
OUTSIDE = Egress()


def put(url: str, *, method: str = "PUT", total_seconds: float = 5) -> Request:
    return Request(method=method, url=url, body=Json({"data": 1}), total_seconds=total_seconds, max_octets=1000)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET", "POST"])
async def test_a_server_that_reads_the_request_and_hangs_up_sees_it_once(method: str) -> None:
    async with rough(drops) as server:
        with pytest.raises(NoAnswer):
            await HERE.send(put(server.url, method=method))
    assert len(server.seen) == 1


async def test_aiohttp_left_to_itself_sends_a_put_twice() -> None:
    """The reason for `_once`: the day this fails, it may go."""
    async with rough(drops) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.put(server.url)
    assert len(server.seen) == 2


async def test_a_file_too_is_seen_once(tmp_path: Path) -> None:
    file = tmp_path / "document.tiff"
    file.write_bytes(b"II*\0" * 50_000)
    parts = Multipart((Part(media_type="image/tiff", content=file, name="content", file_name="fax.tiff"),))
    async with rough(drops) as server:
        with pytest.raises(NoAnswer):
            await HERE.send(Request(method="PUT", url=server.url, body=parts))
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "behave",
    [
        drops,
        never_answers,
        trickles,
        says(b"\x00\x01 not HTTP\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"),
        says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
        ok(b"x" * 1001),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ],
    ids=["drops", "never answers", "trickles", "garbage", "cut short", "huge header", "too long", "bad chunk"],
)
async def test_whatever_comes_of_a_request_that_left_is_no_answer(behave: Behaviour) -> None:
    async with rough(behave) as server:
        with pytest.raises(NoAnswer):
            await HERE.send(put(server.url, total_seconds=0.3))
    assert len(server.seen) == 1


async def test_a_refused_connection_is_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else takes the port meanwhile
        with pytest.raises(NotSent, match="refused"):
            await HERE.send(put(f"http://127.0.0.1:{taken.getsockname()[1]}"))


@pytest.mark.parametrize(
    "url", ["http://no-such-host.invalid/", "ftp://127.0.0.1/", "file:///etc/passwd", "//", "http://["]
)
async def test_a_name_that_is_not_there_or_no_http_address_is_not_sent(url: str) -> None:
    with pytest.raises(NotSent):
        await HERE.send(put(url))


async def test_a_missing_file_is_not_sent(tmp_path: Path) -> None:
    async with rough(ok()) as server:
        with pytest.raises(NotSent, match="No such file"):
            await HERE.send(Request(method="PUT", url=server.url, body=tmp_path / "gone"))
    assert server.seen == []


async def test_a_server_without_tls_is_not_sent() -> None:
    async with rough(ok()) as server:
        with pytest.raises(NotSent):
            await HERE.send(put(server.url.replace("http:", "https:"), total_seconds=2))


async def test_a_connection_that_never_stands_is_not_sent() -> None:
    """A server that takes the connection and never speaks TLS."""
    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    with pytest.raises(NotSent, match="in time"):
        await HERE.send(Request(method="PUT", url=url, connect_seconds=0.2))
    for writer in held:
        writer.close()
        await writer.wait_closed()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_reached_for_an_own_host_alone(host: str) -> None:
    async with rough(ok()) as server:
        with pytest.raises(NotSent):
            await OUTSIDE.send(put(f"http://{host}:{server.port}/"))
    assert server.seen == []


async def test_the_guards_reason_is_told() -> None:
    with pytest.raises(NotSent, match=r"the address 127\.0\.0\.1 is not public"):
        await OUTSIDE.send(put("http://127.0.0.1:9/"))


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with rough(ok(status="307 Temporary Redirect", headers=b"Location: /elsewhere\r\n")) as server:
        answer = await HERE.send(put(server.url))
    assert (answer.status, answer.headers["location"], len(server.seen)) == (307, "/elsewhere", 1)


async def test_no_cookie_and_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with rough(ok(headers=b"Set-Cookie: a=b\r\n")) as server:
        await HERE.send(put(server.url))
        await HERE.send(put(server.url))
    assert len(server.seen) == 2
    assert b"cookie" not in server.seen[1].lower()


async def test_no_failure_tells_a_path_a_query_or_a_header() -> None:
    async with rough(drops) as server:
        for url in (f"{server.url}/secret?key=secret", "http://secret@no-such-host.invalid/secret"):
            with pytest.raises((NoAnswer, NotSent)) as caught:
                await HERE.send(Request(method="PUT", url=url, headers={"X-Auth-Token": "secret"}))
            assert "secret" not in str(caught.value)
            assert caught.value.__suppress_context__


async def test_a_certificate_is_verified(tls_server: ssl.SSLContext) -> None:
    async with rough(ok(), tls=tls_server) as server:
        with pytest.raises(NotSent, match="self-signed"):
            await HERE.send(put(f"https://localhost:{server.port}/"))
    assert server.seen == []


async def test_a_ca_file_of_ones_own_is_trusted(tls_server: ssl.SSLContext, ca_file: Path) -> None:
    egress = Egress(own_hosts=frozenset({"localhost"}), ca_file=str(ca_file))
    async with rough(ok(), tls=tls_server) as server:
        answer = await egress.send(put(f"https://localhost:{server.port}/"))
    assert answer.ok


async def test_a_ca_file_that_is_none_refuses_the_start(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    for file in (empty, tmp_path / "gone.pem"):
        with pytest.raises(ConfigError, match=f"ca_file: .*{file.name}"):
            Egress(ca_file=str(file))


@pytest.mark.parametrize("octets", [10_000, 8_000_000])
async def test_an_answer_that_comes_before_the_body_has_left_is_heard(octets: int) -> None:
    """A server refuses by the Content-Length, and hangs up."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    answer = await HERE.send(Request(method="PUT", url=url, body=b"x" * octets, total_seconds=5))
    assert answer.status == 413
    server.close()
    await server.wait_closed()
