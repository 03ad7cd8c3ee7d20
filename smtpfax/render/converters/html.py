"""HTML, of a mail's body or of a file.

In:    an HTML part, with the pictures of its multipart/related by content id.
Out:   Sheets; scripts, frames, forms and every reference to elsewhere are gone before it is typeset.
Fails: Permanent PART_TOO_LARGE, TOO_MANY_PAGES.

Rule: HTML that asks for too much (elements, depth, seconds) is not refused: its text is faxed.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import nh3

from smtpfax.mime.choose import Part
from smtpfax.mime.hypertext import bare_text
from smtpfax.mime.kinds import sniff
from smtpfax.model.status import PART_TOO_LARGE
from smtpfax.render.limits import Limits
from smtpfax.render.pages import Canvas

from . import pdf, text
from .fonts import missing
from .picture import FORMATS, open_picture
from .sheets import Sheets, joined, refused
from .typeset import TooMuch, typeset

_STYLE = """
@page { margin: 12mm 12mm 15mm }
html { font: 11pt "DejaVu Sans", sans-serif }
body { margin: 0 }
img, table, pre { max-width: 100% }
pre { white-space: pre-wrap }
.smtpfax-heading { font: 10.5pt "DejaVu Sans Mono", monospace; border-bottom: 0.3mm solid black; padding-bottom: 2mm }
"""
_TAGS = (nh3.ALLOWED_TAGS | {"style", "font", "body", "tfoot", "u"}) - {"map", "area"}
_EVERYWHERE = {"style", "class", "id", "align", "valign", "width", "height", "bgcolor", "dir", "lang"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "img": {"src", "alt"},
    "font": {"color", "face", "size"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap"},
    "table": {"border", "cellpadding", "cellspacing"},
    "ol": {"start", "type"},
}
_UNSEEN = {"script", "title", "template", "textarea", "noscript"}


def open_html(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    """The converter."""
    if len(part.data) > limits.max_text_bytes:
        raise refused(PART_TOO_LARGE, part, why=f"HTML of more than {limits.max_text_bytes} octets")
    clean = _heading(part) + sanitised(part)
    if clean.count("<") <= 2 * limits.max_elements:
        try:
            data = typeset(part, clean, _STYLE, canvas=canvas, limits=limits, seconds=limits.max_html_seconds)
        except TooMuch:
            pass
        else:
            return replace(pdf.sheets_of(part, data, canvas=canvas), missing=missing(bare_text(clean)))
    words = text.sheets_of(part, bare_text(part.text), canvas=canvas, limits=limits)
    return joined(words, *_pictures(part, canvas=canvas, limits=limits))


def _heading(part: Part) -> str:
    """Above the text of a mail within the mail."""
    lines = "<br>".join(html.escape(line) for line in part.heading)
    return f'<p class="smtpfax-heading">{lines}</p>' if lines else ""


def sanitised(part: Part) -> str:
    """What may be typeset; a picture is one of the mail's own, whether it is named by its id or its location."""

    def own(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) != ("img", "src") or value.lower().startswith(("data:", "cid:")):
            return value
        return f"cid:{quote(value)}" if value in part.resources else None  # RFC 2557 section 4: Content-Location

    cleaner = nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_UNSEEN,
        attributes=_ATTRIBUTES,
        attribute_filter=own,
        url_schemes={"data", "cid", "http", "https"},  # what is elsewhere goes in `own`
        link_rel=None,
    )
    return cleaner.clean(part.text)


def _pictures(part: Part, *, canvas: Canvas, limits: Limits) -> Iterator[Sheets]:
    """The pictures that a text without its looks would lose."""
    for data in part.resources.values():
        kind = sniff(data)
        if kind in FORMATS:
            yield open_picture(replace(part, kind=kind, data=data), canvas=canvas, limits=limits)
