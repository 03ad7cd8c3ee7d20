"""Parts become one document.

In:    the chosen parts in their order, the layout, limits.
Out:   Opened, whose pages are counted; Drawn: the TIFF-F, its bits on the line, and on how many pages each part ended.
Fails: Permanent, naming the part: one that cannot be rendered fails the whole document; TOO_MANY_PAGES,
       DOCUMENT_TOO_LARGE.

Rule: all parts are opened and their pages counted before the first page is drawn, so that a refusal is quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind
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
from .converters.office import FORMS
from .converters.picture import FORMATS
from .converters.sheets import refused
from .legibility import Measured, legibility_of, measured
from .limits import Limits
from .pages import Canvas, Grey, canvas_of
from .room import with_room
from .tiff import Strip, tiff_of

_Sheet = tuple[Part, Callable[[], Grey]]
_SOON_OPENED = frozenset({Kind.PDF, *FORMATS, *FORMS})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """All parts, opened; no page is drawn yet."""

    sheets: Sequence[tuple[Part, Sheets]]
    layout: Layout
    limits: Limits

    @property
    def pages(self) -> int:
        """Of all parts."""
        return sum(sheets.count for _, sheets in self.sheets)

    @property
    def soon_opened(self) -> bool:
        """Whether to open them once more would cost next to nothing: nothing was typeset."""
        return all(part.kind in _SOON_OPENED for part, _ in self.sheets)

    @property
    def notes(self) -> tuple[PartNote, ...]:
        """On how many pages each part ended."""
        return tuple(part.note(pages=sheets.count) for part, sheets in self.sheets)

    def drawn(self, only: tuple[int, int] | None = None) -> Drawn:
        """Draw and encode all pages, or only some."""
        first, end = only or (0, self.pages)
        finished = _bounded(_finished(_sheets(self.sheets)[first:end], self.layout, self.limits), self.limits)
        if only is None and not any(page.measured.black for page in finished):
            raise Permanent(BLANK, cause=Cause.DOCUMENT)
        strips = [page.strip for page in finished]
        missing = _missing([sheets for _, sheets in self.sheets])
        return Drawn(
            tiff=tiff_of(strips, self.layout.resolution),
            pages=len(strips),
            bits=sum(strip.bits for strip in strips),
            legibility=legibility_of(
                [page.measured for page in finished], self.layout.resolution, missing=missing, before=first
            ),
            parts=self.notes,
        )


def drawn(parts: Sequence[Part], *, layout: Layout, limits: Limits) -> Drawn:
    """Open, count, draw, encode."""
    return opened(parts, layout=layout, limits=limits).drawn()


def opened(parts: Sequence[Part], *, layout: Layout, limits: Limits) -> Opened:
    """Open and count."""
    canvas = canvas_of(layout)
    sheets = [(part, _open(part, canvas=canvas, limits=limits)) for part in parts]
    document = Opened(sheets=sheets, layout=layout, limits=limits)
    if not document.pages:
        raise Permanent(NOTHING_TO_FAX, cause=Cause.DOCUMENT)
    if document.pages > limits.max_pages:
        raise Permanent(TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=limits.max_pages)
    return document


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


def _sheets(opened: Sequence[tuple[Part, Sheets]]) -> list[_Sheet]:
    """All pages, in their order."""
    return [(part, partial(sheets.draw, index)) for part, sheets in opened for index in range(sheets.count)]


def _finished(pages: Sequence[_Sheet], layout: Layout, limits: Limits) -> Iterator[_Finished]:
    at: Part | None = None
    for part, draw in pages:
        if part is not at:
            at = part
            note(part=part.label)
        with reading(part), _in_time(part, limits.max_page_seconds):
            grey = draw()
        finished = _finish(grey, layout)
        del grey  # before the next one is drawn
        yield finished


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
