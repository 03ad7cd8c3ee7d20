"""Parts become one document.

In:    the chosen parts in their order, the layout, limits.
Out:   Drawn: the TIFF-F, its bits on the line, and on how many pages each part ended.
Fails: Permanent, naming the part: one that cannot be rendered fails the whole document; TOO_MANY_PAGES,
       DOCUMENT_TOO_LARGE.

Rule: all parts are opened and their pages counted before the first page is drawn, so that a refusal is quick.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from smtpfax.mime.choose import Part
from smtpfax.model.cause import Cause
from smtpfax.model.document import Layout
from smtpfax.model.errors import Permanent
from smtpfax.model.event import PartNote
from smtpfax.model.legibility import Legibility
from smtpfax.model.status import BLANK, DOCUMENT_TOO_LARGE, NOTHING_TO_FAX, PART_TOO_LARGE, TOO_MANY_PAGES
from smtpfax.sandbox.lastword import note, within

from .bilevel import cut
from .coding import strip_of
from .converters import CONVERTERS, Sheets, reading
from .converters.sheets import refused
from .legibility import Measured, legibility_of, measured
from .limits import Limits
from .pages import Canvas, Grey, canvas_of
from .room import with_room
from .tiff import Strip, tiff_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A document, as it comes out of the worker."""

    tiff: bytes
    pages: int
    bits: int
    legibility: Legibility
    parts: tuple[PartNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finished:
    strip: Strip
    measured: Measured


def drawn(parts: Sequence[Part], *, layout: Layout, limits: Limits) -> Drawn:
    """Open, count, draw, encode."""
    canvas = canvas_of(layout)
    opened = [(part, _open(part, canvas=canvas, limits=limits)) for part in parts]
    pages = sum(sheets.count for _, sheets in opened)
    if not pages:
        raise Permanent(NOTHING_TO_FAX, cause=Cause.DOCUMENT)
    if pages > limits.max_pages:
        raise Permanent(TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=limits.max_pages)
    finished = _bounded(_finished(opened, layout, limits), limits)
    if not any(page.measured.black for page in finished):
        raise Permanent(BLANK, cause=Cause.DOCUMENT)
    strips = [page.strip for page in finished]
    return Drawn(
        tiff=tiff_of(strips, layout.resolution),
        pages=pages,
        bits=sum(strip.bits for strip in strips),
        legibility=legibility_of(
            [page.measured for page in finished], layout.resolution, missing=_missing([each for _, each in opened])
        ),
        parts=tuple(part.note(pages=sheets.count) for part, sheets in opened),
    )


def _missing(opened: Sequence[Sheets]) -> tuple[int, int]:
    """Characters that no font has, and the first page of the first part that has such."""
    first = 0
    for index, sheets in enumerate(opened):
        if sheets.missing and not first:
            first = 1 + sum(before.count for before in opened[:index])
    return sum(sheets.missing for sheets in opened), first


def _open(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    note(part=part.label)
    with reading(part), _in_time(part, limits.max_html_seconds + limits.max_text_seconds):
        return CONVERTERS[part.kind](part, canvas=canvas, limits=limits)


def _in_time(part: Part, seconds: float) -> AbstractContextManager[None]:
    return within(seconds, refused(PART_TOO_LARGE, part, why="it takes too long to draw"))


def _finished(opened: Sequence[tuple[Part, Sheets]], layout: Layout, limits: Limits) -> Iterator[_Finished]:
    for part, sheets in opened:
        note(part=part.label)
        for index in range(sheets.count):
            with reading(part), _in_time(part, limits.max_page_seconds):
                grey = sheets.draw(index)
            yield _finish(grey, layout)


def _finish(grey: Grey, layout: Layout) -> _Finished:
    """What is measured is the page as it was drawn, before anything of it made room for the header line."""
    page = cut(grey, layout.resolution)
    seen = measured(page.bits, page.tones, layout.resolution)
    return _Finished(strip=strip_of(with_room(page.bits, layout), layout), measured=seen)


def _bounded(pages: Iterator[_Finished], limits: Limits) -> list[_Finished]:
    kept: list[_Finished] = []
    left = limits.max_document_bytes
    for page in pages:
        kept.append(page)
        left -= len(page.strip.data)
        if left < 0:
            raise Permanent(DOCUMENT_TOO_LARGE, cause=Cause.DOCUMENT)
    return kept
