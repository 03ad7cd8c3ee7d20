"""JPEGs on a PDF's page, photographs and scans: drawn without PDFium, where nothing else touches them.

In:    an open page, and where it stands on the canvas.
Out:   Picture: one that PDFium is not to draw any more, and its greys as they are to be laid onto the page.
Fails: never; what this way would perhaps not draw right is left to PDFium.

Rule: only the greys of a JPEG are unpacked, and no larger than they are needed. PDFium would unpack all its colours at
full size: that is twice the work and three times the memory.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageFile

from smtpfax.render.loops.machine import machine
from smtpfax.render.loops.resize import Held, Part, held, resized
from smtpfax.render.pages import Grey, Placement

# What changes an image's looks besides its pixels (ISO 32000-1 sections 8.9.5 and 11.6.5).
_MASKS = (b"/Mask", b"/SMask", b"/ImageMask", b"/Decode ", b"/Decode[")
_FILTER = b"DCTDecode"
_DICTIONARY = 4096  # octets of it before the filter's name and behind it
_GREYS = (pdfium_c.FPDF_COLORSPACE_DEVICEGRAY, pdfium_c.FPDF_COLORSPACE_CALGRAY)
_COLOURS = (pdfium_c.FPDF_COLORSPACE_DEVICERGB, pdfium_c.FPDF_COLORSPACE_CALRGB)
_MODES = {8: "L", 24: "RGB"}  # by their bits a pixel
_MOST_THINGS = 400  # on a page: with more of them, to look at each takes longer than to draw
_LEAST_PIXELS = 200_000
_ENLARGED = 0.4  # with fewer pixels a pel than so many, PDFium has its own ways to show single pixels


class _Bounds(NamedTuple):
    """A rectangle on the page, in its own units."""

    left: float
    bottom: float
    right: float
    top: float

    def touches(self, other: _Bounds) -> bool:
        """Whether they have something in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top


class _Box(NamedTuple):
    """Pels of the canvas, the last ones not included; some may be beyond the page."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Greys as they were unpacked, and where they are laid."""

    greys: Held
    box: _Box

    def lay(self, on: Grey, where: Placement) -> None:
        """Onto the drawn page, as far as that goes."""
        box = self.box
        first, last = max(0, where.top, box.top), min(len(on), where.top + where.height, box.bottom)
        left, right = max(where.left, box.left), min(where.left + where.width, box.right)
        if first < last and left < right:
            part = Part(left - box.left, first - box.top, right - box.left, last - box.top)
            _lay(self.greys, box.size, part, on=on[first:last, left:right])


def _lay(greys: Held, size: tuple[int, int], part: Part, *, on: Grey) -> None:
    """By the machine, where there is one."""
    by, image = machine(), greys.image
    if by is not None and resized(greys, size, part, on=on, by=by):
        return
    across, down = image.width / size[0], image.height / size[1]
    box = (part.left * across, part.top * down, part.right * across, part.bottom * down)
    on[:] = np.asarray(image.resize((on.shape[1], on.shape[0]), Image.Resampling.BILINEAR, box))


def may_be_in(data: bytes) -> bool:
    """Whether this file has JPEGs, and none with anything that we would overlook: dictionaries are never compressed."""
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


def set_aside(page: pdfium.PdfPage, where: Placement) -> list[Picture]:
    """The pictures that PDFium leaves out from now on."""
    count = pdfium_c.FPDFPage_CountObjects(page)
    if where.turned or count > _MOST_THINGS or pdfium_c.FPDFPage_GetAnnotCount(page):
        return []
    things = [pdfium_c.FPDFPage_GetObject(page, index) for index in range(count)]
    images = [index for index, thing in enumerate(things) if _is_jpeg(thing)]
    pictures: list[Picture] = []
    for index in _untouched(things, images) if images else ():
        picture = _picture(page, things[index], where, others=[other.greys for other in pictures])
        if picture and pdfium_c.FPDFPageObj_SetIsActive(things[index], False):
            pictures.append(picture)
    return pictures


def _untouched(things: Sequence[pdfium_c.FPDF_PAGEOBJECT], images: Sequence[int]) -> Iterator[int]:
    sides = [ctypes.c_float() for _ in _Bounds._fields]
    bounds = [_bounds(thing, sides) for thing in things]
    for image in images:
        own = bounds[image]
        others = (other for index, other in enumerate(bounds) if index != image)
        if own and all(other and not own.touches(other) for other in others):
            yield image


