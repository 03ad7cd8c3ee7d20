"""Messages: faxes as RingCentral's message store tells of them.

In:    a record of the message store, or the answer to a fax request (its FaxResponse has the same fields).
Out:   a Message.
Fails: never; what has no id is none.

Rule: what a recipient's own entry says wins over what the message says; both are words that may be new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .reading import Record, digits, first, number, objects, text, when
from .ticket import Ticket

_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A fax that was sent or received."""

    id: int
    created: datetime | None
    modified: datetime | None = None
    status: str = ""
    to: str = ""  # digits
    from_number: str = ""
    from_name: str = ""
    to_number: str = ""
    code: str = ""  # faxErrorCode
    pages: int = 0
    attachment: int = 0
    file_names: tuple[str, ...] = ()
    alive: bool = True
    read: bool = False

    def ticket(self, otherwise: datetime) -> Ticket:
        """Its ticket; of one that does not say when it was made, from that time."""
        return Ticket(message=self.id, attachment=self.attachment, created=self.created or otherwise)


def message_of(record: Record) -> Message | None:
    """A record as a message."""
    id_ = number(record.get("id"))
    if not id_:
        return None
    to, from_, documents = first(record.get("to")) or {}, record.get("from"), objects(record.get("attachments"))
    sender: Record = from_ if isinstance(from_, dict) else {}
    return Message(
        id=id_,
        created=when(record.get("creationTime")),
        modified=when(record.get("lastModifiedTime")),
        status=text(to.get("messageStatus")) or text(record.get("messageStatus")),
        to=digits(to.get("phoneNumber")),
        to_number=text(to.get("phoneNumber")),
        from_number=text(sender.get("phoneNumber")),
        from_name=text(sender.get("name")),
        code=text(to.get("faxErrorCode")) or text(record.get("faxErrorCode")),
        pages=number(record.get("faxPageCount"), most=_MOST_PAGES),
        attachment=number(documents[0].get("id")) if documents else 0,
        file_names=tuple(_file_name(document) for document in documents),
        alive=text(record.get("availability")) in ("", "Alive"),
        read=record.get("readStatus") == "Read",
    )


def _file_name(document: Record) -> str:
    """FaxResponse writes it one way, the message store the other."""
    return text(document.get("fileName")) or text(document.get("filename"))
