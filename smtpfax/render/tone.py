"""Where photographs are, and the dots that stand for their tones.

In:    a grey page, looked at in one pel of sixteen; a resolution.
Out:   which blocks of 16 x 16 pels belong to a photograph; the screen that is laid over them.
Fails: never.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from smtpfax.model.document import Resolution

from .loops import screen as loops
from .loops.machine import machine, machine_for
from .loops.tones import Tones, photographs_in
from .morphology import framed
from .packed import Bits
from .pages import WHITE
from .runs import Mask, reached

Samples = NDArray[np.uint8]  # every fourth pel of every fourth row

STEP = 4
BLOCK = 16  # pels; a block is tone or not
_PER_BLOCK = BLOCK // STEP  # samples
TONES = (72, 212)
_TONES_NEXT_TO = (8, 247)  # the shadows and lights of a photograph; letters are darker, paper is lighter
SHADOW, LIGHT = 12, 240  # beyond these a screen is black or white, so that letters in it stay whole
_TONE_SAMPLES = 7  # of the 16 of a block: 40 %
_INKED_SAMPLES = 14  # of the 16: a large coloured letter has paper around it, a photograph does not
_TONE_NEIGHBOURS = 6  # of 9: a letter's soft edge makes single blocks, a photograph makes many together
PHOTOGRAPH = Tones(*TONES, _TONE_SAMPLES, *_TONES_NEXT_TO, _INKED_SAMPLES, _TONE_NEIGHBOURS)
_CELL = 8  # pels; one cell of the screen has two dots, at 45 degrees
# The dots are round on paper: a cell has as many rows as are as high as it is wide.
_CELL_ROWS: Mapping[Resolution, int] = MappingProxyType(
    {Resolution.STANDARD: 4, Resolution.FINE: 8, Resolution.SUPERFINE: 16}
)


def tone_blocks(seen: Samples) -> Mask:
    """Which blocks belong to a photograph."""
    by = machine()
    photo = photographs_in(seen, PHOTOGRAPH, by) if by else None
    return plain_tone_blocks(seen) if photo is None else photo


def plain_tone_blocks(seen: Samples) -> Mask:
    """Without the machine."""
    rows, width = (-(-side // _PER_BLOCK) * _PER_BLOCK for side in seen.shape)
    samples = np.full((rows, width), WHITE, np.uint8)
    samples[: seen.shape[0], : seen.shape[1]] = seen
    tone = _of_tones(samples, TONES, least=_TONE_SAMPLES)
    inked = _of_tones(samples, (0, _TONES_NEXT_TO[1]), least=_INKED_SAMPLES)
    seeds = tone & inked & (_around(tone) >= _TONE_NEIGHBOURS)
    if not seeds.any():
        return seeds
    photo = reached(seeds, over=_of_tones(samples, _TONES_NEXT_TO, least=_TONE_SAMPLES))
    rim = ~framed(np.ones_like(photo), 1)
    outside = reached(rim, over=~framed(photo, 1))  # dark spots inside a photograph belong to it
    return _around(~outside[1:-1, 1:-1]) > 0


def screened(grey: NDArray[np.uint8], resolution: Resolution, *, top: int) -> Bits:
    """Which pels become black where dots stand for tones; the dots of all parts of a page stand in line."""
    by = machine_for(len(grey))
    if by is None:
        return plainly_screened(grey, resolution, top=top)
    return loops.screened(grey, _screen(_CELL_ROWS[resolution]), top=top, by=by)


def plainly_screened(grey: NDArray[np.uint8], resolution: Resolution, *, top: int) -> Bits:
    """Without the machine."""
    width, cell = grey.shape[1], _screen(_CELL_ROWS[resolution])
    limits = np.roll(np.tile(cell, (1, -(-width // _CELL)))[:, :width], -top, axis=0)
    ink = np.empty(grey.shape, np.bool_)
    for row, limit in enumerate(limits):
        np.less(grey[row :: len(cell)], limit, out=ink[row :: len(cell)])
    return np.packbits(ink, axis=1)


def _of_tones(samples: Samples, tones: tuple[int, int], *, least: int) -> Mask:
    """Which blocks have at least so many samples of such tones."""
    lowest, highest = np.uint8(tones[0]), np.uint8(tones[1])
    bits = np.packbits((samples - lowest) <= highest - lowest, axis=1)  # two blocks an octet
    out = np.empty((len(bits) // _PER_BLOCK, 2 * bits.shape[1]), np.bool_)
    for block, half in enumerate((0xF0, 0x0F)):
        counts = np.bitwise_count(bits & np.uint8(half)).reshape(-1, _PER_BLOCK, bits.shape[1])
        np.greater_equal(counts[:, 0] + counts[:, 1] + counts[:, 2] + counts[:, 3], least, out=out[:, block::2])
    return out[:, : samples.shape[1] // _PER_BLOCK]


def _around(blocks: Mask) -> NDArray[np.uint8]:
    """How many of each block's 3 x 3 neighbourhood are set."""
    padded = framed(blocks, 1).view(np.uint8)
    rows, width = blocks.shape
    across = padded[:, :width] + padded[:, 1 : width + 1] + padded[:, 2:]
    return np.asarray(across[:rows] + across[1 : rows + 1] + across[2:])


@functools.cache
def _screen(cell_rows: int) -> NDArray[np.uint8]:
    """A clustered-dot screen: the limits of one cell, 8 pels wide, darkest in the middle of its two dots."""
    y, x = np.mgrid[0:cell_rows, 0:_CELL]
    down, across = 2 * np.pi * (y + 0.5) / cell_rows, 2 * np.pi * (x + 0.5) / _CELL
    spot = np.cos(across + down) + np.cos(across - down)
    rank = np.empty(spot.size, np.int64)
    rank[np.argsort(spot.round(6), axis=None, kind="stable")] = np.arange(spot.size)
    limits = SHADOW + (rank + 0.5) * (LIGHT - SHADOW) / spot.size
    return np.asarray(limits.astype(np.uint8).reshape(spot.shape))
