"""The coder: a page's bits become the data that goes over the line, and bits again.

In:    a finished page's bits (1 is black), and how it is laid out.
Out:   a Strip in Group 3 (ITU-T T.4) or Group 4 (T.6); the same octets whichever way they were made.
Fails: OSError, where neither the machine nor libtiff is at hand.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from smtpfax.model.document import Coding, Layout, Resolution

from . import libtiff
from .loops.coder import encoded
from .loops.machine import machine_for
from .packed import Bits
from .tiff import HOW, Strip, strips_in, tiff_of

_COMPRESSION, _Y_RESOLUTION = 259, 283


def strip_of(bits: Bits, layout: Layout = Layout()) -> Strip:
    """Encode a page: by the machine in Group 4, if there is one; else by libtiff."""
    by = machine_for(len(bits))
    if by is not None and layout.coding is Coding.GROUP_4:
        return Strip(rows=len(bits), data=encoded(bits, by))
    # To libtiff's encoder a 1 is black whatever the file says of it, so ours go in as they are.
    (strip,) = strips_in(libtiff.encoded(bits, tags_of(layout)))
    return strip


def tags_of(layout: Layout) -> libtiff.Tags:
    """How a page is encoded: lines per inch tell libtiff how many rows may follow by the one above (T.4 4.2.2)."""
    compression, options, value = HOW[layout.coding]
    if layout.coding is Coding.GROUP_4:
        return {_COMPRESSION: compression}
    return {_COMPRESSION: compression, options: value, _Y_RESOLUTION: float(layout.resolution.lines_per_inch)}


def bits_in(strip: Strip, resolution: Resolution) -> Bits:
    """The page that was encoded."""
    with Image.open(io.BytesIO(tiff_of([strip], resolution))) as image:
        return np.packbits(~np.asarray(image), axis=1)
