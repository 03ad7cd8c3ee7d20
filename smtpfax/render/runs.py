"""Connected parts of a mask, found by its runs.

In:    a mask.
Out:   its parts, each as Runs; what is reached from somewhere.
Fails: never.

Rule: two runs belong together when they lie above each other; so the work is by runs and not by pels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .loops.machine import machine
from .loops.parts import Found, found_in

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]


class Runs(NamedTuple):
    """Of each one its row, its first column, and where it ends; row by row, from left to right."""

    rows: Places
    starts: Places
    ends: Places

    @property
    def size(self) -> int:
        """Of all together."""
        return int((self.ends - self.starts).sum())

    def some(self, which: NDArray[np.generic]) -> Runs:
        """A part of them."""
        return Runs(self.rows[which], self.starts[which], self.ends[which])

    def mask(self, shape: tuple[int, ...], *, top: int = 0, left: int = 0) -> Mask:
        """Painted; where their rectangle begins is told."""
        wide = shape[1] + 1  # then a run that ends with its row does not end the next row's first
        changes = np.zeros(shape[0] * wide, np.bool_)
        first = (self.rows - top) * wide - left
        changes[first + self.starts] = changes[first + self.ends] = True
        painted: Mask = np.logical_xor.accumulate(changes).reshape(shape[0], wide)
        return painted[:, :-1]


def parts_of(mask: Mask, *, least: int = 1) -> list[Runs]:
    """The connected parts; those of fewer pels are left out."""
    return parts_in(_found(mask), least=least)


def parts_in(found: Found, *, least: int = 1) -> list[Runs]:
    """The parts that runs are of."""
    runs = _runs_of(found)
    leads = found[:, 3]
    sizes = np.bincount(leads, runs.ends - runs.starts)
    return [runs.some(leads == lead) for lead in np.flatnonzero(sizes >= least).tolist()]


def reached(seeds: Mask, *, over: Mask) -> Mask:
    """The parts of `over` in which there is a seed, and the seeds."""
    found = _found(over | seeds)
    runs, leads = _runs_of(found), found[:, 3]
    before = np.concatenate(([0], np.cumsum(seeds, dtype=np.int64)))  # how many seeds
    first = runs.rows * seeds.shape[1]
    of_seeds = np.zeros(len(leads), np.bool_)
    of_seeds[leads[before[first + runs.ends] > before[first + runs.starts]]] = True
    return runs.some(of_seeds[leads]).mask(seeds.shape)


def _runs_of(found: Found) -> Runs:
    rows, starts, ends, _ = found.T.astype(np.int64)
    return Runs(rows, starts, ends)


def _found(mask: Mask) -> Found:
    by = machine()
    found = found_in(mask, by) if by else None
    return plainly_found(mask) if found is None else found


def plainly_found(mask: Mask) -> Found:
    """Of each run its row, first column and end, and the first run of its part."""
    padded = np.zeros((len(mask), mask.shape[1] + 2), np.bool_)
    padded[:, 1:-1] = mask
    edges = np.flatnonzero(padded[:, 1:] ^ padded[:, :-1])  # a first and an end in turn: no run goes over a row's end
    rows, columns = np.divmod(edges, mask.shape[1] + 1)
    runs = Runs(rows[::2], columns[::2], columns[1::2])
    return np.stack((*runs, np.array(_leads(runs), np.int64)), axis=1).astype(np.int32)


def _leads(runs: Runs) -> list[int]:
    """Of each run, the first one of its part."""
    leader = list(range(len(runs.rows)))

    def lead(run: int) -> int:
        while leader[run] != run:
            leader[run] = run = leader[leader[run]]
        return run

    for one, other in zip(*_touching(runs), strict=True):
        first, then = sorted((lead(one), lead(other)))
        leader[then] = first
    return [lead(run) for run in leader]


def _touching(runs: Runs) -> tuple[Sequence[int], Sequence[int]]:
    """Pairs of runs that lie above each other: the lower ones, and the upper ones."""
    rows, starts, ends = runs
    wide = int(ends.max(initial=0)) + 1
    above = (rows - 1) * wide
    first = np.searchsorted(rows * wide + ends, above + starts, side="right")
    end = np.searchsorted(rows * wide + starts, above + ends, side="left")
    counts = np.maximum(end - first, 0)
    lower = np.arange(len(rows)).repeat(counts)
    within = np.arange(len(lower)) - (np.cumsum(counts) - counts).repeat(counts)
    return lower.tolist(), (first.repeat(counts) + within).tolist()
