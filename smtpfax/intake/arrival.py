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

from .crowd import LEAST_BLOCK, Load, Turns

HEAD = 128 * 1024  # kept in hand for the header section
BLOCK = 256 * 1024  # what goes to the disk at a time
Work = Coroutine[Any, Any, None]  # of the disk: to be awaited before anything else is done here


class Arrival:
    """One mail's content on its way in."""

    __slots__ = (
        "_blocks",
        "_file",
        "_hash",
        "_headed",
        "_here",
        "_inline",
        "_load",
        "_most",
        "_spool",
        "_turns",
        "_waiting",
        "head",
        "octets",
    )

    def __init__(self, spool: Spool, load: Load, turns: Turns, *, inline: int, most: int) -> None:
        self._spool = spool
        self._load = load
        self._turns = turns
        self._inline = inline
        self._most = most  # octets that may be arriving, over all sessions
        self._here = 0  # of these, ours
        self._hash: hashlib._Hash | None = None  # of what went to the disk
        self._blocks: list[bytes] = []  # in hand
        self._waiting = 0  # octets of them
        self._file: Arriving | None = None
        self._headed = False
        self.head = b""
        self.octets = 0

    def write(self, block: bytes) -> Work | None:
        """Take a block."""
        if not self._load.take(len(block), most=self._most):
            raise Temporary(NO_SPACE, reason="max_arriving_bytes are arriving already")
        self._here += len(block)
        self.octets += len(block)
        if not self._headed:
            self._take_head(block)
        self._blocks.append(block)
        self._waiting += len(block)
        self._load.in_hand += len(block)
        return self._write_in_turn() if self._enough else None

    @property
    def _enough(self) -> bool:
        """Whether what is in hand goes to the disk: sooner, if there is much in all hands together."""
        if self._load.much and self._waiting >= LEAST_BLOCK:
            return True
        return self.octets > self._inline and self._waiting >= BLOCK

    def _take_head(self, block: bytes) -> None:
        """The header section and the empty line behind it; no more, for every session has its own."""
        head = self.head + block[: HEAD - len(self.head)] if self.head else block[:HEAD]
        blank = head.find(b"\r\n\r\n")
        self.head = head if blank < 0 else head[: blank + 4]
        self._headed = blank >= 0 or len(head) >= HEAD

    @property
    def small(self) -> bool:
        """Small enough to be committed with its rows."""
        return self._file is None and self.octets <= self._inline

    def in_hand(self) -> Content:
        """All of it is here, and small; its hash is found where that holds up nobody."""
        self._unload()
        self._load.in_hand -= self._waiting
        return Content(sha256="", octets=self.octets, inline=b"".join(self._taken_out()))

    async def keep(self, name: str) -> Content:
        """All of it is here: make it durable, unless it is small."""
        if self.small:
            return self.in_hand()
        try:
            await self._write()
            if self._file is not None:
                await self._file.keep(name)
        finally:
            self._unload()
        sha256 = self._hash.hexdigest() if self._hash is not None else ""
        return Content(sha256=sha256, octets=self.octets, name=name)

    def discard(self) -> Work | None:
        """It will not be needed."""
        self._unload()
        self._load.in_hand -= self._waiting
        self._taken_out()
        arriving, self._file = self._file, None
        return arriving.discard() if arriving is not None else None

    def _unload(self) -> None:
        here, self._here = self._here, 0
        self._load.drop(here)

    async def _write_in_turn(self) -> None:
        await self._write()
        await self._turns.next()

    async def _write(self) -> None:
        octets, blocks = self._waiting, self._taken_out()
        self._turns.writing += octets
        try:
            self._hash = self._hash or hashlib.sha256()
            for block in blocks:
                self._hash.update(block)
            self._file = self._file or self._spool.arriving()
            await self._file.write(*blocks)
        finally:
            self._load.in_hand -= octets
            self._turns.writing -= octets

    def _taken_out(self) -> list[bytes]:
        blocks, self._blocks, self._waiting = self._blocks, [], 0
        return blocks
