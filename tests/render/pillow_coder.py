"""Pillow's own way to Group 3 and 4: slow, and none of ours, to compare with."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from smtpfax.model.document import Layout
from smtpfax.render.coding import tags_of
from smtpfax.render.tiff import Strip, strips_in

ROWS_PER_STRIP, COMPRESSION = 278, 259
NAMES = {3: "group3", 4: "group4"}


def by_pillow(bits: NDArray[np.uint8], layout: Layout = Layout()) -> Strip:
    tags = dict(tags_of(layout))
    compression = NAMES[int(tags.pop(COMPRESSION))]
    file = io.BytesIO()
    image = Image.frombytes("1", (8 * bits.shape[1], len(bits)), bits.tobytes())
    image.save(file, "TIFF", compression=compression, tiffinfo={ROWS_PER_STRIP: len(bits), **tags})
    (strip,) = strips_in(file.getvalue())
    return strip
