"""Choose: from all parts of a mail the ones we fax, and for each other one the reason why not.

In:    the tree, the faxbox's habits, and the kinds that the converters take.
Out:   Chosen: parts in the mail's order, and a PartNote for every leaf left out.
Fails: Refused (PART_ENCRYPTED, PART_UNKNOWN, PART_UNREADABLE, NOTHING_TO_FAX), with a note for every leaf.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from smtpfax.model.account import Body, Logos, Quotes
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.event import PartNote
from smtpfax.model.status import NOTHING_TO_FAX, PART_ENCRYPTED, PART_UNKNOWN, PART_UNREADABLE

from .hypertext import bare_text
from .judge import Habits, fingerprint, judge, pictures_of
from .kinds import CONTAINERS, ENCRYPTED, Kind, promised
from .nodes import Branch, Leaf, Tree, leaves
from .quotes import uncited
from .refusal import Refused
from .roles import Item, Role, Why, roles

NEVER_SEEN: Mapping[str, int] = MappingProxyType({})


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
    heading: tuple[str, ...] = ()  # lines to stand above the text of a mail within the mail

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
    """The parts in the mail's order, the ones left out, and the text that is to stand on the cover page.

    There may be no parts at all where there is a text for the cover. `pictures` are the SHA-256 of all pictures that
    may be logos, each once: what is to be remembered for `seen` of the next mails of the same reverse-path.
    """

    parts: tuple[Part, ...]
    left_out: tuple[PartNote, ...]
    cover_text: str = ""
    pictures: tuple[str, ...] = ()


def choose(
    tree: Tree,
    *,
    body: Body,
    logos: Logos,
    renderable: frozenset[Kind],
    quotes: Quotes = Quotes.KEEP,
    seen: Mapping[str, int] = NEVER_SEEN,
) -> Chosen:
    """All wanted parts; every leaf of the mail is a part or a note."""
    try:
        items = roles(tree, renderable=renderable)
    except Permanent as fault:
        raise Refused(fault, (leaf.note() for leaf in leaves(tree))) from fault
    if quotes is Quotes.CUT:
        items = _unquoted(items)
    judged = judge(items, Habits(body=body, logos=logos, seen=seen))
    try:
        return _chosen(judged, _headings(tree), renderable)
    except Permanent as fault:
        raise Refused(fault, (item.leaf.note(left_out=item.why) for item in judged)) from fault


def _unquoted(items: Sequence[Item]) -> list[Item]:
    """Texts without what they quote, and without the pictures that only the quoted text shows."""
    cut = [replace(item, leaf=uncited(item.leaf)) if item.role is Role.TEXT else item for item in items]
    before, after = (
        {path for item in each if item.role is Role.TEXT and _is_html(item) for path in pictures_of(item.leaf, items)}
        for each in (items, cut)
    )
    return [item.out(Why.QUOTED) if item.leaf.path in before - after else item for item in cut]


def _chosen(judged: Sequence[Item], headings: Mapping[str, tuple[str, ...]], renderable: frozenset[Kind]) -> Chosen:
    wanted = [item for item in judged if not item.why]
    cover_text = "\n\n".join(_cover_texts(judged))
    if not (wanted or cover_text):
        raise Permanent(NOTHING_TO_FAX, cause=Cause.DOCUMENT)
    parts, headed = list[Part](), set[str]()
    for item in wanted:
        heads = item.role is Role.TEXT and item.message not in headed
        headed |= {item.message} if heads else set()
        parts.append(_part(item, judged, heading=headings.get(item.message, ()) if heads else ()))
        _check(parts[-1], item.leaf, renderable)
    left_out = tuple(item.leaf.note(left_out=item.why) for item in judged if item.why)
    pictures = tuple(dict.fromkeys(fingerprint(item.leaf) for item in judged if item.leaf.kind.picture))
    return Chosen(parts=tuple(parts), left_out=left_out, cover_text=cover_text, pictures=pictures)


def _is_html(item: Item) -> bool:
    return item.leaf.kind is Kind.HTML


def _headings(tree: Tree) -> dict[str, tuple[str, ...]]:
    """What stands above the text of each mail within the mail, by its place."""
    if not isinstance(tree, Branch):
        return {}
    found = {tree.path: tree.heading.lines} if tree.heading.lines else {}
    for child in tree.children:
        found |= _headings(child)
    return found


def _cover_texts(judged: Sequence[Item]) -> Iterator[str]:
    for item in judged:
        if item.why == Why.ON_COVER:
            yield bare_text(item.leaf.text) if _is_html(item) else item.leaf.text.strip()


def _part(item: Item, items: Sequence[Item], *, heading: tuple[str, ...]) -> Part:
    leaf = item.leaf
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
        heading=heading,
    )


def _check(part: Part, leaf: Leaf, renderable: frozenset[Kind]) -> None:
    """A wanted part that cannot be rendered fails the mail: a fax never goes with a part silently missing."""
    if part.kind in ENCRYPTED:
        raise Permanent(PART_ENCRYPTED, cause=Cause.DOCUMENT, part=part.label)
    # An office file that was cut off is still the container that it began as.
    broken = part.kind.text or (part.kind in (Kind.UNKNOWN, Kind.OLE, Kind.ZIP) and leaf.declared != part.kind)
    if part.kind in CONTAINERS or (broken and promised(leaf.declared, leaf.name)):
        raise Permanent(PART_UNREADABLE, cause=Cause.DOCUMENT, part=part.label, reason=f"{part.label}: {part.kind}")
    if part.kind not in renderable:
        kind = leaf.declared if part.kind is Kind.UNKNOWN else part.kind
        raise Permanent(PART_UNKNOWN, cause=Cause.DOCUMENT, part=part.label, kind=kind)
