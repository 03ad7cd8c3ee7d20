"""What an order said of a fax, as JSON.

In:    a job with its particulars, its faxbox.
Out:   JSON values, as `present` has them.
Fails: never.

Rule: what was not said is not told.
"""

from __future__ import annotations

from typing import Any

from smtpfax.model.account import Faxbox
from smtpfax.model.job import Job
from smtpfax.model.particulars import NO_PARTICULARS, Source, Webhook


def notifications_json(job: Job, faxbox: Faxbox | None) -> dict[str, Any]:
    """Who is told: by the faxbox, and by the order. Of an SMS it is said that nobody sends it."""
    said = job.particulars or NO_PARTICULARS
    told = dict.fromkeys((*(faxbox.notify if faxbox else ()), *said.send_to))
    return {
        "email": {"send_to": list(told)},
        **({"sms": {"send_to": list(said.sms_to), "delivered": False}} if said.sms_to else {}),
        **({"callback": _callback(said.webhook)} if said.webhook else {}),
    }


def _callback(webhook: Webhook) -> dict[str, Any]:
    return {"url": webhook.url, "method": webhook.method, "type": webhook.type}


def source_json(source: Source) -> dict[str, Any]:
    """What was said of it, and no more."""
    said = {name: getattr(source, name) for name in ("content", "content_type", "host", "referer")}
    return {"url": source.url, "method": source.method} | {name: value for name, value in said.items() if value}
