"""The coder: a page's bits become the data that goes over the line, and bits again.

In:    a finished page's bits (1 is black), and how it is laid out.
Out:   a Strip in Group 3 (ITU-T T.4) or Group 4 (T.6); the same octets whichever way they were made.
Fails: never.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from smtpfax.model.document import WIDTH, Coding, Layout, Resolution

from . import libtiff
from .loops.coder import encoded
from .loops.machine import machine
from .packed import Bits
from .tiff import HOW, Strip, strips_in, tiff_of

_ROWS_PER_STRIP, _COMPRESSION, _Y_RESOLUTION = 278, 259, 283
_NAMES = {3: "group3", 4: "group4"}  # Pillow's


def strip_of(bits: Bits, layout: Layout = Layout()) -> Strip:
    """Encode a page. To libtiff's encoder a 1 is black whatever the file says of it, so ours go in as they are."""
    by = machine()
    if by is not None and layout.coding is Coding.GROUP_4:
        return Strip(rows=len(bits), data=encoded(bits, by))
    encode = libtiff.encoded if libtiff.available() else by_pillow
    (strip,) = strips_in(encode(bits, tags_of(layout)))
    return strip


def tags_of(layout: Layout) -> libtiff.Tags:
    """How a page is encoded: lines per inch tell libtiff how many rows may follow by the one above (T.4 4.2.2)."""
    compression, options, value = HOW[layout.coding]
    if layout.coding is Coding.GROUP_4:
        return {_COMPRESSION: compression}
    return {_COMPRESSION: compression, options: value, _Y_RESOLUTION: float(layout.resolution.lines_per_inch)}


def by_pillow(bits: Bits, tags: libtiff.Tags) -> bytes:
    """The way that always works."""
    file = io.BytesIO()
    image = Image.frombytes("1", (WIDTH, len(bits)), bits.tobytes())
    more = {tag: value for tag, value in tags.items() if tag != _COMPRESSION}
    compression = _NAMES[int(tags[_COMPRESSION])]
    image.save(file, "TIFF", compression=compression, tiffinfo={_ROWS_PER_STRIP: len(bits), **more})
    return file.getvalue()


def bits_in(strip: Strip, resolution: Resolution) -> Bits:
    """The page that was encoded."""
    with Image.open(io.BytesIO(tiff_of([strip], resolution))) as image:
        return np.packbits(~np.asarray(image), axis=1)
