"""Pictures and scans: TIFF, PNG, JPEG, GIF, BMP, WebP, PCX, TGA, PSD.

In:    a picture; of a TIFF all pages, of anything that moves the first image, of layers what they show together.
Out:   Sheets: on white where it is transparent, upright as its camera says, in its true size by its resolution.
Fails: Permanent PART_TOO_LARGE by its header, before a pixel is decoded; else what `reading` makes of it.

Rule: a fax's own TIFF of our width and resolution goes through pel by pel.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageFile, ImageOps

from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind
from smtpfax.model.document import PELS_PER_INCH, WIDTH
from smtpfax.model.status import PART_TOO_LARGE, PART_UNREADABLE
from smtpfax.render.limits import Limits
from smtpfax.render.pages import WHITE, Canvas, Grey, Placement, as_faxed, places

from .sheets import Sheets, refused

Image.MAX_IMAGE_PIXELS = None  # Pillow counts at open alone and warns before it refuses; `_bounded` counts every page

FORMATS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.TIFF: "TIFF",
        Kind.PNG: "PNG",
        Kind.JPEG: "JPEG",
        Kind.GIF: "GIF",
        Kind.BMP: "BMP",
        Kind.WEBP: "WEBP",
        Kind.PCX: "PCX",
        Kind.TGA: "TGA",
        Kind.PSD: "PSD",
    }
)
_MM_PER_INCH = 25.4
_SCREEN_DPI = 96  # of pictures that do not say (CSS Values 3 section 5.2)
_POSSIBLE_DPI = (30, 2400)
_FAX_DPI = 10  # 200 is said for 204
_FINE_ROWS = 1300  # a fax that does not say: more rows than this are fine, fewer standard
_SUBFILE_TYPE, _ORIENTATION = 254, 274
_SIDEWAYS = (5, 6, 7, 8)  # values of Orientation (TIFF 6.0, page 36) that exchange width and height


def open_picture(part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
    """The converter."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint's import sets it: half a scan would be faxed as a whole one
    image = Image.open(io.BytesIO(part.data), formats=[FORMATS[part.kind]])
    _bounded(image, part, limits)
    frames = _pages(image, part, limits) if part.kind is Kind.TIFF else [image.tell()]
    sheets = [(frame, where) for frame in frames for where in _places(image, frame, canvas)]
    return Sheets(count=len(sheets), draw=partial(_draw, image, sheets, canvas))


def _bounded(image: Image.Image, part: Part, limits: Limits) -> None:
    if image.width * image.height > limits.max_pixels:
        why = f"{image.width} x {image.height} pixels"
        raise refused(PART_TOO_LARGE, part, why=why)


def _pages(image: Image.Image, part: Part, limits: Limits) -> list[int]:
    """Which images of a TIFF are pages; of endless ones one more than there may be."""
    frames: list[int] = []
    for index in range(2 * limits.max_pages + 2):
        try:
            image.seek(index)
        except EOFError:
            break
        _bounded(image, part, limits)
        thumbnail = int(image.getexif().get(_SUBFILE_TYPE, 0)) & 1  # TIFF 6.0: a reduced version of another image
        frames += [] if thumbnail else [index]
    if not frames:
        raise refused(PART_UNREADABLE, part, reason="a TIFF without pages")
    return frames


def _places(image: Image.Image, frame: int, canvas: Canvas) -> tuple[Placement, ...]:
    image.seek(frame)
    width, height = _millimetres(image, sideways=_sideways(image))
    fax = image.mode == "1" and image.width == WIDTH and not _sideways(image)
    if fax and abs(_resolution(image)[0] - PELS_PER_INCH) <= _FAX_DPI:
        own = as_faxed(height, canvas)
        if own is not None:
            return (own,)
    return places(width, height, canvas)


def _sideways(image: Image.Image) -> bool:
    return image.getexif().get(_ORIENTATION) in _SIDEWAYS


def _draw(image: Image.Image, sheets: list[tuple[int, Placement]], canvas: Canvas, index: int) -> Grey:
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    frame, where = sheets[index]
    image.seek(frame)
    size = (where.height, where.width) if _sideways(image) != where.turned else (where.width, where.height)
    image.draft("L", size)  # a JPEG is decoded at a half, a quarter or an eighth, if that is enough
    grey = on_white(ImageOps.exif_transpose(image))
    return _placed(grey.transpose(Image.Transpose.ROTATE_270) if where.turned else grey, where, canvas)


def _placed(grey: Image.Image, where: Placement, canvas: Canvas) -> Grey:
    page = canvas.blank(where)
    first, last = max(0, where.top), min(len(page), where.top + where.height)
    rows = last - first
    above = first - where.top  # of a long picture, what stands on the pages before
    if grey.size != (where.width, where.height):
        smaller = grey.width >= where.width
        scale = grey.height / where.height
        box = (0, above * scale, grey.width, min(grey.height, (above + rows) * scale))
        filter_ = Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC
        grey = grey.resize((where.width, rows), filter_, box=box)
    else:
        grey = grey.crop((0, above, where.width, above + rows))
    page[first:last, where.left : where.left + where.width] = np.asarray(grey)
    return page


def on_white(image: Image.Image) -> Image.Image:
    """Any picture in greys, on white paper."""
    if image.mode.startswith("I") or image.mode == "F":
        return _deep(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("L", image.size, WHITE)
        paper.paste(image.convert("L"), mask=image.getchannel("A"))
        return paper
    return image.convert("L") if image.mode in ("1", "L", "RGB") else image.convert("RGB").convert("L")


def _deep(image: Image.Image) -> Image.Image:
    """More than 8 bits a pixel: 16 by their upper half, others by their own darkest and lightest."""
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray((values >> 8).astype(np.uint8))
    values = np.nan_to_num(values.astype(np.float64))
    low, high = values.min(), values.max()
    return Image.fromarray(((values - low) * (WHITE / ((high - low) or 1))).astype(np.uint8))


def _millimetres(image: Image.Image, *, sideways: bool) -> tuple[float, float]:
    across, down = _resolution(image)
    width, height = image.width * _MM_PER_INCH / across, image.height * _MM_PER_INCH / down
    return (height, width) if sideways else (width, height)


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Pixels per inch, across and down, as the picture says or as its kind is used to."""
    said = image.info.get("dpi", (0, 0))
    across, down = (float(value) for value in said)
    if all(math.isfinite(value) and _POSSIBLE_DPI[0] <= value <= _POSSIBLE_DPI[1] for value in (across, down)):
        return across, down
    if image.width == WIDTH and image.mode == "1":
        return PELS_PER_INCH, 196 if image.height > _FINE_ROWS else 98
    return _SCREEN_DPI, _SCREEN_DPI
