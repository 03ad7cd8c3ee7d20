"""The areas of a page that one threshold is not right for: boxes and photographs.

In:    a grey page, looked at in one pel of sixteen.
Out:   Areas; and, of the page itself, which of their pels become black.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from smtpfax.model.document import Resolution

from .boxes import Box, boxes_of, judged
from .morphology import grown
from .packed import Bits, darker, fours, squares
from .pages import WHITE, Grey
from .runs import Mask
from .tone import BLOCK, STEP, Samples, screened, tone_blocks
from .whitening import Whitening

_OUTLINE = 2  # pels
_PAPER = 248  # the lights of a photograph are darker
_SOLID = 5  # samples: what holds no square of so many is a letter or a line
_AROUND = 8  # samples
_PER_BLOCK = BLOCK // STEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """Blocks of photographs, and boxes."""

    photo: Mask
    boxes: Sequence[Box]

    def tones(self) -> Mask:
        """The blocks that become dots."""
        blocks = self.photo.copy()
        for box in self.boxes:
            if box.limit is None:
                rows, columns = box.rows, box.columns
                blocks[
                    rows.start // _PER_BLOCK : -(-rows.stop // _PER_BLOCK),
                    columns.start // _PER_BLOCK : -(-columns.stop // _PER_BLOCK),
                ] = True
        return blocks

    def __bool__(self) -> bool:
        return bool(self.boxes) or bool(self.photo.any())


def areas_of(seen: Samples) -> Areas:
    """Where they may be, they are looked for."""
    rows, columns = _solid(seen)
    found = _areas_in(seen[rows, columns])
    photo = np.zeros([-(-side // _PER_BLOCK) for side in seen.shape], np.bool_)
    top, left = rows.start // _PER_BLOCK, columns.start // _PER_BLOCK
    photo[top : top + found.photo.shape[0], left : left + found.photo.shape[1]] = found.photo
    return Areas(photo=photo, boxes=[box.moved(rows.start, columns.start) for box in found.boxes])


def _solid(seen: Samples) -> tuple[slice, slice]:
    """The rectangle, of whole blocks, beyond which there are but letters and lines."""
    corners = squares(darker(seen, _PAPER), _SOLID)
    rows, octets = np.flatnonzero(corners.any(axis=1)), np.flatnonzero(corners.any(axis=0))
    top, left = int(rows[0]) - _AROUND, 8 * int(octets[0]) - _AROUND
    bottom, right = int(rows[-1]) + _SOLID + _AROUND, 8 * int(octets[-1]) + 7 + _SOLID + _AROUND
    return _blocks(top, bottom), _blocks(left, right)


def _blocks(first: int, end: int) -> slice:
    return slice(max(0, first // _PER_BLOCK * _PER_BLOCK), -(-end // _PER_BLOCK) * _PER_BLOCK)


def _areas_in(seen: Samples) -> Areas:
    """Boxes are taken out before photographs are looked for: what is left of a box then belongs to none."""
    boxes = boxes_of(seen)
    photo = tone_blocks(_without(seen, boxes))
    kept = [box for box in (judged(each, seen, photo) for each in boxes) if box is not None]
    lettered = [box for box in kept if box.limit is not None]
    if len(lettered) < len(boxes):
        photo = tone_blocks(_without(seen, lettered))
    return Areas(photo=photo, boxes=kept)


def lay(grey: Grey, whitening: Whitening, areas: Areas, resolution: Resolution, *, on: Bits) -> Mask:
    """Make the areas' pels black or white on a page's bits; the samples that they cover are given back."""
    rows, width = grey.shape
    taken = np.zeros((-(-rows // STEP), width // STEP), np.bool_)
    if areas.photo.any():
        top, left, blocks = _filled_part(areas.photo)
        mask = blocks.repeat(_PER_BLOCK, axis=0).repeat(_PER_BLOCK, axis=1)
        part = _Part.of(grey, whitening, mask, (top * _PER_BLOCK, left * _PER_BLOCK))
        part.lay(screened(part.grey, resolution, top=STEP * part.top), on, taken)
    for box in areas.boxes:
        part = _Part.of(grey, whitening, box.reach(), (box.rows.start, box.columns.start))
        part.lay(_boxed(part, box, resolution), on, taken)
    return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A rectangle of the page that begins and ends with whole octets; `mask`: which samples of it are meant."""

    top: int  # samples
    left: int
    mask: Mask
    grey: Grey

    @classmethod
    def of(cls, grey: Grey, whitening: Whitening, mask: Mask, at: tuple[int, int]) -> Self:
        """Of a page."""
        top, left = at
        height, width = mask.shape
        if left % 2 or width % 2:
            even = np.zeros((height, left % 2 + width + (left + width) % 2), np.bool_)
            even[:, left % 2 : left % 2 + width] = mask
            mask, left, width = even, left - left % 2, even.shape[1]
        part = grey[STEP * top : STEP * (top + height), STEP * left : STEP * (left + width)]
        return cls(top=top, left=left, mask=mask, grey=whitening.of(part))

    def lay(self, ink: Bits, on: Bits, taken: Mask) -> None:
        """Onto the page's bits."""
        rows, columns = self.grey.shape
        where = slice(STEP * self.top, STEP * self.top + rows), slice(self.left // 2, self.left // 2 + columns // 8)
        mask = fours(self.mask).repeat(STEP, axis=0)[:rows]
        before = on[where]
        change = before ^ ink
        change &= mask
        before ^= change
        height, width = self.mask.shape
        taken[self.top : self.top + height, self.left : self.left + width] |= self.mask[: len(taken) - self.top]


def _boxed(part: _Part, box: Box, resolution: Resolution) -> Bits:
    if box.limit is None:
        return screened(part.grey, resolution, top=STEP * part.top)
    ink = part.grey < box.limit
    return np.packbits(ink | _rim(part.grey, box) if box.turns_white else ink, axis=1)


def _filled_part(blocks: Mask) -> tuple[int, int, Mask]:
    """Where the rectangle of all blocks that are set begins, and those in it."""
    rows, columns = np.flatnonzero(blocks.any(axis=1)), np.flatnonzero(blocks.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    return top, left, blocks[top : rows[-1] + 1, left : columns[-1] + 1]


def _without(seen: Samples, boxes: Sequence[Box]) -> Samples:
    seen = seen.copy()
    for box in boxes:
        np.copyto(seen[box.rows, box.columns], WHITE, where=box.reach())
    return seen


def _rim(grey: Grey, box: Box) -> Mask:
    """Where a box ends at paper or at a lighter box: a line of two pels."""
    other = grey > box.ends_at
    rim: Mask = grown(other, _OUTLINE) & ~other
    return rim
