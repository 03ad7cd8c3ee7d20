"""Many large mails at once: what the door's memory comes to, and how long another session waits meanwhile.

In:    a door's port and process.
Out:   the peak of memory, and the time that NOOP takes on a session of its own while all of it arrives.
Fails: OSError, when the door cuts; an exit with a word, when a mail is not taken.
"""

from __future__ import annotations

import selectors
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

SESSIONS, OCTETS = 200, 20_000_000
ENVELOPE = (
    b"EHLO x\r\n",
    b"MAIL FROM:<ann@acme.example>\r\n",
    b"RCPT TO:<+12025550123@fax.acme.example>\r\n",
    b"DATA\r\n",
)
LINE = b"x" * 76 + b"\r\n"
PIECE = LINE * 840  # 64 KB


@dataclass(frozen=True, slots=True)
class Waited:
    """How long NOOP took, in milliseconds."""

    times: list[float]

    @property
    def p99(self) -> float:
        """All but one in a hundred were quicker."""
        return statistics.quantiles(self.times, n=100)[98]


def crowd(port: int) -> Waited:
    """Send all of it from a process of its own, and say NOOP meanwhile."""
    with subprocess.Popen([sys.executable, __file__, str(port)]) as sender:
        waited = Waited(noops(port, sender))
    if sender.returncode:
        sys.exit(1)
    return waited


def noops(port: int, sender: subprocess.Popen[bytes]) -> list[float]:
    """One every five milliseconds, until the sender has ended."""
    times: list[float] = []
    sock = connected(port, ENVELOPE[:1])
    while sender.poll() is None:
        if len(times) % 50 == 49:  # a session may not be idle for ever
            sock.close()
            sock = connected(port, ENVELOPE[:1])
        began = time.monotonic()
        said(sock, b"NOOP\r\n")
        times.append((time.monotonic() - began) * 1000)
        time.sleep(0.005)
    sock.close()
    return times


def connected(port: int, commands: tuple[bytes, ...]) -> socket.socket:
    """A session on which these were said."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=60)
    sock.recv(1000)
    for command in commands:
        said(sock, command)
    return sock


def said(sock: socket.socket, command: bytes) -> bytes:
    """The reply, which is not a refusal."""
    sock.sendall(command)
    reply = sock.recv(1000)
    if not reply.startswith((b"2", b"3")):
        sys.exit(f"{command!r}: {reply!r}")
    return reply


def send(port: int) -> None:
    """All contents side by side, and no final dot before all are there."""
    left = {connected(port, ENVELOPE): OCTETS for _ in range(SESSIONS)}
    with selectors.DefaultSelector() as selector:
        for index, sock in enumerate(left):
            sock.sendall(b"Subject: %d\r\n\r\n" % index)
            sock.setblocking(False)
            selector.register(sock, selectors.EVENT_WRITE)
        while selector.get_map():
            for key, _ in selector.select():
                push(selector, key.fileobj, left)  # type: ignore[arg-type]
    for sock in left:
        sock.settimeout(120)
        sock.sendall(b"\r\n.\r\n")
    for sock in left:
        if not (reply := sock.recv(1000)).startswith(b"250"):
            sys.exit(f"a mail was not taken: {reply!r}")


def push(selector: selectors.BaseSelector, sock: socket.socket, left: dict[socket.socket, int]) -> None:
    """Some octets more, in whole lines as far as they go."""
    at = (OCTETS - left[sock]) % len(LINE)
    left[sock] -= sock.send(PIECE[at : at + left[sock]])
    if left[sock] <= 0:
        selector.unregister(sock)


if __name__ == "__main__":
    send(int(sys.argv[1]))
