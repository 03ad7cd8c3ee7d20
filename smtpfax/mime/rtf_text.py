"""The text of a letter in RTF: its words, or the HTML that Outlook has packed into it.

In:    RTF, as `rtf.decompressed` gives it.
Out:   RtfText: HTML or plain text.
Fails: never; of what is no RTF there is no text.

Rule: from left to right once. Of RTF without HTML the words and their lines are kept, and looks, pictures and tables of
fonts are not (MS-OXRTFEX section 2.1, RTF 1.9.1). Who wants looks sends a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .charsets import known

_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<octet>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z'])"
    rb"|(?P<brace>[{}])|(?P<plain>[^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_DEEPEST = 1000  # groups
# Groups that are about the text and not of it.
_ASIDE = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr headerf footerl footerr footerf "
    b"fldinst listtable listoverridetable revtbl rsidtbl generator themedata datastore xmlnstbl filetbl".split()
)
_SAYS: Mapping[bytes, str] = MappingProxyType(
    {
        b"par": "\r\n", b"line": "\r\n", b"row": "\r\n", b"sect": "\r\n", b"page": "\f", b"tab": "\t", b"cell": "\t",
        b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022",
        b"endash": "\u2013", b"emdash": "\u2014", b"enspace": "\u2002", b"emspace": "\u2003",
    }
)  # fmt: skip
_SIGNS = MappingProxyType({b"~": "\u00a0", b"_": "\u2011", b"\n": "\r\n", b"\r": "\r\n"})
# RTF 1.9.1, \fcharset: of Windows' own numbers those that have a code page.
_CHARSETS = MappingProxyType(
    {
        0: "cp1252", 77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253",
        162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
        238: "cp1250",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RtfText:
    """Words, and whether they are HTML."""

    text: str
    html: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """What holds until the next closing brace."""

    first: bool = True  # nothing but its brace was read
    aside: bool = False
    markup: bool = False  # HTML's own tags
    for_rtf: bool = False  # what readers of HTML shall pass over
    codec: str = ""
    replaced: int = 1  # octets that stand for a Unicode character to old readers


@dataclass(slots=True)
class _Reader:
    """One text."""

    html: bool
    codec: str
    group: _Group = field(default_factory=_Group)
    outer: list[_Group] = field(default_factory=list)
    fonts: dict[int, str] = field(default_factory=dict)
    font: int = 0
    octets: bytearray = field(default_factory=bytearray)
    pass_over: int = 0
    starred: bool = False
    out: list[str] = field(default_factory=list)


def text_of(rtf: bytes) -> RtfText:
    """Read it."""
    if not rtf.lstrip().startswith(b"{\\rtf"):
        return RtfText(text="", html=False)
    head = rtf[:4096]
    page = re.search(rb"\\ansicpg(\d{3,5})", head)
    reader = _Reader(html=b"\\fromhtml" in head, codec=known(f"cp{int(page[1])}" if page else "") or "cp1252")
    for token in _TOKEN.finditer(rtf):
        _read(reader, token)
    _flush(reader)
    return RtfText(text="".join(reader.out).rstrip("\0"), html=reader.html)


def _read(reader: _Reader, token: re.Match[bytes]) -> None:
    if octet := token["octet"]:
        _octets(reader, bytes.fromhex(octet.decode()))
    elif plain := token["plain"]:
        _octets(reader, plain)
    elif brace := token["brace"]:
        _brace(reader, brace)
    elif word := token["word"]:
        _word(reader, word, int(token["number"] or b"1"), given=token["number"] is not None)
    elif sign := token["sign"]:
        _sign(reader, sign)


def _brace(reader: _Reader, brace: bytes) -> None:
    _flush(reader)
    if brace == b"}":
        reader.group = reader.outer.pop() if reader.outer else reader.group
    else:
        aside = reader.group.aside or len(reader.outer) >= _DEEPEST
        if len(reader.outer) < _DEEPEST:
            reader.outer.append(replace(reader.group, first=False))
        reader.group = replace(reader.group, first=True, aside=aside, markup=False)
    reader.starred = False


def _sign(reader: _Reader, sign: bytes) -> None:
    if sign == b"*":
        reader.starred = True
    elif sign in b"\\{}":
        _octets(reader, sign)
    else:
        _say(reader, _SIGNS.get(sign, ""))


def _word(reader: _Reader, word: bytes, number: int, *, given: bool) -> None:
    group, starred = reader.group, reader.starred
    reader.starred = False
    if group.first:
        opened = starred and not (reader.html and word == b"htmltag")
        reader.group = group = replace(
            group, first=False, aside=group.aside or opened or word in _ASIDE, markup=starred and word == b"htmltag"
        )
    match word:
        case b"htmlrtf":
            _flush(reader)
            reader.group = replace(group, for_rtf=bool(number))
        case b"u" if given:
            _flush(reader)
            _say(reader, _unicode(number))
            reader.pass_over = group.replaced
        case b"uc":
            reader.group = replace(group, replaced=max(0, number))
        case b"f" if given:
            _flush(reader)
            reader.font = number
            reader.group = replace(group, codec=reader.fonts.get(number, ""))
        case b"fcharset":
            reader.fonts[reader.font] = _CHARSETS.get(number, "")
        case _ if word in _SAYS and not (reader.html and group.markup):
            _say(reader, _SAYS[word])


def _unicode(number: int) -> str:
    """RTF counts to 32767 and on from -32768; halves of a pair find each other at the end."""
    return chr(number & 0xFFFF)


def _octets(reader: _Reader, octets: bytes) -> None:
    """Text in the code page of its font; several octets may be one character."""
    if reader.pass_over:
        passed = min(reader.pass_over, len(octets))
        reader.pass_over -= passed
        octets = octets[passed:]
    reader.group = replace(reader.group, first=False) if reader.group.first else reader.group
    reader.octets += octets


def _flush(reader: _Reader) -> None:
    if reader.octets:
        octets, codec = bytes(reader.octets), reader.group.codec or reader.codec
        reader.octets.clear()
        _say(reader, octets.decode(codec, "replace"))


def _say(reader: _Reader, words: str) -> None:
    if reader.octets:
        _flush(reader)
    group = reader.group
    hidden = group.aside or (reader.html and group.for_rtf and not group.markup)
    if words and not hidden:
        reader.out.append(words)
