"""CSV as a table: its first row stands at the head of every page, and what is too wide for a cell goes on below.

In:    a CSV part, with commas, semicolons, tabs or bars between its values.
Out:   Sheets: 80 columns of characters, or 120 small ones; a table that is still wider goes on in more pages.
Fails: Permanent PART_TOO_LARGE, TOO_MANY_PAGES.

Rule: what is no table (one column, or a quote that is never closed) is faxed as the text that it is. No value is lost.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

from smtpfax.mime.choose import Part
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_TOO_LARGE, TOO_MANY_PAGES
from smtpfax.render.limits import Limits
from smtpfax.render.pages import Canvas, Grey

from . import grid, pdf, text
from .fonts import missing
from .sheets import Sheets, refused
from .typeset import TooMuch, typeset

_MARKS = ",;\t|"
_SAMPLE = 20  # lines
_LEAST, _SPLIT = 8, 28  # characters of a column: before the table is split, and at most where it is
_BETWEEN = " │ "
_BLANKS = re.compile(r"[^\S\n]+")
_TOP_MM = 15
_STYLE = """
@page { margin: 12mm 12mm 15mm }
table { border-collapse: collapse; font: 9.5pt "DejaVu Sans", sans-serif; max-width: 100% }
td, th { border: 0.3mm solid black; padding: 0.5mm 1mm; text-align: start; vertical-align: top;
         overflow-wrap: anywhere }
