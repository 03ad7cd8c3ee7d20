"""A page of a document as a picture: what goes over the line, pel by pel.

In:    a document of the spool, and a page's number.
Out:   a PNG: black and white as the far machine prints it; or small, in grey, for an overview.
Fails: Temporary, when the sandbox or the disk does not do; a page that is not there is None.

Rule: what was received came from a stranger, so the page's strip is decoded in the sandbox; the strip alone goes there.
Pictures that were made just now are remembered, within a bound of octets.
"""

from __future__ import annotations

import asyncio
import struct
from collections import OrderedDict

from smtpfax.model.document import Document
from smtpfax.sandbox import Sandbox
from smtpfax.spool import Spool

from .tiff import NotOurs, Strip, strips_in

DRAW = "smtpfax.render.printing:draw"
MOST_ROWS = 30_000  # more than 75 cm at the finest resolution
MOST_OCTETS = 32 << 20


class Facsimiles:
    """`model.preview.Pictures`."""

    def __init__(self, sandbox: Sandbox, spool: Spool, *, most_octets: int = MOST_OCTETS) -> None:
        self._sandbox = sandbox
        self._spool = spool
        self._room = most_octets
        self._made: OrderedDict[tuple[str, int, bool], bytes] = OrderedDict()

    async def rows(self, document: Document) -> tuple[int, ...]:
        """Of each page."""
        if not self._spool.has(document.name):
            return ()
        return tuple(strip.rows for strip in await asyncio.to_thread(_strips, await self._spool.read(document.name)))

    async def picture(self, document: Document, page: int, *, small: bool) -> bytes | None:
        """A page, from 1."""
        if not self._spool.has(document.name):
            return None  # what is deleted is not remembered either
        key = (document.name, page, small)
        made = self._made.get(key)
        if made is not None:
            self._made.move_to_end(key)
            return made
        strips = await asyncio.to_thread(_strips, await self._spool.read(document.name))
        strip = strips[page - 1] if 1 <= page <= len(strips) else None
        if strip is None or strip.rows > MOST_ROWS:
            return None
        high = document.layout.resolution.lines_per_inch
        request = {"rows": strip.rows, "coding": strip.coding.value, "small": small, "lines": high}
        answer = await self._sandbox.run(DRAW, request, [strip.data])
        self._remember(key, answer.blobs[0])
        return answer.blobs[0]

    def _remember(self, key: tuple[str, int, bool], picture: bytes) -> None:
        self._room += len(self._made.pop(key, b"")) - len(picture)
        self._made[key] = picture
        while self._room < 0:
            self._room += len(self._made.popitem(last=False)[1])


def _strips(tiff: bytes) -> tuple[Strip, ...]:
    """None of a file that nobody here could have made."""
    try:
        return strips_in(tiff)
    except (NotOurs, KeyError, struct.error):
        return ()
