"""The mail that tells of a received fax, with the fax, or with a link to it.

In:    a letter, its fax and faxbox; the PDF, or the address where it is.
Out:   an EmailMessage.
Fails: Permanent, when the letter's recipient is no address.

Rule: with a link, nothing of the fax's content is in the mail (health data). Whatever the far side wrote (a name, a
number) stands on a line of its own, bounded, and adds no field. The same letter twice has the same Message-ID.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime

from smtpfax.model.account import Faxbox
from smtpfax.model.address import BadAddress, mailbox
from smtpfax.model.backend import InboundFax
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.letter import Letter
from smtpfax.model.status import NOTICE_UNADDRESSED

from .compose import Site, text_part
from .wire import WIRE, plain
from .words import fact, page_count, time_in, zone_of

_WIDTH = 76
_MOST_NAME = 100
_NOT_IN_A_NAME = re.compile(r"[^0-9A-Za-z+-]+")


def compose_received(
    letter: Letter, fax: InboundFax, faxbox: Faxbox | None, *, site: Site, pdf: bytes | None, link: str
) -> EmailMessage:
    """`pdf` None: the mail has the link alone."""
    message = EmailMessage(policy=WIRE)
    for name, value in _header(letter, fax, site):
        message[name] = value
    text = text_part(_words(fax, faxbox, attached=pdf is not None, link=link), "plain")
    message["Content-Type"] = "multipart/mixed"
    message.set_payload([text] if pdf is None else [text, _document(pdf, fax, faxbox)])
    return message


def recipient_of(letter: Letter) -> str:
    """Whom it goes to, read once more: the row may be older than the rule."""
    try:
        return str(mailbox(letter.recipient))
    except BadAddress as wrong:
        raise Permanent(NOTICE_UNADDRESSED, reason=str(wrong), cause=Cause.OURS) from None


def _header(letter: Letter, fax: InboundFax, site: Site) -> Iterable[tuple[str, str]]:
    yield "From", site.from_address
    yield "To", recipient_of(letter)
    yield "Subject", f"Fax from {_sender(fax)}: {page_count(fax.document.pages)}"
    yield "Date", format_datetime(letter.created)
    yield "Message-ID", f"<{letter.id}@{site.hostname}>"
    yield "Auto-Submitted", "auto-generated"  # RFC 3834 section 5: nobody answers it by a program
    yield "MIME-Version", "1.0"


def _words(fax: InboundFax, faxbox: Faxbox | None, *, attached: bool, link: str) -> str:
    where = "It is attached." if attached else "Please open the link below to read it."
    sentence = f"A fax from {_sender(fax)} came in. {where}"
    blocks = [textwrap.fill(sentence, _WIDTH), "" if attached else link, "\n".join(_facts(fax, faxbox))]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _facts(fax: InboundFax, faxbox: Faxbox | None) -> Iterable[str]:
    yield from fact("From", fax.from_number)
    yield from fact("Name", plain(fax.from_name, _MOST_NAME))
    yield from fact("To", fax.to_number)
    yield from fact("Pages", str(fax.document.pages))
    yield from fact("Time", time_in(fax.received, zone_of(faxbox)))
    yield from fact("Faxbox", faxbox.name if faxbox else "")
    yield from fact("Fax", fax.id)


def _sender(fax: InboundFax) -> str:
    return plain(fax.from_number, _MOST_NAME) or "an unknown number"


def _document(pdf: bytes, fax: InboundFax, faxbox: Faxbox | None) -> MIMEPart:
    at = fax.received.astimezone(zone_of(faxbox))
    name = "-".join(filter(None, ("fax", _NOT_IN_A_NAME.sub("", fax.from_number)[:30], f"{at:%Y%m%d-%H%M}")))
    part = MIMEPart(policy=WIRE)
    part.set_content(pdf, maintype="application", subtype="pdf", disposition="attachment", filename=f"{name}.pdf")
    return part
