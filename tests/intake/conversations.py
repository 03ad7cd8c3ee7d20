"""Conversations as no honest client has them: what is said, where it is cut, when it ends, and how."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from uuid import uuid4

from hypothesis import strategies as st

SECONDS = 10.0
NONCE = b"@nonce@"  # stands for what makes the mails of one conversation unlike those of all others


class End(StrEnum):
    """How a client goes."""

    HALF = "half"  # it says no more, and listens to the end
    CLOSE = "close"
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What one client does: says these octets in pieces, with so many turns of the loop between them, and goes."""

    said: bytes
    steps: Sequence[tuple[int, int]]  # octets of a piece, and turns after it; the rest is one more
    stop: int | None = None  # after so many octets, or at the end
    lingers: int = 0  # turns, before it goes
    end: End
    reads: bool = True

    @property
    def pieces(self) -> list[tuple[bytes, int]]:
        """The octets as they are sent."""
        octets = self.said.replace(NONCE, uuid4().hex.encode())[: self.stop]
        cuts = [0, *accumulate(size for size, _ in self.steps)]
        first = [octets[start:stop] for start, stop in pairwise(cuts)]
        pieces = [*zip(first, (turns for _, turns in self.steps), strict=True), (octets[cuts[-1] :], 0)]
        return [(piece, turns) for piece, turns in pieces if piece]


def lines(*texts: str) -> st.SearchStrategy[bytes]:
    """One of these, as a command line."""
    return st.sampled_from([text.encode() + b"\r\n" for text in texts])


