"""What an order said of a fax, as JSON.

In:    a job with its particulars, its faxbox.
Out:   JSON values, as `present` has them.
Fails: never.

Rule: what was not said is not told.
"""

from __future__ import annotations

from smtpfax.model.account import Faxbox
from smtpfax.model.job import Job
from smtpfax.model.particulars import NO_PARTICULARS, Source
from smtpfax.model.webhook import Webhook

from .answers import CallbackTold, NotificationsTold, SourceTold


def notifications_json(job: Job, faxbox: Faxbox | None) -> NotificationsTold:
    """Who is told: by the faxbox, and by the order. Of an SMS it is said that nobody sends it."""
    said = job.particulars or NO_PARTICULARS
    told = dict.fromkeys((*(faxbox.notify if faxbox else ()), *said.send_to))
    found: NotificationsTold = {"email": {"send_to": list(told)}}
    if said.sms_to:
        found["sms"] = {"send_to": list(said.sms_to), "delivered": False}
    if said.webhook:
        found["callback"] = _callback(said.webhook)
    return found


def source_json(source: Source) -> SourceTold:
    """What was said of it, and no more."""
    told: SourceTold = {"url": source.url, "method": source.method}
    if source.content:
        told["content"] = source.content
    if source.content_type:
        told["content_type"] = source.content_type
    if source.host:
        told["host"] = source.host
    if source.referer:
        told["referer"] = source.referer
    return told


def _callback(webhook: Webhook) -> CallbackTold:
    return {"url": webhook.url, "method": webhook.method, "type": webhook.type}
