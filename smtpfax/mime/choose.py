"""Choose: from all parts of a mail the ones we fax, and for each other one the reason why not.

In:    the tree, the faxbox's habits, and the kinds that the converters take.
Out:   Chosen: parts in the mail's order, and a PartNote for every leaf left out.
Fails: Permanent (PART_ENCRYPTED, PART_UNKNOWN, PART_UNREADABLE, NOTHING_TO_FAX).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from smtpfax.model.account import Body, Logos
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.event import PartNote
from smtpfax.model.status import NOTHING_TO_FAX, PART_ENCRYPTED, PART_UNKNOWN, PART_UNREADABLE

from .judge import judge, pictures_of
from .kinds import ENCRYPTED, Kind, promised
from .roles import Item, Why, roles
from .tree import Leaf, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part that is faxed."""

    path: str  # its place in the tree, such as 1.2
    name: str  # the file name, never with a folder; may be empty
    kind: Kind
    data: bytes
    charset: str = ""  # of a text kind: a codec that exists
    disposition: str = ""  # inline, attachment or empty
    content_id: str = ""
    resources: Mapping[str, bytes] = field(default_factory=dict)  # of an HTML text: content id -> picture

    @property
    def label(self) -> str:
        """How to call it in a sentence."""
        return self.name or ("the text" if self.kind.text else f"part {self.path}")

    @property
    def text(self) -> str:
        """Its characters; what cannot be read is shown as U+FFFD."""
        return self.data.decode(self.charset or "utf-8", "replace")

    def note(self, *, pages: int = 0) -> PartNote:
        """What the log says of it."""
        return PartNote(path=self.path, name=self.name, kind=str(self.kind), octets=len(self.data), pages=pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The parts in the mail's order, and the ones left out."""

    parts: tuple[Part, ...]
    left_out: tuple[PartNote, ...]


def choose(tree: Tree, *, body: Body, logos: Logos, renderable: frozenset[Kind]) -> Chosen:
    """All wanted parts; every leaf of the mail is a part or a note."""
    items = roles(tree, renderable=renderable)
    judged = judge(items, body=body, logos=logos)
    parts = tuple(_part(item.leaf, items) for item in judged if item.why is None)
    if not parts:
        raise Permanent(NOTHING_TO_FAX, cause=Cause.DOCUMENT)
    for item, part in zip((item for item in judged if item.why is None), parts, strict=True):
        _check(part, item.leaf, renderable)
    return Chosen(parts=parts, left_out=tuple(_note(item.leaf, item.why) for item in judged if item.why))


def _part(leaf: Leaf, items: list[Item]) -> Part:
    pictures = pictures_of(leaf, items).values() if leaf.kind is Kind.HTML else ()
    return Part(
        path=leaf.path,
        name=leaf.name,
        kind=leaf.kind,
        data=leaf.data,
        charset=leaf.charset,
        disposition=leaf.disposition,
        content_id=leaf.content_id,
        resources={picture.content_id or picture.location: picture.data for picture in pictures},
    )


def _check(part: Part, leaf: Leaf, renderable: frozenset[Kind]) -> None:
    """A wanted part that cannot be rendered fails the mail: a fax never goes with a part silently missing."""
    if part.kind in ENCRYPTED:
        raise Permanent(PART_ENCRYPTED, cause=Cause.DOCUMENT, part=part.label)
    broken = part.kind.text or part.kind is Kind.UNKNOWN
    if broken and promised(leaf.declared, leaf.name):
        raise Permanent(PART_UNREADABLE, cause=Cause.DOCUMENT, part=part.label, reason=f"{part.label}: {part.kind}")
    if part.kind not in renderable:
        kind = leaf.declared if part.kind is Kind.UNKNOWN else part.kind
        raise Permanent(PART_UNKNOWN, cause=Cause.DOCUMENT, part=part.label, kind=kind)


def _note(leaf: Leaf, why: Why) -> PartNote:
    return PartNote(path=leaf.path, name=leaf.name, kind=str(leaf.kind), octets=len(leaf.data), left_out=str(why))
