"""Containers: what is inside an OLE2 or ZIP file, told without opening it.

In:    a file's octets.
Out:   names of its streams or members, at most MAX_NAMES of them.
Fails: never; of a damaged file there are no names.

Rule: only directories are read, and bounded; nothing is unpacked here.
"""

from __future__ import annotations

import struct

MAX_NAMES = 2000
_END = b"PK\x05\x06"  # end of central directory record
_ENTRY = b"PK\x01\x02"
_ENTRY_SIZE = 46
_STREAMS = ("WordDocument", "Workbook", "Book", "PowerPoint Document", "EncryptedPackage", "__properties_version1.0")
_ODF_TYPE = 38  # where an ODF file's media type stands: its first member is "mimetype", stored as it is


def ole_streams(data: bytes) -> frozenset[str]:
    """Which streams that tell Office files apart have their name in an OLE2 file's directory (UTF-16).

    Names are compared without regard to case (MS-CFB section 2.6.4); some programs write them in capitals.
    """
    return frozenset(name for name in _STREAMS if _names(data, name) or _names(data, name.upper()))


def _names(data: bytes, name: str) -> bool:
    return (name + "\0").encode("utf-16-le") in data


def zip_members(data: bytes) -> frozenset[str]:
    """The names in a ZIP file's central directory."""
    end = data.rfind(_END, max(0, len(data) - 65_557))  # its comment is 65,535 octets at most
    if end < 0 or end + 20 > len(data):
        return frozenset()
    size, _start = struct.unpack_from("<II", data, end + 12)
    at, names = max(0, end - size), set[str]()
    while data[at : at + 4] == _ENTRY and at + _ENTRY_SIZE <= len(data) and len(names) < MAX_NAMES:
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        names.add(data[at + _ENTRY_SIZE : at + _ENTRY_SIZE + name].decode("latin-1"))
        at += _ENTRY_SIZE + name + extra + comment
    return frozenset(names)


def odf_type(data: bytes) -> str:
    """The media type that an ODF file begins with, or empty."""
    if data[30:_ODF_TYPE] != b"mimetype":
        return ""
    return data[_ODF_TYPE : _ODF_TYPE + 80].split(b"PK", 1)[0].decode("latin-1")
