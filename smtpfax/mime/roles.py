"""Roles: what each leaf is in its mail, before the faxbox's habits come into it.

In:    the tree, and the kinds that the converters take.
Out:   Items: every leaf in its order, as a text, a picture, a document, or out with the reason.
Fails: Permanent PART_ENCRYPTED for what only the recipient could open, PART_UNREADABLE for a named file of no octets.

Rule: a document is never lost to a container: of alternatives one text is taken, but every document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_ENCRYPTED, PART_UNREADABLE

from .hypertext import has_pictures, has_words, visible
from .kinds import BODIES, SIGNATURES, Kind, promised
from .nodes import TNEF, Branch, Leaf, Tree, leaves


class Role(StrEnum):
    """What a leaf is in its mail."""

    TEXT = "text"  # what somebody wrote into the mail itself
    PICTURE = "picture"  # a document, or a logo
    DOCUMENT = "document"
    OUT = "out"


class Why(StrEnum):
    """The reasons for which a part is left out, as people read them."""

    EMPTY = "it is empty"
    SIGNATURE = "it is a signature file"
    KEYS = "it is a public key"
    CALENDAR = "it is a calendar entry"
    VCARD = "it is an address card"
    REPORT = "it is a delivery report for programs"
    RESOURCE_FORK = "it is a Macintosh resource fork"
    STYLE = "it belongs to the HTML text"
    OTHER_FORM = "it is another form of the same text"
    TWICE = "it is in the mail twice"
    TEXT_WITH_DOCUMENT = "the text is faxed only when there is no document"
    TEXT_NEVER = "the text is never faxed from this faxbox"
    SHOWN = "it is shown in the text"
    OF_TEXT = "it is a picture of the mail's text"
    SMALL = "it is a small picture, such as a logo"
    QUOTED = "only the quoted text shows it"
    OFTEN = "the same picture was in many mails of this sender"
    ON_COVER = "the text stands on the cover page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A leaf with its role; `message` is the place of the mail within the mail that it belongs to."""

    leaf: Leaf
    role: Role
    message: str
    why: str = ""  # one of Why, perhaps with a figure behind it

    def out(self, why: str) -> Item:
        """Left out."""
        return replace(self, role=Role.OUT, why=why)


_REPORTS = frozenset(
    {"message/delivery-status", "message/disposition-notification", "message/feedback-report", "text/rfc822-headers"}
)
_BY_KIND = {
    Kind.CALENDAR: Why.CALENDAR,
    Kind.VCARD: Why.VCARD,
    Kind.PGP_KEYS: Why.KEYS,
    Kind.PGP_SIGNATURE: Why.SIGNATURE,
    Kind.PKCS7_SIGNATURE: Why.SIGNATURE,
    Kind.TNEF_EMPTY: Why.EMPTY,
}
# Exchange gives such names to texts that stand between a mail's files.
_TEXT_NAMES = re.compile(r"ATT\d{5}\.(?:txt|html?)", re.IGNORECASE)


def roles(tree: Tree, *, renderable: frozenset[Kind]) -> list[Item]:
    """Every leaf with its role."""
    return _Walk(renderable).items(tree, "")


def has_text(leaf: Leaf) -> bool:
    """Something to read."""
    return has_words(leaf.text) if leaf.kind is Kind.HTML else visible(leaf.text)


