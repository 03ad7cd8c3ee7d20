"""Pictures: how large one is, and whether that makes it a logo.

In:    a picture's first octets.
Out:   its width and height in pixels.
Fails: never; (0, 0) for what cannot be told.

Rule: nothing is decoded here; a header's figures are enough to tell a letterhead's logo from a scanned page.
"""

from __future__ import annotations

import re
import struct

from .kinds import Kind

# At a fax's 204 pels an inch: about an inch square; the banner of a letterhead; and a page's picture, or a photograph.
TINY = 200 * 200
SMALL = 600 * 250
THIN = 24  # rules and bullets
DOT = 100  # what counts readers
LARGE_SIDE = 800
_SEGMENT = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]")
_MAX_SEGMENTS = 200


def is_small(data: bytes, kind: Kind, *, inline: bool) -> bool:
    """Too small to be what somebody wants to fax; a little more is forgiven to a picture that was sent as a file."""
    width, height = pixels(data, kind)
    if not width or not height:
        return False
    return min(width, height) <= THIN or width * height <= (SMALL if inline else TINY)


def is_dot(data: bytes, kind: Kind) -> bool:
    """A picture that nobody is meant to see."""
    width, height = pixels(data, kind)
    return 0 < width * height <= DOT


def is_large(data: bytes, kind: Kind) -> bool:
    """No logo, whatever names it."""
    return min(pixels(data, kind)) >= LARGE_SIDE


def pixels(data: bytes, kind: Kind) -> tuple[int, int]:
    """Width and height."""
    try:
        return _pixels(data, kind)
    except struct.error:
        return 0, 0


def _pixels(data: bytes, kind: Kind) -> tuple[int, int]:
    match kind:
        case Kind.PNG:
            width, height = struct.unpack_from(">II", data, 16)
        case Kind.GIF:
            width, height = struct.unpack_from("<HH", data, 6)
        case Kind.BMP:
            width, height = (abs(side) for side in struct.unpack_from("<ii", data, 18))
        case Kind.JPEG:
            return _jpeg(data)
        case Kind.WEBP if data[12:16] == b"VP8X":
            wide = [int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27)]
            width, height = wide
        case _:
            return 0, 0
    return width, height


def _jpeg(data: bytes) -> tuple[int, int]:
    """From segment to segment to the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    for _ in range(_MAX_SEGMENTS):
        if _SEGMENT.match(data, at):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + length
    return 0, 0
