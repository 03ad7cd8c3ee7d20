"""The query of a list: how many rows, from where, which.

In:    a query string's keys and values.
Out:   a Window; filters by name.
Fails: Refusal 400 with the key that is wrong.

Rule: a filter that no index answers is 400, never a slow page; any other key that we do not know is passed over, as
Kazoo does. `start_key` is opaque: it is what an earlier answer gave. All rows at once (`paginate=false`) are given as
long as one page can hold them, and never a part of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from smtpfax.model.attempt import Outcome
from smtpfax.model.job import State
from smtpfax.store import Page as StoredPage
from smtpfax.store.cursor import read_cursor, write_cursor

from .envelope import EPOCH, Page, Refusal, invalid

E = TypeVar("E", bound=Enum)
T = TypeVar("T")
_DIGITS = re.compile(r"[0-9]{1,12}")
_LATEST = EPOCH + 253_402_300_000  # the year 9999
MOST_CHARACTERS = 320  # an address has no more (RFC 5321 section 4.5.3.1)
YES, NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
_Text = Annotated[str, Field(max_length=MOST_CHARACTERS)]
_Seconds = Annotated[int, Field(ge=EPOCH, le=_LATEST)]
# Every filter that some list has: what its values are.
FILTERS: Mapping[str, Any] = MappingProxyType(
    {
        "from": Annotated[_Text, Field(description="A reverse-path, without regard to case.")],
        "to": Annotated[_Text, Field(description="A forward-path, without regard to case.")],
        "outcome": Annotated[Outcome, Field(description="What became of the attempt.")],
        "state": Annotated[State, Field(description="Where its job stands.")],
        "faxbox_id": Annotated[_Text, Field(description="A faxbox of the account.")],
        "account_id": Annotated[_Text, Field(description="An account; empty: none could be found.")],
    }
)


TIME_KEYS: Mapping[str, Any] = MappingProxyType(
    {
        "created_from": Annotated[_Seconds, Field(description="Not older than this, in Gregorian seconds.")],
        "created_to": Annotated[_Seconds, Field(description="Not newer than this, in Gregorian seconds.")],
    }
)


def page_keys(*, page_size: int, most: int) -> Mapping[str, Any]:
    """What `read_window` reads beside the range of time, each with its type."""
    size = Field(ge=1, le=most, description=f"Rows of a page; {page_size} when it does not say.")
    key = Field(description="What an earlier answer gave as `next_start_key`.")
    return {
        "page_size": Annotated[int, size],
        "start_key": Annotated[str, key],
        "paginate": Annotated[
            Literal["true", "false"], Field(description=f"`false`: all rows at once, of which {most} at most may be.")
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A piece of a list, newest first."""

    limit: int
    start_key: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None  # exclusive
    whole: bool = False  # all rows, or none

    @property
    def after(self) -> str:
        """Where reading begins; without a start key, at the newest row that `created_to` lets in."""
        return self.start_key or (write_cursor(self.created_to, "") if self.created_to else "")

    def check(self, *, more: bool) -> None:
        """All of them, or none."""
        if self.whole and more:
            why = f"there are more than {self.limit} rows: ask for pages"
            raise Refusal(416, "range not satisfiable", {"message": why})


def read_window(query: Mapping[str, str], *, page_size: int, most: int) -> Window:
    """Paging and the range of time; Kazoo's seconds, of which the last one belongs to the range."""
    _not_offered(query)
    begin, end = _moment(query, "created_from"), _moment(query, "created_to")
    if begin and end and end < begin:
        raise invalid({"created_from": ("date_range", "must not be later than created_to")})
    whole = query.get("paginate", "true").lower() in NO
    size = _size(query.get("page_size"), page_size, most)
    return Window(
        whole=whole,
        limit=most if whole else size,
        start_key=_start_key(query.get("start_key", "")),
        created_from=begin,
        created_to=end + timedelta(seconds=1) if end else None,
    )


