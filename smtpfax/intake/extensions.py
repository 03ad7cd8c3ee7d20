"""What EHLO offers, with the limits as they are.

In:    the door's manners, and the time.
Out:   a line for each extension (RFC 5321 section 4.1.1.1).
Fails: never; pure.

Rule: what stands here works, and what works stands here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .desk import Manners
from .parameters import LEAST_BY

_ALWAYS = ("8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "DSN", f"DELIVERBY {LEAST_BY}")


def offered(manners: Manners, *, at: datetime) -> tuple[str, ...]:
    """The lines, but for the host's name."""
    most = manners.max_recipients  # each may be of another domain (RFC 9422 section 4)
    limits = f"LIMITS MAILMAX={manners.max_mails} RCPTMAX={most} RCPTDOMAINMAX={most}"
    return "PIPELINING", f"SIZE {manners.max_octets}", *_ALWAYS, limits, *_future(manners.most_hold, at)


def _future(most: timedelta, at: datetime) -> tuple[str, ...]:
    """RFC 4865 section 3: for how many seconds, and until when, a fax may be held."""
    until = (at + most).replace(microsecond=0, tzinfo=None).isoformat()
    return (f"FUTURERELEASE {most // timedelta(seconds=1)} {until}Z",) if most else ()
