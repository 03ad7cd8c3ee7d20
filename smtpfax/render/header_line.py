"""The header line: date and time, who sends, from which number, and page i of n, on each page (47 CFR 68.318(d)).

In:    a HeaderLine, the TIFF-F of a document.
Out:   the TIFF-F of the same pages with their line; what stands below it is the same bits as before.
Fails: never by itself; what is not a document of ours is the caller's fault (tiff.NotOurs).

Rule: the line stands in rows that are blank on every page (`room`), so nothing of a page is covered, and nothing of it
is encoded again. Names in scripts that the grid does not have are typeset; characters that no font has are spelled in
ASCII.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind
from smtpfax.model.document import WIDTH, Layout, Resolution

from .bilevel import bits_of
from .coding import bits_in, strip_of
from .converters import grid, pdf
from .converters.fonts import missing
from .converters.typeset import TooMuch, typeset
from .heading import HeaderLine, header_from
from .limits import Limits
from .pages import Canvas, Grey, canvas_of
from .room import header_rows, with_room
from .splice import spliced
from .tiff import NotOurs, Strip, strips_of, tiff_of

Json = dict[str, Any]
_CELL = 15  # pels: letters of nine points
_COLUMNS = 112
_LINE_MM = 4.0
_TOP_MM = 0.5
_SECONDS = 5.0  # of CPU, for a name to be typeset
_NAME_MM = 110  # what is longer is cut off
_STYLE = f"""
@page {{ size: 215mm 5.2mm !important; margin: 0 }}
html {{ font: 9pt "DejaVu Sans Mono", monospace; line-height: 5mm }}
body {{ margin: 0 }}
p {{ margin: 0 auto; width: {_NAME_MM}mm; height: 5mm; overflow: hidden; white-space: nowrap; text-align: center }}
"""


def render_header(request: Json, blobs: list[bytes]) -> tuple[Json, list[bytes]]:
    """The task of a sandbox's worker: a document's TIFF-F in, the same with its header line out, and its bits."""
    strips, resolution = strips_of(blobs[0])
    headed = with_header(strips, header_from(request))
    return {"bits": sum(strip.bits for strip in headed)}, [tiff_of(headed, resolution)]


def with_header(strips: Sequence[Strip], line: HeaderLine) -> list[Strip]:
    """All pages with their line."""
    rows = header_rows(line.layout.resolution)
    canvas = replace(canvas_of(line.layout), rows=rows * (2 if line.layout.resolution is Resolution.STANDARD else 1))
    who = _spelled(f"{line.number}  {line.name}".strip())
    plain = grid.can_draw(who)
    name = None if plain else _typeset(who, canvas)
    blank = strip_of(np.zeros((rows, WIDTH // 8), np.uint8), line.layout)
    headed = []
    for page, strip in enumerate(strips, 1):
        grey = _drawn(line.when, who if plain else "", f"page {page} of {len(strips)}", canvas)
        band = strip_of(bits_of(grey if name is None else np.minimum(grey, name), line.layout.resolution), line.layout)
        headed.append(spliced(strip, band, blank=blank) or _again(strip, band, blank, line.layout))
    return headed


def _again(strip: Strip, band: Strip, blank: Strip, layout: Layout) -> Strip:
    """A page that was rendered before pages had room for the line."""
    page = strip_of(with_room(bits_in(strip, layout.resolution), layout), layout)
    whole = spliced(page, band, blank=blank)
    if whole is None:
        raise NotOurs("a page without room for its header line")
    return whole


def _drawn(when: str, who: str, page: str, canvas: Canvas) -> Grey:
    """One line: when on the left, who in the middle, which page on the right; a long name is cut off, no number is."""
    room = _COLUMNS - 2 * max(len(when), len(page)) - 4
    line = who[:room].center(_COLUMNS)
    line = when + line[len(when) : _COLUMNS - len(page)] + page
    return grid.drawn([line], canvas=canvas, columns=_COLUMNS, cell=_CELL, line_mm=_LINE_MM, top_mm=_TOP_MM)


def _typeset(who: str, canvas: Canvas) -> Grey | None:
    """In the middle; nothing, when it takes too long."""
    part = Part(path="header", name="the header line", kind=Kind.HTML, data=b"")
    try:
        data = typeset(part, f"<p>{html.escape(who)}</p>", _STYLE, canvas=canvas, limits=Limits(), seconds=_SECONDS)
    except TooMuch:
        return None
    return pdf.sheets_of(part, data, canvas=canvas).draw(0)


def _spelled(who: str) -> str:
    """Characters that no font here has, as near to them as ASCII comes."""
    if not missing(who):
        return who
    return unicodedata.normalize("NFKD", who).encode("ascii", "ignore").decode()
