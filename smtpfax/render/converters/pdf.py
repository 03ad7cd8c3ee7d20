"""PDF: drawn by PDFium, straight onto the canvas.

In:    a PDF, from a mail or from our own typesetting.
Out:   Sheets; filled forms with their contents, annotations as they print.
Fails: Permanent PART_ENCRYPTED, PART_UNREADABLE.

Rule: nothing in a PDF is run: this build of PDFium knows neither JavaScript nor XFA. It aborts the process when memory
runs out, so it is used in a sandbox's worker alone.
"""

from __future__ import annotations

from functools import partial

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from smtpfax.mime.choose import Part
from smtpfax.model.status import PART_ENCRYPTED, PART_UNREADABLE
from smtpfax.render.limits import Limits
from smtpfax.render.pages import WHITE, Canvas, Grey, place

from .sheets import Sheets, refused

_MM_PER_POINT = 25.4 / 72
# Not FPDF_GRAYSCALE: on grey scans it takes half as long again, for the same pixels.
_FLAGS = pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_PRINTING


def open_pdf(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    """The converter; pages are counted by their tree, none is read."""
    return sheets_of(part, part.data, canvas=canvas)


def sheets_of(part: Part, data: bytes, *, canvas: Canvas) -> Sheets:
    """The pages of a PDF that a part is, or was typeset into."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
        raise refused(PART_ENCRYPTED if locked else PART_UNREADABLE, part, reason=str(error)) from error
    document.init_forms()  # before any page is loaded, else a filled form is faxed empty
    if not len(document):
        raise refused(PART_UNREADABLE, part, reason="a PDF without pages")
    return Sheets(count=len(document), draw=partial(_draw, document, canvas))


def _draw(document: pdfium.PdfDocument, canvas: Canvas, index: int) -> Grey:
    page = document[index]
    width, height = page.get_size()  # as it is shown: turned by the page's own /Rotate
    where = place(width * _MM_PER_POINT, height * _MM_PER_POINT, canvas)
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
        page.close()
    grey[:, : where.left] = grey[:, where.left + where.width :] = WHITE
    return grey
