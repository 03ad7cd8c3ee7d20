"""What RingCentral calls us with.

In:    an HTTP request, unchecked; the token that we gave when we subscribed.
Out:   Heard: the handshake's echo, or that something changed.
Fails: Permanent, when it is not from RingCentral.

Rule: an event says only that faxes were added or changed; it is believed as a reason to ask, and as nothing else. Its
token stands in Verification-Token, or as older documents have it in Validation-Token.
"""

from __future__ import annotations

import hmac
import json

from smtpfax.model import status as say
from smtpfax.model.backend import Callback, Heard
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent

from .reading import objects, text

HANDSHAKE = "Validation-Token"
_TOKENS = ("verification-token", "validation-token")
_MOST_TOKEN = 200  # their handshake takes no answer of more than 1024 octets
_FAX = "/fax"


def hear(callback: Callback, *, token: str) -> Heard:
    """The handshake has no body and is echoed; an event has our token."""
    said = {name.lower(): value for name, value in callback.headers.items()}
    if not callback.body.strip():
        return _handshake(said.get("validation-token", ""))
    if not token or not any(hmac.compare_digest(said.get(name, "").encode(), token.encode()) for name in _TOKENS):
        raise Permanent(say.NO_CALLBACK, cause=Cause.REFUSED, reason="a callback without our token")
    return Heard(changed=_about_faxes(callback.body))


def _handshake(echo: str) -> Heard:
    if not echo or len(echo) > _MOST_TOKEN or not (echo.isascii() and echo.isprintable()):
        raise Permanent(say.NO_CALLBACK, cause=Cause.REFUSED, reason="a callback that says nothing")
    return Heard(headers={HANDSHAKE: echo})


def _about_faxes(body: bytes) -> bool:
    """An event of the message store names the types that changed; one of faxes alone is about faxes."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(event, dict) or not isinstance(event.get("body"), dict):
        return False
    kinds = [text(change.get("type")) for change in objects(event["body"].get("changes"))]
    return "Fax" in kinds or (not kinds and _FAX in text(event.get("event")))
