"""How a fax stands, from its message.

In:    a Message; the reason of its failure, where it failed.
Out:   Progress, or None for a failure whose reason has to be asked for.
Fails: never.

Rule: `Sent` and `Delivered` are success, the words of failure end it, and any other word is not over.
"""

from __future__ import annotations

from smtpfax.model.backend import Broken, Done, Progress, Sending
from smtpfax.model.event import Transmission

from .codes import Reason, of_code
from .message import Message

SENT = frozenset({"Sent", "Delivered"})
FAILED = frozenset({"SendingFailed", "DeliveryFailed"})


def over(message: Message) -> bool:
    """Nothing more will become of it."""
    return message.status in SENT or message.status in FAILED


def progress_of(message: Message) -> Progress | None:
    """What the message itself says."""
    if message.status in SENT:
        return Done(transmission=Transmission(pages_sent=message.pages))
    if message.status not in FAILED:
        return Sending(text=message.status)
    return broken(of_code(message.code)) if message.code else None


def broken(reason: Reason) -> Broken:
    """A failure with its reason; the pages that a message tells are those of the document, not those that went."""
    return Broken(cause=reason.cause, text=reason.words, transmission=Transmission(text=reason.words))
