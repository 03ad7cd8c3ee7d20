"""Fonts: which characters this machine can draw, and which would be boxes.

In:    characters.
Out:   those that no installed font has; the one fixed-pitch font that plain text is drawn with.
Fails: never; without fontconfig or the font nothing is known, and Pango decides alone.
"""

from __future__ import annotations

import ctypes
import unicodedata
from ctypes.util import find_library
from functools import cache

from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]
from PIL import ImageFont

_MONO = "DejaVuSansMono.ttf"
_SYSTEM = 0  # FcSetSystem
_MATCH = 0  # FcResultMatch
# Latin, Greek and Cyrillic, punctuation, signs and frames: from left to right, one cell each, nothing to be shaped.
_PLAIN = ((0x20, 0x7E), (0xA0, 0x2FF), (0x370, 0x482), (0x48A, 0x52F), (0x1E00, 0x1FFF), (0x2010, 0x2027),
          (0x2030, 0x205E), (0x2070, 0x23FF), (0x2500, 0x27BF))  # fmt: skip


class _Set(ctypes.Structure):
    """FcFontSet (fontconfig.h)."""

    _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.POINTER(ctypes.c_void_p)))


def missing(text: str) -> int:
    """How many characters of a text would be boxes."""
    if text.isascii():
        return 0
    lacking = {character for character in set(text) if not (_is_unseen(character) or _is_covered(character))}
    return sum(text.count(character) for character in lacking)


@cache
def mono_path() -> str:
    """Where the fixed-pitch font is; empty, when it is nowhere."""
    try:
        return str(ImageFont.truetype(_MONO, 10).path)
    except OSError:
        return ""


@cache
def plain_characters() -> frozenset[str]:
    """What that font draws, cell by cell; nothing without it."""
    try:
        with TTFont(mono_path(), lazy=True) as font:
            points = font.getBestCmap() or {}
    except (OSError, TTLibError):
        return frozenset()
    return frozenset(chr(point) for first, last in _PLAIN for point in range(first, last + 1) if point in points)


def _is_unseen(character: str) -> bool:
    """Blanks, controls, variation selectors, private and unassigned ones: no font need have them."""
    return unicodedata.category(character)[0] in "CZ" or "\ufe00" <= character <= "\ufe0f"


@cache
def _covered() -> tuple[ctypes.CDLL, ctypes.c_void_p] | None:
    """All that the installed fonts have together, as an FcCharSet."""
    try:
        library = ctypes.CDLL(find_library("fontconfig") or "libfontconfig.so.1")
    except OSError:
        return None
    library.FcConfigGetFonts.restype = ctypes.POINTER(_Set)
    library.FcConfigGetFonts.argtypes = (ctypes.c_void_p, ctypes.c_int)
    library.FcCharSetCreate.restype = ctypes.c_void_p
    library.FcCharSetMerge.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    library.FcCharSetHasChar.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    library.FcPatternGetCharSet.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)
    library.FcInit()
    found = library.FcConfigGetFonts(None, _SYSTEM)
    every = ctypes.c_void_p(library.FcCharSetCreate())
    for index in range(found.contents.count if found else 0):
        one = ctypes.c_void_p()
        if library.FcPatternGetCharSet(found.contents.fonts[index], b"charset", 0, ctypes.byref(one)) == _MATCH:
            library.FcCharSetMerge(every, one, None)
    return library, every


def _is_covered(character: str) -> bool:
    known = _covered()
    return known is None or bool(known[0].FcCharSetHasChar(known[1], ord(character)))