"""

Rows = list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """How many cells a line has, how many pels a cell, and how far the lines are from each other."""

    columns: int
    cell: int
    line_mm: float


_SIZES = (_Size(columns=80, cell=18, line_mm=4.7), _Size(columns=120, cell=12, line_mm=3.2))


def open_table(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    """The converter."""
    if len(part.data) > limits.max_text_bytes:
        raise refused(PART_TOO_LARGE, part, why=f"a table of more than {limits.max_text_bytes} octets")
    rows = rows_of(part.text)
    if not rows:
        return text.open_text(part, canvas=canvas, limits=limits)
    if not grid.can_draw("".join(value for row in rows for value in row)):
        return _typeset(part, rows, canvas=canvas, limits=limits)
    if len(rows) > limits.max_pages * _lines_of(_SIZES[-1], canvas):
        raise _too_many(limits)
    size, widths = _fitting(rows)
    pages = list(_bounded(pages_of(rows, widths, size.columns, _lines_of(size, canvas)), limits))
    return Sheets(count=len(pages), draw=partial(_draw, pages, size, canvas))


def rows_of(written: str) -> Rows:
    """The values, as many in each row; nothing, when it is no table."""
    lines = list(io.StringIO(written.replace("\r\n", "\n").replace("\r", "\n"), newline="\n"))
    mark = _mark([line for line in lines if line.strip()][:_SAMPLE])
    if not mark:
        return []
    try:
        rows = [[_clean(value) for value in row] for row in csv.reader(lines, delimiter=mark, strict=True)]
    except csv.Error:
        return []
    rows = [row for row in rows if any(row)]
    across = max(map(len, rows), default=0)
    return [row + [""] * (across - len(row)) for row in rows] if across > 1 else []


def _mark(sample: Sequence[str]) -> str:
    """What stands between values: the mark that most lines have, and as often as each other."""
    counts = {mark: [line.count(mark) for line in sample] for mark in _MARKS}
    likely = [mark for mark in _MARKS if 0 < len(sample) <= 2 * sum(map(bool, counts[mark]))]
    return max(likely, key=lambda mark: (counts[mark].count(max(counts[mark])), max(counts[mark])), default="")


def _clean(value: str) -> str:
    return text.printable(_BLANKS.sub(" ", value)).strip()


def _fitting(rows: Rows) -> tuple[_Size, list[int]]:
    """The size in which all columns stand side by side, none narrower than its words; else the small one."""
    wanted = [max(len(line) for value in column for line in value.split("\n")) for column in zip(*rows, strict=True)]
    words = [max(len(word) for value in column for word in ("", *value.split())) for column in zip(*rows, strict=True)]
    frames = len(_BETWEEN) * (len(wanted) - 1)
    for size in _SIZES:
        widths = _shared([max(1, width) for width in wanted], size.columns - frames)
        enough = all(width >= word for width, word in zip(widths, words, strict=True))
        if enough and sum(widths) + frames <= size.columns:
            return size, widths
    return _SIZES[-1], [min(max(1, width), _SPLIT) for width in wanted]


def _shared(wanted: Sequence[int], room: int) -> list[int]:
    """The widest columns give way, all to the same width, but never below the least."""
    low, high = _LEAST, max(_LEAST, *wanted)
    while low < high:
        most = (low + high + 1) // 2
        low, high = (most, high) if sum(min(width, most) for width in wanted) <= room else (low, most - 1)
    return [min(width, low) for width in wanted]


def pages_of(rows: Rows, widths: Sequence[int], columns: int, lines: int) -> Iterator[list[str]]:
    """Pages of lines; columns that do not fit beside the others have pages of their own."""
    for first, end in _bands(widths, columns):
        within = widths[first:end]
        head = [*list(_lines(rows[0][first:end], within))[: lines // 2], "─┼─".join("─" * width for width in within)]
        page = list(head)
        for row in rows[1:]:
            for line in _lines(row[first:end], within):
                if len(page) == lines:
                    yield page
                    page = list(head)
                page.append(line)
        yield page


def _bands(widths: Sequence[int], columns: int) -> Iterator[tuple[int, int]]:
    """Which columns stand beside each other."""
    first, used = 0, 0
    for at, width in enumerate(widths):
        if at > first and used + len(_BETWEEN) + width > columns:
            yield first, at
            first, used = at, 0
        used += width + len(_BETWEEN) * (at > first)
    yield first, len(widths)


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """A row, on as many lines as its longest value needs."""
    cells = [list(_wrapped(value, width)) for value, width in zip(row, widths, strict=True)]
    for each in zip_longest(*cells, fillvalue=""):
        yield _BETWEEN.join(value.ljust(width) for value, width in zip(each, widths, strict=True)).rstrip()


def _wrapped(value: str, width: int) -> Iterator[str]:
    for line in value.split("\n"):
        yield from text.wrap(line, width)


def _lines_of(size: _Size, canvas: Canvas) -> int:
    """How many lines a page has."""
    return int((canvas.layout.paper.millimetres[1] - 2 * _TOP_MM) // size.line_mm)


def _too_many(limits: Limits) -> Permanent:
    return Permanent(TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=limits.max_pages)


def _bounded(pages: Iterator[list[str]], limits: Limits) -> Iterator[list[str]]:
    for count, page in enumerate(pages):
        if count >= limits.max_pages:
            raise _too_many(limits)
        yield page


def _draw(pages: Sequence[list[str]], size: _Size, canvas: Canvas, index: int) -> Grey:
    shape = {"columns": size.columns, "cell": size.cell}
    return grid.drawn(pages[index], canvas=canvas, line_mm=size.line_mm, top_mm=_TOP_MM, **shape)


def _typeset(part: Part, rows: Rows, *, canvas: Canvas, limits: Limits) -> Sheets:
    """With other scripts in it; one that is too large for that is faxed as the text that it is."""
    if sum(map(len, rows)) <= limits.max_elements:
        head, *body = [_row(row, "td" if at else "th") for at, row in enumerate(rows)]
        markup = f"<table><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"
        try:
            data = typeset(part, markup, _STYLE, canvas=canvas, limits=limits, seconds=limits.max_html_seconds)
        except TooMuch:
            pass
        else:
            return replace(pdf.sheets_of(part, data, canvas=canvas), missing=missing(part.text))
    return text.open_text(part, canvas=canvas, limits=limits)


def _row(row: Sequence[str], tag: str) -> str:
    cells = (html.escape(value).replace("\n", "<br>") for value in row)
    return f"<tr>{''.join(f'<{tag} dir=auto>{cell}</{tag}>' for cell in cells)}</tr>"
