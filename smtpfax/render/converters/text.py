"""Plain text: lines as they were written, in a fixed pitch, so that columns stay columns.

In:    a text part.
Out:   Sheets: 80 columns a line, longer ones go on in the next; a form feed begins a page.
Fails: Permanent PART_TOO_LARGE, TOO_MANY_PAGES.

Rule: lines and pages are broken here and bounded before anything is typeset; Pango draws each line in its script and
direction.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from smtpfax.mime.choose import Part
from smtpfax.model.cause import Cause
from smtpfax.model.document import Paper
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_TOO_LARGE, TOO_MANY_PAGES
from smtpfax.render.limits import Limits
from smtpfax.render.pages import Canvas

from . import pdf
from .sheets import Sheets, refused
from .typeset import TooMuch, typeset

COLUMNS = 80
_TAB = 8
_MARGIN_MM = 15
_LINE_MM = 4.7
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
    pages = list(pages_of(written, lines_per_page(canvas.layout.paper)))
    if len(pages) > limits.max_pages:
        raise Permanent(TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=limits.max_pages)
    body = "".join(f'<div class="page">{"".join(_runs(page))}</div>' for page in pages)
    try:
        data = typeset(part, body, _STYLE, canvas=canvas, limits=limits, seconds=limits.max_text_seconds)
    except TooMuch as error:
        raise refused(
            PART_TOO_LARGE, part, reason=f"{part.label}: {error}", why="it takes too long to typeset"
        ) from error
    return pdf.sheets_of(part, data, canvas=canvas)


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
    written = _CONTROLS.sub("", written.replace("\r\n", "\n").replace("\r", "\n"))
    for chapter in written.rstrip().split("\f"):
        wrapped = [piece for line in chapter.rstrip().split("\n") for piece in wrap(line)]
        for start in range(0, len(wrapped), lines):
            yield "\n".join(wrapped[start : start + lines])


def wrap(line: str) -> Iterator[str]:
    """Pieces of at most 80 columns, broken at a blank where there is one in the last half."""
    line = line.expandtabs(_TAB).rstrip()
    while (end := _fits(line)) < len(line):
        blank = line.rfind(" ", end // 2, end + 1)
        end = blank if blank > 0 else end
        yield line[:end]
        line = line[end:].removeprefix(" ")
    yield line


def _fits(line: str) -> int:
    """How many characters stand in 80 columns (Unicode Standard Annex 11: wide ones take two, marks none)."""
    if len(line) <= COLUMNS and line.isascii():
        return len(line)
    columns = 0
    for index, character in enumerate(line):
        if not unicodedata.combining(character):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if columns > COLUMNS:
            return index
    return len(line)
