"""TNEF: winmail.dat, in which Outlook wraps a mail's text and files.

In:    octets that begin with TNEF's signature (MS-OXTNEF).
Out:   a Letter: its texts, its attachments, and what is said of its sender.
Fails: BadTnef, for what is cut off at its first object or asks for more work than its size allows.

Rule: tnefparse reads the properties, and nothing else: its walk over the objects copies the rest of the file for each
of them and counts as far as the file tells it to. It sees octets through `_Bounded`, which ends what runs past them.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tnefparse import properties as mapi
from tnefparse.mapi import IMESSAGE_SIG, SZMAPI_UNICODE_STRING, TNEFMAPI_Attribute, decode_mapi

from .charsets import known
from .rtf import BadRtf, decompressed

logging.getLogger("tnefparse").disabled = True  # it says of each property what is wrong with it: strangers' words

_OBJECT = struct.Struct("<BHHI")  # level, id, type, length (MS-OXTNEF section 2.1.3); a checksum of 2 octets follows
_BEGIN = 6  # signature and key
_BODY, _ATTACHMENT_DATA, _TITLE, _SUBJECT = 0x800C, 0x800F, 0x8010, 0x8004
_NEW_ATTACHMENT, _MESSAGE_PROPERTIES, _ATTACHMENT_PROPERTIES, _CODEPAGE = 0x9002, 0x9003, 0x9005, 0x9007
_MAX_OBJECTS = 20_000
_MAX_STEPS = 50_000  # properties and their pieces, in one list of them
_LATIN = "latin-1"  # every octet has a character, so that a wrong charset cannot lose the properties behind it


class BadTnef(ValueError):
    """Not a TNEF file that can be opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file, or a letter within the letter: then `data` is TNEF again."""

    name: str
    data: bytes
    declared: str = ""
    content_id: str = ""
    letter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a TNEF file holds; of its texts those that there are."""

    charset: str = ""  # of the HTML
    text: str = ""
    html: bytes = b""
    rtf: bytes = b""
    subject: str = ""
    from_: str = ""
    attachments: tuple[Attachment, ...] = ()


class _Bounded(bytes):
    """Octets that cannot be read beyond their end (but for the padding there), nor for ever."""

    steps = 0
    overrun = False

    def __getitem__(self, key: object) -> bytes:  # type: ignore[override]
        self.steps += 1
        if not isinstance(key, slice) or key.stop > len(self) + 3 or self.steps > _MAX_STEPS:
            self.overrun = True
            raise BadTnef("properties without end")  # decode_mapi swallows it, and returns what it has
        return bytes.__getitem__(self, key)


@dataclass(frozen=True, slots=True)
class _Properties:
    """A list of MAPI properties by their ids; of two the first counts. `whole`: each that was announced is there."""

    found: Mapping[int, TNEFMAPI_Attribute]
    whole: bool

    def raw(self, name: int) -> bytes:
        """Octets, with their padding: tnefparse does not keep the length. A wide string's are UTF-8."""
        value = self._first(name)
        if isinstance(value, bytes):
            return value
        return value.encode("utf-8" if self._is_wide(name) else _LATIN, "replace")

    def words(self, name: int, charset: str) -> str:
        """A string, which is read already when it was a wide one."""
        return _text(self.raw(name), "utf-8" if self._is_wide(name) else charset)

    def _is_wide(self, name: int) -> bool:
        return name in self.found and self.found[name].attr_type == SZMAPI_UNICODE_STRING

    def _first(self, name: int) -> str | bytes:
        value = self.found[name].raw_data if name in self.found else b""
        if isinstance(value, list):
            value = value[0] if value else b""
        return value if isinstance(value, str | bytes) else b""


