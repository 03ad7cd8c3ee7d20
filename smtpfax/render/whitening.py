"""Paper that a scanner saw as grey becomes white.

In:    a grey page, looked at in one pel of sixteen.
Out:   Whitening: what its levels mean.
Fails: never.

Rule: no page is stretched for it. A limit is asked for in the page's own levels; the pels themselves are stretched
only where somebody has to look at their tones.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .pages import WHITE, Grey

_PAPER = (170, 247)  # paper that a scanner saw as grey
_PAPER_SHARE = 0.3  # of the page, before we believe that it is paper
_HILL = 8  # levels around the commonest one
_EVERY = 2  # samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Whitening:
    """`white`: the level from which on all is paper; `noise`: how much the paper's level varies, when stretched."""

    white: int = WHITE
    noise: float = 0.0

    def limit(self, level: int) -> int:
        """What on the page is darker than this, is darker than `level` when it is stretched."""
        return level if self.white == WHITE else int(np.searchsorted(_table(self.white), level))

    def of(self, grey: Grey) -> Grey:
        """Pels, stretched."""
        if self.white == WHITE:
            return grey
        stretched = np.minimum(grey, np.uint8(self.white)).astype(np.uint16)
        stretched *= np.uint16(WHITE * 256 // self.white)  # a table of levels takes four times as long
        stretched += np.uint16(self.white)  # what the division above has cut off, so that white is white
        return (stretched >> 8).astype(np.uint8)


def whitening_of(seen: Grey) -> Whitening:
    """Nothing to do, unless the commonest level is a grey that much of the page has."""
    some = seen[::_EVERY, ::_EVERY]
    if 2 * np.count_nonzero(some == WHITE) > some.size:
        return Whitening()
    counts = np.bincount(some.ravel(), minlength=256)
    paper = int(counts[_PAPER[0] :].argmax()) + _PAPER[0]
    around = counts[paper - _HILL : paper + _HILL + 1].sum()
    if paper > _PAPER[1] or around < _PAPER_SHARE * some.size:
        return Whitening()
    return Whitening(white=paper - _HILL, noise=_variation(counts, paper))


@functools.cache
def _table(white: int) -> Grey:
    return Whitening(white=white).of(np.arange(256, dtype=np.uint8))


def _variation(counts: NDArray[np.int64], paper: int) -> float:
    """The paper's standard deviation, by the darker half of its hill alone: on the other side it may be cut off."""
    darker = counts[paper - 40 : paper + 1]
    away = np.arange(40, -1, -1)
    hill = np.where(darker > 0.02 * counts[paper], darker, 0)
    return float(np.sqrt((hill * away**2).sum() / max(1, hill.sum())))
