"""Parts become one document.

In:    the chosen parts in their order, the layout, limits.
Out:   Drawn: the TIFF-F, its bits on the line, and on how many pages each part ended.
Fails: Permanent, naming the part: one that cannot be rendered fails the whole document; TOO_MANY_PAGES,
       DOCUMENT_TOO_LARGE.

Rule: all parts are opened and their pages counted before the first page is drawn, so that a refusal is quick.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smtpfax.mime.choose import Part
from smtpfax.model.cause import Cause
from smtpfax.model.document import Layout
from smtpfax.model.errors import Permanent
from smtpfax.model.event import PartNote
from smtpfax.model.status import DOCUMENT_TOO_LARGE, NOTHING_TO_FAX, TOO_MANY_PAGES

from .bilevel import bits_of
from .converters import CONVERTERS, Sheets, reading
from .group4 import strip_of
from .limits import Limits
from .pages import Canvas, canvas_of
from .tiff import Strip, tiff_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A document, as it comes out of the worker."""

    tiff: bytes
    pages: int
    bits: int
    parts: tuple[PartNote, ...]


def drawn(parts: Sequence[Part], *, layout: Layout, limits: Limits) -> Drawn:
    """Open, count, draw, encode."""
    canvas = canvas_of(layout)
    opened = [(part, _open(part, canvas=canvas, limits=limits)) for part in parts]
    pages = sum(sheets.count for _, sheets in opened)
    if not pages:
        raise Permanent(NOTHING_TO_FAX, cause=Cause.DOCUMENT)
    if pages > limits.max_pages:
        raise Permanent(TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=limits.max_pages)
    strips = _bounded(_strips(opened, layout), limits)
    return Drawn(
        tiff=tiff_of(strips, layout.resolution),
        pages=pages,
        bits=sum(strip.bits for strip in strips),
        parts=tuple(part.note(pages=sheets.count) for part, sheets in opened),
    )


def _open(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    with reading(part):
        return CONVERTERS[part.kind](part, canvas=canvas, limits=limits)


def _strips(opened: Sequence[tuple[Part, Sheets]], layout: Layout) -> Iterator[Strip]:
    for part, sheets in opened:
        for index in range(sheets.count):
            with reading(part):
                grey = sheets.draw(index)
            yield strip_of(bits_of(grey, layout.resolution))


def _bounded(strips: Iterator[Strip], limits: Limits) -> list[Strip]:
    kept: list[Strip] = []
    left = limits.max_document_bytes
    for strip in strips:
        kept.append(strip)
        left -= len(strip.data)
        if left < 0:
            raise Permanent(DOCUMENT_TOO_LARGE, cause=Cause.DOCUMENT)
    return kept
