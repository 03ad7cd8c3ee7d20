"""Before the conversation: who the client is, where a load balancer stands in front of us.

In:    a connection that was just made.
Out:   the protocol of the conversation in our place; from a load balancer, once its PROXY header is read.
Fails: never beyond its connection: what is no header, or does not come in time, is cut off.

Rule: the networks that settings name must send a header, and nobody else may: a reader that guesses can be lied to
(haproxy's doc/proxy-protocol.txt, section 2). No octet behind the header is taken: it may be the first one of TLS.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from smtpfax import logs

from .proofs import Network, address_of
from .proofs.network import within
from .proxy import BadProxy, Proxied, read_proxy, wanted
from .registry import Registry

SECONDS = 10.0  # for the header; load balancers send it at once
log = logs.get("smtpd")


class Front(asyncio.BufferedProtocol):
    """A connection of which it is not known yet whose it is."""

    def __init__(
        self,
        converse: Callable[[Proxied | None], asyncio.BufferedProtocol],
        registry: Registry,
        networks: Sequence[Network],
        *,
        seconds: float,
    ) -> None:
        self._converse = converse
        self._registry = registry
        self._networks = networks
        self._seconds = seconds
        self._header = b""
        self._room = bytearray()
        self._due = math.inf  # when the header must be here
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there: a load balancer, or a client itself."""
        if not isinstance(transport, asyncio.Transport):
            return
        self._transport = transport
        self._registry.enter(self)
        if within(address_of(transport.get_extra_info("peername")), self._networks) is None:
            self._hand_over(None)
        else:
            self._due = asyncio.get_running_loop().time() + min(SECONDS, self._seconds)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Room for no more than the header is sure to have."""
        self._room = bytearray(wanted(self._header))
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """So much came."""
        self._header += self._room[:nbytes]
        try:
            if not wanted(self._header):
                self._hand_over(read_proxy(self._header))
        except BadProxy as fault:
            self._refuse(str(fault))

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone before it said who it is."""
        self._registry.leave(self)

    def look(self, now: float) -> None:
        """A header that did not come yet does not come any more."""
        if now >= self._due:
            self._refuse("it did not come in time")

    def retire(self) -> None:
        """The house closes: there is nothing under way."""
        self.abort()

    def abort(self) -> None:
        """Cut it off."""
        if self._transport is not None:
            self._transport.abort()

    def _refuse(self, why: str) -> None:
        if self._transport is not None:
            log.warning("no PROXY header", peer=self._transport.get_extra_info("peername"), reason=why)
        self.abort()

    def _hand_over(self, proxied: Proxied | None) -> None:
        self._registry.leave(self)
        transport, self._transport = self._transport, None
        if transport is not None:
            conversation = self._converse(proxied)
            transport.set_protocol(conversation)
            conversation.connection_made(transport)
