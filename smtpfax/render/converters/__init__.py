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
from .office import FORMS, open_office
from .pdf import open_pdf
from .picture import FORMATS, open_picture
from .sheets import Converter, Sheets, reading
from .table import open_table
from .text import open_text

CONVERTERS: Mapping[Kind, Converter] = MappingProxyType(
    {
        Kind.PDF: open_pdf,
        **dict.fromkeys(FORMATS, open_picture),
        Kind.TEXT: open_text,
        Kind.CSV: open_table,
        Kind.XML: open_text,
        Kind.HTML: open_html,
        **dict.fromkeys(FORMS, open_office),
    }
)

__all__ = ["CONVERTERS", "Converter", "Sheets", "reading"]
