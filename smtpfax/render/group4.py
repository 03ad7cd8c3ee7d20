"""Group 4: a page's bits become the data that goes over the line.

In:    a finished page's bits (1 is black).
Out:   a Strip (ITU-T T.6); the same octets whichever way they were made.
Fails: never.
"""

from __future__ import annotations

import io

from PIL import Image

from smtpfax.model.document import WIDTH

from . import libtiff
from .packed import Bits
from .tiff import Strip, strips_in

_ROWS_PER_STRIP = 278


def strip_of(bits: Bits) -> Strip:
    """Encode a page. To libtiff's encoder a 1 is black whatever the file says of it, so ours go in as they are."""
    encode = libtiff.encoded if libtiff.available() else by_pillow
    (strip,) = strips_in(encode(bits))
    return strip


def by_pillow(bits: Bits) -> bytes:
    """The way that always works."""
    file = io.BytesIO()
    image = Image.frombytes("1", (WIDTH, len(bits)), bits.tobytes())
    image.save(file, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: len(bits)})
    return file.getvalue()
