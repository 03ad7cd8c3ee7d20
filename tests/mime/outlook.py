"""A small writer of TNEF, after MS-OXTNEF: no real winmail.dat may be published, so these are made in its shape."""

from __future__ import annotations

import struct
from collections.abc import Iterable

UNICODE, STRING8, BINARY, LONG, OBJECT = 0x1F, 0x1E, 0x102, 0x03, 0x0D
SUBJECT, SENDER, BODY, RTF, HTML, CODEPAGE = 0x0037, 0x0C1A, 0x1000, 0x1009, 0x1013, 0x3FDE
LONG_NAME, MIME_TAG, CONTENT_ID, DATA_OBJECT, METHOD = 0x3707, 0x370E, 0x3712, 0x3701, 0x3705
MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
HELLO_RTF = bytes.fromhex(  # the example of MS-OXRTFCP section 4.1
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)


def tnef(*objects: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(objects)


def thing(name: int, value: bytes, *, level: int = 1, kind: int = 6) -> bytes:
    """An object: level, id, type, length, value, checksum (section 2.1.3.1)."""
    return struct.pack("<BHHI", level, name, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def prop(kind: int, name: int, value: bytes | str | int) -> bytes:
    """A MAPI property (section 2.1.3.5.1): what has no fixed size has a count, a length and padding."""
    if isinstance(value, int):
        return struct.pack("<HHI", kind, name, value)
    if isinstance(value, str):
        value = (value + "\0").encode("utf-16-le")
    return struct.pack("<HHII", kind, name, 1, len(value)) + value + bytes(-len(value) % 4)


def props(*each: bytes) -> bytes:
    return struct.pack("<I", len(each)) + b"".join(each)


def letter(*properties: bytes, attachments: Iterable[bytes] = (), codepage: int = 1252) -> bytes:
    """What Outlook writes: version, code page, the properties of the mail, then its attachments."""
    return tnef(
        thing(0x9006, struct.pack("<I", 0x10000), kind=8),
        thing(0x9007, struct.pack("<II", codepage, 0)),
        thing(0x9003, props(*properties)),
        *attachments,
    )


def attachment(name: str, data: bytes, *properties: bytes) -> bytes:
    """attAttachRendData begins one; its old name is short, its real one is a property."""
    more = props(prop(UNICODE, LONG_NAME, name), prop(LONG, METHOD, 1), *properties)
    title = name.upper()[:8].encode("cp1252", "replace") + b"\0"
    return (
        thing(0x9002, bytes(14), level=2)
        + thing(0x8010, title, level=2, kind=1)
        + thing(0x800F, data, level=2)
        + thing(0x9005, more, level=2)
    )


def enclosed_letter(inner: bytes) -> bytes:
    """A mail within the mail: TNEF again, behind the id of IMessage (section 2.1.3.4.2)."""
    inside = prop(OBJECT, DATA_OBJECT, MESSAGE + inner)
    return thing(0x9002, bytes(14), level=2) + thing(0x9005, props(inside), level=2)
