"""Previews: the pages of a fax before it goes, and any page as a picture.

In:    a mail and a job that are not kept yet; a document and a page's number.
Out:   what the worker would make of them; a PNG.
Fails: Permanent, with the sentence that the sender would get; Temporary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .document import Document
from .event import PartNote
from .job import Job
from .mail import Mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """The document as it would be offered, and what its reader may have trouble with."""

    document: Document
    parts: tuple[PartNote, ...] = ()
    warning: str = ""


class Preview(Protocol):
    """The worker's rendering, lent to the pages."""

    async def __call__(self, mail: Mail, job: Job) -> Previewed:
        """Render it; its content is in the spool. Permanent, Temporary."""


class Pictures(Protocol):
    """Pages as pictures."""

    async def rows(self, document: Document) -> tuple[int, ...]:
        """How many lines each page has; none, when the document is not kept any more. Temporary."""

    async def picture(self, document: Document, page: int, *, small: bool) -> bytes | None:
        """A PNG of a page, from 1: its own pels, or small; None when there is no such page any more. Temporary."""