@dataclass(frozen=True, slots=True)
class _Walk:
    renderable: frozenset[Kind]

    def items(self, node: Tree, message: str) -> list[Item]:
        if isinstance(node, Leaf):
            return [_item(node, message)]
        match node.declared:
            case "multipart/encrypted":
                raise Permanent(
                    PART_ENCRYPTED, cause=Cause.DOCUMENT, part="the mail" if not node.path else f"part {node.path}"
                )
            case "multipart/signed":
                return self._signed(node, message)
            case "multipart/alternative":
                return self._alternative(node, message)
            case "multipart/related":
                return self._related(node, message)
            case "message/rfc822":
                message = node.path
        return self._all(node.children, message)

    def _all(self, nodes: Sequence[Tree], message: str) -> list[Item]:
        found = [(node, self.items(node, message)) for node in nodes]
        texts = any(item.role is Role.TEXT for node, items in found if not _is_winmail(node) for item in items)
        return [
            item.out(Why.OTHER_FORM) if texts and _is_winmail(node) and _is_letter_text(item) else item
            for node, items in found
            for item in items
        ]

    def _signed(self, node: Branch, message: str) -> list[Item]:
        """RFC 1847 section 2.1: what is signed, then the signature."""
        signed = self._all(node.children[:1], message)
        rest = (leaf for child in node.children[1:] for leaf in leaves(child))
        return signed + [_out(leaf, message, Why.SIGNATURE) for leaf in rest]

    def _related(self, node: Branch, message: str) -> list[Item]:
        """RFC 2387: a root, and what belongs to it; Apple Mail puts documents there, too."""
        root = next((child for child in node.children if _is(child, node.start)), None) or next(
            iter(node.children), None
        )
        items = list[Item]()
        for child in node.children:
            found = self.items(child, message)
            items += found if child is root else [_belonging(item) for item in found]
        return items

    def _alternative(self, node: Branch, message: str) -> list[Item]:
        """RFC 2046 section 5.1.4: the last that we can show; and documents, wherever they stand."""
        forms = [self.items(child, message) for child in node.children]
        shown = next((form for form in reversed(forms) if self._can_show(form)), forms[-1] if forms else [])
        kept = {item.leaf.data for item in shown if item.role is not Role.OUT}
        return [item if form is shown else self._unless_shown(item, kept) for form in forms for item in form]

    def _can_show(self, form: Sequence[Item]) -> bool:
        wanted = [item for item in form if item.role is not Role.OUT]
        return bool(wanted) and all(item.leaf.kind in self.renderable for item in wanted)

    def _unless_shown(self, item: Item, kept: set[bytes]) -> Item:
        if item.role is Role.OUT:
            return item
        unnamed = not item.leaf.name and item.leaf.disposition != "attachment"
        if item.role is Role.TEXT or (unnamed and item.leaf.kind not in self.renderable):
            return item.out(Why.OTHER_FORM)
        return item.out(Why.TWICE) if item.leaf.data in kept else item


def _item(leaf: Leaf, message: str) -> Item:
    if (why := _useless(leaf)) is not None:
        return _out(leaf, message, why)
    if leaf.kind.picture:
        return Item(leaf=leaf, role=Role.PICTURE, message=message)
    if not _is_body(leaf):
        return Item(leaf=leaf, role=Role.DOCUMENT, message=message)
    text = Item(leaf=leaf, role=Role.TEXT, message=message)
    return text if has_text(leaf) or _shows_pictures(leaf) else text.out(Why.EMPTY)


def _useless(leaf: Leaf) -> Why | None:
    """What is in mails for programs, not for people."""
    if not leaf.data.strip():
        if leaf.name and promised(leaf.declared, leaf.name):
            raise Permanent(PART_UNREADABLE, cause=Cause.DOCUMENT, reason="no octets", part=leaf.name)
        return Why.EMPTY
    if leaf.declared in SIGNATURES or leaf.name.lower().endswith(".p7s"):
        return Why.SIGNATURE
    if leaf.declared in _REPORTS:
        return Why.REPORT
    if leaf.declared == "application/applefile":
        return Why.RESOURCE_FORK
    return _BY_KIND.get(leaf.kind)


def _is_body(leaf: Leaf) -> bool:
    if leaf.kind not in BODIES or promised(leaf.declared, leaf.name):
        return False
    if _TEXT_NAMES.fullmatch(leaf.name):
        return True
    return not leaf.name and leaf.disposition != "attachment" and leaf.declared.startswith("text/")


def _is_winmail(node: Tree) -> bool:
    """Outlook puts winmail.dat beside a text that says the same without its looks."""
    return isinstance(node, Branch) and node.declared == TNEF


def _is_letter_text(item: Item) -> bool:
    leaf = item.leaf
    return item.role is not Role.OUT and leaf.declared.startswith("text/") and not (leaf.name or leaf.disposition)


def _shows_pictures(leaf: Leaf) -> bool:
    return leaf.kind is Kind.HTML and has_pictures(leaf.text)


def _belonging(item: Item) -> Item:
    """A text that is no root of a multipart/related is a style sheet or a frame of it."""
    hidden = item.role is Role.TEXT or (item.leaf.kind.text and item.leaf.content_id and item.role is Role.DOCUMENT)
    return item.out(Why.STYLE) if hidden and item.leaf.disposition != "attachment" else item


def _is(node: Tree, content_id: str) -> bool:
    return bool(content_id) and isinstance(node, Leaf) and node.content_id == content_id


def _out(leaf: Leaf, message: str, why: Why) -> Item:
    return Item(leaf=leaf, role=Role.OUT, message=message, why=why)
