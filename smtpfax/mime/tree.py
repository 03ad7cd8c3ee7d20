"""The tree: a mail's parts as they are nested, decoded, and opened where they hold parts themselves.

In:    content, and bounds.
Out:   Branch and Leaf nodes; a leaf's kind is what its octets are.
Fails: Refused (MAIL_UNREADABLE, TOO_MANY_PARTS, TOO_LARGE), with the parts that were known by then.

Rule: no octet is looked at more often than the nesting is deep, the depth is bounded, and nothing is guessed away: a
multipart whose parts cannot be told apart is refused, never faxed as a blank page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.event import PartNote
from smtpfax.model.status import MAIL_UNREADABLE, TOO_LARGE, TOO_MANY_PARTS

from . import tnef
from .boundaries import Span, spans_of
from .cms import BadCms, signed_content
from .encodings import decode, looks_base64, spelled, uu_blocks
from .fields import Section, split
from .kinds import SIGNATURES, Kind
from .leaf import file_leaf, heading_of, identifier, leaf_of, text_leaf
from .nodes import PKCS7, TNEF, Branch, Heading, Leaf, MimeLimits, Tree, leaves
from .params import Params, parse
from .refusal import Refused
from .words import clean, unfold

__all__ = ["Branch", "Heading", "Leaf", "MimeLimits", "Tree", "leaves", "read"]

_MAX_DEPTH = 100  # whatever the setting: this module calls itself
_HEADERS = 8  # all parts' header sections together, in multiples of the longest
_IDENTITY = frozenset({"", "7bit", "8bit", "binary"})
_MAILS = frozenset({"message/rfc822", "message/global"})


def read(content: bytes, *, limits: MimeLimits) -> Tree:
    """The tree of a whole mail."""
    reader = _Reader(limits)
    try:
        if len(content) > limits.max_octets:
            raise Permanent(TOO_LARGE, cause=Cause.DOCUMENT, limit=limits.max_octets)
        return reader.mail(Span(content, 0, len(content)), path="", depth=0)
    except Permanent as fault:
        raise Refused(fault, reader.known) from fault


@dataclass(slots=True)
class _Reader:
    """One reading of one mail, with what is left of its budget, and the leaves so far."""

    limits: MimeLimits
    parts: int = 0
    header_octets: int = 0
    known: list[PartNote] = field(default_factory=list)
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

    def _count(self, depth: int) -> None:
        self.parts += 1
        if self.parts > self.limits.max_parts:
            raise Permanent(TOO_MANY_PARTS, cause=Cause.DOCUMENT, limit=self.limits.max_parts)
        if depth > self.depth_limit:
            raise _unreadable(f"its parts are nested more than {self.depth_limit} deep")

    def _part(self, span: Span, section: Section, *, path: str, depth: int, usual: str = "") -> Tree:
        """`usual`: the type of a part that names none."""
        self._count(depth)
        said = parse(section.first("content-type"))
        if usual and not said.value:
            said = Params(value=usual, params={})
        body = Span(span.content, section.body, span.end)
        if said.value.startswith("multipart/"):
            return self._multipart(body, said, path=path, depth=depth)
        if said.value in _MAILS:
            return self._message(body, section, path=path, depth=depth)
        return self._leaf(body, section, said, path=path, depth=depth)

    def _multipart(self, body: Span, said: Params, *, path: str, depth: int) -> Branch:
        children = list[Tree]()
        usual = "message/rfc822" if said.value == "multipart/digest" else ""  # RFC 2046 section 5.1.5
        for number, span in enumerate(spans_of(body, said.get("boundary"), most=self.limits.max_parts + 1), 1):
            section = self._section(span)
            children.append(self._part(span, section, path=_below(path, number), depth=depth + 1, usual=usual))
        if not children and body.octets.strip():
            raise _unreadable("its parts cannot be told apart")
        return Branch(
            path=path,
            declared=said.value,
            children=tuple(children),
            protocol=said.get("protocol").lower(),
            start=identifier(said.get("start")),
        )

    def _message(self, body: Span, section: Section, *, path: str, depth: int) -> Tree:
        """A mail within the mail; RFC 2046 section 5.2.1 forbids to encode it, Outlook does."""
        encoding = spelled(unfold(section.first("content-transfer-encoding")))
        if encoding not in _IDENTITY:
            data = decode(body.octets, encoding)
            body = Span(data, 0, len(data))
        inner = self.mail(body, path=path, depth=depth + 1)
        heading = heading_of(split(body.content, body.start, body.end, limit=self.limits.max_header_bytes))
        return Branch(path=path, declared="message/rfc822", children=(inner,), heading=heading)

    def _leaf(self, body: Span, section: Section, said: Params, *, path: str, depth: int) -> Tree:
        raw = body.octets
        encoding = spelled(unfold(section.first("content-transfer-encoding")))
        if encoding in _IDENTITY and not said.value.startswith("text/") and looks_base64(raw):
            encoding = "base64"
        return self._opened(leaf_of(decode(raw, encoding), section, said, path=path), depth=depth)

    def _opened(self, leaf: Leaf, *, depth: int) -> Tree:
        """What holds parts itself gives way to them; a file that cannot be opened stays, for `choose` to refuse."""
        match leaf.kind:
            case Kind.TNEF:
                found = self._winmail(leaf, depth=depth)
            case Kind.PKCS7_SIGNED if leaf.declared not in SIGNATURES:
                found = self._signed(leaf, depth=depth)
            case Kind.TEXT if b"\nbegin" in b"\n" + leaf.data:
                found = self._uuencoded(leaf, depth=depth)
            case _:
                found = leaf
        return self._kept(found) if isinstance(found, Leaf) else found

    def _kept(self, leaf: Leaf) -> Leaf:
        self.known.append(leaf.note())
        return leaf

    def _signed(self, leaf: Leaf, *, depth: int) -> Tree:
        """RFC 8551 section 3.5.2: a whole MIME entity, with the signature around it."""
        try:
            content = signed_content(leaf.data)
        except BadCms:
            return leaf
        if content is None:
            return replace(leaf, kind=Kind.PKCS7_SIGNATURE)
        inner = self.mail(Span(content, 0, len(content)), path=leaf.path, depth=depth + 1)
        return Branch(path=leaf.path, declared=PKCS7, children=(inner,))

    def _winmail(self, leaf: Leaf, *, depth: int) -> Tree:
        try:
            letter = tnef.opened(leaf.data)
        except tnef.BadTnef:
            return leaf
        children = tuple(self._letter(letter, path=leaf.path, depth=depth + 1))
        if not children:  # the looks of a text, and no words
            return replace(leaf, kind=Kind.TNEF_EMPTY)
        return Branch(path=leaf.path, declared=TNEF, children=children)

    def _letter(self, letter: tnef.Letter, *, path: str, depth: int) -> Iterator[Tree]:
        """Its text in one form, then its attachments."""
        texts = [*text_leaf(letter, path=_below(path, 1))]
        for text in texts:
            self._count(depth)
            yield self._kept(text)
        for number, file in enumerate(letter.attachments, 1 + len(texts)):
            yield self._enclosed(file, path=_below(path, number), depth=depth)

    def _enclosed(self, file: tnef.Attachment, *, path: str, depth: int) -> Tree:
        self._count(depth)
        leaf = file_leaf(file.name, file.data, path=path, declared=file.declared, content_id=file.content_id)
        if not file.letter:
            return self._opened(leaf, depth=depth)
        try:
            inner = tnef.opened(file.data)
        except tnef.BadTnef:
            return self._kept(leaf)
        heading = Heading(from_=clean(inner.from_, limit=200), subject=clean(inner.subject, limit=200))
        children = tuple(self._letter(inner, path=path, depth=depth + 1))
        if not children:
            return self._kept(replace(leaf, kind=Kind.TNEF_EMPTY))
        return Branch(path=path, declared="message/rfc822", children=children, heading=heading)

    def _uuencoded(self, leaf: Leaf, *, depth: int) -> Tree:
        """A text with uuencoded files in it becomes a branch of what is left of the text, and the files."""
        blocks = list[tuple[str, bytes]]()
        rest, at = list[bytes](), 0
        for block in uu_blocks(leaf.data):
            self._count(depth)
            rest.append(leaf.data[at : block.start])
            at = block.end
            blocks.append((block.name, block.data))
        if not blocks:
            return leaf
        text = replace(leaf, path=_below(leaf.path, 1), data=b"".join([*rest, leaf.data[at:]]))
        children: list[Tree] = [self._kept(text)]
        for number, (name, data) in enumerate(blocks, 2):
            children.append(self._opened(file_leaf(name, data, path=_below(leaf.path, number)), depth=depth + 1))
        return Branch(path=leaf.path, declared="multipart/mixed", children=tuple(children))


def _below(path: str, number: int) -> str:
    return f"{path}.{number}" if path else str(number)


def _unreadable(why: str) -> Permanent:
    return Permanent(MAIL_UNREADABLE, cause=Cause.DOCUMENT, why=why)
