"""Content while it arrives: small stays in hand, large goes to the spool as it comes.

In:    blocks of content.
Out:   Content: in hand up to a threshold (it will share the commit's sync), else a file that is durable already.
Fails: Temporary, when the disk fails; `fault` is set when there is more than is taken.
"""

from __future__ import annotations

import hashlib

from smtpfax.model.mail import Content
from smtpfax.model.status import TOO_LARGE, Reply
from smtpfax.spool import Arriving, Spool

HEAD = 128 * 1024  # kept in hand for the header section


class Arrival:
    """One mail's content on its way in."""

    def __init__(self, spool: Spool, *, inline: int, limit: int) -> None:
        self._spool = spool
        self._inline = inline
        self._limit = limit
        self._hash = hashlib.sha256()
        self._in_hand = bytearray()
        self._file: Arriving | None = None
        self.head = b""
        self.octets = 0
        self.fault: Reply | None = None

    async def write(self, block: bytes) -> None:
        """Take a block; what is more than the limit is let go."""
        self.octets += len(block)
        if self.octets > self._limit:
            self.fault = TOO_LARGE.reply(limit=self._limit)
            await self.discard()
            return
        self._hash.update(block)
        if len(self.head) < HEAD:
            self.head += block[: HEAD - len(self.head)]
        await self._store(block)

    async def keep(self, name: str) -> Content:
        """All of it is here: make it durable, unless it is small enough to be committed with its rows."""
        digest = self._hash.hexdigest()
        if self._file is None:
            return Content(sha256=digest, octets=self.octets, inline=bytes(self._in_hand))
        await self._file.keep(name)
        return Content(sha256=digest, octets=self.octets, name=name)

    async def discard(self) -> None:
        """It will not be needed."""
        self._in_hand.clear()
        arriving, self._file = self._file, None
        if arriving is not None:
            await arriving.discard()

    async def _store(self, block: bytes) -> None:
        if self._file is None and self.octets <= self._inline:
            self._in_hand += block
            return
        if self._file is None:
            self._file = self._spool.arriving()
            block = bytes(self._in_hand) + block
            self._in_hand.clear()
        await self._file.write(block)
