"""Judge: which of a mail's items are faxed, by the faxbox's habits.

In:    items with their roles, what becomes of texts and logos, and which pictures earlier mails had.
Out:   the same items; those that are not faxed are out, each with its reason.
Fails: never.

Rule: a mail within the mail is a document to the outer one, and has a text of its own. A picture is a logo by what
shows it (the HTML text), by its size, or because many mails of the same reverse-path had it. A picture that is all
there is is never a logo.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from smtpfax.model.account import LOGO_MAILS, Body, Logos

from .hypertext import references
from .kinds import Kind
from .nodes import Leaf
from .pictures import is_dot, is_large, is_small
from .roles import Item, Role, Why, has_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """A faxbox's habits; `seen`: in how many earlier mails of this reverse-path a picture was, by its SHA-256."""

    body: Body
    logos: Logos
    seen: Mapping[str, int]

    def mails_with(self, leaf: Leaf) -> int:
        """How many earlier mails had this picture."""
        return self.seen.get(fingerprint(leaf), 0) if self.seen else 0


def fingerprint(leaf: Leaf) -> str:
    """By which a picture is known again: its SHA-256."""
    return hashlib.sha256(leaf.data).hexdigest()


def judge(items: Sequence[Item], habits: Habits) -> list[Item]:
    """Decide on texts, then on pictures."""
    shown = frozenset(path for item in items if item.leaf.kind is Kind.HTML for path in pictures_of(item.leaf, items))
    firm = [item for item in items if item.role is Role.DOCUMENT or _is_firm(item, shown, habits)]
    judged = [_text(item, items, firm, habits.body) for item in items]
    kept = frozenset(path for item in _html(judged) for path in pictures_of(item.leaf, items))
    judged = [_picture(item, shown=shown, kept=kept, habits=habits) for item in judged]
    return judged if any(item.role is not Role.OUT for item in judged) else _only_pictures(items, judged)


def pictures_of(markup: Leaf, items: Iterable[Item]) -> dict[str, Leaf]:
    """The pictures that a HTML text names, by path."""
    text = markup.text
    named = references(text)
    pictures = (item.leaf for item in items if item.leaf.kind.picture)
    return {
        leaf.path: leaf for leaf in pictures if leaf.content_id in named or (leaf.location and leaf.location in text)
    }


def _html(items: Iterable[Item]) -> Iterable[Item]:
    return (item for item in items if item.leaf.kind is Kind.HTML and item.role is not Role.OUT)


def _is_firm(item: Item, shown: frozenset[str], habits: Habits) -> bool:
    """A picture that somebody sent for its own sake."""
    if item.role is not Role.PICTURE or item.leaf.path in shown:
        return False
    return habits.logos is Logos.KEEP or not (_small(item.leaf) or _often(item.leaf, habits))


def _text(item: Item, items: Sequence[Item], firm: Sequence[Item], body: Body) -> Item:
    if item.role is not Role.TEXT or body is Body.PAGE:
        return item
    if body is Body.NEVER and not item.message:
        return item.out(Why.TEXT_NEVER)
    if body is Body.COVER and not item.message and has_text(item.leaf):
        return item.out(Why.ON_COVER)
    documents = any(_within(other.message, item.message) for other in firm)
    mails = any(_within(other.message, item.message) and other.message != item.message for other in _texts(items))
    return item.out(Why.TEXT_WITH_DOCUMENT) if documents or mails else item


def _texts(items: Iterable[Item]) -> Iterable[Item]:
    return (item for item in items if item.role is Role.TEXT)


def _within(message: str, outer: str) -> bool:
    return not outer or message == outer or message.startswith(outer + ".")


def _picture(item: Item, *, shown: frozenset[str], kept: frozenset[str], habits: Habits) -> Item:
    leaf = item.leaf
    if item.role is not Role.PICTURE:
        return item
    if leaf.path in kept:
        return item.out(Why.SHOWN)
    if habits.logos is Logos.KEEP:
        return item
    if leaf.path in shown:
        return item if is_large(leaf.data, leaf.kind) else item.out(Why.OF_TEXT)
    if _often(leaf, habits):
        return item.out(f"{Why.OFTEN} ({habits.mails_with(leaf)} so far)")
    return item.out(Why.SMALL) if _small(leaf) else item


def _only_pictures(items: Sequence[Item], judged: list[Item]) -> list[Item]:
    """Nothing is left: then pictures are what the mail is about, but for the dots that count readers."""
    if any(has_text(item.leaf) for item in _texts(items)):
        return judged
    return [
        item if item.role is Role.PICTURE and not is_dot(item.leaf.data, item.leaf.kind) else other
        for item, other in zip(items, judged, strict=True)
    ]


def _small(leaf: Leaf) -> bool:
    return is_small(leaf.data, leaf.kind, inline=leaf.disposition != "attachment")


def _often(leaf: Leaf, habits: Habits) -> bool:
    # A form that is faxed every day is no logo either way, for it is large.
    return habits.mails_with(leaf) >= LOGO_MAILS and not is_large(leaf.data, leaf.kind)
