"""A socket at which connections come in.

In:    a bound socket, and who answers its connections.
Out:   a Plain for each, which has been answered by the time the next one is looked at.
Fails: OSError, when the socket cannot listen.

Rule: a connection that went wrong before we had it is no matter. Where descriptors or memory run out, those that come
wait in the kernel while we rest: the socket stays readable, and would keep the loop busy with nothing.
"""

from __future__ import annotations

import asyncio
import errno
import select
import socket
from collections.abc import Callable

from smtpfax import logs

from .ears import Loop
from .plain import Plain

AT_A_TIME = 16  # in one turn
BACKLOG = 1024
REST = 1.0  # seconds
# accept(2) tells with these of connections that are gone already; BlockingIOError: there are none.
_GONE = frozenset(
    {
        *(errno.EAGAIN, errno.EINTR, errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ETIMEDOUT),
        *(errno.ENETDOWN, errno.ENOPROTOOPT, errno.EHOSTDOWN, errno.ENONET, errno.EHOSTUNREACH, errno.ENETUNREACH),
    }
)
log = logs.get("smtpd")


class Listener:
    """One socket."""

    def __init__(self, loop: Loop, sock: socket.socket, answer: Callable[[], asyncio.BufferedProtocol]) -> None:
        self._loop = loop
        self._sock = sock
        self._answer = answer
        self._rest: asyncio.TimerHandle | None = None
        self._short = False  # of something, and it was told
        if sock.family != socket.AF_UNIX:  # replies are short and wait for nothing; connections inherit it
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        sock.listen(BACKLOG)
        self._listen()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._sock.getsockname()[1])

    def ready(self, events: int) -> None:
        """Somebody is there."""
        for _ in range(AT_A_TIME):
            try:
                sock, peer = self._sock.accept()
            except OSError as error:
                if error.errno not in _GONE:
                    self._run_short(error)
                return
            self._short = False
            sock.setblocking(False)
            Plain(self._loop, sock, peer).begin(self._answer)

    def close(self) -> None:
        """No more."""
        if self._rest is not None:
            self._rest.cancel()
        self._loop.ears.attend(self, self._sock.fileno(), 0)
        self._sock.close()

    def _listen(self) -> None:
        self._loop.ears.attend(self, self._sock.fileno(), select.EPOLLIN)

    def _run_short(self, error: OSError) -> None:
        if not self._short:
            self._short = True
            log.error("no connection can be taken", reason=error, again_in=REST)
        self._loop.ears.attend(self, self._sock.fileno(), 0)
        self._rest = self._loop.call_later(REST, self._listen)
