"""The kinds that can be faxed: one table.

In:    a Kind.
Out:   the Converter that opens it.
Fails: never; a kind that is not here is refused by `mime.choose`, with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from smtpfax.mime.kinds import Kind

from .html import open_html
from .pdf import open_pdf
from .picture import open_picture
from .sheets import Converter, Sheets, reading
from .text import open_text

CONVERTERS: Mapping[Kind, Converter] = MappingProxyType(
    {
        Kind.PDF: open_pdf,
        Kind.TIFF: open_picture,
        Kind.PNG: open_picture,
        Kind.JPEG: open_picture,
        Kind.GIF: open_picture,
        Kind.BMP: open_picture,
        Kind.WEBP: open_picture,
        Kind.TEXT: open_text,
        Kind.CSV: open_text,
        Kind.HTML: open_html,
    }
)

__all__ = ["CONVERTERS", "Converter", "Sheets", "reading"]
