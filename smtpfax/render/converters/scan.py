"""A page that is nothing but one JPEG in colours, as scanners make them: drawn without PDFium.

In:    an open page of a PDF, and where it stands on the canvas.
Out:   the page in greys; None for any other page, and for one that this way would perhaps not draw right.
Fails: never.

Rule: only the greys of a JPEG are unpacked, and no larger than they are needed. PDFium would unpack all its colours at
full size: that is twice the work and three times the memory. Of a grey scan it does the same as we, as fast.
"""

from __future__ import annotations

import ctypes
import io
from typing import NamedTuple

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageFile

from smtpfax.render.pages import Canvas, Grey, Placement

# What changes an image's looks besides its pixels (ISO 32000-1 sections 8.9.5 and 11.6.5).
_MASKS = (b"/Mask", b"/SMask", b"/ImageMask", b"/Decode ", b"/Decode[")
_FILTER = b"DCTDecode"
_DICTIONARY = 4096  # octets of it before the filter's name and behind it
_SPACES = (
    pdfium_c.FPDF_COLORSPACE_DEVICERGB,
    pdfium_c.FPDF_COLORSPACE_CALRGB,
    pdfium_c.FPDF_COLORSPACE_ICCBASED,
)
_COLOURS = 24  # bits a pixel


class _Box(NamedTuple):
    """Pels of the canvas, the last ones not included."""

    left: int
    top: int
    right: int
    bottom: int


def may_hold_scans(data: bytes) -> bool:
    """Whether no JPEG of this file has anything that we would overlook; its dictionary is never compressed."""
    name = b"/" + _FILTER
    at = data.find(name)
    found = at >= 0
    while at >= 0:
        first = max(0, data.rfind(b"obj", max(0, at - _DICTIONARY), at))
        entries = data[first : data.find(b"stream", at, at + _DICTIONARY)]
        if any(mask in entries for mask in _MASKS):
            return False
        at = data.find(name, at + len(name))
    return found


def drawn(page: pdfium.PdfPage, where: Placement, canvas: Canvas) -> Grey | None:
    """The page, if it is one."""
    image = _only_image(page)
    box = _box(page, image, where) if image is not None else None
    if image is None or box is None:
        return None
    try:
        picture = _unpacked(page, image, (box.right - box.left, box.bottom - box.top))
    except (OSError, ValueError, SyntaxError):  # PDFium may know better
        return None
    return _placed(picture, box, where, canvas) if picture else None


def _only_image(page: pdfium.PdfPage) -> pdfium_c.FPDF_PAGEOBJECT | None:
    """The one thing on the page, when nothing hides a part of it."""
    if pdfium_c.FPDFPage_CountObjects(page) != 1 or pdfium_c.FPDFPage_GetAnnotCount(page):
        return None
    thing = pdfium_c.FPDFPage_GetObject(page, 0)
    if pdfium_c.FPDFPageObj_GetType(thing) != pdfium_c.FPDF_PAGEOBJ_IMAGE:
        return None
    clip = pdfium_c.FPDFPageObj_GetClipPath(thing)
    if pdfium_c.FPDFPageObj_HasTransparency(thing) or (clip and pdfium_c.FPDFClipPath_CountPaths(clip) > 0):
        return None
    return thing


def _box(page: pdfium.PdfPage, image: pdfium_c.FPDF_PAGEOBJECT, where: Placement) -> _Box | None:
    """Where the image stands; None when it is turned or slanted."""
    matrix = pdfium_c.FS_MATRIX()
    if where.turned or not pdfium_c.FPDFPageObj_GetMatrix(image, matrix):
        return None
    if matrix.b or matrix.c or matrix.a <= 0 or matrix.d <= 0:
        return None
    left, bottom = _on_canvas(page, where, matrix.e, matrix.f)
    right, top = _on_canvas(page, where, matrix.e + matrix.a, matrix.f + matrix.d)
    return _Box(left, top, right, bottom) if left < right and top < bottom else None


def _on_canvas(page: pdfium.PdfPage, where: Placement, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    place = (where.left, where.top, where.width, where.height, 0)
    pdfium_c.FPDF_PageToDevice(page, *place, x, y, across, down)
    return across.value, down.value


def _unpacked(page: pdfium.PdfPage, image: pdfium_c.FPDF_PAGEOBJECT, size: tuple[int, int]) -> Image.Image | None:
    """Its greys in this size; one that has none but greys, or would have to be enlarged, is left to PDFium."""
    facts = pdfium_c.FPDF_IMAGEOBJ_METADATA()
    if not pdfium_c.FPDFImageObj_GetImageMetadata(image, page, facts) or facts.colorspace not in _SPACES:
        return None
    enough = facts.width >= size[0] and facts.height >= size[1] and facts.bits_per_pixel == _COLOURS
    if not enough or not _is_jpeg(image):
        return None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    picture = Image.open(io.BytesIO(_octets(image)), formats=["JPEG"])
    if picture.size != (facts.width, facts.height) or picture.mode != "RGB":
        return None
    picture.draft("L", size)
    return picture.convert("L").resize(size, Image.Resampling.BILINEAR)


def _is_jpeg(image: pdfium_c.FPDF_PAGEOBJECT) -> bool:
    name = ctypes.create_string_buffer(len(_FILTER) + 1)
    if pdfium_c.FPDFImageObj_GetImageFilterCount(image) != 1:
        return False
    return pdfium_c.FPDFImageObj_GetImageFilter(image, 0, name, len(name)) == len(name) and name.value == _FILTER


def _octets(image: pdfium_c.FPDF_PAGEOBJECT) -> bytes:
    length = pdfium_c.FPDFImageObj_GetImageDataRaw(image, None, 0)
    octets = ctypes.create_string_buffer(length)
    pdfium_c.FPDFImageObj_GetImageDataRaw(image, octets, length)
    return octets.raw


def _placed(picture: Image.Image, box: _Box, where: Placement, canvas: Canvas) -> Grey:
    """On the canvas, as far as the page goes."""
    page = canvas.blank()
    first, last = max(0, where.top, box.top), min(len(page), where.top + where.height, box.bottom)
    left, right = max(where.left, box.left), min(where.left + where.width, box.right)
    if first < last and left < right:
        seen = picture.crop((left - box.left, first - box.top, right - box.left, last - box.top))
        page[first:last, left:right] = np.asarray(seen)
    return page
