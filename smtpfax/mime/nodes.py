"""Nodes: what a mail's tree is made of.

In:    what the reader found.
Out:   Branch and Leaf, and the bounds of a reading.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smtpfax.model.event import PartNote

from .kinds import Kind

TNEF = "application/ms-tnef"  # what a Branch declares that was a winmail.dat
PKCS7 = "application/pkcs7-mime"  # and one that was signed within a CMS file


@dataclass(frozen=True, slots=True, kw_only=True)
class MimeLimits:
    """What a mail may ask of the parser."""

    max_parts: int = 100
    max_depth: int = 20
    max_header_bytes: int = 131_072
    max_octets: int = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A part without parts."""

    path: str
    declared: str  # the media type it says it has, in lower case
    name: str
    kind: Kind
    data: bytes
    charset: str = ""  # of a text kind: a codec that exists
    disposition: str = ""
    content_id: str = ""
    location: str = ""  # Content-Location, by which HTML may name it as well (RFC 2557)

    @property
    def text(self) -> str:
        """Its characters, of a text kind; what cannot be read is U+FFFD."""
        return self.data.decode(self.charset or "utf-8", "replace")

    def note(self, *, left_out: str = "") -> PartNote:
        """What the log says of it."""
        return PartNote(path=self.path, name=self.name, kind=str(self.kind), octets=len(self.data), left_out=left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the header of a mail within the mail says to people; each line may be empty."""

    from_: str = ""
    date: str = ""
    subject: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """As they stand above its text."""
        named = (("From", self.from_), ("Date", self.date), ("Subject", self.subject))
        return tuple(f"{name}: {said}" for name, said in named if said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A multipart, a mail within the mail, or a file that was opened in its place."""

    path: str
    declared: str  # such as multipart/mixed or message/rfc822
    children: tuple[Tree, ...]
    protocol: str = ""  # of multipart/signed and multipart/encrypted (RFC 1847)
    start: str = ""  # of multipart/related: its root's content id (RFC 2387)
    heading: Heading = Heading()  # of a message/rfc822


Tree = Branch | Leaf


def leaves(tree: Tree) -> Iterator[Leaf]:
    """All leaves, in the mail's order."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for child in tree.children:
            yield from leaves(child)
