"""How well a finished page will be read.

In:    a page's bits, and where its photographs are.
Out:   Measured of each page; Legibility of all.
Fails: never.

Rule: a page is looked at in strips of 64 pels. In such a strip a line of text is a run of rows with ink, as high as its
letters; what is solid is a rule or a box, and the dots of a photograph are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smtpfax.model.document import Resolution
from smtpfax.model.legibility import Legibility, worst

from .runs import Mask
from .tone import BLOCK

_MM_PER_INCH = 25.4
_STRIP = 64
_LOWEST = 3  # rows: a run of fewer is a rule or a speck
_HIGHEST_MM = 12.0
_WIDEST = 40  # pels of a strip that have ink somewhere: letters side by side, and not a dash or a full stop
_INK = 0.6  # of a run: more is a rule or a box
_ENOUGH = 16  # runs, before we believe that it is text
_MUCH = 100  # in half of the strips
_LIKE = 1.3  # heights of one size: some strips have letters with strokes above and below, others have none
_BODY = 0.4  # of the ink of the fullest row: rows with less are what stands out above and below small letters
_RIM = 2  # pels
_RIM_FULL = 0.3  # of a side: a scanner's black border is no text


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One page."""

    letter_rows: float  # 0 when there is no text
    black: float
    clipped: int


def measured(bits: NDArray[np.uint8], tones: Mask | None, resolution: Resolution) -> Measured:
    """Look at a page."""
    return Measured(
        letter_rows=_letter_rows(bits, tones, resolution),
        black=float(np.bitwise_count(bits.view(np.uint64)).sum(dtype=np.int64)) / (8 * bits.size),
        clipped=_clipped(bits),
    )


def legibility_of(
    pages: Sequence[Measured], resolution: Resolution, *, missing: tuple[int, int], before: int = 0
) -> Legibility:
    """The worst of each; `missing`: characters without a font, and the first page of those that have such.

    `before`: how many pages of the document are not among these, and come first.
    """
    each = [_of_page(page, resolution, before + index, missing) for index, page in enumerate(pages, 1)]
    return worst(each)


def _of_page(page: Measured, resolution: Resolution, number: int, missing: tuple[int, int]) -> Legibility:
    return Legibility(
        letter_mm=round(page.letter_rows * _MM_PER_INCH / resolution.lines_per_inch, 2),
        letter_rows=round(page.letter_rows),
        letter_page=number if page.letter_rows else 0,
        black=round(page.black, 4),
        black_page=number if page.black else 0,
        clipped=page.clipped,
        clipped_page=number if page.clipped else 0,
        missing=missing[0],
        missing_page=missing[1],
    )


def _letter_rows(bits: NDArray[np.uint8], tones: Mask | None, resolution: Resolution) -> float:
    """By every second strip, where there is much text; else by all."""
    heights = _text_heights(_strips(bits, tones, every=2), resolution)
    if len(heights) >= _MUCH:
        return _smallest(heights, enough=_ENOUGH // 2)
    return _smallest(_text_heights(_strips(bits, tones, every=1), resolution), enough=_ENOUGH)


def _strips(bits: NDArray[np.uint8], tones: Mask | None, *, every: int) -> NDArray[np.uint64]:
    """Rows x strips; one that has any of a photograph's blocks is not looked at there."""
    strips = bits.view(np.uint64)[:, ::every]
    if tones is None:
        return strips
    blocks = np.ascontiguousarray(tones).view(np.uint32)[:, ::every]  # as many as a strip has, each an octet
    return np.where((blocks == 0).repeat(BLOCK, axis=0)[: len(strips)], strips, np.uint64(0))


def _smallest(heights: NDArray[np.int64], *, enough: int) -> float:
    """The lowest height at which enough runs are about as high."""
    if len(heights) < enough:
        return 0.0
    heights = np.sort(heights)
    like = np.searchsorted(heights, heights * _LIKE, side="right") - np.arange(len(heights))
    first = int(np.argmax(like >= enough)) if (like >= enough).any() else 0
    same = heights[first : first + int(like[first])]
    return float(np.median(same))


def _text_heights(strips: NDArray[np.uint64], resolution: Resolution) -> NDArray[np.int64]:
    """Heights of the small letters in these strips, where there may be a line of text."""
    rows = len(strips) + 2
    below = np.zeros((strips.shape[1], rows), np.uint64)  # strip below strip, with a blank row before and after each
    below[:, 1:-1] = strips.T
    ink = below.ravel()
    inked = ink != 0
    edges = np.flatnonzero(inked[1:] != inked[:-1]) + 1
    if not edges.size:
        return np.zeros(0, np.int64)
    starts, ends = edges[::2], edges[1::2]
    height = ends - starts
    wide = np.bitwise_count(np.bitwise_or.reduceat(ink, edges)[::2])
    counts = np.bitwise_count(ink)
    share = np.add.reduceat(counts, edges, dtype=np.int32)[::2] / (height * _STRIP)
    highest = _HIGHEST_MM * resolution.lines_per_inch / _MM_PER_INCH
    whole = (starts % rows > 1) & (ends % rows < rows - 1)
    text = (height >= _LOWEST) & (height <= highest) & (wide >= _WIDEST) & (share < _INK) & whole
    bodies: NDArray[np.int64] = _bodies(counts, edges)[text]
    return bodies


def _bodies(counts: NDArray[np.uint8], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each run, from the first to the last row with about as much ink as its fullest: the small letters' height."""
    most = np.maximum.reduceat(counts, edges[:-1])
    least = np.ceil(most * np.float32(_BODY)).astype(np.uint8)
    full = np.flatnonzero(counts[edges[0] : edges[-1]] >= least.repeat(np.diff(edges))) + edges[0]
    first = full[np.searchsorted(full, edges[::2])]
    last = full[np.searchsorted(full, edges[1::2]) - 1]
    return np.asarray(last - first + 1, np.int64)


def _clipped(bits: NDArray[np.uint8]) -> int:
    """Pels of ink at the very edge, on sides that are not a border from end to end."""
    left, right = bits[:, 0] & (256 - (1 << 8 - _RIM)), bits[:, -1] & ((1 << _RIM) - 1)
    counts = [(int(np.bitwise_count(side).sum()), 8 * side.size) for side in (bits[:_RIM], bits[-_RIM:])]
    counts += [(int(np.bitwise_count(side).sum()), _RIM * side.size) for side in (left, right)]
    return sum(count for count, size in counts if count < _RIM_FULL * size)
