"""A line above a page, and nothing of the page is encoded again.

In:    an encoded page, what stands in its first rows in place of blanks, and those blank rows by themselves.
Out:   the page with them.
Fails: never; None for a page whose first rows are not blank.

Rule: a row is coded by itself or by the one above it alone (ITU-T T.4 section 4.2, T.6 section 2.2.1). The rows that
come in end with a blank one, as did those that go, so all that follows is the same bits as before, at another place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from smtpfax.model.document import Coding

from .tiff import Strip

_END = 24  # bits: EOFB (ITU-T T.6 section 2.4.1.1)
_FILL = bytes(2)  # may stand before any end of line (ITU-T T.4 section 4.1.3), whose own zeros the strip's end took


class _Run(NamedTuple):
    """So many bits, as a number."""

    value: int
    bits: int


def spliced(page: Strip, band: Strip, *, blank: Strip) -> Strip | None:
    """The page with `band` in place of as many blank rows."""
    if page.coding is not Coding.GROUP_4:
        return _by_octets(page, band, blank)
    above, before, now = _rows_of(band), _rows_of(blank), _Run(int.from_bytes(page.data), page.bits)
    left = now.bits - before.bits
    if left < 0 or now.value >> left != before.value:
        return None
    below = now.value & ((1 << left) - 1)
    padding = -(above.bits + left) % 8
    value = ((above.value << left) | below) << padding
    data = value.to_bytes((above.bits + left + padding) // 8)
    return replace(page, data=data.rstrip(b"\0"))  # the last octet of EOFB is not 0


def _rows_of(strip: Strip) -> _Run:
    """Without the end of the block and what fills its last octet."""
    value = int.from_bytes(strip.data)
    fill = (value & -value).bit_length() - 1
    return _Run(value >> (fill + _END), strip.bits - fill - _END)


def _by_octets(page: Strip, band: Strip, blank: Strip) -> Strip | None:
    """In Group 3 every end of line ends on an octet, so nothing has to be shifted."""
    if not page.data.startswith(blank.data):
        return None
    return replace(page, data=band.data + _FILL + page.data[len(blank.data) :])
