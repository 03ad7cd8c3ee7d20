"""Boxes: areas of one grey or colour, often with text on them.

In:    a grey page, looked at in one pel of sixteen.
Out:   Box: where it is, and how its pels become black or white.
Fails: never.

Rule: text decides. A box with darker text becomes white with an outline, one with lighter text becomes black: both are
read at a glance, while letters among dots are not. A box without text keeps its tone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from statistics import median
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .loops.machine import machine
from .loops.parts import Flat, Solid
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
_AREA = Solid(size=_LEAST, side=_SOLID, letter=_LETTER)
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
    return list(islice(_found(seen), _MOST_BOXES))


def _found(seen: Samples) -> Iterator[Box]:
    look = _looks(seen)
    for level in _levels(look.levels(0, _PAPER - 1, _SOLID)):
        low, high = max(0, level - _SAME), min(WHITE, level + _SAME)
        for rows, columns, mask in look.solids(low, high, _MARGIN, solid=_AREA):
            yield Box(rows=rows, columns=columns, mask=mask, level=level)


class _Looks(Protocol):
    """Looks for areas of one level; as `Flat` does."""

    def levels(self, low: int, high: int, side: int) -> Sequence[int]: ...

    def solids(self, low: int, high: int, side: int, *, solid: Solid) -> Iterable[tuple[slice, slice, Mask]]: ...


@dataclass(frozen=True, slots=True)
class Plainly:
    """Does so without the machine."""

    seen: Samples

    def levels(self, low: int, high: int, side: int) -> Sequence[int]:
        counts = np.bincount(self.seen[self._near(low, high, side)], minlength=256)
        return [int(count) for count in counts]

    def solids(self, low: int, high: int, side: int, *, solid: Solid) -> Iterable[tuple[slice, slice, Mask]]:
        for part in parts_in(plainly_found(self._near(low, high, side)), least=solid.size):
            rows, columns, mask = _rectangle(part, self.seen.shape)
            if _solid(mask, solid.side):
                # Filled one by one: two boxes with a white line between them stay two.
                yield rows, columns, _filled(mask, solid.letter)

    def _near(self, low: int, high: int, side: int) -> Mask:
        return opened((self.seen >= low) & (self.seen <= high), side)


def _looks(seen: Samples) -> _Looks:
    by = machine()
    flat = Flat(seen, max(_MARGIN, _SOLID, _LETTER), by) if by else None
    return flat if flat is not None and flat.fits else Plainly(seen)


def _solid(mask: Mask, side: int) -> bool:
    """Whether it is more than letters and lines."""
    return bool(squares(np.packbits(mask, axis=1), side).any())


def _filled(mask: Mask, letter: int) -> Mask:
    """With its letters; there is nothing of the box beyond its rectangle."""
    return closed(framed(mask, letter), letter)[letter:-letter, letter:-letter]


def _levels(counts: Sequence[int]) -> Iterator[int]:
    """The greys that fill areas: each stands out of its neighbours in the histogram."""
    left = list(counts)
    for _ in range(_MOST_LEVELS):
        most = max(left)
        if most * (2 * _SAME + 1) < _LEAST:  # then none of those that follow has enough either
            return
        level = left.index(most)
        near = slice(max(0, level - _SAME), level + _SAME + 1)
        peak = sum(left[near])
        around = median(left[max(0, level - _NEAR) : level + _NEAR + 1])  # of another box near it: nothing
        left[near] = [0] * len(left[near])
        if peak >= _LEAST and peak > 2 * (2 * _NEAR + 1) * around:
            yield level


def judged(box: Box, seen: Samples, photo: Mask) -> Box | None:
    """The box with its limit; None when it is nothing but a part of a photograph, or black anyway."""
    if _within(box, photo) > _OF_PHOTO:
        return None
    inside = seen[box.rows, box.columns][box.mask]
    dark, light = inside[inside < box.level - _TEXT], inside[inside > box.level + _TEXT]
    flat = np.count_nonzero(abs(inside.astype(np.int16) - box.level) <= _NEAR) / inside.size
    if flat < _FLAT_SHARE:
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
    around = photo[rows, columns]
    return np.count_nonzero(around) / around.size


def _rectangle(part: Runs, shape: tuple[int, ...]) -> tuple[slice, slice, Mask]:
    """The part in its rectangle, with one sample around."""
    top, bottom = max(0, int(part.rows[0]) - 1), min(shape[0], int(part.rows[-1]) + 2)
    left, right = max(0, int(part.starts.min()) - 1), min(shape[1], int(part.ends.max()) + 1)
    return slice(top, bottom), slice(left, right), part.mask((bottom - top, right - left), top=top, left=left)
