"""Header: what notices, the log and RFC 3834 need of a mail's header section.

In:    the mail's first octets.
Out:   a Header: decoded, printable, bounded; the header section's own octets for notices.
Fails: never.

Rule: this runs in the SMTP door's event loop, on what strangers sent: one pass over at most MAX_HEADER octets.
"""

from __future__ import annotations

import re

from smtpfax.model.mail import Header

from .fields import Section, split
from .words import decoded, unfold

MAX_HEADER = 131_072
MAX_SUBJECT = 500
MAX_FROM = 320
MAX_REFERENCES = 20
_MAX_VALUE = 16_384
# RFC 5322 section 3.6.4, as strict as a reply's In-Reply-To needs it: printable ASCII, no quotes.
_ATOM = r"[!#-;=?A-\[\]-~]{1,250}"
_ID = re.compile(f"<{_ATOM}@{_ATOM}>")
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_LISTS = frozenset({"list-id", "list-post", "list-unsubscribe", "list-help", "list-subscribe", "list-owner"})
_AUTOREPLIES = frozenset({"x-autoreply", "x-autorespond"})


def read_header(start: bytes) -> Header:
    """Read the header section that `start` begins with."""
    section = _section(start)
    return Header(
        message_id=next(iter(_ids(section, "message-id")), ""),
        subject=decoded(section.first("subject")[:_MAX_VALUE], limit=MAX_SUBJECT),
        from_=decoded(section.first("from")[:_MAX_VALUE], limit=MAX_FROM),
        references=_references(section),
        automatic=_automatic(section),
        received=sum(1 for _ in section.all("received")),
    )


def header_section(content: bytes) -> bytes:
    """The header section as it stands, for the notice that returns it (RFC 3462 section 2)."""
    return content[: min(_section(content).octets, MAX_HEADER)]


def _section(content: bytes) -> Section:
    return split(content, 0, min(len(content), MAX_HEADER), limit=MAX_HEADER)


def _ids(section: Section, name: str) -> list[str]:
    return _ID.findall(unfold(section.first(name)[-_MAX_VALUE:]))


def _references(section: Section) -> tuple[str, ...]:
    """The thread's last ids, each once (RFC 5322 section 3.6.4)."""
    ids = dict.fromkeys([*_ids(section, "references"), *_ids(section, "in-reply-to")])
    return tuple(ids)[-MAX_REFERENCES:]


def _automatic(section: Section) -> bool:
    """RFC 3834 section 2, and what programs said before it was written."""
    names = {name for name, _ in section.fields}
    submitted = _word(section, "auto-submitted")
    return (
        submitted not in ("", "no")
        or _word(section, "precedence") in _BULK
        or bool(names & (_LISTS | _AUTOREPLIES))
        or _word(section, "x-auto-response-suppress") not in ("", "none")
        or section.first("return-path").strip() == b"<>"
    )


def _word(section: Section, name: str) -> str:
    """A field's value up to its parameters."""
    return unfold(section.first(name)[:200]).split(";", 1)[0].strip().lower()
