"""Growing and shrinking what is on a page, by squares of pels.

In:    pels or a mask, and the side of the square.
Out:   an array of the same shape; at the rims the square is cut.
Fails: never.

Rule: the greatest of a window is made of the greatest of two smaller ones, so that a side of 16 costs four steps and
not fifteen.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Pels = TypeVar("Pels", np.uint8, np.bool_)


def closed(pels: NDArray[Pels], side: int) -> NDArray[Pels]:
    """Without what is less than its surroundings and narrower than the square; the upper and left rim are not sure."""
    return _sweep(_sweep(pels, side, np.maximum), side, np.minimum, back=True)


def opened(pels: NDArray[Pels], side: int) -> NDArray[Pels]:
    """Without what is more than its surroundings and narrower than the square."""
    return _sweep(_sweep(pels, side, np.minimum), side, np.maximum, back=True)


def grown(pels: NDArray[Pels], by: int) -> NDArray[Pels]:
    """The greatest of all that are at most so far away."""
    return _sweep(_sweep(pels, by + 1, np.maximum), by + 1, np.maximum, back=True)


def framed(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """With so much of nothing around it; numpy's own way takes ten times as long for what is small."""
    rows, width = mask.shape
    out = np.zeros((rows + 2 * by, width + 2 * by), np.bool_)
    out[by : by + rows, by : by + width] = mask
    return out


def _sweep(pels: NDArray[Pels], side: int, choose: np.ufunc, *, back: bool = False) -> NDArray[Pels]:
    """Of the pel and the next ones to the right and down (`back`: to the left and up), so many each way."""
    for axis in (0, 1):
        reach = 1
        while reach < min(side, pels.shape[axis]):
            step = min(reach, side - reach)
            pels = _pairs(pels, step, axis=axis, choose=choose, back=back)
            reach += step
    return pels


def _pairs(pels: NDArray[Pels], step: int, *, axis: int, choose: np.ufunc, back: bool) -> NDArray[Pels]:
    """Each one with the one that is `step` away."""
    late, early = _along(axis, slice(step, None)), _along(axis, slice(None, -step))
    rim = _along(axis, slice(None, step) if back else slice(-step, None))
    out = np.empty_like(pels)
    choose(pels[early], pels[late], out=out[late if back else early])
    out[rim] = pels[rim]
    return out


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return (part,) if axis == 0 else (slice(None), part)
