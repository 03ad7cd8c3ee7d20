"""Tickets: a message of RingCentral's, with its document, and when it was made.

In:    the ids that RingCentral gave, and when.
Out:   a Ticket, as text `4444444444/4444444444@20181008T091727Z`.
Fails: ValueError, for a text that is none.

Rule: two tickets are of one fax when their messages are; the document's id is not told by every answer. The time says
from when on a list must be read to have the message in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_FORM = re.compile(r"([1-9]\d{0,19})(?:/([1-9]\d{0,19}))?@(\d{8}T\d{6}Z)")
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A fax as RingCentral knows it."""

    message: int
    attachment: int = 0  # 0: not told
    created: datetime

    def __str__(self) -> str:
        document = f"/{self.attachment}" if self.attachment else ""
        return f"{self.message}{document}@{self.created.astimezone(UTC):{_TIME}}"

    @classmethod
    def parse(cls, text: str) -> Ticket:
        """Read what `str` wrote."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError("not a ticket")
        created = datetime.strptime(match[3], _TIME).replace(tzinfo=UTC)
        return cls(message=int(match[1]), attachment=int(match[2] or 0), created=created)


def read_ticket(text: str) -> Ticket | None:
    """A ticket; None for what is none of RingCentral's."""
    try:
        return Ticket.parse(text)
    except ValueError:
        return None