def _bounds(thing: pdfium_c.FPDF_PAGEOBJECT, sides: Sequence[ctypes.c_float]) -> _Bounds | None:
    """PDFium writes to `sides`."""
    left, bottom, right, top = sides
    if not pdfium_c.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
        return None
    return _Bounds(left.value, bottom.value, right.value, top.value)


def _is_jpeg(thing: pdfium_c.FPDF_PAGEOBJECT) -> bool:
    """An image of the one filter, of which nothing is hidden."""
    if pdfium_c.FPDFPageObj_GetType(thing) != pdfium_c.FPDF_PAGEOBJ_IMAGE:
        return False
    clip = pdfium_c.FPDFPageObj_GetClipPath(thing)
    if pdfium_c.FPDFPageObj_HasTransparency(thing) or (clip and pdfium_c.FPDFClipPath_CountPaths(clip) > 0):
        return False
    name = ctypes.create_string_buffer(len(_FILTER) + 1)
    length = pdfium_c.FPDFImageObj_GetImageFilter(thing, 0, name, len(name))
    return pdfium_c.FPDFImageObj_GetImageFilterCount(thing) == 1 and length == len(name) and name.value == _FILTER


def _picture(
    page: pdfium.PdfPage, image: pdfium_c.FPDF_PAGEOBJECT, where: Placement, *, others: Sequence[Held]
) -> Picture | None:
    box = _box(page, image, where)
    try:
        greys = _unpacked(page, image, box.size, others=others) if box else None
    except (OSError, ValueError, SyntaxError):  # PDFium may know better
        return None
    return Picture(greys=greys, box=box) if greys and box else None


def _box(page: pdfium.PdfPage, image: pdfium_c.FPDF_PAGEOBJECT, where: Placement) -> _Box | None:
    """Where the image stands; None when it is turned or slanted."""
    matrix = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(image, matrix) or matrix.b or matrix.c or matrix.a <= 0 or matrix.d <= 0:
        return None
    left, bottom = _on_canvas(page, where, matrix.e, matrix.f)
    right, top = _on_canvas(page, where, matrix.e + matrix.a, matrix.f + matrix.d)
    return _Box(left, top, right, bottom) if left < right and top < bottom else None


def _on_canvas(page: pdfium.PdfPage, where: Placement, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    place = (where.left, where.top, where.width, where.height, 0)
    pdfium_c.FPDF_PageToDevice(page, *place, x, y, across, down)
    return across.value, down.value


def _unpacked(
    page: pdfium.PdfPage, image: pdfium_c.FPDF_PAGEOBJECT, size: tuple[int, int], *, others: Sequence[Held]
) -> Held | None:
    """Its greys, in this size or up to twice as large; None for what PDFium does as fast."""
    facts = pdfium_c.FPDF_IMAGEOBJ_METADATA()
    if not pdfium_c.FPDFImageObj_GetImageMetadata(image, page, facts) or not _worth_it(facts, size):
        return None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    picture = Image.open(io.BytesIO(_octets(image)), formats=["JPEG"])
    if picture.size != (facts.width, facts.height) or picture.mode != _MODES[facts.bits_per_pixel]:
        return None
    picture.draft("L", size)
    if picture.mode != "L":
        return Held(picture.convert("L"))
    by = machine()
    greys = held(picture, by, others=others) if by else Held(picture)
    picture.load()
    return greys


def _worth_it(facts: pdfium_c.FPDF_IMAGEOBJ_METADATA, size: tuple[int, int]) -> bool:
    known = facts.colorspace in (*_GREYS, *_COLOURS, pdfium_c.FPDF_COLORSPACE_ICCBASED)
    if not known or facts.bits_per_pixel not in _MODES or facts.width * facts.height < _LEAST_PIXELS:
        return False
    pels_each: float = min(facts.width / size[0], facts.height / size[1])
    return pels_each >= _ENLARGED


def _octets(image: pdfium_c.FPDF_PAGEOBJECT) -> bytes:
    length = pdfium_c.FPDFImageObj_GetImageDataRaw(image, None, 0)
    octets = ctypes.create_string_buffer(length)
    pdfium_c.FPDFImageObj_GetImageDataRaw(image, octets, length)
    return octets.raw
