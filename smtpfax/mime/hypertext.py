"""Hypertext: what a HTML text shows, told without building it.

In:    HTML as characters.
Out:   whether there is anything to read, and which pictures it names.
Fails: never.

Rule: from left to right once; an open `<`, comment or script never makes it look back.
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

import nh3

# What is passed over together in one step saves a hostile text of nothing but `<` from costing minutes.
_STEP = re.compile(
    r"<(!--|style\b|script\b|title\b)"
    r"|(?>(?:<(?!!--|style\b|script\b|title\b)[^<>]*+>?){1,10000})"
    r"|((?>(?:&(?:\w{1,10}|#\d{1,7}|#x[0-9a-f]{1,6});){1,1000}))"
    r"|([^<&]++)|&",
    re.IGNORECASE,
)
_INVISIBLE = "\\s\\u00ad\\u034f\\u200b-\\u200f\\u2060\\ufeff"
_VISIBLE = re.compile(f"[^{_INVISIBLE}]")
_CID = re.compile(r"""cid:([^"'\s<>)]{1,300})""", re.IGNORECASE)
_ENOUGH = 2_000_000
_EMBEDDED = re.compile(r"""<(?:img|v:imagedata)\b[^<>]{0,2000}?\b(?:src|href)\s{0,9}=\s{0,9}["']?(?:cid|data):""", re.I)
_UNSEEN = {"script", "title", "template", "textarea", "noscript", "style"}
_LINES = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "blockquote"})
_CELLS = frozenset({"td", "th"})
_BARE = nh3.Cleaner(tags=_LINES | _CELLS, attributes={}, clean_content_tags=_UNSEEN)
_CELL = re.compile(r"</?t[dh]>")
_TAG = re.compile(r"<[^>]*>")
_BLANKS = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\n\s*\n")


def visible(text: str) -> bool:
    """Plain text with something to read in it."""
    return _VISIBLE.search(text) is not None


def has_words(markup: str) -> bool:
    """Something to read, outside of tags, comments, styles and scripts."""
    at, lower = 0, ""
    while at < min(_ENOUGH, len(markup)) and (step := _STEP.match(markup, at)):
        at = step.end()
        if step[1]:
            lower = lower or markup.lower()
            at = _closed(lower, at, step[1].lower())
        elif visible(html.unescape(step[2] or "") + (step[3] or "")):
            return True
    return _ENOUGH <= at < len(markup)  # then there will be


def _closed(lower: str, at: int, element: str) -> int:
    """Where a comment, or an element that shows nothing, ends; the end of everything if it never does."""
    mark = "-->" if element == "!--" else f"</{element}"
    end = lower.find(mark, at)
    return len(lower) if end < 0 else end + len(mark) * (element == "!--")


def has_pictures(markup: str) -> bool:
    """Pictures that came with the mail; others are never fetched."""
    return _EMBEDDED.search(markup) is not None


def references(markup: str) -> frozenset[str]:
    """The content ids that it names (RFC 2392)."""
    return frozenset(unquote(found) for found in _CID.findall(markup))


def bare_text(markup: str) -> str:
    """What a reader would see, without its looks; blocks and rows become lines."""
    marked = _TAG.sub("\n", _CELL.sub(" ", _BARE.clean(markup.replace("\n", " "))))
    return html.unescape(_GAPS.sub("\n\n", _BLANKS.sub(" ", marked))).strip()
