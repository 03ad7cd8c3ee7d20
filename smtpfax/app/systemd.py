"""Words to systemd: ready, reloading, stopping, alive.

In:    $NOTIFY_SOCKET and $WATCHDOG_USEC, as the service manager sets them.
Out:   datagrams (sd_notify(3)); nothing at all where there is no service manager.
Fails: never.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


class Manager:
    """The service manager, if there is one."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        mine = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_seconds = int(environ.get("WATCHDOG_USEC", "0")) / 1_000_000 if mine else 0.0

    def say(self, *words: str) -> None:
        """Such as READY=1, STOPPING=1, WATCHDOG=1, STATUS=…"""
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as s:
            s.sendto("\n".join(words).encode(), self._address)
