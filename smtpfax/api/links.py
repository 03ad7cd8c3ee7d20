"""Addresses at which a backend may fetch a document, for a while and nothing else.

In:    a document; later the name, expiry and signature of an address.
Out:   the address; whether it is one of ours and still holds.
Fails: never.

Rule: the name alone opens nothing: what is signed is the name with its expiry, by a key of this process's life.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from smtpfax.model.document import Document
from smtpfax.model.ids import Clock

LASTS = timedelta(hours=1)


class Links:
    """Makes the addresses and knows them again."""

    def __init__(self, public_url: str, key: bytes, clock: Clock) -> None:
        self._base = f"{public_url.rstrip('/')}/documents"
        self._key = key
        self._clock = clock

    def url(self, document: Document) -> str:
        """The address of a document, from now on for an hour."""
        expires = int((self._clock() + LASTS).timestamp())
        return f"{self._base}/{document.name}?expires={expires}&signature={self._sign(document.name, expires)}"

    def opens(self, name: str, expires: str, signature: str) -> bool:
        """Whether the address is one of ours and still holds."""
        if not expires.isdecimal() or len(expires) > 12 or int(expires) < self._clock().timestamp():
            return False
        return hmac.compare_digest(signature.encode(), self._sign(name, int(expires)).encode())

    def _sign(self, name: str, expires: int) -> str:
        return hmac.new(self._key, f"{name} {expires}".encode(), hashlib.sha256).hexdigest()
