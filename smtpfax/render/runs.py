"""Connected parts of a mask, found by its runs.

In:    a mask.
Out:   its parts, each as runs (row, first, end); what is reached from somewhere.
Fails: never.

Rule: two runs belong together when they lie above each other; so the work is by runs and not by pels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Run = tuple[int, int, int]


def parts_of(mask: Mask) -> list[list[Run]]:
    """The connected parts."""
    runs = _runs(mask)
    leader = list(range(len(runs)))
    for one, other in _touching(runs):
        leader[_lead(leader, other)] = _lead(leader, one)
    parts: dict[int, list[Run]] = {}
    for index, run in enumerate(runs):
        parts.setdefault(_lead(leader, index), []).append(run)
    return list(parts.values())


def reached(seeds: Mask, *, over: Mask) -> Mask:
    """The parts of `over` in which there is a seed, and the seeds."""
    out = seeds.copy()
    for part in parts_of(over | seeds):
        if any(seeds[row, start:end].any() for row, start, end in part):
            painted(part, out)
    return out


def painted(part: Sequence[Run], on: Mask, *, top: int = 0, left: int = 0) -> None:
    """Set the part's runs."""
    for row, start, end in part:
        on[row - top, start - left : end - left] = True


def _runs(mask: Mask) -> list[Run]:
    padded = np.zeros((len(mask), mask.shape[1] + 2), np.bool_)
    padded[:, 1:-1] = mask
    edges = np.flatnonzero(padded[:, 1:] ^ padded[:, :-1])  # a first and an end in turn: no run goes over a row's end
    rows, columns = np.divmod(edges, mask.shape[1] + 1)
    return list(zip(rows[::2].tolist(), columns[::2].tolist(), columns[1::2].tolist(), strict=True))


def _touching(runs: Sequence[Run]) -> list[tuple[int, int]]:
    """Pairs of runs that lie above each other: both rows are walked through side by side."""
    first_of: dict[int, int] = {}
    for index, (row, _, _) in enumerate(runs):
        first_of.setdefault(row, index)
    pairs = []
    for index, (row, start, end) in enumerate(runs):
        above = first_of.get(row - 1, index)
        while runs[above][0] == row - 1 and runs[above][2] <= start:
            above += 1
        first_of[row - 1] = above  # the next run of this row begins further to the right
        while runs[above][0] == row - 1 and runs[above][1] < end:
            pairs.append((index, above))
            above += 1
    return pairs


def _lead(leader: list[int], run: int) -> int:
    while leader[run] != run:
        leader[run] = run = leader[leader[run]]
    return run
