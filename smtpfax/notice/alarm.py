"""An alert as a mail to the administrator.

In:    an alert, whether it is over, and who we are.
Out:   an EmailMessage.
Fails: Permanent, when the recipient is no address.

Rule: the same alert twice has the same Message-ID, and its end stands in the thread that it began.
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from smtpfax.model.address import BadAddress, mailbox
from smtpfax.model.alert import Alert
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.status import NOTICE_UNADDRESSED

from .compose import Site
from .relay import Relay
from .wire import WIRE, plain

_WIDTH = 76
_MOST = 300


async def send_alert(relay: Relay, site: Site, recipients: Iterable[str], alert: Alert, *, at: datetime) -> None:
    """To everybody; whoever got it gets it again when another one could not be reached."""
    for recipient in recipients:
        message = compose_alert(alert, site=site, recipient=recipient, at=at)
        await relay.send(message.as_bytes(), recipient)


def compose_alert(alert: Alert, *, site: Site, recipient: str, at: datetime) -> EmailMessage:
    """What is wrong, since when, and whether it is over."""
    over, begun = alert.over(at), _message_id(alert, "begun", site)
    message = EmailMessage(policy=WIRE)
    message["From"] = site.from_address
    message["To"] = _address(recipient)
    message["Subject"] = plain(f"{'over: ' if over else ''}{alert.subject} ({site.hostname})", _MOST)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = _message_id(alert, "over", site) if over else begun
    if over:
        message["In-Reply-To"] = begun
        message["References"] = begun
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5
    message.set_content("\n\n".join(_text(alert, over)) + "\n", charset="utf-8", cte="quoted-printable")
    return message


def _text(alert: Alert, over: bool) -> Iterable[str]:
    yield textwrap.fill(plain(alert.text, 4 * _MOST), _WIDTH)
    yield f"Since: {_time(alert.since)}" + (f"\nOver:  {_time(alert.seen)}" if over else "")
    if over and alert.told is None:
        yield textwrap.fill("You are told only now because no mail could leave while it lasted.", _WIDTH)
    elif not over:
        yield textwrap.fill("You will be told once more, when it is over.", _WIDTH)


def _message_id(alert: Alert, word: str, site: Site) -> str:
    seed = f"{alert.key} {alert.since.isoformat()}"
    return f"<alert.{word}.{hashlib.sha256(seed.encode()).hexdigest()[:24]}@{site.hostname}>"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _address(text: str) -> str:
    try:
        return str(mailbox(text))
    except BadAddress as wrong:
        raise Permanent(NOTICE_UNADDRESSED, reason=str(wrong), cause=Cause.OURS) from None