def read_filters(query: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    """The filters by name, without `filter_`; a key that carries a filter of Kazoo's that is not known is 400."""
    given = {key: value for key, value in query.items() if key.startswith("filter_")}
    unknown = [key for key in given if key.removeprefix("filter_") not in known]
    if unknown:
        offered = ", ".join(f"filter_{name}" for name in known)
        raise invalid({key[:100]: ("unknown", f"is no filter here; there are: {offered}") for key in unknown})
    if too_long := [key for key, value in given.items() if len(value) > MOST_CHARACTERS or "\x00" in value]:
        raise invalid(dict.fromkeys(too_long, ("max_length", f"must have at most {MOST_CHARACTERS} characters")))
    if "account_id" in known and "filter_faxbox_id" in given and "filter_account_id" not in given:
        raise invalid({"filter_faxbox_id": ("incomplete", "names a faxbox together with filter_account_id only")})
    return {key.removeprefix("filter_"): value for key, value in given.items()}


def choice(name: str, value: str | None, kind: type[E]) -> E | None:
    """A filter whose values are the words of an enumeration."""
    words = {member.value: member for member in kind}
    if value is not None and value not in words:
        raise invalid({f"filter_{name}": ("enum", f"must be one of {', '.join(words)}")})
    return words[value] if value is not None else None


def present(
    stored: StoredPage[T], window: Window, *, key: Callable[[T], tuple[datetime, str]], rows: Sequence[Any]
) -> Page:
    """The page as it is told; rows older than the range end it."""
    floor = window.created_from
    keys = [key(row) for row in stored.rows]
    shown = [row for row, (at, _) in zip(rows, keys, strict=True) if floor is None or at >= floor]
    more = stored.after if len(shown) == len(rows) else ""
    window.check(more=bool(more))
    if window.whole:
        return Page(rows=shown, whole=True)
    return Page(rows=shown, start_key=window.start_key or _before(keys), next_start_key=more)


def merged(pages: Sequence[StoredPage[T]], *, limit: int, key: Callable[[T], tuple[datetime, str]]) -> StoredPage[T]:
    """Pages of several lists as one, in the same order."""
    if len(pages) == 1:
        return pages[0]
    rows = sorted((row for page in pages for row in page.rows), key=key, reverse=True)
    more = len(rows) > limit or any(page.after for page in pages)
    return StoredPage(rows=tuple(rows[:limit]), after=write_cursor(*key(rows[limit - 1])) if more else "")


def _before(keys: Sequence[tuple[datetime, str]]) -> str:
    """The key that brings the first row again, as the first: no id has a tilde, and a tilde sorts behind them all."""
    return write_cursor(keys[0][0], keys[0][1] + "~") if keys else ""


def _not_offered(query: Mapping[str, str]) -> None:
    """Said rather than ignored: who asks for another order would read the answer wrongly."""
    asks = {
        "ascending": query.get("ascending", "false").lower() not in NO,
        "descending": query.get("descending", "true").lower() not in YES,
    }
    if wrong := [name for name, asked in asks.items() if asked]:
        raise invalid(dict.fromkeys(wrong, ("not_offered", "lists are newest first")))
    if query.get("paginate", "true").lower() not in YES | NO:
        raise invalid({"paginate": ("enum", "must be true or false")})


def _size(text: str | None, default: int, most: int) -> int:
    if text is None:
        return default
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= most:
        raise invalid({"page_size": ("range", f"must be a number between 1 and {most}")})
    return int(text)


def _start_key(text: str) -> str:
    """As it was given, if it is one of ours to the letter: another spelling could name a moment that cannot be."""
    try:
        ours = not text or _is_ours(*read_cursor(text), text)
    except ValueError:
        ours = False
    if not ours:
        raise invalid({"start_key": ("invalid", "must be what an earlier answer gave as next_start_key")})
    return text


def _is_ours(at: datetime, name: str, text: str) -> bool:
    return at.utcoffset() == timedelta() and name.isascii() and write_cursor(at, name) == text


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    if not _DIGITS.fullmatch(text) or not EPOCH <= int(text) <= _LATEST:
        raise invalid({name: ("range", "must be Gregorian seconds, such as 63626410973")})
    return datetime.fromtimestamp(int(text) - EPOCH, UTC)
