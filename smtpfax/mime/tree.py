"""The tree: a mail's parts as they are nested, decoded.

In:    content, and bounds.
Out:   Branch and Leaf nodes; a leaf's kind is what its octets are.
Fails: Permanent MAIL_UNREADABLE, TOO_MANY_PARTS, TOO_LARGE.

Rule: no octet is looked at more often than the nesting is deep, the depth is bounded, and nothing is guessed away: a
multipart whose parts cannot be told apart is refused, never faxed as a blank page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.status import MAIL_UNREADABLE, TOO_LARGE, TOO_MANY_PARTS

from .boundaries import Span, spans_of
from .charsets import charset_of
from .encodings import decode, looks_base64, spelled, uu_blocks
from .fields import Section, split
from .kinds import Kind, sniff
from .names import file_name, harmless
from .params import Params, parse
from .words import clean, decoded, unfold

_MAX_DEPTH = 100  # whatever the setting: this module calls itself
_HEADERS = 8  # all parts' header sections together, in multiples of the longest
_IDENTITY = frozenset({"", "7bit", "8bit", "binary"})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A multipart, or a mail within the mail."""

    path: str
    declared: str  # such as multipart/mixed or message/rfc822
    children: tuple[Tree, ...]
    protocol: str = ""  # of multipart/signed and multipart/encrypted (RFC 1847)
    start: str = ""  # of multipart/related: its root's content id (RFC 2387)
    subject: str = ""  # of a message/rfc822


Tree = Branch | Leaf


def read(content: bytes, *, limits: MimeLimits) -> Tree:
    """The tree of a whole mail."""
    if len(content) > limits.max_octets:
        raise Permanent(TOO_LARGE, cause=Cause.DOCUMENT, limit=limits.max_octets)
    return _Reader(limits).mail(Span(content, 0, len(content)), path="", depth=0)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """All leaves, in the mail's order."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for child in tree.children:
            yield from leaves(child)


@dataclass(slots=True)
class _Reader:
    """One reading of one mail, with what is left of its budget."""

    limits: MimeLimits
    parts: int = 0
    header_octets: int = 0
    depth_limit: int = field(init=False)

    def __post_init__(self) -> None:
        self.depth_limit = min(self.limits.max_depth, _MAX_DEPTH)

    def mail(self, span: Span, *, path: str, depth: int) -> Tree:
        """A whole mail: its own part is 1 (RFC 3501 section 6.4.5), unless it is a multipart."""
        section = self._section(span)
        multipart = parse(section.first("content-type")).value.startswith("multipart/")
        return self._part(span, section, path=path if multipart else _below(path, 1), depth=depth)

    def _section(self, span: Span) -> Section:
        section = split(span.content, span.start, span.end, limit=self.limits.max_header_bytes)
        self.header_octets += section.octets
        if section.cut or self.header_octets > _HEADERS * self.limits.max_header_bytes:
            raise _unreadable("its header is too long")
        return section

    def _part(self, span: Span, section: Section, *, path: str, depth: int) -> Tree:
        self.parts += 1
        if self.parts > self.limits.max_parts:
            raise Permanent(TOO_MANY_PARTS, cause=Cause.DOCUMENT, limit=self.limits.max_parts)
        if depth > self.depth_limit:
            raise _unreadable(f"its parts are nested more than {self.depth_limit} deep")
        said = parse(section.first("content-type"))
        body = Span(span.content, section.body, span.end)
        if said.value.startswith("multipart/"):
            return self._multipart(body, said, path=path, depth=depth)
        if said.value in ("message/rfc822", "message/global"):
            return self._message(body, section, said, path=path, depth=depth)
        return self._leaf(body, section, said, path=path)

    def _multipart(self, body: Span, said: Params, *, path: str, depth: int) -> Branch:
        children = list[Tree]()
        for number, span in enumerate(spans_of(body, said.get("boundary"), most=self.limits.max_parts + 1), 1):
            children.append(self._part(span, self._section(span), path=_below(path, number), depth=depth + 1))
        if not children and body.octets.strip():
            raise _unreadable("its parts cannot be told apart")
        return Branch(
            path=path,
            declared=said.value,
            children=tuple(children),
            protocol=said.get("protocol").lower(),
            start=_id(said.get("start")),
        )

    def _message(self, body: Span, section: Section, said: Params, *, path: str, depth: int) -> Tree:
        """A mail within the mail; RFC 2046 section 5.2.1 forbids to encode it, Outlook does."""
        encoding = spelled(unfold(section.first("content-transfer-encoding")))
        if encoding not in _IDENTITY:
            data = decode(body.octets, encoding)
            body = Span(data, 0, len(data))
        inner = self.mail(body, path=path, depth=depth + 1)
        subject = decoded(split(body.content, body.start, body.end, limit=4096).first("subject"), limit=200)
        return Branch(path=path, declared="message/rfc822", children=(inner,), subject=subject)

    def _leaf(self, body: Span, section: Section, said: Params, *, path: str) -> Tree:
        raw = body.octets
        encoding = spelled(unfold(section.first("content-transfer-encoding")))
        if encoding in _IDENTITY and not said.value.startswith("text/") and looks_base64(raw):
            encoding = "base64"
        leaf = _leaf(decode(raw, encoding), section, said, path=path)
        return self._uuencoded(leaf) if leaf.kind is Kind.TEXT and b"\nbegin" in b"\n" + leaf.data else leaf

    def _uuencoded(self, leaf: Leaf) -> Tree:
        """A text with uuencoded files in it becomes a branch of what is left of the text, and the files."""
        files, rest, at = list[Tree](), list[bytes](), 0
        for number, block in enumerate(uu_blocks(leaf.data), 2):
            self.parts += 1
            if self.parts > self.limits.max_parts:
                raise Permanent(TOO_MANY_PARTS, cause=Cause.DOCUMENT, limit=self.limits.max_parts)
            rest.append(leaf.data[at : block.start])
            at = block.end
            files.append(_file(harmless(block.name), block.data, path=_below(leaf.path, number)))
        if not files:
            return leaf
        rest.append(leaf.data[at:])
        text = Leaf(
            path=_below(leaf.path, 1),
            declared=leaf.declared,
            name=leaf.name,
            kind=leaf.kind,
            data=b"".join(rest),
            charset=leaf.charset,
        )
        return Branch(path=leaf.path, declared="multipart/mixed", children=(text, *files))


def _leaf(data: bytes, section: Section, said: Params, *, path: str) -> Leaf:
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
        content_id=_id(unfold(section.first("content-id"))),
        location=clean(unfold(section.first("content-location")), limit=500),
    )


def _file(name: str, data: bytes, *, path: str) -> Leaf:
    kind = sniff(data, name=name)
    charset = charset_of(data, "") if kind.text else ""
    return Leaf(path=path, declared=kind, name=name, kind=kind, data=data, charset=charset, disposition="attachment")


def _below(path: str, number: int) -> str:
    return f"{path}.{number}" if path else str(number)


def _id(said: str) -> str:
    return clean(said, limit=300).strip("<> ")


def _unreadable(why: str) -> Permanent:
    return Permanent(MAIL_UNREADABLE, cause=Cause.DOCUMENT, why=why)
