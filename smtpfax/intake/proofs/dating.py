"""When a signature was made: what is too old is played again, and what has no date cannot be told from that.

In:    a header section, and one of its signatures.
Out:   until when the signature counts, in Unix seconds.
Fails: BadSignature: it has expired, is too old or of the future, or does not say when it was made.

Rule: t= says it (RFC 6376 section 3.5), else the one Date that is signed. So a signature counts for a bounded time, and
that it was used is remembered for no longer.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from .dkim_signature import BadSignature, Signature
from .head import Head

MOST_AGE = 14 * 86_400  # seconds; no queue holds a mail longer, so an older one is played again
SKEW = 3600  # seconds that a signer's clock may be ahead
_DATE_SKEW = 86_400  # and that of whoever wrote the mail
_MOST_DATE = 100  # octets of a Date


def counts_until(head: Head, signature: Signature, *, now: int) -> int:
    """The last second of it."""
    if signature.expires is not None and signature.expires < now:
        raise BadSignature("the signature has expired")
    made, skew = (_date(head, signature), _DATE_SKEW) if signature.made is None else (signature.made, SKEW)
    if not now - MOST_AGE <= made <= now + skew:
        raise BadSignature("the signature is too old, or of the future")
    return made + MOST_AGE if signature.expires is None else min(signature.expires, made + MOST_AGE)


def _date(head: Head, signature: Signature) -> int:
    dates = head.all("date")
    if len(dates) != 1 or "date" not in signature.fields or len(dates[0].value) > _MOST_DATE:
        raise BadSignature("the signature does not say when it was made, and no Date is signed")
    try:
        return int(parsedate_to_datetime(dates[0].value.decode("ascii")).timestamp())
    except (ValueError, TypeError, OverflowError, IndexError):  # the parser raises what it stumbles over
        raise BadSignature("the signature does not say when it was made, and its Date cannot be read") from None
