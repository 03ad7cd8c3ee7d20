"""The stage: a program is told that a job has ended.

In:    a notice that is due, whom it calls, and the job as the API tells it.
Out:   the status that the program answered with; when to try again after a failure.
Fails: Temporary, with the time that the program asks for; Permanent, for an address that may not be called, and for a
       program that answers 410.

Rule: signed as Standard Webhooks has it (standardwebhooks.com): HMAC-SHA256 over id, timestamp and body, so that the
program can tell who called and that it is no old call told again. The id is the same at every try, for a call may come
twice, never zero times. No redirect is followed: what is signed goes where it was meant to.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from smtpfax.egress import Answer, Barred, EgressError, Request, Strangers
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.notice import Notice
from smtpfax.model.status import NOTICE_WITHOUT_JOB, WEBHOOK_BARRED, WEBHOOK_UNHEARD
from smtpfax.model.webhook import Webhook

EVENT = "fax.ended"
GONE = 410
_MINUTES = (1, 5, 15, 60, 180)  # after the first, second … failure; the last one repeats
_PREFIX = "whsec_"  # of a secret that is said in base64
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """What the worker calls."""

    strangers: Strangers
    secret: str = ""  # empty: calls are not signed
    seconds: float = 10

    async def deliver(self, notice: Notice, *, webhook: Webhook | None, record: Record, at: datetime) -> str:
        """Call once; None: neither the order nor its faxbox names a program any more."""
        if webhook is None:
            raise Permanent(NOTICE_WITHOUT_JOB, cause=Cause.OURS)
        request = request_of(notice, webhook, record, at=at, secret=self.secret, seconds=self.seconds)
        try:
            answer = await self.strangers.ask(request, redirects=0)
        except Barred as why:
            raise Permanent(WEBHOOK_BARRED, cause=Cause.REFUSED, why=why.why) from None
        except EgressError as why:
            raise Temporary(WEBHOOK_UNHEARD, reason=str(why), why="no answer") from None
        return _thanked(answer, at)


def again(notice: Notice, *, at: datetime, give_up: timedelta, after: timedelta | None) -> datetime | None:
    """When to try again, for a webhook whose `tries` do not count the one that just failed; None: never."""
    pause = timedelta(minutes=_MINUTES[min(notice.tries, len(_MINUTES) - 1)])
    due = at + max(pause, after or pause)
    return due if due <= notice.created + give_up else None


def request_of(
    notice: Notice, webhook: Webhook, record: Record, *, at: datetime, secret: str, seconds: float
) -> Request:
    """The call, as it leaves."""
    if webhook.type == "json":
        body, kind = json.dumps({"event": EVENT, "data": record}).encode(), "application/json"
    else:
        body, kind = urlencode([("event", EVENT), *flat(record)]).encode(), "application/x-www-form-urlencoded"
    headers = {"Content-Type": kind} | signed(notice.id, body, at=at, secret=secret)
    return Request(method=webhook.method.upper(), url=webhook.url, headers=headers, body=body, total_seconds=seconds)


def signed(name: str, body: bytes, *, at: datetime, secret: str) -> dict[str, str]:
    """The headers that say which call it is, and whose."""
    stamp = str(int(at.timestamp()))
    headers = {"webhook-id": name, "webhook-timestamp": stamp}
    if not secret:
        return headers
    digest = hmac.new(_key(secret), f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return headers | {"webhook-signature": f"v1,{b64encode(digest).decode()}"}


def flat(record: Record, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Fields of a form: what lies deeper is named with dots, lists are JSON, and null is left out."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value if isinstance(value, str) else json.dumps(value)


def _thanked(answer: Answer, at: datetime) -> str:
    if answer.ok:
        return str(answer.status)
    if answer.status == GONE:
        raise Permanent(WEBHOOK_BARRED, cause=Cause.REFUSED, why="it answered 410")
    after = answer.retry_after(at=at)
    raise Temporary(WEBHOOK_UNHEARD, after=after, why=f"it answered {answer.status}")


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix(_PREFIX), validate=True) if secret.startswith(_PREFIX) else secret.encode()
    except NoBase64:
        return secret.encode()