def opened(data: bytes) -> Letter:
    """Open it."""
    objects = list(_objects(data))
    charset = next((_charset(value) for name, value in objects if name == _CODEPAGE), "")
    first = next((at for at, (name, _) in enumerate(objects) if name == _NEW_ATTACHMENT), len(objects))
    of_mail = _merged(objects[:first])
    said = _properties(of_mail.get(_MESSAGE_PROPERTIES, b""))
    charset = _charset(said.raw(mapi.MAPI_INTERNET_CODEPAGE)) or charset
    letter = Letter(
        charset=charset,
        text=said.words(mapi.MAPI_BODY, charset) or _text(of_mail.get(_BODY, b""), charset),
        html=said.raw(mapi.MAPI_BODY_HTML).rstrip(b"\0"),
        rtf=_rtf(said.raw(mapi.MAPI_RTF_COMPRESSED)),
        subject=said.words(mapi.MAPI_SUBJECT, charset) or _text(of_mail.get(_SUBJECT, b""), charset),
        from_=said.words(mapi.MAPI_SENDER_NAME, charset),
        attachments=tuple(_attachment(each, charset) for each in _split(objects[first:])),
    )
    if not (said.whole or letter.text or letter.html or letter.rtf):
        raise BadTnef("its text is cut off")
    return letter


def _objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every object's id and value, as far as the file goes."""
    at, count = _BEGIN, 0
    while at + _OBJECT.size <= len(data):
        _level, name, _type, length = _OBJECT.unpack_from(data, at)
        at += _OBJECT.size
        count += 1
        if at + length > len(data) or count > _MAX_OBJECTS:
            raise BadTnef("cut off, or too many objects")
        yield name, data[at : at + length]
        at += length + 2
    if not count:
        raise BadTnef("no objects")


def _split(objects: list[tuple[int, bytes]]) -> Iterator[dict[int, bytes]]:
    """Each attachment's objects (MS-OXTNEF section 2.1.3.4: attAttachRendData begins one)."""
    starts = [at for at, (name, _) in enumerate(objects) if name == _NEW_ATTACHMENT]
    for start, end in pairwise([*starts, len(objects)]):
        yield _merged(objects[start:end])


def _merged(objects: list[tuple[int, bytes]]) -> dict[int, bytes]:
    merged = dict[int, bytes]()
    for name, value in objects:
        merged.setdefault(name, value)
    return merged


def _properties(data: bytes) -> _Properties:
    if len(data) < 4:
        return _Properties({}, whole=not data)
    (count,) = struct.unpack_from("<I", data)
    if count > len(data) // 8:  # the shortest property has 8 octets (MS-OXTNEF section 2.1.3.5.1)
        raise BadTnef(f"{count} properties in {len(data)} octets")
    bounded = _Bounded(data)
    attributes = decode_mapi(bounded, _LATIN)
    found = dict[int, TNEFMAPI_Attribute]()
    for each in attributes:
        found.setdefault(each.name, each)
    return _Properties(found, whole=len(attributes) >= count and not bounded.overrun)


def _text(value: bytes, charset: str) -> str:
    return value.rstrip(b"\0").decode(charset or "cp1252", "replace")


def _charset(value: bytes) -> str:
    """A Windows code page as a codec."""
    number = int.from_bytes(value[:4], "little")
    special = {65001: "utf-8", 20127: "ascii", 28591: "latin-1", 28605: "iso8859-15", 20866: "koi8-r"}
    return known(special.get(number, f"cp{number}"))


def _rtf(value: bytes) -> bytes:
    try:
        return decompressed(value) if value else b""
    except BadRtf:
        return b""


def _attachment(objects: Mapping[int, bytes], charset: str) -> Attachment:
    said = _properties(objects.get(_ATTACHMENT_PROPERTIES, b""))
    inside = said.raw(mapi.MAPI_ATTACH_DATA_OBJ)
    letter = inside.startswith(IMESSAGE_SIG)
    names = (mapi.MAPI_ATTACH_LONG_FILENAME, mapi.MAPI_ATTACH_FILENAME, mapi.MAPI_DISPLAY_NAME)
    named = next(filter(None, (said.words(name, charset) for name in names)), "")
    data = objects.get(_ATTACHMENT_DATA, b"") or inside[len(IMESSAGE_SIG) * letter :]
    if not (data or said.whole):
        raise BadTnef("an attachment is cut off")
    return Attachment(
        name=named or _text(objects.get(_TITLE, b""), charset),
        data=data,
        declared=said.words(mapi.MAPI_ATTACH_MIME_TAG, charset).lower(),
        content_id=said.words(mapi.MAPI_ATTACH_CONTENT_ID, charset),
        letter=letter,
    )
