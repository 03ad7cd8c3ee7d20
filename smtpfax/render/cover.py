"""The cover: a page made from subject, names and identity, before the bare pages of a document.

In:    CoverFacts, a layout; for the whole document, the TIFF-F of its bare pages.
Out:   the cover's pages; the document with them, whose bare pages are the same strips as before.
Fails: Permanent PART_TOO_LARGE, when a text takes too long to typeset; TOO_MANY_PAGES.

Rule: what a sender wrote is text to the template, never a part of it: no markup of a subject or a name is read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind
from smtpfax.model.cause import Cause
from smtpfax.model.document import Layout
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_TOO_LARGE, TOO_MANY_PAGES

from .bilevel import bits_of
from .coding import strip_of
from .converters import pdf, typeset
from .converters.sheets import Sheets, reading, refused
from .covering import CoverFacts, Json, cover_from
from .limits import Limits
from .pages import canvas_of
from .room import with_room
from .tiff import Strip, strips_of, tiff_of

_DATE = "%d %B %Y, %H:%M %Z"
_SHORT = 300  # characters of a name or a subject: they come from headers, which may be long
_SHORT_FIELDS: Sequence[str] = ("header", "to_name", "to_number", "from_name", "from_number", "subject")
_STYLE = """
@page { margin: 22mm 18mm 18mm }
html { font: 12pt "DejaVu Sans", sans-serif }
body { margin: 0; overflow-wrap: anywhere }
.header { font-size: 17pt; font-weight: bold; margin: 0 0 8mm }
h1 { font-size: 34pt; margin: 0 0 6mm; border-bottom: 1mm solid black }
table { border-collapse: collapse; width: 100%; font-size: 13pt }
th { text-align: left; vertical-align: top; width: 28mm; padding: 2mm 0 }
td { padding: 2mm 0 }
tr { border-bottom: 0.3mm solid black }
.body { white-space: pre-wrap; margin: 8mm 0 }
.date { text-align: right }
.subject { font-weight: bold; margin-top: 8mm }
.note { border: 0.3mm solid black; padding: 3mm; font-size: 10pt; margin-top: 10mm }
"""
# Not autoescape by the file's name: all of ours are HTML.
_TEMPLATES = SandboxedEnvironment(
    loader=PackageLoader("smtpfax.render", "covers"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    auto_reload=False,
)


def render_cover(request: Json, blobs: list[bytes]) -> tuple[Json, list[bytes]]:
    """The task of a sandbox's worker: the bare pages' TIFF-F in, the whole document's out, with its pages and bits."""
    cover = cover_from(request)
    # A text alone is a document where it stands on the cover.
    bare, resolution = strips_of(blobs[0]) if blobs[0] else ((), cover.layout.resolution)
    pages = cover_page(dataclasses.replace(cover.facts, bare_pages=len(bare)), cover.layout, cover.limits)
    strips = [*pages, *bare]
    if len(strips) > cover.limits.max_pages:
        raise Permanent(TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=cover.limits.max_pages)
    told = {"pages": len(strips), "bits": sum(strip.bits for strip in strips)}
    return told, [tiff_of(strips, resolution)]


def make_ready(request: Json, blobs: list[bytes]) -> tuple[Json, list[bytes]]:
    """The task of a worker that has nothing to do: what covers and HTML texts need is loaded, before there is one."""
    typeset.make_ready()
    return {}, []


def cover_page(facts: CoverFacts, layout: Layout, limits: Limits | None = None) -> tuple[Strip, ...]:
    """The cover: one page, or as many as its text needs; they are counted in what it says of the pages."""
    limits = limits or Limits()
    sheets = _sheets(facts, 1 + facts.bare_pages, layout, limits)
    if sheets.count > 1:
        sheets = _sheets(facts, sheets.count + facts.bare_pages, layout, limits)
    drawn = (bits_of(sheets.draw(index), layout.resolution) for index in range(sheets.count))
    return tuple(strip_of(with_room(bits, layout), layout) for bits in drawn)


def html_of(facts: CoverFacts, *, pages: int) -> str:
    """The template, filled in."""
    words = {name: getattr(facts, name)[:_SHORT] for name in _SHORT_FIELDS}
    date = facts.at.strftime(_DATE).strip()
    template = _TEMPLATES.get_template(f"{facts.look}.html")
    return template.render(**words, body=facts.body, note=facts.note, date=date, pages=pages)


def _sheets(facts: CoverFacts, pages: int, layout: Layout, limits: Limits) -> Sheets:
    canvas = canvas_of(layout)
    part = Part(path="cover", name="the cover", kind=Kind.HTML, data=b"")
    if len(facts.body.encode()) > limits.max_text_bytes:
        raise refused(PART_TOO_LARGE, part, why=f"a text of more than {limits.max_text_bytes} octets")
    html = html_of(facts, pages=pages)
    with reading(part):
        try:
            data = typeset.typeset(part, html, _STYLE, canvas=canvas, limits=limits, seconds=limits.max_text_seconds)
        except typeset.TooMuch as error:
            raise refused(PART_TOO_LARGE, part, reason=str(error), why="it takes too long to typeset") from error
        return pdf.sheets_of(part, data, canvas=canvas)
