"""PDF: drawn by PDFium, straight onto the canvas.

In:    a PDF, from a mail or from our own typesetting.
Out:   Sheets; filled forms with their contents, annotations as they print.
Fails: Permanent PART_ENCRYPTED, PART_UNREADABLE, PART_TOO_LARGE.

Rule: nothing in a PDF is run: this build of PDFium knows neither JavaScript nor XFA. It aborts the process when memory
runs out, so it is used in a sandbox's worker alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from smtpfax.mime.choose import Part
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_ENCRYPTED, PART_TOO_LARGE, PART_UNREADABLE
from smtpfax.render.limits import Limits
from smtpfax.render.pages import WHITE, Canvas, Grey, Placement, places

from . import jpegs
from .repair import repaired
from .sheets import Sheets, refused

_MM_PER_POINT = 25.4 / 72
# Not FPDF_GRAYSCALE: on grey scans it takes half as long again, for the same pixels.
_FLAGS = pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_PRINTING


# The dictionary of an image is never compressed (ISO 32000-1 section 7.5.7).
_PIXELS = re.compile(rb"\s+(\d{1,9})")
_DEPTH = 5  # of forms within forms
_LARGE = 256 << 10  # octets a page: there are pictures in it, and PDFium would keep all that it has read


def open_pdf(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    """The converter; pages are counted by their tree and their size, none is read. A damaged file is tried twice."""
    try:
        return sheets_of(part, part.data, canvas=canvas, limits=limits)
    except Permanent as fault:
        mended = repaired(part.data) if fault.sentence is PART_UNREADABLE else None
        if mended is None:
            raise
    return sheets_of(part, mended, canvas=canvas, limits=limits)


def sheets_of(part: Part, data: bytes, *, canvas: Canvas, limits: Limits | None = None) -> Sheets:
    """The pages of a PDF that a part is, or was typeset into."""
    limits = limits or Limits()
    document = _document(part, data)
    pages = len(document)
    if not pages:
        raise refused(PART_UNREADABLE, part, reason="a PDF without pages")
    if pages > limits.max_pages:
        return Sheets(count=pages, draw=partial(_never, part))
    large = len(data) > _LARGE * pages
    drawing = _Drawing(
        part=part,
        data=data,
        document=None if large else document,
        sheets=[(page, where) for page in range(pages) for where in _places(document, page, canvas)],
        canvas=canvas,
        max_pixels=limits.max_pixels if large or _largest(data) > limits.max_pixels else 0,
        jpegs=not document.formenv and jpegs.may_be_in(data),
    )
    return Sheets(count=len(drawing.sheets), draw=drawing.draw)


def _document(part: Part, data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
        raise refused(PART_ENCRYPTED if locked else PART_UNREADABLE, part, reason=str(error)) from error
    document.init_forms()  # before any page is loaded, else a filled form is faxed empty
    return document


def _places(document: pdfium.PdfDocument, page: int, canvas: Canvas) -> tuple[Placement, ...]:
    width, height = document.get_page_size(page)  # as it is shown: turned by the page's own /Rotate
    return places(width * _MM_PER_POINT, height * _MM_PER_POINT, canvas)


def _never(part: Part, index: int) -> Grey:
    raise refused(PART_TOO_LARGE, part, why="it has too many pages")


def _largest(data: bytes) -> int:
    """No image of the file has more pixels than this."""
    return max(_numbers(data, b"/Width"), default=0) * max(_numbers(data, b"/Height"), default=0)


def _numbers(data: bytes, name: bytes) -> Iterator[int]:
    """What follows a name; a pattern alone would take several times as long to get through a file of scans."""
    at = data.find(name)
    while at >= 0:
        if number := _PIXELS.match(data, at + len(name)):
            yield int(number[1])
        at = data.find(name, at + len(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """How the pages of a PDF are drawn; without `document`, each from a new one."""

    part: Part
    data: bytes
    document: pdfium.PdfDocument | None
    sheets: Sequence[tuple[int, Placement]]
    canvas: Canvas
    max_pixels: int  # 0: no image has more than there may be
    jpegs: bool

    def draw(self, index: int) -> Grey:
        """One page."""
        if self.document is not None:
            return self._drawn(self.document, index)
        document = _document(self.part, self.data)
        try:
            return self._drawn(document, index)
        finally:
            document.close()

    def _drawn(self, document: pdfium.PdfDocument, index: int) -> Grey:
        number, where = self.sheets[index]
        page = document[number]
        try:
            if self.max_pixels:
                _bounded(self.part, page, self.max_pixels)
            pictures = jpegs.set_aside(page, where) if self.jpegs else ()
            grey = _drawn(document, page, where, self.canvas)
            for picture in pictures:
                picture.lay(grey, where)
            return grey
        finally:
            page.close()


def _bounded(part: Part, page: pdfium.PdfPage, max_pixels: int) -> None:
    """PDFium leaves out what is too large for it, and says nothing: the page would be blank."""
    for image in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=_DEPTH):
        width, height = image.get_px_size()
        if width * height > max_pixels:
            raise refused(PART_TOO_LARGE, part, why=f"a picture in it has {width} x {height} pixels")


def _drawn(document: pdfium.PdfDocument, page: pdfium.PdfPage, where: Placement, canvas: Canvas) -> Grey:
    grey = canvas.blank()
    rows, pels = grey.shape
    bitmap = pdfium_c.FPDFBitmap_CreateEx(pels, rows, pdfium_c.FPDFBitmap_Gray, grey.ctypes.data, grey.strides[0])
    if not bitmap:
        raise MemoryError
    box = (where.left, where.top, where.width, where.height, int(where.turned), _FLAGS)
    try:
        pdfium_c.FPDF_RenderPageBitmap(bitmap, page, *box)
        if document.formenv:
            pdfium_c.FPDF_FFLDraw(document.formenv, bitmap, page, *box)
    finally:
        pdfium_c.FPDFBitmap_Destroy(bitmap)
    grey[:, : where.left] = grey[:, where.left + where.width :] = WHITE
    return grey
