"""Documents: what we fax, and how its pages are laid out.

In:    what rendering measured.
Out:   Resolution, Paper, Layout, and the Document record that jobs and backends refer to.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .legibility import Legibility

WIDTH = 1728  # pels a line, 215 mm (ITU-T T.4 section 2.1)
PELS_PER_INCH = 204
LINE_BITS_PER_SECOND = 14400  # ITU-T V.17


class Resolution(StrEnum):
    """Lines per inch of a page (ITU-T T.4): 98, 196 or 391."""

    STANDARD = "standard"
    FINE = "fine"
    SUPERFINE = "superfine"

    @property
    def lines_per_inch(self) -> int:
        """Vertical resolution as the TIFF tag says it (RFC 3949 section 4.2.2)."""
        return {"standard": 98, "fine": 196, "superfine": 391}[self.value]


class Coding(StrEnum):
    """How the rows of a page become bits."""

    GROUP_3 = "group3"  # ITU-T T.4 section 4.1, each row by itself: MH
    GROUP_3_2D = "group3_2d"  # ITU-T T.4 section 4.2, most by the row above: MR
    GROUP_4 = "group4"  # ITU-T T.6, all by the row above: MMR


class Paper(StrEnum):
    """The paper that a page is laid out for."""

    LETTER = "letter"
    A4 = "a4"
    LEGAL = "legal"

    @property
    def millimetres(self) -> tuple[float, float]:
        """Width and height."""
        return {"letter": (215.9, 279.4), "a4": (210.0, 297.0), "legal": (215.9, 355.6)}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The settings on which the pages of a document depend."""

    paper: Paper = Paper.LETTER
    resolution: Resolution = Resolution.FINE
    coding: Coding = Coding.GROUP_4


def layout_from(data: Mapping[str, str]) -> Layout:
    """A layout that was kept as JSON."""
    coding = Coding(data.get("coding", Coding.GROUP_4))  # of older ones nothing is said
    return Layout(paper=Paper(data["paper"]), resolution=Resolution(data["resolution"]), coding=coding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The one file we fax: a multi-page TIFF-F kept in the spool under `name`."""

    name: str
    pages: int
    octets: int
    bits: int  # of all pages' data, for the time on the line
    layout: Layout
    legibility: Legibility | None = None  # of documents that others rendered, or that are older: not known

    @property
    def line_seconds(self) -> float:
        """What the pages cost on a V.17 line, without the call's own overhead."""
        return self.bits / LINE_BITS_PER_SECOND
