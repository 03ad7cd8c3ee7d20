"""Leaf: one part's fields and octets, read.

In:    decoded octets with their header section; or a file from within a text or a letter.
Out:   a Leaf, whose kind is what its octets are.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator

from .charsets import charset_of
from .fields import Section
from .kinds import Kind, sniff
from .names import file_name, harmless
from .nodes import Heading, Leaf
from .params import Params, parse
from .rtf_text import text_of
from .tnef import Letter
from .words import clean, decoded, unfold


def leaf_of(data: bytes, section: Section, said: Params, *, path: str) -> Leaf:
    """A part of the mail, by its fields."""
    disposition = parse(section.first("content-disposition"))
    name = file_name(disposition, said)
    declared = clean(said.value, limit=100) or "text/plain"  # RFC 2045 section 5.2
    kind = sniff(data, declared=declared, name=name, charset=said.get("charset"))
    return Leaf(
        path=path,
        declared=declared,
        name=name,
        kind=kind,
        data=data,
        charset=charset_of(data, said.get("charset")) if kind.text else "",
        disposition=clean(disposition.value, limit=20),
        content_id=identifier(unfold(section.first("content-id"))),
        location=clean(unfold(section.first("content-location")), limit=500),
    )


def file_leaf(name: str, data: bytes, *, path: str, declared: str = "", content_id: str = "") -> Leaf:
    """A file from within a text or a letter; one with a content id is a picture of the letter's text."""
    name, declared = harmless(name), clean(declared, limit=100)
    kind = sniff(data, declared=declared, name=name)
    return Leaf(
        path=path,
        declared=declared or kind,
        name=name,
        kind=kind,
        data=data,
        charset=charset_of(data, "") if kind.text else "",
        disposition="inline" if content_id else "attachment",
        content_id=identifier(content_id),
    )


def text_leaf(letter: Letter, *, path: str) -> Iterator[Leaf]:
    """The one form of a letter's text that says most."""
    if letter.html.strip():
        charset = charset_of(letter.html, letter.charset)
        yield Leaf(path=path, declared="text/html", name="", kind=Kind.HTML, data=letter.html, charset=charset)
        return
    found = text_of(letter.rtf)
    words = letter.text if letter.text.strip() and not found.html else found.text
    if words.strip():
        kind = Kind.HTML if found.html else Kind.TEXT
        data = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()  # pairs of halves
        yield Leaf(path=path, declared=str(kind), name="", kind=kind, data=data, charset="utf-8")


def heading_of(section: Section) -> Heading:
    """What the header of a mail within the mail says."""
    return Heading(
        from_=decoded(section.first("from"), limit=200),
        date=decoded(section.first("date"), limit=60),
        subject=decoded(section.first("subject"), limit=200),
    )


def identifier(said: str) -> str:
    """A content id without its brackets."""
    return clean(said, limit=300).strip("<> ")
