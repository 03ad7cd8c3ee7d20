"""What a mail may ask of the renderer.

In:    settings.
Out:   Limits.
Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one document; what is over them is refused in a sentence, never cut."""

    max_pages: int = 200
    max_pixels: int = 100_000_000  # of one picture, before it is scaled
    max_text_bytes: int = 1_000_000  # of one text, HTML or plain
    max_elements: int = 20_000  # of an HTML text; one with more of them is faxed as plain text
    max_html_seconds: float = 10.0  # of CPU; an HTML text that takes longer is faxed as plain text
    max_text_seconds: float = 40.0  # of CPU, for a plain text to be typeset
    max_page_seconds: float = 10.0  # of CPU, for one page to be drawn
    max_document_bytes: int = 64 << 20
    max_unpacked_bytes: int = 256 << 20  # of one office file: they are ZIP files
