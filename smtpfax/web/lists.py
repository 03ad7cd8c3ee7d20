"""Lists: pages of records that a viewer may see, newest first.

In:    the viewer's scopes, and how one of them is read.
Out:   a Slice of the list, with the address of the next one.
Fails: Refusal 400 for a cursor that is not ours.

Rule: a member with several faxboxes sees one list: each faxbox is read, and the pages are merged.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode

from smtpfax.api.envelope import invalid
from smtpfax.store import Page
from smtpfax.store.cursor import write_cursor

from .viewer import Scope
from .visit import Visit

T = TypeVar("T")
PAGE_SIZE = 30
_OURS = ("done", "live", "digest", "part")  # what an address of a list does not hand on


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Generic[T]):
    """Some rows; `older` is where the next ones are, `newest` whether these begin the list."""

    rows: Sequence[T]
    older: str = ""
    newest: bool = True


async def read_list(
    visit: Visit,
    scopes: Sequence[Scope],
    fetch: Callable[[Scope, str], Awaitable[Page[T]]],
    *,
    key: Callable[[T], tuple[datetime, str]],
) -> Slice[T]:
    """The slice that the address asks for."""
    after = visit.query("after")
    try:
        pages = [await fetch(scope, after) for scope in scopes]
    except ValueError:
        raise invalid({"after": ("invalid", "is no address that a list of ours gave")}) from None
    page = merged(pages, key=key)
    return Slice(rows=page.rows, older=address(visit, after=page.after) if page.after else "", newest=not after)


def merged(pages: Sequence[Page[T]], *, key: Callable[[T], tuple[datetime, str]]) -> Page[T]:
    """Pages of several lists as one, in the same order."""
    if len(pages) == 1:
        return pages[0]
    rows = sorted((row for page in pages for row in page.rows), key=key, reverse=True)
    more = len(rows) > PAGE_SIZE or any(page.after for page in pages)
    return Page(rows=tuple(rows[:PAGE_SIZE]), after=write_cursor(*key(rows[:PAGE_SIZE][-1])) if more else "")


def address(visit: Visit, **changed: str) -> str:
    """This list with other parameters; what is empty is left out."""
    kept = {name: value for name, value in visit.request.query.items() if name not in _OURS}
    query = urlencode({name: value for name, value in (kept | changed).items() if value})
    return f"{visit.request.path}?{query}" if query else visit.request.path
