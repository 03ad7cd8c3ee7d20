"""Which form of a fax a client gets: PDF, TIFF, or the original.

In:    an Accept header and a `disposition`.
Out:   a Form, and a Content-Disposition with a safe name.
Fails: Refusal 406 when no form will do, 400 for a disposition that is none.

Rule: RFC 9110 section 12.5.1: the most precise range speaks for a type, the highest q wins, PDF where they are equal.
The original is given only to who names its type: it is somebody else's file.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal, get_args

from .envelope import Refusal, invalid

_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")  # RFC 9110 section 12.4.2
_MOST_RANGES = 32
Disposition = Literal["attachment", "inline"]


class Form(StrEnum):
    """A media type that we give, in the order of our own liking."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    ORIGINAL = "application/octet-stream"  # whatever it is: nobody is told to open it

    @property
    def suffix(self) -> str:
        """For file names."""
        return {Form.PDF: "pdf", Form.TIFF: "tiff", Form.ORIGINAL: "bin"}[self]


def choose_form(accept: str | None) -> Form:
    """The form that the client likes best; without a wish, PDF."""
    if not accept or not accept.strip():
        return Form.PDF
    ranges = dict(reversed([_range(item) for item in accept.split(",")[:_MOST_RANGES]]))
    best = max(Form, key=lambda form: _weight(form, ranges))
    if not _weight(best, ranges):
        forms = " or ".join(Form)
        raise Refusal(406, "not acceptable", {"message": f"a fax is given as {forms}"})
    return best


def content_disposition(wish: str | None, *, name: str, form: Form) -> str:
    """`attachment` unless asked for `inline`; the name is made of an id of ours, never of what a stranger wrote."""
    wish = wish or "attachment"
    if wish not in get_args(Disposition):
        raise invalid({"disposition": ("enum", "must be attachment or inline")})
    safe = re.sub(r"[^A-Za-z0-9_-]", "", name)
    return f'{wish}; filename="fax-{safe}.{form.suffix}"'


def _range(item: str) -> tuple[str, float]:
    kind, *parameters = (word.strip().lower() for word in item.split(";"))
    weights = [text[2:] for text in parameters if text.startswith("q=")]
    if not weights:
        return kind, 1.0
    return kind, float(weights[0]) if _WEIGHT.fullmatch(weights[0]) else 0.0


def _weight(form: Form, ranges: dict[str, float]) -> float:
    precise: tuple[str, ...] = (form.value, form.value.partition("/")[0] + "/*", "*/*")
    if form is Form.ORIGINAL:
        precise = precise[:1]
    return next((ranges[kind] for kind in precise if kind in ranges), 0.0)