HELLOS = lines("EHLO x", "ehlo [192.0.2.1]", "HELO x", "EHLO", "EHLO a b", "LHLO x")
PATHS = st.sampled_from(
    [
        *("<ann@acme.example>", "<ANN@acme.example>", "<>", "<eve@stranger.example>", "<ann@signed.example>"),
        *("<a b@c>", "<ann@acme.example", "ann@acme.example", "<@x:a@b.example>", '<"a\\"b"@acme.example>', "<ü@b>"),
    ]
)
ASKS = st.sampled_from(
    [
        *("", " SIZE=100", " SIZE=999999999", " BODY=8BITMIME SMTPUTF8", " AUTH=<>", " X=1", " SIZE=x", " RET=FULL"),
        *(" RET=HDRS ENVID=a+20b", " ENVID=+0A", " HOLDFOR=60", " HOLDUNTIL=2001-01-01T00:00:00Z", " BY=60;R"),
        *(" BY=1;NT", " BY=-1;R", " RET=FULL RET=FULL", "  SIZE=1  "),
    ]
)
MAILS = st.builds(lambda path, asks: f"MAIL FROM:{path}{asks}\r\n".encode(), PATHS, ASKS)
NUMBERS = st.sampled_from(
    [
        *("+12025550123@fax.example", "+12025550124@fax.example", "12025550123@fax.example", "911@fax.example"),
        *("postmaster", "postmaster@fax.example", "x@fax.example", "FAX=+12025550123/T33S=9@fax.example"),
        *("+12025550123@partner.fax.example", "+12025550123@nowhere.example", "+12025550123@capped.example"),
    ]
)
WANTS = st.sampled_from(
    ["", " NOTIFY=NEVER", " NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c", " NOTIFY=", " ORCPT=x", " Y=2"]
)
RECIPIENTS = st.builds(lambda to, wants: f"RCPT TO:<{to}>{wants}\r\n".encode(), NUMBERS, WANTS)
OTHERS = lines(
    *("RSET", "NOOP", "VRFY ann", "QUIT", "HELP", "EXPN x", "BDAT 5 LAST", "STARTTLS", "DATA", "DATA x", "noop x", ""),
    *("AUTH PLAIN", "AUTH PLAIN AGEAYg==", "AUTH LOGIN", "*", "PROXY UNKNOWN", "TURN", "\u00e4\u00f6", "A" * 5000),
)
TEXT = st.text(st.characters(codec="latin-1"), max_size=60).map(lambda text: text.encode("latin-1"))
GOOD = TEXT.map(lambda text: text.replace(b"\r", b"").replace(b"\n", b""))
DOTS = st.sampled_from([b".", b"..", b"", b"Subject: x", b"DKIM-Signature: v=1"])
BAD = st.one_of(TEXT, st.sampled_from([b".\n", b"\r.", b"x" * 400]))
LINES = st.lists(GOOD | DOTS, max_size=6) | st.lists(GOOD | DOTS | BAD, max_size=6)
FROM = b"From: Ann <ann@acme.example>\r\nTo: +12025550123@fax.example\r\n\r\n"
HEADS = st.sampled_from([b"", b"Subject: x\r\n\r\n", FROM])
ENDS = st.sampled_from([b"\r\n.\r\n"] * 8 + [b".\r\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r\n.\r\n", b""])
LARGE = st.sampled_from([b""] * 30 + [b"0123456789abcdef\r\n" * 20_000, b"y" * 300_000])
CONTENTS = st.builds(
    lambda head, some, large, end: head + NONCE + b"\r\n" + b"\r\n".join(some) + large + end,
    HEADS,
    LINES,
    LARGE,
    ENDS,
)
HONEST = st.builds(
    lambda to, content: b"EHLO x\r\nMAIL FROM:<ann@acme.example>\r\n" + b"".join(to) + b"DATA\r\n" + content,
    st.lists(st.sampled_from([b"RCPT TO:<+1202555012%d@fax.example>\r\n" % place for place in range(3)]), min_size=1),
    CONTENTS,
)
JUNK = st.binary(max_size=100)
ANY = st.one_of(HONEST, HELLOS, MAILS, RECIPIENTS, CONTENTS.map(b"DATA\r\n".__add__), OTHERS, JUNK)
SAID = st.builds(
    lambda *parts: b"".join(part for some in parts for part in some),
    st.lists(ANY, max_size=2),
    st.lists(HONEST, max_size=3),
    st.lists(ANY, max_size=4),
)
PROXIED = st.one_of(
    st.sampled_from(
        [
            *(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", b"PROXY UNKNOWN\r\n", b"PROXY TCP4 x\r\n", b"", b"PROXY "),
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack(">H", 12) + b"\xc0\0\2\1\xc0\0\2\2\0\1\0\2",
            b"\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff",
        ]
    ),
    JUNK,
)


def conversations(*, before: st.SearchStrategy[bytes] | None = None) -> st.SearchStrategy[Conversation]:
    """Any; `before`: what a load balancer says first."""
    said = SAID if before is None else st.builds(bytes.__add__, before, SAID)
    sizes = st.one_of(st.integers(1, 20), st.integers(1, 3000), st.just(10**6))
    return st.builds(
        Conversation,
        said=said,
        steps=st.lists(st.tuples(sizes, st.sampled_from([0, 0, 1, 5, 50, 400])), max_size=12),
        stop=st.none() | st.none() | st.integers(0, 4000),
        lingers=st.sampled_from([0, 3, 100, 2000]),
        end=st.sampled_from(End),
        reads=st.booleans() | st.just(True),
    )


async def play(port: int, conversation: Conversation) -> tuple[bytes, bytes]:
    """Have it; what was said at most, and what was heard."""
    pieces = conversation.pieces
    loop = asyncio.get_running_loop()
    sock = socket.socket()
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", port))
    heard = bytearray()
    hearing = asyncio.create_task(_hear(sock, heard)) if conversation.reads else None
    with suppress(ConnectionError):  # we may be cut, which is the door's right
        await _say(sock, pieces)
    for _ in range(conversation.lingers):
        await asyncio.sleep(0)
    if conversation.end is End.HALF:
        await _listen_to_the_end(sock, hearing or asyncio.create_task(_hear(sock, heard)))
    if conversation.end is End.RESET:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if hearing is not None:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
    sock.close()
    return b"".join(piece for piece, _ in pieces), bytes(heard)


async def _say(sock: socket.socket, pieces: Sequence[tuple[bytes, int]]) -> None:
    for piece, turns in pieces:
        async with asyncio.timeout(SECONDS):
            await asyncio.get_running_loop().sock_sendall(sock, piece)
        for _ in range(turns):
            await asyncio.sleep(0)


async def _listen_to_the_end(sock: socket.socket, hearing: asyncio.Task[None]) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
    async with asyncio.timeout(SECONDS):
        await hearing


async def _hear(sock: socket.socket, heard: bytearray) -> None:
    with suppress(ConnectionError):
        while more := await asyncio.get_running_loop().sock_recv(sock, 65536):
            heard += more


def holds(said: bytes, content: bytes) -> bool:
    """Whether the content, up to its final dot, stands in what was said (RFC 5321 section 4.5.2)."""
    return content + b"\r\n" in (b"\r\n" + said).replace(b"\r\n.", b"\r\n")
