"""The areas of a page that one threshold is not right for: boxes and photographs.

In:    a grey page, looked at in one pel of sixteen.
Out:   Areas; and, of the page itself, which of their pels become black.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smtpfax.model.document import Resolution

from .boxes import Box, boxes_of, judged
from .morphology import grown
from .pages import WHITE, Grey
from .runs import Mask
from .tone import BLOCK, STEP, Samples, screen_over, tone_blocks

_OUTLINE = 2  # pels


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """Blocks of photographs, and boxes."""

    photo: Mask
    boxes: Sequence[Box]

    def tones(self) -> Mask:
        """The blocks that become dots."""
        blocks = self.photo.copy()
        per_block = BLOCK // STEP
        for box in self.boxes:
            if box.limit is None:
                rows, columns = box.rows, box.columns
                blocks[
                    rows.start // per_block : -(-rows.stop // per_block),
                    columns.start // per_block : -(-columns.stop // per_block),
                ] = True
        return blocks

    def __bool__(self) -> bool:
        return bool(self.boxes) or bool(self.photo.any())


def areas_of(seen: Samples) -> Areas:
    """Boxes are taken out before photographs are looked for: what is left of a box then belongs to none."""
    boxes = boxes_of(seen)
    photo = tone_blocks(_without(seen, boxes))
    kept = [box for box in (judged(each, seen, photo) for each in boxes) if box is not None]
    lettered = [box for box in kept if box.limit is not None]
    if len(lettered) < len(boxes):
        photo = tone_blocks(_without(seen, lettered))
    return Areas(photo=photo, boxes=kept)


def lay(grey: Grey, black: Mask, areas: Areas, resolution: Resolution) -> Grey:
    """Make the areas' pels black or white; a page on which they are blank is given back."""
    rest = grey.copy()
    screen = screen_over(grey.shape, resolution)
    if areas.photo.any():
        where, blocks = _around(areas.photo)
        _lay(where, _in_pels(blocks, BLOCK, grey[where].shape), grey[where] < screen[where], black, rest)
    for box in areas.boxes:
        where = box.pels()
        mask = _in_pels(box.reach(), STEP, grey[where].shape)
        limit = screen[where] if box.limit is None else np.uint8(box.limit)
        ink = grey[where] < limit
        _lay(where, mask, ink | _rim(grey[where], box) if box.turns_white else ink, black, rest)
    return rest


def _lay(where: tuple[slice, slice], mask: Mask, ink: Mask, black: Mask, rest: Grey) -> None:
    black[where] = (black[where] & ~mask) | (ink & mask)
    rest[where] |= mask.view(np.uint8) * np.uint8(WHITE)


def _around(blocks: Mask) -> tuple[tuple[slice, slice], Mask]:
    """The rectangle of all blocks that are set, in pels, and those in it."""
    rows, columns = np.flatnonzero(blocks.any(axis=1)), np.flatnonzero(blocks.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    pels = slice(top * BLOCK, bottom * BLOCK), slice(left * BLOCK, right * BLOCK)
    return pels, blocks[top:bottom, left:right]


def _without(seen: Samples, boxes: Sequence[Box]) -> Samples:
    seen = seen.copy()
    for box in boxes:
        seen[box.rows, box.columns][box.reach()] = WHITE
    return seen


def _in_pels(mask: Mask, side: int, shape: tuple[int, ...]) -> Mask:
    return mask.repeat(side, axis=0).repeat(side, axis=1)[: shape[0], : shape[1]]


def _rim(grey: Grey, box: Box) -> Mask:
    """Where a box ends at paper or at a lighter box: a line of two pels."""
    other = grey > box.ends_at
    rim: Mask = grown(other, _OUTLINE) & ~other
    return rim
