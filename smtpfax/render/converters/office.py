"""Files of office programs: LibreOffice makes a PDF of them, outside of this worker, and the PDF is drawn.

In:    such a part; on the way back, with its PDF among its resources.
Out:   what LibreOffice has to be told of it; then Sheets.
Fails: Permanent PART_ENCRYPTED, PART_TOO_LARGE, PART_UNREADABLE.

Rule: what can be seen without unpacking is refused here, so that LibreOffice never gets it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind
from smtpfax.model.status import PART_ENCRYPTED, PART_TOO_LARGE
from smtpfax.render.limits import Limits
from smtpfax.render.pages import Canvas

from .pdf import sheets_of
from .sheets import Sheets, reading, refused

_PDF = str(Kind.PDF)  # the name of the PDF among a part's resources
_MANIFEST = "META-INF/manifest.xml"  # OpenDocument 1.3 part 2, section 4.2
_LOCKED = b"encryption-data"  # section 4.4
_MANIFEST_OCTETS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The ending that tells LibreOffice what it is given, and the application that reads it."""

    suffix: str
    application: str


def _forms(application: str, **suffixes: str) -> dict[Kind, Form]:
    return {Kind[name]: Form(suffix=suffix, application=application) for name, suffix in suffixes.items()}


FORMS: Mapping[Kind, Form] = MappingProxyType(
    {
        **_forms("writer", RTF="rtf", DOC="doc", DOCX="docx", ODT="odt", FODT="fodt", WORD_XML="xml"),
        **_forms("writer", WRITE="wri", WORKS="wps", MAC_WORD="mcw"),
        **_forms("calc", XLS="xls", XLSX="xlsx", XLSB="xlsb", ODS="ods", FODS="fods", EXCEL_XML="xml"),
        **_forms("calc", LOTUS="wk1", QUATTRO="wq1"),
        **_forms("impress", PPT="ppt", PPTX="pptx", ODP="odp", FODP="fodp"),
        **_forms("draw", ODG="odg", FODG="fodg", VISIO="vsd", VSDX="vsdx", VDX="vdx", PUBLISHER="pub"),
    }
)


def open_office(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    """The converter, once there is a PDF."""
    return sheets_of(part, part.resources[_PDF], canvas=canvas)


def converted(part: Part, pdf: bytes) -> Part:
    """The same part, with its PDF."""
    return replace(part, resources={_PDF: pdf})


def is_converted(part: Part) -> bool:
    """Whether it can be drawn, or LibreOffice has to see it first."""
    return part.kind not in FORMS or _PDF in part.resources


def look(part: Part, *, limits: Limits) -> Form:
    """What LibreOffice has to be told; Permanent for what it need not see."""
    with reading(part):
        if part.data.startswith(b"PK"):
            _look_into(part, limits)
    return FORMS[part.kind]


def _look_into(part: Part, limits: Limits) -> None:
    with zipfile.ZipFile(io.BytesIO(part.data)) as file:
        octets = sum(member.file_size for member in file.infolist())
        if octets > limits.max_unpacked_bytes:
            raise refused(PART_TOO_LARGE, part, reason=f"{octets} octets unpacked", why="it unpacks to too much")
        if _MANIFEST in file.namelist():
            with file.open(_MANIFEST) as manifest:
                if _LOCKED in manifest.read(_MANIFEST_OCTETS):
                    raise refused(PART_ENCRYPTED, part)
