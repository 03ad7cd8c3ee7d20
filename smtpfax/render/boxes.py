"""Boxes: areas of one grey or colour, often with text on them.

In:    a grey page, looked at in one pel of sixteen.
Out:   Box: where it is, and how its pels become black or white.
Fails: never.

Rule: text decides. A box with darker text becomes white with an outline, one with lighter text becomes black: both are
read at a glance, while letters among dots are not. A box without text keeps its tone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from .loops.machine import machine
from .loops.parts import Flat, Found
from .morphology import closed, framed, opened, rimmed
from .packed import squares
from .pages import WHITE
from .runs import Mask, Runs, parts_in, plainly_found
from .tone import BLOCK, STEP, TONES, Samples

_PAPER = 236  # lighter fills are not seen on paper; their text is found by its own contrast
_SOLID = 5  # samples: an area that holds no square of so many is a letter or a line
_MARGIN = 3  # samples: what is between text and the end of its box
_LETTER = 9  # samples: a hole of this size in a box is text, not the end of the box
_TONED = 10  # samples: what is smaller is not seen by its dots, and is black or white
_SAME = 4  # levels
_NEAR = 12
_LEAST = 60  # samples: 15 square millimetres
_MOST_LEVELS = 24
_MOST_BOXES = 400
_TEXT = 20  # levels between a box and what is written on it
_TEXT_SAMPLES = 6
_TEXT_SHARE = (0.0006, 0.6)
_FLAT_SHARE = 0.35
_INK = 0.6  # of the way from dark text to its box
_KNOCKED_OUT = 0.45  # of the way from a box to light text
_SEEN = 8  # levels between two boxes that touch
_OF_PHOTO = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An area in samples. `limit`: pels darker than this become black; None: its tone is kept, in dots."""

    rows: slice
    columns: slice
    mask: Mask  # of its own rectangle, which is a sample wider than the box
    level: int
    limit: int | None = None
    ends_at: int = WHITE  # what is lighter than this is not the box any more

    @property
    def turns_white(self) -> bool:
        """Then its rim is drawn, else nobody would see it."""
        return self.limit is not None and self.limit <= self.level

    def moved(self, down: int, right: int) -> Box:
        """The same further down and to the right."""
        rows, columns = self.rows, self.columns
        return replace(
            self,
            rows=slice(rows.start + down, rows.stop + down),
            columns=slice(columns.start + right, columns.stop + right),
        )

    def reach(self) -> Mask:
        """The mask, with the samples in which its rim may lie."""
        return rimmed(self.mask)


def boxes_of(seen: Samples) -> list[Box]:
    """All areas, the text not judged yet."""
    found: list[Box] = []
    near = _near(seen)
    for level in _levels(seen):
        for part in parts_in(near(max(0, level - _SAME), min(WHITE, level + _SAME)), least=_LEAST):
            rows, columns, mask = _rectangle(part, seen.shape)
            if _solid(mask):
                # Closed one by one: two boxes with a white line between them stay two.
                found.append(Box(rows=rows, columns=columns, mask=_filled(mask), level=level))
    return found[:_MOST_BOXES]


def _near(seen: Samples) -> Callable[[int, int], Found]:
    """What finds the samples between two levels."""
    by = machine()
    flat = Flat(seen, _MARGIN, by) if by else None
    if flat is not None and flat.fits:
        return flat.near
    return lambda low, high: plainly_found(opened((seen >= low) & (seen <= high), _MARGIN))


def _solid(mask: Mask) -> bool:
    """Whether it is more than letters and lines."""
    return bool(squares(np.packbits(mask, axis=1), _SOLID).any())


def _filled(mask: Mask) -> Mask:
    """With its letters; there is nothing of the box beyond its rectangle."""
    return closed(framed(mask, _LETTER), _LETTER)[_LETTER:-_LETTER, _LETTER:-_LETTER]


def _levels(seen: Samples) -> Iterator[int]:
    """The greys that fill areas: each stands out of its neighbours in the histogram."""
    solid = opened(seen < _PAPER, _SOLID)
    counts = np.bincount(seen[solid], minlength=256)
    for _ in range(_MOST_LEVELS):
        level = int(counts.argmax())
        if counts[level] == 0:
            return
        peak = int(counts[max(0, level - _SAME) : level + _SAME + 1].sum())
        around = median(counts[max(0, level - _NEAR) : level + _NEAR + 1].tolist())  # of another box near it: nothing
        counts[max(0, level - _SAME) : level + _SAME + 1] = 0
        if peak >= _LEAST and peak > 2 * (2 * _NEAR + 1) * around:
            yield level


def judged(box: Box, seen: Samples, photo: Mask) -> Box | None:
    """The box with its limit; None when it is nothing but a part of a photograph, or black anyway."""
    inside = seen[box.rows, box.columns][box.mask]
    dark, light = inside[inside < box.level - _TEXT], inside[inside > box.level + _TEXT]
    flat = np.count_nonzero(abs(inside.astype(np.int16) - box.level) <= _NEAR) / inside.size
    if flat < _FLAT_SHARE or _within(box, photo) > _OF_PHOTO:
        return None
    text = dark if dark.size >= light.size else light
    if text.size >= _TEXT_SAMPLES and _TEXT_SHARE[0] <= text.size / inside.size <= _TEXT_SHARE[1]:
        lightest = int(np.percentile(np.maximum(inside, box.level), 99)) if text is dark else WHITE
        ends_at = box.level + max(_SEEN, 2 * (lightest - box.level))
        ended = replace(box, ends_at=min(ends_at, (box.level + WHITE) // 2))
        return _cut(ended, dark=text is dark, text=text)
    toned = TONES[0] <= box.level <= TONES[1] and bool(opened(box.mask, _TONED).any())
    return box if toned else None


def _cut(box: Box, *, dark: bool, text: NDArray[np.uint8]) -> Box:
    strongest = float(np.percentile(text, 15 if dark else 85))
    limit = strongest + _INK * (box.level - strongest) if dark else box.level + _KNOCKED_OUT * (strongest - box.level)
    return replace(box, limit=round(limit))


def _within(box: Box, photo: Mask) -> float:
    """Which part of the blocks around it are a photograph's."""
    if not photo.any():
        return 0.0
    per_block = BLOCK // STEP
    rows = slice(max(0, box.rows.start // per_block - 1), box.rows.stop // per_block + 2)
    columns = slice(max(0, box.columns.start // per_block - 1), box.columns.stop // per_block + 2)
    return float(photo[rows, columns].mean())


def _rectangle(part: Runs, shape: tuple[int, ...]) -> tuple[slice, slice, Mask]:
    """The part in its rectangle, with one sample around."""
    top, bottom = max(0, int(part.rows[0]) - 1), min(shape[0], int(part.rows[-1]) + 2)
    left, right = max(0, int(part.starts.min()) - 1), min(shape[1], int(part.ends.max()) + 1)
    return slice(top, bottom), slice(left, right), part.mask((bottom - top, right - left), top=top, left=left)
