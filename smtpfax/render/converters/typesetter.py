"""The typesetter: WeasyPrint, which is loaded with this module, and nothing is fetched.

In:    HTML, already sanitised, style sheets, and the pictures that came with it, by content id.
Out:   the octets of a PDF.
Fails: TooManyPixels for a picture; what WeasyPrint raises.

Guarantee: no connection is made and no file is read: a URL is `data:`, or `cid:` of the same mail, or it is nothing.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from urllib.parse import unquote

from PIL import Image, ImageFile, UnidentifiedImageError
from weasyprint import CSS, HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse


class TooManyPixels(FatalURLFetchingError):  # type: ignore[misc]
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
            raise TooManyPixels(f"{width} x {height} pixels")


def laid_out(html: str, style: str, resources: Mapping[str, bytes], *, max_pixels: int) -> bytes:
    """The PDF; a damaged picture in a text is no reason to refuse the text."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    fetcher = Enclosed(resources, max_pixels)
    sheets = [CSS(string=style, url_fetcher=fetcher)]
    document = HTML(string=html, url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(presentational_hints=True, stylesheets=sheets)
    return pdf
