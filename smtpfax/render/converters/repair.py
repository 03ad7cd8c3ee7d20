"""A damaged PDF, tried a second way: qpdf finds its objects without its tables, and writes it anew.

In:    the octets of a PDF that PDFium cannot open.
Out:   the octets of one that it perhaps can; None, when qpdf cannot either, or is not installed (the extra `pdf`).
Fails: never.

Rule: asked only after PDFium has failed, and loaded only then, for it is large. What is cut off is not mended, nor what
qpdf had to leave something out of: a fax is never sent with pages silently missing or blank.
"""

from __future__ import annotations

import io
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_MOST_OCTETS = 64 << 20
_MOST_PAGES = 2000
_TAIL = 2048  # octets, in which the end of a PDF stands (ISO 32000-1, Annex H.3, note 18 has 1024)
# What qpdf may say of a file whose tables are wrong while every object is there.
_HARMLESS = re.compile(
    r"file is damaged|can't find startxref|reconstruct cross-reference|trailer dictionary|xref|expected endstream"
    r"|attempting to recover stream length|recovered stream length|reported number of objects|can't find PDF header"
)


def repaired(data: bytes) -> bytes | None:
    """Rebuild it."""
    qpdf = _qpdf()
    if qpdf is None or len(data) > _MOST_OCTETS or b"%%EOF" not in data[-_TAIL:]:
        return None
    try:
        with qpdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            return _written(document)
    except (qpdf.PdfError, qpdf.PasswordError, ValueError, RuntimeError, TypeError, OSError):  # all mean a bad file
        return None


def _written(document: Any) -> bytes | None:
    """Anew, unless something had to be left out."""
    if document.is_encrypted or not 0 < len(document.pages) <= _MOST_PAGES:
        return None
    written = io.BytesIO()
    document.save(written)
    whole = all(page.obj.get("/Contents") is not None for page in document.pages)
    known = all(_HARMLESS.search(str(said)) for said in document.get_warnings())
    return written.getvalue() if whole and known else None


@cache
def _qpdf() -> Any:
    """An optional library without which nothing is lost but the second try."""
    return import_module("pikepdf") if find_spec("pikepdf") else None
