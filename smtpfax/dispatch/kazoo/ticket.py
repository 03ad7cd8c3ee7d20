"""Tickets: Kazoo's id of a fax, and the month that it was made in.

In:    the id that Kazoo gave, and when.
Out:   a Ticket, as text `202611-<id>`, and where the fax can be asked for.
Fails: ValueError, for a text that is none.

Rule: Kazoo moves a fax that is over from the queue to the store of its month, and calls it `YYYYMM-<id>` there
(facts: its id changes at completion). The month is Kazoo's clock's, so the neighbours are looked at too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")  # it becomes a part of a path
_MONTH = re.compile(r"(\d{4})(0[1-9]|1[0-2])-(.+)")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A fax as Kazoo knows it."""

    year: int
    month: int
    id: str  # as Kazoo gave it when it took the fax

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError("not an id")

    def __str__(self) -> str:
        return f"{self.year:04}{self.month:02}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ticket:
        """Read what `str` wrote, or Kazoo's own id of a fax that is over."""
        match = _MONTH.fullmatch(text)
        if match is None:
            raise ValueError("not a ticket")
        return cls(int(match[1]), int(match[2]), match[3])

    @classmethod
    def of(cls, id_: str, created: datetime) -> Ticket:
        """From the id of a fax in the queue."""
        return cls(created.year, created.month, id_)

    @property
    def bare(self) -> str:
        """The id by which two tickets are compared: without any month."""
        return _bare(self.id)

    def places(self) -> tuple[str, ...]:
        """Where it may be, in the order to look: the queue, then its month's store, then the months beside it."""
        months = (0, 1, -1)
        return (f"outgoing/{self.id}", *(f"outbox/{self._moved(by)}-{self.bare}" for by in months))

    def _moved(self, by: int) -> str:
        year, month = divmod(self.year * 12 + self.month - 1 + by, 12)
        return f"{year:04}{month + 1:02}"


def places(ticket: str) -> tuple[str, ...]:
    """Where a fax may be; nowhere, for what is no ticket of Kazoo's."""
    try:
        return Ticket.parse(ticket).places()
    except ValueError:
        return ()


def is_id(id_: str) -> bool:
    """Whether it may be a part of a path."""
    return bool(_ID.fullmatch(id_))


def _bare(id_: str) -> str:
    match = _MONTH.fullmatch(id_)
    return _bare(match[3]) if match else id_
