"""Typesetting: HTML becomes PDF, with Pango's scripts and directions, within so many seconds.

In:    HTML, already sanitised, and the pictures that came with it, by content id.
Out:   the octets of a PDF on the canvas's paper.
Fails: TooMuch, when it takes too many seconds, nests too deep or makes the typesetter stumble; Permanent
       PART_TOO_LARGE for a picture's pixels.

Rule: the typesetter takes more memory than all the rest of a worker, and half a second to load. It is loaded when it is
needed; `make_ready` does so beforehand, in a worker that has nothing else to do.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import FrameType
from typing import Any

from smtpfax.mime.choose import Part
from smtpfax.model.status import PART_TOO_LARGE
from smtpfax.render.limits import Limits
from smtpfax.render.pages import Canvas
from smtpfax.sandbox.confine import forget_code, give_back_memory

from .sheets import refused

_AGAIN_SECONDS = 0.25  # if somebody swallowed the first


class TooMuch(Exception):
    """More than the typesetter is good for."""


class _OutOfTime(BaseException):
    """Passes through every `except Exception` of the libraries below us."""


def typeset(part: Part, html: str, style: str, *, canvas: Canvas, limits: Limits, seconds: float) -> bytes:
    """Lay the HTML out; `style` is ours and wins where it says `!important`."""
    width, height = canvas.layout.paper.millimetres
    style = f"@page {{ size: {width}mm {height}mm !important }}{style}"
    typesetter = _typesetter()
    try:
        with _interrupted(seconds):
            pdf: bytes = typesetter.laid_out(html, style, part.resources, max_pixels=limits.max_pixels)
    except typesetter.TooManyPixels as error:
        raise refused(PART_TOO_LARGE, part, why=f"a picture in it has {error}") from error
    except _OutOfTime as error:
        raise TooMuch("out of time") from error
    except Exception as error:  # the edge: the typesetter stumbles over what it was not made for
        raise TooMuch(f"{type(error).__name__}: {error}") from error
    return pdf


def make_ready() -> None:
    """Load it, and the fonts that most texts are set in."""
    _typesetter().laid_out("<p>smtpfax", 'p { font: 11pt "DejaVu Sans", sans-serif }', {}, max_pixels=0)


@cache
def _typesetter() -> Any:
    typesetter = import_module("smtpfax.render.converters.typesetter")
    give_back_memory()
    forget_code()
    return typesetter


@contextmanager
def _interrupted(most: float) -> Iterator[None]:
    """Interrupt what takes more seconds of CPU than this (not of the clock: a busy machine changes no page)."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGVTALRM, interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, most, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
