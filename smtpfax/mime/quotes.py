"""Quotes: what a mail's text repeats from earlier mails, and the signature below it, cut off.

In:    a leaf that is a text somebody wrote.
Out:   the same without them; the whole text where nothing else would be left.
Fails: never.

Rule: only marks that programs make are trusted ("> ", "On ... wrote:", "-- ", their HTML elements); a forward is what
its sender wants to be read, so what was forwarded stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element, tostring

from tinyhtml5 import parse  # type: ignore[import-untyped]

from .hypertext import has_words, visible
from .kinds import Kind
from .nodes import Leaf

# The parser of HTML takes a time that grows with the elements and with how deep they are nested.
_MOST, _MOST_TAGS, _DEEPEST = 1_000_000, 20_000, 200
_TAG = re.compile(
    r"<(/?)(?!/|!|br\b|img\b|hr\b|p\b|li\b|td\b|tr\b|th\b|meta\b|link\b|input\b|col\b)[a-z]", re.IGNORECASE
)
_QUOTED = re.compile(r"[ \t]{0,3}>")
# "On Mon, 2 Mar 2026 at 10:00, Ann <ann@x> wrote:" in the languages that we have met, perhaps on two lines.
_WROTE = re.compile(
    r"(?:On|Am|Le|El|Il|Op|Em|Den) [^\n]{4,200}\n?[^\n]{0,100}"
    r"\b(?:wrote|schrieb[^\n]{0,80}|a écrit|escribió|ha scritto|schreef[^\n]{0,80}|escreveu|skrev[^\n]{0,80})\s?:"
)
_ORIGINAL = re.compile(
    r"-{4,}\s?(?:Original Message|Original Appointment|Ursprüngliche Nachricht|Message d['\u2019]origine"
    r"|Mensaje original|Messaggio originale|Oorspronkelijk bericht)\s?-{4,}",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"-- ?")  # RFC 3676 section 4.3; format=flowed and many programs lose its blank
_CITED = frozenset({
    "gmail_quote", "gmail_extra", "gmail_signature", "moz-cite-prefix", "moz-signature", "yahoo_quoted",
    "protonmail_quote", "protonmail_signature_block", "zmail_extra", "tutanota_quote",
})  # fmt: skip
_FORWARDED = re.compile(r"^\s*-{6,}\s*Forwarded message", re.IGNORECASE)
# From here on everything is the mail that was answered.
_ANSWERED = frozenset({"divrplyfwdmsg", "appendonsend", "x_divrplyfwdmsg", "x_appendonsend"})


def uncited(leaf: Leaf) -> Leaf:
    """Cut."""
    text = leaf.text
    if len(text) > _MOST or (leaf.kind is Kind.HTML and _too_much(text)):
        return leaf
    if leaf.kind is Kind.HTML:
        cut = _html(text)
        left = has_words(cut)
    else:
        cut = plain(text)
        left = visible(cut)
    return replace(leaf, data=cut.encode("utf-8", "replace"), charset="utf-8") if left else leaf


def _too_much(markup: str) -> bool:
    """Told by its tags alone; those that are never closed, or seldom, do not count for the depth."""
    depth = deepest = 0
    for tag in _TAG.finditer(markup):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest > _DEEPEST or markup.count("<") > _MOST_TAGS


def plain(text: str) -> str:
    """Of a plain text."""
    lines = text.replace("\r\n", "\n").split("\n")
    end = next((at for at, line in enumerate(lines) if _ends(line)), len(lines))
    return "\n".join(_own(lines[:end])).rstrip() + "\n"


def _ends(line: str) -> bool:
    return _ORIGINAL.match(line) is not None or _SIGNATURE.fullmatch(line.rstrip("\r")) is not None


def _own(lines: list[str]) -> Iterator[str]:
    """Without quoted lines, and the line or two above them that name their author."""
    skip = 0
    for at, line in enumerate(lines):
        if skip or _QUOTED.match(line):
            skip = max(0, skip - 1)
            continue
        skip = _attribution(lines, at)
        if skip:
            skip -= 1
        else:
            yield line


def _attribution(lines: list[str], at: int) -> int:
    """How many lines from here name the author of quoted lines that follow."""
    for count in (1, 2):
        rest = (line for line in lines[at + count : at + count + 3] if line.strip())
        if _WROTE.fullmatch("\n".join(lines[at : at + count]).strip()) and _QUOTED.match(next(rest, "")):
            return count
    return 0


def _html(markup: str) -> str:
    """Of an HTML text."""
    try:
        root = parse(markup, namespace_html_elements=False)
        _prune(root)
        return tostring(root, encoding="unicode", method="html")
    except (RecursionError, ValueError):
        return ""  # then it stays whole


def _prune(root: Element) -> None:
    """One walk; what stands behind an answered mail's mark goes as well, up to the end of what holds it."""
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        answered = False
        for child in list(parent):
            answered = answered or (child.get("id") or "").lower() in _ANSWERED
            if answered or _is_cited(child):
                _remove(parent, child, tail=answered)
            else:
                waiting.append(child)


def _is_cited(element: Element) -> bool:
    if element.tag == "blockquote" and (element.get("type") or "").lower() == "cite":
        return True
    classes = (element.get("class") or "").lower().split()
    if not _CITED.intersection(classes):
        return False
    return not _FORWARDED.match("".join(element.itertext()).strip()[:200])


def _remove(parent: Element, child: Element, *, tail: bool) -> None:
    """An element's tail is the text behind it, which is its parent's."""
    if child.tail and not tail:
        index = list(parent).index(child)
        if index:
            before = parent[index - 1]
            before.tail = (before.tail or "") + child.tail
        else:
            parent.text = (parent.text or "") + child.tail
    parent.remove(child)
