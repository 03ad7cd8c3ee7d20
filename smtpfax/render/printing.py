"""Within the sandbox: a page of a document becomes a picture.

In:    a page's strip as it goes over the line.
Out:   a PNG: black and white as the far machine prints it; or small, in grey, for an overview.
Fails: as Pillow does; the sandbox tells it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image

from smtpfax.model.document import PELS_PER_INCH, Coding, Resolution

from .tiff import Strip, tiff_of

SMALL_WIDTH = 432  # pels: a quarter of a line
_GREYS = 16


def draw(request: Mapping[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """A strip becomes a PNG."""
    strip = Strip(rows=int(request["rows"]), data=blobs[0], coding=Coding(request["coding"]))
    with Image.open(io.BytesIO(tiff_of([strip], Resolution.FINE))) as page:
        picture = _small(page, lines=int(request["lines"])) if request["small"] else page.convert("1")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=False)
    return {}, [out.getvalue()]


def _small(page: Image.Image, *, lines: int) -> Image.Image:
    """In the proportions that the paper has, though the pels are no squares."""
    high = round(page.height * SMALL_WIDTH / page.width * PELS_PER_INCH / lines)
    grey = page.convert("L").resize((SMALL_WIDTH, max(1, high)), Image.Resampling.BOX)
    return grey.quantize(_GREYS)
