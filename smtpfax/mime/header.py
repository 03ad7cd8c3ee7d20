"""Header: what notices, the log and RFC 3834 need of a mail's header section.

In:    the mail's first octets.
Out:   a Header: decoded, printable, bounded; the header section's own octets for notices.
Fails: never.

Rule: this runs in the SMTP door's event loop, on what strangers sent: one pass over at most MAX_HEADER octets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

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
_MACHINES = _LISTS | {"x-autoreply", "x-autorespond"}
Firsts = Mapping[str, bytes]


def read_header(start: bytes) -> Header:
    """Read the header section that `start` begins with."""
    section = _section(start)
    firsts: Firsts = dict(reversed(section.fields))  # of fields with one name, the first
    return Header(
        message_id=next(iter(_ids(firsts, "message-id")), ""),
        subject=_text(firsts, "subject", MAX_SUBJECT),
        from_=_text(firsts, "from", MAX_FROM),
        references=_references(firsts),
        automatic=_automatic(firsts),
        received=[name for name, _ in section.fields].count("received"),
    )


def header_section(content: bytes) -> bytes:
    """The header section as it stands, for the notice that returns it (RFC 3462 section 2)."""
    return content[: min(_section(content).octets, MAX_HEADER)]


def _section(content: bytes) -> Section:
    return split(content, 0, min(len(content), MAX_HEADER), limit=MAX_HEADER)


def _ids(firsts: Firsts, name: str) -> list[str]:
    raw = firsts.get(name)
    return _ID.findall(unfold(raw[-_MAX_VALUE:])) if raw else []


def _text(firsts: Firsts, name: str, limit: int) -> str:
    raw = firsts.get(name)
    return decoded(raw[:_MAX_VALUE], limit=limit) if raw else ""


def _references(firsts: Firsts) -> tuple[str, ...]:
    """The thread's last ids, each once (RFC 5322 section 3.6.4)."""
    if "references" not in firsts and "in-reply-to" not in firsts:
        return ()
    ids = dict.fromkeys([*_ids(firsts, "references"), *_ids(firsts, "in-reply-to")])
    return tuple(ids)[-MAX_REFERENCES:]


def _automatic(firsts: Firsts) -> bool:
    """RFC 3834 section 2, and what programs said before it was written."""
    return (
        _word(firsts, "auto-submitted") not in ("", "no")
        or _word(firsts, "precedence") in _BULK
        or not firsts.keys().isdisjoint(_MACHINES)
        or _word(firsts, "x-auto-response-suppress") not in ("", "none")
        or firsts.get("return-path", b"").strip() == b"<>"
    )


def _word(firsts: Firsts, name: str) -> str:
    """A field's value up to its parameters."""
    raw = firsts.get(name)
    return unfold(raw[:200]).split(";", 1)[0].strip().lower() if raw else ""
