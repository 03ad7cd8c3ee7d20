"""A notice as a mail: a delivery status notification (RFC 3464) whose first line is a plain sentence.

In:    a notice, its job, mail, history and faxbox, and the original mail.
Out:   an EmailMessage, threaded under the original mail.
Fails: Permanent, when the notice's recipient is no address.

Guarantee (G5): the same notice twice has the same Message-ID. Whatever a header, a number or a fax service says, no
field is added to the notice by it, and its size is bounded. The content goes back only with a failure, where the
envelope asked for it (RET=FULL) and the faxbox allows it (health data).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime

from smtpfax.model.account import Faxbox
from smtpfax.model.address import BadAddress, ReversePath, mailbox
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.job import Job
from smtpfax.model.mail import Mail
from smtpfax.model.notice import Notice, NoticeKind
from smtpfax.model.status import NOTICE_UNADDRESSED

from .report import NOTHING_ASKED, Asked, delivery_status
from .wire import WIRE
from .words import History, said

MOST_HEADER = 16384  # octets of the original header section that go back
MOST_CONTENT = 1 << 20  # octets of an original mail that goes back whole
_MOST_LINE = 998  # RFC 5322 section 2.1.1
_MOST_REFERENCES = 20
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")  # RFC 5322 section 3.6.4, as lax as mail programs are
_UNPRINTABLE = re.compile(rb"[^\t\x20-\x7e\x80-\xff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who we are."""

    hostname: str
    from_address: str


def compose(
    notice: Notice,
    *,
    job: Job,
    mail: Mail,
    history: History,
    faxbox: Faxbox | None,
    original: bytes,
    site: Site,
    asked: Asked = NOTHING_ASKED,
    link: str = "",
) -> EmailMessage:
    """The notice, ready to be written: all in 7 bits, but for an address that needs SMTPUTF8."""
    words = said(notice.kind, job=job, mail=mail, history=history, faxbox=faxbox, link=link)
    message = EmailMessage(policy=WIRE)
    for name, value in _header(notice, mail, words.subject, site):
        message[name] = value
    message["Content-Type"] = "multipart/report; report-type=delivery-status"  # RFC 6522 section 3
    report = delivery_status(notice.kind, job=job, mail=mail, history=history, hostname=site.hostname, asked=asked)
    wanted = asked.full and faxbox is not None and faxbox.return_content
    returned = _returned(original, whole=wanted and notice.kind is NoticeKind.FAILURE)
    message.set_payload([text_part(words.text, "plain"), report, returned])
    return message


def recipient_of(notice: Notice) -> ReversePath:
    """Whom it goes to, read once more: the row may be older than the rule."""
    try:
        return mailbox(notice.recipient)
    except BadAddress as wrong:
        raise Permanent(NOTICE_UNADDRESSED, reason=str(wrong), cause=Cause.OURS) from None


def header_section(content: bytes) -> bytes:
    """The lines before the first empty one, as far as they are of use."""
    head = content[: 2 * MOST_HEADER]
    ends = [at for at in (head.find(b"\r\n\r\n"), head.find(b"\n\n")) if at >= 0]
    return head[: min(ends)] if ends else head


def _header(notice: Notice, mail: Mail, subject: str, site: Site) -> Iterable[tuple[str, str]]:
    yield "From", site.from_address
    yield "To", str(recipient_of(notice))
    yield "Subject", subject
    yield "Date", format_datetime(notice.created)
    yield "Message-ID", f"<{notice.id}@{site.hostname}>"
    thread = list(_thread(mail))
    if thread:
        yield "In-Reply-To", thread[-1]
        yield "References", " ".join(thread)
    yield "Auto-Submitted", "auto-replied"  # RFC 3834 section 5: nobody answers it by a program
    yield "MIME-Version", "1.0"


def _thread(mail: Mail) -> Iterable[str]:
    """The original's ancestors and itself (RFC 5322 section 3.6.4); none when it has no Message-ID to thread under."""
    own = mail.header.message_id
    if not _MESSAGE_ID.fullmatch(own):
        return
    known = [one for one in mail.header.references if one != own and _MESSAGE_ID.fullmatch(one)]
    yield from known[:1] + known[1:][-_MOST_REFERENCES:]  # the root and the nearest: what threads are built from
    yield own


def text_part(text: str, subtype: str) -> MIMEPart:
    """Text as a part, in 7 bits."""
    part = MIMEPart(policy=WIRE)
    if text.isascii() and all(len(line) < _MOST_LINE for line in text.splitlines()):
        part.set_content(text, subtype=subtype, charset="us-ascii", cte="7bit")
    else:
        part.set_content(text, subtype=subtype, charset="utf-8", cte="quoted-printable")
    return part


def _returned(original: bytes, *, whole: bool) -> MIMEPart:
    """What goes back: the mail if it may and can, else its header section."""
    return _whole(original) if whole and _fits(original) else text_part(_header_of(original), "rfc822-headers")


def _fits(content: bytes) -> bool:
    """Whether any relay takes it as it is: a message/rfc822 part may not be encoded (RFC 2046 section 5.2.1)."""
    if not 0 < len(content) <= MOST_CONTENT or not content.isascii() or b"\0" in content:
        return False
    return all(len(line) <= _MOST_LINE for line in content.split(b"\r\n"))


def _whole(content: bytes) -> MIMEPart:
    """The mail as it came. It is not parsed: it is anybody's."""
    part = MIMEPart(policy=WIRE)
    part["Content-Type"] = "message/rfc822"
    part.set_payload(content.decode("ascii"))
    return part


def _header_of(original: bytes) -> str:
    """The original header section, bounded, its lines whole, as text."""
    lines, room = [], MOST_HEADER
    for line in header_section(original).splitlines():
        room -= len(line) + 2
        if room < 0:
            break
        lines.append(_UNPRINTABLE.sub(b"?", line).decode("utf-8", "replace").replace("\ufffd", "?"))
    return "\n".join(lines) + "\n"
