"""Originals: the mail that a fax was made of, the file that a fax service received.

In:    a job, a received fax.
Out:   the octets with a name to be saved under.
Fails: Refusal 404 for what is kept no longer; Temporary.

Rule: what strangers sent leaves as an attachment, of a type that no browser opens by itself.
"""

from __future__ import annotations

import re

from aiohttp import web

from smtpfax.model.backend import InboundFax
from smtpfax.model.job import Job

from .deps import Deps
from .envelope import not_found

_SUFFIXES = {"application/pdf": "pdf", "image/tiff": "tiff"}


async def mail_of(job: Job, deps: Deps) -> web.Response:
    """The mail as it came, or as we wrote it for a fax that was ordered otherwise."""
    mail = await deps.store.mails.get(job.mail_id)
    if mail is None:
        raise not_found(job.id)
    name = mail.content.name
    if not name:
        octets = await deps.store.mails.inline(mail.id)
    else:
        octets = await deps.spool.read(name) if deps.spool.has(name) else None
    if octets is None:
        raise not_found(f"{job.id} has no content any more")
    return attached(octets, f"mail-{job.mail_id}.eml")


async def file_of(fax: InboundFax, deps: Deps) -> web.Response:
    """The file as the fax service gave it; the document, where that is the same."""
    name = fax.original or fax.document.name
    if not deps.spool.has(name):
        raise not_found(f"{fax.id} has no document any more")
    suffix = _SUFFIXES.get(fax.media_type, "bin") if fax.original else "tiff"
    return attached(await deps.spool.read(name), f"original-{fax.id}.{suffix}")


def attached(octets: bytes, name: str) -> web.Response:
    """To be saved, and never shown."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "", name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"', "X-Content-Type-Options": "nosniff"}
    return web.Response(body=octets, content_type="application/octet-stream", headers=headers)
