"""Grey becomes black and white.

In:    a grey page as it was drawn, and the resolution it is for.
Out:   the finished page's bits: rows x 216 octets, most significant bit first, 1 is black.
Fails: never.

Rule: what is text or line is cut at one threshold, so that coloured and grey letters stay solid; only where a
photograph is, clusters of dots stand for tones. Dots everywhere (as printers do it) cost seven times the seconds on
the line for a scanned page, and break the letters.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from smtpfax.model.document import Resolution

from .pages import WHITE, Grey

Bits = NDArray[np.uint8]

THRESHOLD = 160  # 128 makes stems thin, 190 bold
_BLOCK = 16  # pels; a block is tone or not
_STEP = 4  # every so many pels of a block are looked at
_TONES = (72, 212)
_TONES_NEXT_TO = (8, 247)  # the shadows and lights of a photograph; letters are darker, paper is lighter
_SHADOW, _LIGHT = 48, 240  # beyond these a screen is black or white, so that letters at its rim stay whole
_TONE_SAMPLES = 7  # of the 16 of a block: 40 %
_INKED_SAMPLES = 14  # of the 16: a large coloured letter has paper around it, a photograph does not
_TONE_NEIGHBOURS = 6  # of 9: a letter's soft edge makes single blocks, a photograph makes many together
_CELL = 8  # pels; one cell of the screen has two dots, at 45 degrees
# The dots are round on paper: a cell has as many rows as are as high as it is wide.
_CELL_ROWS: Mapping[Resolution, int] = MappingProxyType(
    {Resolution.STANDARD: 4, Resolution.FINE: 8, Resolution.SUPERFINE: 16}
)
_PAPER = (170, 247)  # paper that a scanner saw as grey
_PAPER_SHARE = 0.3  # of the page, before we believe that it is paper


def bits_of(grey: Grey, resolution: Resolution) -> Bits:
    """The finished page."""
    if resolution is Resolution.STANDARD:
        grey = halved(grey)
    grey = whitened(grey)
    return np.packbits(grey < _limits(grey, resolution), axis=1)


def halved(grey: Grey) -> Grey:
    """Each two rows become their average."""
    pairs = grey[: len(grey) // 2 * 2].astype(np.uint16)
    return ((pairs[0::2] + pairs[1::2]) // 2).astype(np.uint8)


def whitened(grey: Grey) -> Grey:
    """The page with its paper made white, if a scanner saw it grey: else the whole page would count as tone."""
    counts = np.bincount(grey[::_STEP, ::_STEP].ravel(), minlength=256)
    paper = int(counts[_PAPER[0] :].argmax()) + _PAPER[0]
    around = counts[paper - 8 : paper + 9].sum()
    if paper > _PAPER[1] or around < _PAPER_SHARE * counts.sum():
        return grey
    levels = np.arange(256) * WHITE // (paper - 8)
    stretched: Grey = np.minimum(levels, WHITE).astype(np.uint8)[grey]
    return stretched


def _limits(grey: Grey, resolution: Resolution) -> NDArray[np.uint8] | int:
    """What each pel must be darker than, to become black."""
    tones = tone_blocks(grey)
    if not tones.any():
        return THRESHOLD
    rows, width = grey.shape
    screen = _screen(_CELL_ROWS[resolution])
    tiled = np.tile(screen, (rows // len(screen) + 1, width // _CELL + 1))[:rows, :width]
    photo = tones.repeat(_BLOCK, axis=0).repeat(_BLOCK, axis=1)[:rows, :width]
    return np.where(photo, tiled, np.uint8(THRESHOLD))


def tone_blocks(grey: Grey) -> NDArray[np.bool_]:
    """Which blocks of 16 x 16 pels belong to a photograph."""
    rows, width = (-(-side // _BLOCK) for side in grey.shape)
    samples = np.full((rows * _BLOCK // _STEP, width * _BLOCK // _STEP), WHITE, np.uint8)
    seen = grey[::_STEP, ::_STEP]
    samples[: seen.shape[0], : seen.shape[1]] = seen
    tone = _of_tones(samples, _TONES, least=_TONE_SAMPLES)
    inked = _of_tones(samples, (0, _TONES_NEXT_TO[1]), least=_INKED_SAMPLES)
    seeds = tone & inked & (_around(tone) >= _TONE_NEIGHBOURS)
    if not seeds.any():
        return seeds
    photo = _spread(seeds, over=_of_tones(samples, _TONES_NEXT_TO, least=_TONE_SAMPLES))
    outside = _spread(np.pad(np.zeros_like(photo), 1, constant_values=True), over=~np.pad(photo, 1))
    inside = ~outside[1:-1, 1:-1]
    return _around(inside) > 0


def _of_tones(samples: NDArray[np.uint8], tones: tuple[int, int], *, least: int) -> NDArray[np.bool_]:
    """Which blocks have at least so many samples of such tones."""
    per_block = _BLOCK // _STEP
    of_tone = (samples >= tones[0]) & (samples <= tones[1])
    blocks = of_tone.reshape(len(samples) // per_block, per_block, -1, per_block)
    return np.asarray(blocks.sum(axis=(1, 3)) >= least)


def _around(blocks: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """How many of each block's 3 x 3 neighbourhood are set."""
    padded = np.pad(blocks, 1).view(np.uint8)
    rows, width = blocks.shape
    across = padded[:, :width] + padded[:, 1 : width + 1] + padded[:, 2:]
    return np.asarray(across[:rows] + across[1 : rows + 1] + across[2:])


def _spread(blocks: NDArray[np.bool_], *, over: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Grow from block to block, as far as `over` goes."""
    while True:
        grown = blocks | ((_around(blocks) > 0) & over)
        if (grown == blocks).all():
            return blocks
        blocks = grown


@functools.cache
def _screen(cell_rows: int) -> NDArray[np.uint8]:
    """A clustered-dot screen: the limits of one cell, 8 pels wide, darkest in the middle of its two dots."""
    y, x = np.mgrid[0:cell_rows, 0:_CELL]
    down, across = 2 * np.pi * (y + 0.5) / cell_rows, 2 * np.pi * (x + 0.5) / _CELL
    spot = np.cos(across + down) + np.cos(across - down)
    rank = np.empty(spot.size, np.int64)
    rank[np.argsort(spot.round(6), axis=None, kind="stable")] = np.arange(spot.size)
    limits = _SHADOW + (rank + 0.5) * (_LIGHT - _SHADOW) / spot.size
    return np.asarray(limits.astype(np.uint8).reshape(spot.shape))
