"""A mail to postmaster@, passed on as it is.

In:    the content, its mail, and who we are.
Out:   the content with our trace line in front of it, and nothing else changed.
Fails: never.

Rule: it leaves with the null reverse-path, as every mail of ours does: what goes wrong with it further on comes back
to nobody and cannot loop. The trace line counts, for those who stop loops (RFC 5321 sections 4.4 and 6.3).
"""

from __future__ import annotations

import re
from email.utils import format_datetime

from smtpfax.model.mail import Client, Mail

from .compose import Site

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9.\-:\[\]_]")


def pass_on(content: bytes, *, mail: Mail, site: Site) -> bytes:
    """The content with its Received: field."""
    return _received(mail, site).encode("ascii") + content


def _received(mail: Mail, site: Site) -> str:
    return (
        f"Received: from {_client(mail.client)}\r\n"
        f"\tby {site.hostname} with {_protocol(mail.client)} id {mail.id};\r\n"
        f"\t{format_datetime(mail.created)}\r\n"
    )


def _client(client: Client) -> str:
    """RFC 5321 section 4.4: the name it gave itself, and the address that it came from."""
    name = _NOT_IN_A_NAME.sub("?", client.helo[:100]) or "unknown"
    if client.address is None:
        return f"{name} (local)"
    literal = f"IPv6:{client.address}" if client.address.version == 6 else str(client.address)
    return f"{name} ([{literal}])"


def _protocol(client: Client) -> str:
    """RFC 3848."""
    return "ESMTP" + ("S" if client.tls else "") + ("A" if client.user else "")
