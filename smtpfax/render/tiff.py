"""The one TIFF writer: Strips become a TIFF-F file, and are found in it again.

In:    Strips, which are pages in Group 3 or Group 4.
Out:   the file; `strips_of` reads our own files again.
Fails: `strips_of` raises NotOurs for anything that `tiff_of` did not write.

Rule: RFC 2306 and RFC 3949 profile F: one page, one directory, one strip; width 1728; black on white; PageNumber of
how many. Equal pages give equal octets, so there is no date in the file.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from smtpfax.model.document import PELS_PER_INCH, WIDTH, Coding, Resolution

_SHORT, _LONG, _ASCII, _RATIONAL = 3, 4, 2, 5
_SIZES = {_SHORT: 2, _LONG: 4, _ASCII: 1, _RATIONAL: 8}
_HEADER = struct.pack("<2sHL", b"II", 42, 8)
_SOFTWARE = b"smtpfax\0"
_WIDTH, _LENGTH, _COMPRESSION, _OFFSETS, _ROWS_PER_STRIP, _BYTE_COUNTS, _Y_RESOLUTION = (
    256,
    257,
    259,
    273,
    278,
    279,
    283,
)
_T4_OPTIONS, _T6_OPTIONS = 292, 293
# Compression, and its options: two-dimensional or not, an EOL ends on an octet; no uncompressed mode.
HOW: Mapping[Coding, tuple[int, int, int]] = MappingProxyType(
    {Coding.GROUP_3: (3, _T4_OPTIONS, 4), Coding.GROUP_3_2D: (3, _T4_OPTIONS, 5), Coding.GROUP_4: (4, _T6_OPTIONS, 0)}
)
_CODINGS = {(how, value if tag == _T4_OPTIONS else 0): coding for coding, (how, tag, value) in HOW.items()}


class NotOurs(ValueError):
    """Not a file that `tiff_of` wrote, or a damaged one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One page, encoded; of Group 3 without the return to control, which is the call's (RFC 2306: RTC exclusion)."""

    rows: int
    data: bytes
    coding: Coding = Coding.GROUP_4

    @property
    def bits(self) -> int:
        """What the page is on the line."""
        return 8 * len(self.data)


def tiff_of(strips: Sequence[Strip], resolution: Resolution) -> bytes:
    """The file. Pillow writes no PageNumber and no photometric 0 at any speed, so the container is ours."""
    out = bytearray(_HEADER)
    for index, strip in enumerate(strips):
        last = index == len(strips) - 1
        out += _directory(strip, resolution, at=len(out), page=(index, len(strips)), last=last)
        out += strip.data + b"\0" * (len(strip.data) % 2)  # a directory begins on a word (TIFF 6.0 section 2)
    return bytes(out)


def strips_of(tiff: bytes) -> tuple[tuple[Strip, ...], Resolution]:
    """Read our own file again."""
    try:
        strips = strips_in(tiff)
        lines = _rational(tiff, _tags(tiff, 8)[0][_Y_RESOLUTION])
        resolution = next(each for each in Resolution if each.lines_per_inch == lines)
    except (struct.error, KeyError, StopIteration, ZeroDivisionError) as error:
        raise NotOurs("not a document of ours") from error
    return strips, resolution


def _directory(strip: Strip, resolution: Resolution, *, at: int, page: tuple[int, int], last: bool) -> bytes:
    """One page's tags in ascending order, and behind them the values that do not fit."""
    compression, *options = HOW[strip.coding]
    entries: list[tuple[int, int, Sequence[int] | bytes]] = [
        (254, _LONG, [2]),  # NewSubfileType: a page of many
        (_WIDTH, _LONG, [WIDTH]),
        (_LENGTH, _LONG, [strip.rows]),
        (258, _SHORT, [1]),  # BitsPerSample
        (_COMPRESSION, _SHORT, [compression]),
        (262, _SHORT, [0]),  # PhotometricInterpretation: 0 is white
        (266, _SHORT, [1]),  # FillOrder: the most significant bit first
        (_OFFSETS, _LONG, [0]),
        (277, _SHORT, [1]),  # SamplesPerPixel
        (_ROWS_PER_STRIP, _LONG, [strip.rows]),
        (_BYTE_COUNTS, _LONG, [len(strip.data)]),
        (282, _RATIONAL, [PELS_PER_INCH, 1]),
        (_Y_RESOLUTION, _RATIONAL, [resolution.lines_per_inch, 1]),
        (options[0], _LONG, options[1:]),
        (296, _SHORT, [2]),  # ResolutionUnit: inch
        (297, _SHORT, page),  # PageNumber: this one from 0, of so many
        (305, _ASCII, _SOFTWARE),
    ]
    end = at + 2 + 12 * len(entries) + 4
    outside = sum(len(_values(kind, values)) for _, kind, values in entries if len(_values(kind, values)) > 4)
    data_at = end + outside
    head, tail = struct.pack("<H", len(entries)), b""
    for tag, kind, values in entries:
        packed = _values(kind, [data_at] if tag == _OFFSETS else values)
        head += struct.pack("<HHL", tag, kind, len(packed) // _SIZES[kind])
        head += packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack("<L", end + len(tail))
        tail += packed if len(packed) > 4 else b""
    after = 0 if last else data_at + len(strip.data) + len(strip.data) % 2
    return head + struct.pack("<L", after) + tail


def _values(kind: int, values: Sequence[int] | bytes) -> bytes:
    if isinstance(values, bytes):
        return values
    return struct.pack(f"<{len(values)}{'H' if kind == _SHORT else 'L'}", *values)


def strips_in(tiff: bytes) -> tuple[Strip, ...]:
    """The strips of any little-endian TIFF whose pages are one strip each, 1728 wide, coded as we do."""
    if tiff[:4] != _HEADER[:4]:
        raise NotOurs("not a little-endian TIFF")
    strips: list[Strip] = []
    (at,) = struct.unpack_from("<L", tiff, 4)
    while at:
        tags, after = _tags(tiff, at)
        coding = _CODINGS.get((tags[_COMPRESSION], tags.get(_T4_OPTIONS, 0)))
        if tags[_WIDTH] != WIDTH or coding is None:
            raise NotOurs("not a page of ours")
        data = tiff[tags[_OFFSETS] : tags[_OFFSETS] + tags[_BYTE_COUNTS]]
        if len(data) != tags[_BYTE_COUNTS] or 0 < after <= at:
            raise NotOurs("a strip is cut short, or the directories run in a circle")
        strips.append(Strip(rows=tags[_LENGTH], data=data, coding=coding))
        at = after
    return tuple(strips)


def _tags(tiff: bytes, at: int) -> tuple[Mapping[int, int], int]:
    """A directory's first values (or their offsets), and where the next one is."""
    (count,) = struct.unpack_from("<H", tiff, at)
    tags: dict[int, int] = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, many = struct.unpack_from("<HHL", tiff, entry)
        short = kind == _SHORT and many == 1
        (tags[tag],) = struct.unpack_from("<H" if short else "<L", tiff, entry + 8)
    (after,) = struct.unpack_from("<L", tiff, at + 2 + 12 * count)
    return tags, after


def _rational(tiff: bytes, at: int) -> int:
    above, below = struct.unpack_from("<LL", tiff, at)
    return int(above // below)
