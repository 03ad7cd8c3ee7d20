"""Room for the header line: the first rows of every page are blank.

In:    a finished page's bits.
Out:   the same page with so many blank rows at its top, and not longer than its paper.
Fails: never.

Rule: nothing of a page is covered and nothing cut off. Where its ink begins too high, it moves down into the blank rows
at its foot; where those are too few, rows that repeat the one above are taken out, evenly, and only then any: a
fiftieth at most. A page that is shorter than its paper grows instead.
"""

from __future__ import annotations

import numpy as np

from smtpfax.model.document import Layout, Resolution

from .packed import Bits
from .pages import rows_of
from .runs import Mask

_STANDARD_ROWS = 20  # 5 mm; with more of them a multiple of four, as two-dimensional coding counts (ITU-T T.4 4.2.1)


def header_rows(resolution: Resolution) -> int:
    """How many rows are kept blank."""
    return _STANDARD_ROWS * round(resolution.lines_per_inch / Resolution.STANDARD.lines_per_inch)


def with_room(bits: Bits, layout: Layout) -> Bits:
    """The page with its blank rows; as it is, when it has them."""
    rows = header_rows(layout.resolution)
    inked = bits[:rows].any(axis=1)
    if not inked.any():
        return bits if len(bits) >= rows else _below(bits, rows)
    lacking = rows - int(inked.argmax())
    if len(bits) + lacking <= rows_of(layout):
        return _below(bits, lacking)
    body = bits[rows - lacking :]
    return _below(body[~_spare(body, lacking)], rows)


def _below(bits: Bits, rows: int) -> Bits:
    return np.pad(bits, ((rows, 0), (0, 0)))


def _spare(body: Bits, count: int) -> Mask:
    """The rows that are missed least."""
    inked = np.flatnonzero(body.any(axis=1))
    foot = len(body) - 1 - int(inked[-1])
    spare = np.zeros(len(body), bool)
    spare[len(body) - min(foot, count) :] = True
    left = count - min(foot, count)
    repeats = np.flatnonzero((body[1:] == body[:-1]).all(axis=1)) + 1
    repeats = repeats[repeats < inked[-1]]
    chosen = repeats if len(repeats) >= left else np.arange(inked[-1])
    spare[chosen[np.linspace(0, len(chosen) - 1, left).astype(int)]] = True
    return spare
