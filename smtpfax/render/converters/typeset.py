"""The typesetter: HTML becomes PDF, with Pango's scripts and directions, and nothing is fetched.

In:    HTML, already sanitised, and the pictures that came with it, by content id.
Out:   the octets of a PDF on the canvas's paper.
Fails: TooMuch, when it takes too many seconds, nests too deep or makes the typesetter stumble; Permanent
       PART_TOO_LARGE for a picture's pixels.

Guarantee: no connection is made and no file is read: a URL is `data:`, or `cid:` of the same mail, or it is nothing.
"""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from urllib.parse import unquote

from PIL import Image, ImageFile, UnidentifiedImageError
from weasyprint import CSS, HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from smtpfax.mime.choose import Part
from smtpfax.model.status import PART_TOO_LARGE
from smtpfax.render.limits import Limits
from smtpfax.render.pages import Canvas

from .sheets import refused

_AGAIN_SECONDS = 0.25  # if somebody swallowed the first


class TooMuch(Exception):
    """More than the typesetter is good for."""


class _OutOfTime(BaseException):
    """Passes through every `except Exception` of the libraries below us."""


class _TooManyPixels(FatalURLFetchingError):  # type: ignore[misc]
    """A picture's size, as its header says it."""


class Enclosed(URLFetcher):  # type: ignore[misc]
    """Gives what is in the mail itself, and knows no other way."""

    def __init__(self, resources: Mapping[str, bytes], max_pixels: int) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self._resources = resources
        self._max_pixels = max_pixels

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """RFC 2392: a cid URL is a content id, percent-encoded; RFC 2397: a data URL is its own content."""
        scheme, _, rest = url.partition(":")
        if scheme.lower() != "cid":
            response = super().fetch(url, headers)
            found, kind = response.read(), response.headers
        else:
            found, kind = self._resources.get(unquote(rest), b""), {}
        self._bound(found)
        return URLFetcherResponse(url, found, kind)

    def _bound(self, data: bytes) -> None:
        try:
            with Image.open(io.BytesIO(data)) as image:
                width, height = image.size
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
            return  # not a picture, or none that anybody could draw
        if width * height > self._max_pixels:
            raise _TooManyPixels(f"{width} x {height} pixels")


def typeset(part: Part, html: str, style: str, *, canvas: Canvas, limits: Limits, seconds: float) -> bytes:
    """Lay the HTML out; `style` is ours and wins where it says `!important`."""
    width, height = canvas.layout.paper.millimetres
    page = f"@page {{ size: {width}mm {height}mm !important }}"
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # a damaged picture in a text is no reason to refuse the text
    fetcher = Enclosed(part.resources, limits.max_pixels)
    try:
        with _interrupted(seconds):
            document = HTML(string=html, url_fetcher=fetcher)
            pdf: bytes = document.write_pdf(
                presentational_hints=True, stylesheets=[CSS(string=page + style, url_fetcher=fetcher)]
            )
    except _TooManyPixels as error:
        raise refused(PART_TOO_LARGE, part, why=f"a picture in it has {error}") from error
    except _OutOfTime as error:
        raise TooMuch("out of time") from error
    except Exception as error:  # the edge: the typesetter stumbles over what it was not made for
        raise TooMuch(f"{type(error).__name__}: {error}") from error
    return pdf


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
