"""Legibility: what was measured on a document's finished pages, and what it means to a reader.

In:    measurements of the pages, in black and white.
Out:   Legibility, kept with the document; `worst` of several; `judge`: a sentence when a reader will have trouble.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .status import HARD_TO_READ

SMALLEST_MM = 1.0  # the height of letters without strokes above and below; 6 points have 1.1
SMALLEST_ROWS = 5  # fewer than these do not make an e
MOST_BLACK = 0.5  # of a page: no letter is written on it, and some machines stop at it
MOST_CLIPPED = 150  # pels of letters that touch the edge of the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Legibility:
    """The worst of all pages, each with the number of its page, from 1; 0 where there is none."""

    letter_mm: float = 0.0  # the smallest letters' height, without strokes above and below
    letter_rows: int = 0  # the same in rows of the page
    letter_page: int = 0
    black: float = 0.0  # share of the page
    black_page: int = 0
    clipped: int = 0  # pels of ink that are cut by the edge
    clipped_page: int = 0
    missing: int = 0  # characters that no font has
    missing_page: int = 0


def worst(found: Sequence[Legibility]) -> Legibility:
    """Of a document's pages, some here and some there; what is missing is counted for the whole by each."""
    lettered = [each for each in found if each.letter_page]
    smallest = min(lettered, key=lambda each: each.letter_mm, default=found[0])
    darkest = max(found, key=lambda each: each.black)
    cut = max(found, key=lambda each: each.clipped)
    return replace(
        smallest,
        black=darkest.black,
        black_page=darkest.black_page,
        clipped=cut.clipped,
        clipped_page=cut.clipped_page,
    )


def judge(found: Legibility) -> str | None:
    """The worst thing about it; None when it can be read."""
    if found.missing:
        why = f"{found.missing} characters are in no font here"
        return HARD_TO_READ.fill(page=found.missing_page, why=why)
    if found.letter_page and (found.letter_mm < SMALLEST_MM or found.letter_rows < SMALLEST_ROWS):
        why = f"its smallest letters are {found.letter_mm:.1f} mm high, or {found.letter_rows} lines of the fax"
        return HARD_TO_READ.fill(page=found.letter_page, why=why)
    if found.black > MOST_BLACK:
        return HARD_TO_READ.fill(page=found.black_page, why=f"{found.black:.0%} of it are black")
    if found.clipped > MOST_CLIPPED:
        return HARD_TO_READ.fill(page=found.clipped_page, why="what is written at its edge is cut off")
    return None
