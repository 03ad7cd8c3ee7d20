"""What a converter is.

In:    a Part, the Canvas to draw on, and Limits.
Out:   Sheets: how many pages there are, known before any is drawn, and how to draw each.
Fails: Permanent, naming the part. What a library raises about a foreign file means that the file cannot be read;
       `reading` says so in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from smtpfax.mime.choose import Part
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, SmtpfaxError
from smtpfax.model.status import PART_TOO_LARGE, PART_UNREADABLE, Sentence
from smtpfax.render.limits import Limits
from smtpfax.render.pages import Canvas, Grey


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """An opened part: `draw(index)` is one page, rows x 1728 as the canvas says.

    `missing`: how many of its characters no font here has, as far as they are known.
    """

    count: int
    draw: Callable[[int], Grey]
    missing: int = 0


def joined(*sheets: Sheets) -> Sheets:
    """One after the other."""
    drawings = [partial(one.draw, index) for one in sheets for index in range(one.count)]
    missing = sum(one.missing for one in sheets)
    return Sheets(count=len(drawings), draw=lambda index: drawings[index](), missing=missing)


class Converter(Protocol):
    """Opens a part of the kinds it stands for in the table."""

    def __call__(self, part: Part, *, canvas: Canvas, limits: Limits) -> Sheets:
        """Open it and count its pages, cheaply; Permanent."""


def refused(sentence: Sentence, part: Part, *, reason: str = "", **names: object) -> Permanent:
    """Why this part, and with it the mail, cannot be faxed."""
    return Permanent(sentence, cause=Cause.DOCUMENT, reason=reason, part=part.label, **names)


@contextmanager
def reading(part: Part) -> Iterator[None]:
    """The edge to foreign files: a library may raise anything about one, and it always means the same."""
    try:
        yield
    except SmtpfaxError:
        raise
    except (MemoryError, RecursionError) as error:
        reason = f"{part.label}: {type(error).__name__}"
        raise refused(PART_TOO_LARGE, part, reason=reason, why="it unpacks to too much") from error
    except Exception as error:  # the edge: KeyError, struct.error, SyntaxError ... all mean a bad file
        reason = f"{part.label}: {type(error).__name__}: {error}"
        raise refused(PART_UNREADABLE, part, reason=reason) from error
