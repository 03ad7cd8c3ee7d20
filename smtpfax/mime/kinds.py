"""Kinds: what a part is, told by its first octets and never by what it says it is.

In:    decoded octets; the declared media type and the file name only choose between kinds of text.
Out:   a Kind, whose value is the canonical media type.
Fails: never; what nobody knows is Kind.UNKNOWN.

Rule: a declared type is a hint for text alone, for texts have no magic numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from .containers import odf_type, ole_streams, zip_members
from .legacy import legacy_type, ole_type, xml_type

_START = 1024  # "%PDF-" may stand anywhere in the first 1024 octets (ISO 32000-1, Annex H.3, note 13)
_TEXT_START = 4096


class Kind(StrEnum):
    """What a part is; the value is its canonical media type."""

    PDF = "application/pdf"
    POSTSCRIPT = "application/postscript"
    TIFF = "image/tiff"
    PNG = "image/png"
    JPEG = "image/jpeg"
    GIF = "image/gif"
    BMP = "image/bmp"
    WEBP = "image/webp"
    HEIC = "image/heic"
    PCX = "image/vnd.zbrush.pcx"
    PSD = "image/vnd.adobe.photoshop"
    TGA = "image/x-tga"
    SVG = "image/svg+xml"
    TEXT = "text/plain"
    HTML = "text/html"
    CSV = "text/csv"
    XML = "application/xml"
    CALENDAR = "text/calendar"
    VCARD = "text/vcard"
    RTF = "application/rtf"
    DOC = "application/msword"
    XLS = "application/vnd.ms-excel"
    PPT = "application/vnd.ms-powerpoint"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ODT = "application/vnd.oasis.opendocument.text"
    ODS = "application/vnd.oasis.opendocument.spreadsheet"
    ODP = "application/vnd.oasis.opendocument.presentation"
    ODG = "application/vnd.oasis.opendocument.graphics"
    FODT = "application/vnd.oasis.opendocument.text-flat-xml"
    FODS = "application/vnd.oasis.opendocument.spreadsheet-flat-xml"
    FODP = "application/vnd.oasis.opendocument.presentation-flat-xml"
    FODG = "application/vnd.oasis.opendocument.graphics-flat-xml"
    WORD_XML = "application/x-word-2003-xml"
    EXCEL_XML = "application/x-excel-2003-xml"
    WRITE = "application/x-mswrite"
    WORKS = "application/vnd.ms-works"
    MAC_WORD = "application/x-mac-word"
    LOTUS = "application/vnd.lotus-1-2-3"
    QUATTRO = "application/x-quattropro"
    PUBLISHER = "application/x-mspublisher"
    VISIO = "application/vnd.visio"
    VSDX = "application/vnd.ms-visio.drawing"
    VDX = "application/x-visio-2003-xml"
    OFFICE_ENCRYPTED = "application/x-ole-encrypted"  # an OOXML file with a password is an OLE2 file
    OUTLOOK = "application/vnd.ms-outlook"
    OLE = "application/x-ole-storage"
    TNEF = "application/vnd.ms-tnef"
    TNEF_EMPTY = "application/vnd.ms-tnef; empty"
    ZIP = "application/zip"
    PKCS7_SIGNED = "application/pkcs7-mime; smime-type=signed-data"
    PKCS7_ENVELOPED = "application/pkcs7-mime; smime-type=enveloped-data"
    PKCS7_SIGNATURE = "application/pkcs7-signature"
    PGP_SIGNATURE = "application/pgp-signature"
    PGP_ENCRYPTED = "application/pgp-encrypted"
    PGP_KEYS = "application/pgp-keys"
    UNKNOWN = "application/octet-stream"

    @property
    def picture(self) -> bool:
        """One that may be a logo, for mail programs show it in a text."""
        return self in PICTURES

    @property
    def text(self) -> bool:
        """Characters, so that it has a charset."""
        return self in TEXTS


PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.BMP, Kind.WEBP, Kind.SVG})
TEXTS = frozenset({Kind.TEXT, Kind.HTML, Kind.CSV, Kind.XML, Kind.SVG, Kind.CALENDAR, Kind.VCARD})
BODIES = frozenset({Kind.TEXT, Kind.HTML})
CONTAINERS = frozenset({Kind.TNEF, Kind.PKCS7_SIGNED})  # opened when the mail is read; one that remains is damaged
ENCRYPTED = frozenset({Kind.OFFICE_ENCRYPTED, Kind.PKCS7_ENVELOPED, Kind.PGP_ENCRYPTED})

# What a name or a declared type promises, for texts, and for what must not be taken for one.
_BY_ENDING: Mapping[str, Kind] = {
    "htm": Kind.HTML, "html": Kind.HTML, "xhtml": Kind.HTML, "csv": Kind.CSV, "tsv": Kind.CSV, "xml": Kind.XML,
    "ics": Kind.CALENDAR, "vcs": Kind.CALENDAR, "vcf": Kind.VCARD, "svg": Kind.SVG, "txt": Kind.TEXT,
}  # fmt: skip
_BY_TYPE: Mapping[str, Kind] = {
    "text/html": Kind.HTML, "application/xhtml+xml": Kind.HTML, "text/csv": Kind.CSV, "text/xml": Kind.XML,
    "application/xml": Kind.XML, "text/calendar": Kind.CALENDAR, "application/ics": Kind.CALENDAR,
    "text/vcard": Kind.VCARD, "text/x-vcard": Kind.VCARD, "text/directory": Kind.VCARD, "image/svg+xml": Kind.SVG,
}  # fmt: skip
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", Kind.PDF), (b"II*\0", Kind.TIFF), (b"MM\0*", Kind.TIFF), (b"II+\0", Kind.TIFF), (b"MM\0+", Kind.TIFF),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG), (b"\xff\xd8\xff", Kind.JPEG), (b"GIF87a", Kind.GIF), (b"GIF89a", Kind.GIF),
    (b"8BPS\0\1", Kind.PSD), (b"%!PS", Kind.POSTSCRIPT), (b"\x04%!PS", Kind.POSTSCRIPT),
    (b"\xc5\xd0\xd3\xc6", Kind.POSTSCRIPT), (b"{\\rtf", Kind.RTF), (b"\x78\x9f\x3e\x22", Kind.TNEF),
    (b"-----BEGIN PGP MESSAGE", Kind.PGP_ENCRYPTED), (b"-----BEGIN PGP SIGNATURE", Kind.PGP_SIGNATURE),
    (b"-----BEGIN PGP PUBLIC KEY", Kind.PGP_KEYS), (b"BEGIN:VCALENDAR", Kind.CALENDAR), (b"BEGIN:VCARD", Kind.VCARD),
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BY_STREAM: tuple[tuple[str, Kind], ...] = (
    ("EncryptedPackage", Kind.OFFICE_ENCRYPTED), ("WordDocument", Kind.DOC), ("Workbook", Kind.XLS), ("Book", Kind.XLS),
    ("PowerPoint Document", Kind.PPT), ("__properties_version1.0", Kind.OUTLOOK),
)  # fmt: skip
_BY_MEMBER: tuple[tuple[str, Kind], ...] = (
    ("word/document.xml", Kind.DOCX), ("xl/workbook.xml", Kind.XLSX), ("xl/workbook.bin", Kind.XLSB),
    ("ppt/presentation.xml", Kind.PPTX), ("visio/document.xml", Kind.VSDX),
)  # fmt: skip
_LOCKED_SLIDES = bytes.fromhex("14000000dfc4d1f3")  # MS-PPT section 2.3.2: CurrentUserAtom, its size and headerToken
_PKCS7 = bytes.fromhex("2a864886f70d0107")  # RFC 5652 section 14: 1.2.840.113549.1.7
_AUTH_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")  # RFC 5083 section 2: AES-GCM, as Outlook has it by now
_HEIC = re.compile(rb"ftyp(?:heic|heix|hevc|mif1|msf1|avif)")
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,500}-->\s*)?<(!doctype\s+)?(html|svg)\b", re.I
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")
_BINARY = re.compile(rb"[\x00-\x06\x10-\x19\x1c-\x1f\x7f]")  # ESC, SO and SI shift charsets (RFC 1468)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def sniff(data: bytes, *, declared: str = "", name: str = "", charset: str = "") -> Kind:
    """What `data` is."""
    kind = _by_magic(data) or _by_container(data) or _by_structure(data) or _later(data, declared, name)
    if kind is not None:
        return kind
    wide = charset.lower().startswith(("utf-16", "utf-32", "ucs-2"))
    return _text_kind(data, declared, name) if wide or _is_text(data, declared) else Kind.UNKNOWN


def promised(declared: str, name: str) -> bool:
    """Whether type or name promise a document that has a magic number; then a text is not what was meant."""
    return declared in _PROMISING or name.rpartition(".")[2].lower() in _PROMISING_ENDINGS


def _by_magic(data: bytes) -> Kind | None:
    start = data[:64].lstrip(b"\r\n\t \xef\xbb\xbf")
    return next((kind for magic, kind in _MAGIC if data.startswith(magic) or start.startswith(magic)), None)


def _later(data: bytes, declared: str, name: str) -> Kind | None:
    """What has its magic further behind, or none at all."""
    if b"%PDF-" in data[:_START] and not declared.startswith("text/"):  # a text may speak of PDFs
        return Kind.PDF
    return _targa(data, declared, name)


def _by_container(data: bytes) -> Kind | None:
    if data.startswith(_OLE):
        if _LOCKED_SLIDES in data:
            return Kind.OFFICE_ENCRYPTED
        streams = ole_streams(data)
        return next((kind for stream, kind in _BY_STREAM if stream in streams), Kind(ole_type(data) or Kind.OLE))
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    return _known(legacy_type(data))


def _known(media_type: str) -> Kind | None:
    return Kind(media_type) if media_type in _VALUES else None


def _zip_kind(data: bytes) -> Kind:
    odf = odf_type(data).removesuffix("-template")
    if odf in _ODF:
        return Kind(odf)
    members = zip_members(data)
    return next((kind for member, kind in _BY_MEMBER if member in members), Kind.ZIP)


def _by_structure(data: bytes) -> Kind | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[:2] == b"BM" and data[6:10] == bytes(4) and len(data) > 26:
        return Kind.BMP
    if _HEIC.match(data, 4):
        return Kind.HEIC
    if data[:1] == b"\x0a" and data[1:2] in b"\0\2\3\4\5" and data[2:3] == b"\1" and len(data) > 128:
        return Kind.PCX
    if data[:1] != b"0":
        return None
    at = data.find(_PKCS7, 0, 24)
    if at < 0:
        return Kind.PKCS7_ENVELOPED if data.find(_AUTH_ENVELOPED, 0, 32) > 0 else None
    return _CMS.get(data[at + 8 : at + 9])


def _targa(data: bytes, declared: str, name: str) -> Kind | None:
    """A TGA file has no magic: it is one by its name, and when its first octets may be a header of one."""
    named = name.rpartition(".")[2].lower() in ("tga", "targa") or declared in ("image/x-tga", "image/x-targa")
    if not named or len(data) < 18:
        return None
    mapped, form, depth, width, height = data[1], data[2], data[16], data[12:14], data[14:16]
    possible = mapped < 2 and form in (1, 2, 3, 9, 10, 11) and depth in (8, 15, 16, 24, 32)
    return Kind.TGA if possible and any(width) and any(height) else None


def _is_text(data: bytes, declared: str) -> bool:
    start = data[:_TEXT_START]
    if start.startswith(_UTF16):
        return True
    if declared.startswith("text/"):
        return b"\0" not in start
    return len(_BINARY.findall(start)) == 0


def _text_kind(data: bytes, declared: str, name: str) -> Kind:
    if declared != "text/plain" and _XML.match(data) and (office := _known(xml_type(data))):
        return office
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    said = _BY_TYPE.get(declared) or _BY_ENDING.get(ending)
    if said is not None:
        return said
    if declared != "text/plain" and (markup := _MARKUP.match(data)):
        return Kind.SVG if markup[2].lower() == b"svg" else Kind.HTML
    return Kind.XML if declared != "text/plain" and _XML.match(data) else Kind.TEXT


_VALUES = frozenset(Kind)
_ODF = frozenset({Kind.ODT, Kind.ODS, Kind.ODP, Kind.ODG})
# What says of itself that it is a signature by itself (RFC 8551 section 3.5.3, RFC 3156 section 5).
SIGNATURES = frozenset({
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
    "application/x-pgp-signature",
})  # fmt: skip
_CMS = {b"\x02": Kind.PKCS7_SIGNED, b"\x03": Kind.PKCS7_ENVELOPED}
_PROMISING = frozenset(Kind) - TEXTS - SIGNATURES - {Kind.UNKNOWN, Kind.PGP_KEYS, Kind.PGP_ENCRYPTED}
_PROMISING_ENDINGS = frozenset({
    "pdf", "ps", "tif", "tiff", "png", "jpg", "jpeg", "gif", "bmp", "webp", "heic", "pcx", "tga", "psd",
    "rtf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp",
    "docm", "dotx", "xlsm", "xlsb", "pps", "ppsx", "pptm", "odg", "wps", "wri", "mcw", "wk1", "wk3", "wk4", "wq1",
    "pub", "vsd", "vsdx",
})  # fmt: skip
