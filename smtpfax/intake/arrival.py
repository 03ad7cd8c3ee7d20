"""Content while it arrives: small stays in hand, large goes to the spool as it comes.

In:    blocks of content.
Out:   Content: in hand up to a threshold (it will share the commit's sync), else a file that is durable already.
Fails: Temporary, when the disk fails, or too much is arriving in all sessions together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Coroutine
from typing import Any

from smtpfax.model.errors import Temporary
from smtpfax.model.mail import Content
from smtpfax.model.status import NO_SPACE
from smtpfax.spool import Arriving, Spool

from .crowd import Load

HEAD = 128 * 1024  # kept in hand for the header section
BLOCK = 256 * 1024  # what goes to the disk at a time
Work = Coroutine[Any, Any, None]  # of the disk: to be awaited before anything else is done here


class Arrival:
    """One mail's content on its way in."""

    __slots__ = (
        "_blocks",
        "_file",
        "_hash",
        "_here",
        "_inline",
        "_load",
        "_most",
        "_spool",
        "_waiting",
        "head",
        "octets",
    )

    def __init__(self, spool: Spool, load: Load, *, inline: int, most: int) -> None:
        self._spool = spool
        self._load = load
        self._inline = inline
        self._most = most  # octets that may be arriving, over all sessions
        self._here = 0  # of these, ours
        self._hash = hashlib.sha256()
        self._blocks: list[bytes] = []  # in hand
        self._waiting = 0  # octets of them
        self._file: Arriving | None = None
        self.head = b""
        self.octets = 0

    def write(self, block: bytes) -> Work | None:
        """Take a block."""
        if not self._load.take(len(block), most=self._most):
            raise Temporary(NO_SPACE, reason="max_arriving_bytes are arriving already")
        self._here += len(block)
        self.octets += len(block)
        self._hash.update(block)
        if len(self.head) < HEAD:
            self.head += block[: HEAD - len(self.head)]
        self._blocks.append(block)
        self._waiting += len(block)
        if self.octets <= self._inline or self._waiting < BLOCK:
            return None
        self._file = self._file or self._spool.arriving()
        return self._file.write(self._in_hand())

    async def keep(self, name: str) -> Content:
        """All of it is here: make it durable, unless it is small enough to be committed with its rows."""
        try:
            return await self._keep(name, self._hash.hexdigest())
        finally:
            self._unload()

    async def _keep(self, name: str, digest: str) -> Content:
        if self._file is None and self.octets <= self._inline:
            return Content(sha256=digest, octets=self.octets, inline=self._in_hand())
        self._file = self._file or self._spool.arriving()
        await self._file.write(self._in_hand())
        await self._file.keep(name)
        return Content(sha256=digest, octets=self.octets, name=name)

    def discard(self) -> Work | None:
        """It will not be needed."""
        self._unload()
        self._blocks.clear()
        arriving, self._file = self._file, None
        return arriving.discard() if arriving is not None else None

    def _unload(self) -> None:
        here, self._here = self._here, 0
        self._load.drop(here)

    def _in_hand(self) -> bytes:
        blocks, self._blocks, self._waiting = self._blocks, [], 0
        return b"".join(blocks)
