"""Plain text: lines as they were written, in a fixed pitch, so that columns stay columns.

In:    a text part.
Out:   Sheets: 80 columns a line, longer ones go on in the next; a form feed begins a page.
Fails: Permanent PART_TOO_LARGE, TOO_MANY_PAGES.

Rule: lines and pages are broken here and bounded before anything is drawn. What is Latin, Greek and Cyrillic alone goes
onto the grid; anything else is typeset, where Pango draws each line in its script and direction.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from smtpfax.mime.choose import Part
from smtpfax.model.cause import Cause
from smtpfax.model.document import Paper
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_TOO_LARGE, TOO_MANY_PAGES
from smtpfax.render.limits import Limits
from smtpfax.render.pages import Canvas, Grey

from . import grid, pdf
from .fonts import missing
from .sheets import Sheets, refused
from .typeset import TooMuch, typeset

COLUMNS = 80
_TAB = 8
_MARKED = 8  # characters a column, at most: a letter and its marks
_MARGIN_MM = 15
_LINE_MM = 4.7
_CELL = 18  # pels: 80 columns are 179 mm
_STYLE = f"""
@page {{ margin: {_MARGIN_MM}mm }}
body {{ margin: 0 }}
pre {{ margin: 0; font: 10.5pt "DejaVu Sans Mono", monospace; line-height: {_LINE_MM}mm; white-space: pre-wrap;
       overflow-wrap: anywhere }}
.page + .page {{ break-before: page }}
"""
# Control characters but tab, line feed and form feed: nothing can be drawn for them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")


def open_text(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    """The converter."""
    if len(part.data) > limits.max_text_bytes:
        raise refused(PART_TOO_LARGE, part, why=f"a text of more than {limits.max_text_bytes} octets")
    return sheets_of(part, part.text, canvas=canvas, limits=limits)


def sheets_of(part: Part, written: str, *, canvas: Canvas, limits: Limits) -> Sheets:
    """The pages of a text that a part is, or was reduced to."""
    pages = list(pages_of(_headed(part, written), lines_per_page(canvas.layout.paper)))
    if len(pages) > limits.max_pages:
        raise Permanent(TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=limits.max_pages)
    if all(map(grid.can_draw, pages)):
        return Sheets(count=len(pages), draw=partial(_draw, pages, canvas))
    return _typeset(part, pages, canvas=canvas, limits=limits)


def _headed(part: Part, written: str) -> str:
    """Below the heading of its mail, when it is one within the mail."""
    return "\n".join((*part.heading, "\u2500" * COLUMNS, "", written)) if part.heading else written


def _draw(pages: Sequence[str], canvas: Canvas, index: int) -> Grey:
    lines = pages[index].split("\n")
    return grid.drawn(lines, canvas=canvas, columns=COLUMNS, cell=_CELL, line_mm=_LINE_MM, top_mm=_MARGIN_MM)


def _typeset(part: Part, pages: Sequence[str], *, canvas: Canvas, limits: Limits) -> Sheets:
    body = "".join(f'<div class="page">{"".join(_runs(page))}</div>' for page in pages)
    try:
        data = typeset(part, body, _STYLE, canvas=canvas, limits=limits, seconds=limits.max_text_seconds)
    except TooMuch as error:
        raise refused(
            PART_TOO_LARGE, part, reason=f"{part.label}: {error}", why="it takes too long to typeset"
        ) from error
    return replace(pdf.sheets_of(part, data, canvas=canvas), missing=missing("".join(pages)))


def _runs(page: str) -> Iterator[str]:
    """Lines of the same direction together."""
    for right_to_left, lines in groupby(page.split("\n"), _right_to_left):
        direction = "rtl" if right_to_left else "ltr"
        yield f'<pre dir="{direction}">{html.escape(chr(10).join(line or " " for line in lines))}</pre>'


def _right_to_left(line: str) -> bool:
    """As its first character that has a direction (Unicode Standard Annex 9, rules P2 and P3)."""
    if line.isascii():
        return False
    strong = (unicodedata.bidirectional(character) for character in line)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def lines_per_page(paper: Paper) -> int:
    """As many as fit between the margins."""
    return int((paper.millimetres[1] - 2 * _MARGIN_MM) // _LINE_MM)


def pages_of(written: str, lines: int) -> Iterator[str]:
    """Break pages at form feeds and where they are full; blank ends are dropped."""
    written = printable(written.replace("\r\n", "\n").replace("\r", "\n"))
    for chapter in written.rstrip().split("\f"):
        wrapped = [piece for line in chapter.rstrip().split("\n") for piece in wrap(line)]
        for start in range(0, len(wrapped), lines):
            yield "\n".join(wrapped[start : start + lines])


def printable(written: str) -> str:
    """Without controls but for tabs and ends of lines and pages."""
    return _CONTROLS.sub("", written)


def wrap(line: str, columns: int = COLUMNS) -> Iterator[str]:
    """Pieces of at most 80 columns, broken at a blank where there is one in the last half."""
    line = line.expandtabs(_TAB).rstrip()
    at = 0
    while (end := _fits(line, at, columns)) < len(line):
        blank = line.rfind(" ", at + (end - at) // 2, end + 1)
        end = blank if blank > at else end
        yield line[at:end]
        at = end + line.startswith(" ", end)
    yield line[at:]


def _fits(line: str, at: int, most: int) -> int:
    """Up to where so many columns go (Unicode Standard Annex 11: wide characters take two, marks none).

    A line of nothing but marks would never end, and to shape it takes as long as its square.
    """
    end = min(at + most, len(line))
    if line[at : end + 1].isascii():
        return end
    columns, last = 0, min(len(line), at + _MARKED * most)
    for index in range(at, last):
        if not unicodedata.combining(line[index]):
            columns += 2 if unicodedata.east_asian_width(line[index]) in "WF" else 1
        if columns > most:
            return max(index, at + 1)
    return last
