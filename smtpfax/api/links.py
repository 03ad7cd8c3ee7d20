"""Signed addresses: where a backend may fetch a document, and where a sender answers a question.

In:    a document, or a held job; later the expiry and signature of an address.
Out:   the address; whether it is one of ours and still holds.
Fails: never.

Rule: the name alone opens nothing: what is signed is what the address is for, with its name and its expiry. The
signature of a question names the moment of the hold: once it is answered, the address is of no use for another hold.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from smtpfax.model.backend import InboundFax
from smtpfax.model.document import Document
from smtpfax.model.ids import Clock
from smtpfax.model.job import Job

LASTS = timedelta(hours=1)
QUESTION_LASTS = timedelta(days=14)
RECEIVED_LASTS = timedelta(days=30)
SIGNED_KEYS: Mapping[str, type[str]] = MappingProxyType({"expires": str, "signature": str})  # of each address


class Links:
    """Makes the addresses and knows them again."""

    def __init__(self, public_url: str, key: bytes, clock: Clock) -> None:
        self._base = public_url.rstrip("/")
        self._key = key
        self._clock = clock

    def url(self, document: Document) -> str:
        """The address of a document, from now on for an hour."""
        expires = _seconds(self._clock() + LASTS)
        signature = self._sign("document", document.name, expires)
        return f"{self._base}/documents/{document.name}?expires={expires}&signature={signature}"

    def opens(self, name: str, expires: str, signature: str) -> bool:
        """Whether the address is one of ours and still holds."""
        return self._holds(expires, signature, "document", name)

    def question_url(self, job: Job) -> str:
        """The address at which a held job's sender says whether its number is right; the same each time."""
        held = job.held or self._clock()
        expires = _seconds(held + QUESTION_LASTS)
        signature = self._sign("question", job.id, held.isoformat(), expires)
        return f"{self._base}/confirm/{job.id}?expires={expires}&signature={signature}"

    def answers(self, job: Job, expires: str, signature: str) -> bool:
        """Whether the address is one of ours, for this hold of this job."""
        held = job.held.isoformat() if job.held else ""
        return bool(held) and self._holds(expires, signature, "question", job.id, held)

    def received_url(self, fax: InboundFax) -> str:
        """The address at which a received fax can be read; the same each time."""
        expires = _seconds(fax.received + RECEIVED_LASTS)
        return f"{self._base}/received/{fax.id}?expires={expires}&signature={self._sign('received', fax.id, expires)}"

    def shows(self, fax: InboundFax, expires: str, signature: str) -> bool:
        """Whether the address is one of ours, for this fax."""
        return self._holds(expires, signature, "received", fax.id)

    def callback_url(self, backend: str) -> str:
        """Where a backend of that name may call us."""
        return f"{self._base}/callbacks/{backend}"

    def callback_token(self, backend: str) -> str:
        """What shows that it is this backend that calls; of so few characters because RingCentral takes no more."""
        return self._sign("callback", backend)[:40]

    def _holds(self, expires: str, signature: str, *words: str) -> bool:
        if not (expires.isascii() and expires.isdecimal()) or len(expires) > 12:
            return False
        wanted = self._sign(*words, expires)
        return int(expires) >= self._clock().timestamp() and hmac.compare_digest(signature.encode(), wanted.encode())

    def _sign(self, *words: str) -> str:
        return hmac.new(self._key, " ".join(words).encode(), hashlib.sha256).hexdigest()


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))
