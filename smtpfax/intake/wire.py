"""What the conversation asks of its connection, and how it ends it.

In:    nothing.
Out:   Wire, a protocol of the connection; Answer, what a command comes to; Hangup.
Fails: never.

Rule: a command answers at once wherever it can. Only what must wait (DNS, a disk, the verdict) gives an awaitable, and
the commit a Later; until that is done nothing more of this connection is looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from smtpfax.model.status import Reply

from .inflow import Inflow
from .later import Later

# Octets are whole lines, as EHLO's; None: all is said already.
Answer = Reply | bytes | Later | Awaitable[Reply | None]


class Hangup(Exception):
    """The connection ends; `reply` is our last word, if there is one."""

    def __init__(self, reply: Reply | None = None) -> None:
        super().__init__(str(reply))
        self.reply = reply


class Wire(Protocol):
    """What commands need of the connection."""

    def receive(self, inflow: Inflow) -> None:
        """What follows the reply is content, up to the final dot."""

    async def ask(self, reply: Reply) -> bytes:
        """Say this in the midst of a command, and hear the line that answers it (RFC 4954 section 4)."""

    async def start_tls(self) -> None:
        """Say that we are ready, and speak TLS from then on."""
