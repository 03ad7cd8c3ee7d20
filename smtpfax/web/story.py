"""What was said at the door, in short: an attempt as the lines of a conversation.

In:    an Attempt.
Out:   lines of the client's and of ours, in order.
Fails: never; pure.

Rule: nothing is made up: what the log does not know is not a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smtpfax.model.attempt import Attempt, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that was said."""

    ours: bool
    text: str
    note: bool = False  # not said, but told


def dialogue(attempt: Attempt) -> tuple[Line, ...]:
    """The conversation, as far as the log has it."""
    return tuple(_lines(attempt))


def _lines(attempt: Attempt) -> Iterator[Line]:
    client = attempt.client
    where = f"A client connects from {client.address}" if client.address else "A client connects on this machine"
    yield Line(ours=False, text=f"{where}, with {client.tls}." if client.tls else f"{where}, without TLS.", note=True)
    if client.helo:
        yield Line(ours=False, text=f"EHLO {client.helo}")
    if client.user:
        yield Line(ours=False, text=f"signs in as {client.user}", note=True)
    if attempt.raw_from or attempt.reverse_path is not None:
        written = attempt.raw_from or f"<{attempt.reverse_path}>"
        yield Line(ours=False, text=f"MAIL FROM:{written if written.startswith('<') else f'<{written}>'}")
    if attempt.to:
        yield Line(ours=False, text=f"RCPT TO:<{attempt.to}>")
    if attempt.mail_id or attempt.header.message_id:
        yield Line(ours=False, text=f"DATA, {attempt.octets:,} octets" if attempt.octets else "DATA")
    if attempt.outcome is Outcome.ABANDONED:
        yield Line(ours=False, text="The client leaves before it is finished.", note=True)
    else:
        yield Line(ours=True, text=str(attempt.reply))
