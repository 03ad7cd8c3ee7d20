"""Old office programs' files, and office documents that are one XML text: told by how they begin.

In:    a file's octets.
Out:   its media type, as `Kind` has it, or empty.
Fails: never.

Rule: only beginnings are read, and of OLE2 files the names in them; nothing is unpacked here.
"""

from __future__ import annotations

import re

_START = 4096
_WRITE, _WORKS, _MAC_WORD = "application/x-mswrite", "application/vnd.ms-works", "application/x-mac-word"
_LOTUS, _QUATTRO = "application/vnd.lotus-1-2-3", "application/x-quattropro"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x31\xbe\0\0\0\xab", _WRITE), (b"\x32\xbe\0\0\0\xab", _WRITE), (b"\x01\xfe\x32\0", _WORKS),
    (b"\xfe\x37\0\x1c", _MAC_WORD), (b"\xfe\x37\0\x23", _MAC_WORD), (b"\xfe\x34\0\0", _MAC_WORD),
    (b"\0\0\2\0\4\4", _LOTUS), (b"\0\0\2\0\6\4", _LOTUS), (b"\0\0\x1a\0\0\x10", _LOTUS), (b"\0\0\x1a\0\2\x10", _LOTUS),
    (b"\xdb\xa5\x2d\0", "application/msword"),  # Word 2
    (b"\0\0\2\0\x20\x51", _QUATTRO), (b"\0\0\2\0\x21\x51", _QUATTRO),
)  # fmt: skip
# A sheet by itself, as Excel 2, 3 and 4 wrote it (MS-XLS section 2.4.21, of earlier versions).
_BIFF = re.compile(rb"\x09(?:\0\x04|\x02\x06|\x04\x06)\0..\x10\0", re.DOTALL)
_OLE: tuple[tuple[bytes, str], ...] = (
    ("VisioDocument\0".encode("utf-16-le"), "application/vnd.visio"),
    ("Quill\0".encode("utf-16-le"), "application/x-mspublisher"),
    ("MatOST\0".encode("utf-16-le"), _WORKS), (b"CHNKWKS", _WORKS),
)  # fmt: skip
# OpenDocument 1.3 part 3, section 3.1.2: the root of a file that is one XML text.
_FLAT = re.compile(rb"<office:document\s[^<]*?office:mimetype=[\"'](application/vnd\.oasis\.opendocument\.[a-z]+)[\"']")
_XML: tuple[tuple[bytes, str], ...] = (
    (b"http://schemas.microsoft.com/office/word/2003/wordml", "application/x-word-2003-xml"),
    (b"urn:schemas-microsoft-com:office:spreadsheet", "application/x-excel-2003-xml"),
    (b"http://schemas.microsoft.com/visio/2003/core", "application/x-visio-2003-xml"),
)


def legacy_type(data: bytes) -> str:
    """Of a file of its own format."""
    if _BIFF.match(data):
        return "application/vnd.ms-excel"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")


def ole_type(data: bytes) -> str:
    """Of an OLE2 file that is none of Word's, Excel's or PowerPoint's."""
    return next((kind for name, kind in _OLE if name in data), "")


def xml_type(data: bytes) -> str:
    """Of an XML text, by what its root says of itself."""
    start = data[:_START]
    if flat := _FLAT.search(start):
        return flat[1].decode("ascii") + "-flat-xml"
    return next((kind for name, kind in _XML if name in start), "")
