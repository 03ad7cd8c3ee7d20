"""Group 4: a page's bits become the data that goes over the line.

In:    a finished page's bits (1 is black).
Out:   a Strip (ITU-T T.6); the same octets whichever way they were made.
Fails: never.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from smtpfax.model.document import WIDTH, Resolution

from . import libtiff
from .bilevel import Bits
from .tiff import Strip, strips_in, tiff_of

_ROWS_PER_STRIP = 278


def strip_of(bits: Bits) -> Strip:
    """Encode a page. To libtiff's encoder a 1 is black whatever the file says of it, so ours go in as they are."""
    encode = libtiff.encoded if libtiff.available() else by_pillow
    (strip,) = strips_in(encode(bits.tobytes(), len(bits)))
    return strip


def by_pillow(bits: bytes, rows: int) -> bytes:
    """The way that always works."""
    file = io.BytesIO()
    image = Image.frombytes("1", (WIDTH, rows), bits)
    image.save(file, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: rows})
    return file.getvalue()


def bits_in(strip: Strip, resolution: Resolution) -> Bits:
    """The page that was encoded."""
    with Image.open(io.BytesIO(tiff_of([strip], resolution))) as image:
        return np.packbits(~np.asarray(image), axis=1)
