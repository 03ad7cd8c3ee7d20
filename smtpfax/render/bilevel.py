"""Grey becomes black and white.

In:    a grey page as it was drawn, and the resolution it is for.
Out:   the finished page's bits: rows x 216 octets, most significant bit first, 1 is black.
Fails: never.

Rule: what is text or line is cut at one threshold, so that coloured and grey letters stay solid (slits of one pel in
them are filled, unless they are as good as white), and what is too light for it by its own contrast; boxes are cut so
that what is written on them is read; only where a photograph is, clusters of dots stand for tones. Dots everywhere (as
printers do it) cost seven times the seconds on the line for a scanned page, and break the letters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smtpfax.model.document import Resolution

from . import packed
from .areas import areas_of, lay
from .faint import DARK, LIGHTEST, faint_ink
from .loops import cut as loops
from .loops.machine import machine_for
from .packed import Bits, Inked, darker, squares
from .pages import Grey
from .runs import Mask
from .tone import STEP
from .whitening import Whitening, whitening_of

THRESHOLD = 160  # 128 makes stems thin, 190 bold
# Of a pel between two black ones: a slit so narrow and so faint is none on paper, and text is 4 % shorter without them.
BETWEEN = 200
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
    seen = np.ascontiguousarray(grey[::STEP, ::STEP])
    whitening = whitening_of(seen)
    inked = _inked(grey, whitening)
    bits = inked.bits
    tones = taken = None
    if squares(darker(seen, whitening.limit(_INKED)), _SOLID).any():  # something is wider than a letter's stroke
        areas = areas_of(whitening.of(seen))
        if areas:
            tones, taken = areas.tones(), lay(grey, whitening, areas, resolution, on=bits)
    for patch in faint_ink(grey, whitening, inked, taken):
        bits[patch.rows, patch.octets] |= patch.ink
    return Cut(bits=bits, tones=tones)


def _inked(grey: Grey, whitening: Whitening) -> Inked:
    """By the machine, where there is one."""
    limits = {"than": THRESHOLD, "between": BETWEEN, "dark": DARK, "light": LIGHTEST}
    of_page = {name: whitening.limit(level) for name, level in limits.items()}
    by = machine_for(len(grey))
    return packed.inked(grey, **of_page) if by is None else loops.inked(grey, **of_page, by=by)


def halved(grey: Grey) -> Grey:
    """Each two rows become their average."""
    upper, lower = grey[0:-1:2], grey[1::2]
    both = upper & lower
    both += (upper ^ lower) >> 1
    return both
