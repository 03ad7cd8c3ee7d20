"""libtiff, as Pillow has brought it into this process.

In:    a page's packed bits.
Out:   a TIFF of one strip in Group 3 or 4.
Fails: OSError, when libtiff does, or cannot be called.

Rule: the bits go in as they are packed. Pillow unpacks them to an octet each and writes row by row: twice the time for
the same octets.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image  # with it comes its libtiff

from smtpfax.model.document import WIDTH

from .packed import Bits

_MAPS = Path("/proc/self/maps")
_TAGS: Mapping[int, int] = MappingProxyType({256: WIDTH, 258: 1, 262: 0, 277: 1})
_LENGTH, _ROWS_PER_STRIP = 257, 278
Tags = Mapping[int, int | float]


@functools.cache
def _library() -> ctypes.CDLL | None:
    """The one that is loaded already: a second one would be a second copy."""
    Image.preinit()
    try:
        lines = _MAPS.read_text().splitlines()
        path = next(words[5] for words in map(str.split, lines) if len(words) == 6 and "/libtiff" in words[5])
        library = ctypes.CDLL(path)
        library.TIFFSetField.restype = ctypes.c_int
        library.TIFFFdOpen.restype = ctypes.c_void_p
        library.TIFFWriteEncodedStrip.restype = ctypes.c_ssize_t
        library.TIFFWriteEncodedStrip.argtypes = (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_ssize_t)
        library.TIFFClose.restype = None
        library.TIFFClose.argtypes = (ctypes.c_void_p,)
    except (OSError, StopIteration, AttributeError):
        return None
    return library


def encoded(bits: Bits, tags: Tags) -> bytes:
    """A TIFF of one page and one strip, in memory; `tags` say how."""
    library = _library()
    if library is None:
        raise OSError("no libtiff")
    memory = os.memfd_create("page")
    try:
        lengths = {_LENGTH: len(bits), _ROWS_PER_STRIP: len(bits)}
        _write(library, os.dup(memory), np.ascontiguousarray(bits), {**_TAGS, **tags, **lengths})
        return os.pread(memory, os.fstat(memory).st_size, 0)
    finally:
        os.close(memory)


def _write(library: ctypes.CDLL, file: int, bits: Bits, tags: Tags) -> None:
    opened = library.TIFFFdOpen(file, b"page", b"wl")
    if not opened:
        os.close(file)
        raise OSError("libtiff does not open")
    tiff = ctypes.c_void_p(opened)
    try:
        for tag, value in tags.items():
            number = ctypes.c_double(value) if isinstance(value, float) else ctypes.c_int(value)
            library.TIFFSetField(tiff, ctypes.c_uint32(tag), number)
        if library.TIFFWriteEncodedStrip(tiff, 0, bits.ctypes.data, bits.size) != bits.size:
            raise OSError("libtiff does not encode")
    finally:
        library.TIFFClose(tiff)
