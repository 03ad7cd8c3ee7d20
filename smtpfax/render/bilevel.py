"""Grey becomes black and white.

In:    a grey page as it was drawn, and the resolution it is for.
Out:   the finished page's bits: rows x 216 octets, most significant bit first, 1 is black.
Fails: never.

Rule: what is text or line is cut at one threshold, so that coloured and grey letters stay solid, and what is too light
for it by its own contrast; boxes are cut so that what is written on them is read; only where a photograph is, clusters
of dots stand for tones. Dots everywhere (as printers do it) cost seven times the seconds on the line for a scanned
page, and break the letters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smtpfax.model.document import Resolution

from .areas import areas_of, lay
from .faint import faint_ink
from .morphology import opened
from .pages import WHITE, Grey
from .runs import Mask
from .tone import STEP

Bits = NDArray[np.uint8]

THRESHOLD = 160  # 128 makes stems thin, 190 bold
_PAPER = (170, 247)  # paper that a scanner saw as grey
_PAPER_SHARE = 0.3  # of the page, before we believe that it is paper
_APART = 2 * STEP
_INKED = 236  # what is lighter is paper to photographs and boxes
_SOLID = 5  # samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A finished page, and which of its blocks of 16 x 16 pels are dots."""

    bits: Bits
    tones: Mask | None = None


def bits_of(grey: Grey, resolution: Resolution) -> Bits:
    """The finished page alone."""
    return cut(grey, resolution).bits


def cut(grey: Grey, resolution: Resolution) -> Cut:
    """The finished page."""
    if resolution is Resolution.STANDARD:
        grey = halved(grey)
    grey, noise = whitened(grey)
    seen = np.ascontiguousarray(grey[::STEP, ::STEP])
    black, tones = grey < THRESHOLD, None
    if opened(seen < _INKED, _SOLID).any():  # something is wider than a letter's stroke
        areas = areas_of(seen)
        if areas:
            tones = areas.tones()
            grey = lay(grey, black, areas, resolution)  # nothing is faint where an area has been judged
    bits = np.packbits(black, axis=1)
    for band, ink in faint_ink(grey, noise=noise):
        bits[band] |= ink
    return Cut(bits=bits, tones=tones)


def halved(grey: Grey) -> Grey:
    """Each two rows become their average."""
    pairs = grey[: len(grey) // 2 * 2].astype(np.uint16)
    return ((pairs[0::2] + pairs[1::2]) // 2).astype(np.uint8)


def whitened(grey: Grey) -> tuple[Grey, float]:
    """The page with its paper made white, if a scanner saw it grey, and how much that paper's level varies.

    Else the whole page would count as tone.
    """
    counts = np.bincount(grey[::_APART, ::_APART].ravel(), minlength=256)
    paper = int(counts[_PAPER[0] :].argmax()) + _PAPER[0]
    around = counts[paper - 8 : paper + 9].sum()
    if paper > _PAPER[1] or around < _PAPER_SHARE * counts.sum():
        return grey, 0.0
    white = paper - 8
    stretched = np.minimum(grey, np.uint8(white)).astype(np.uint16)
    stretched *= np.uint16(WHITE * 256 // white)  # a table of levels takes four times as long
    stretched += np.uint16(white)  # what the division above has cut off, so that white is white
    return (stretched >> 8).astype(np.uint8), _variation(counts, paper)


def _variation(counts: NDArray[np.int64], paper: int) -> float:
    """The paper's standard deviation, by the darker half of its hill alone: on the other side it may be cut off."""
    darker = counts[paper - 40 : paper + 1]
    away = np.arange(40, -1, -1)
    hill = np.where(darker > 0.02 * counts[paper], darker, 0)
    return float(np.sqrt((hill * away**2).sum() / max(1, hill.sum())))
