"""The way out for notices: one mail to one address, through the configured relay.

In:    content and an address.
Out:   the relay's reply, for the log.
Fails: Temporary (the relay is down, slow, says 4xx, or refuses us and not this notice), Permanent (5xx to this notice).

Rule: the reverse-path is null (RFC 5321 section 4.5.5), so that no notice begets a notice. A certificate is verified
unless the relay is on this machine, and a password is never sent in the clear beyond it unless TLS is switched off.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

import aiosmtplib

from smtpfax.model.address import mailbox
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.status import RELAY_DEFERRED, RELAY_DOWN, RELAY_REFUSED

StartTls = Literal["auto", "always", "never"]
_HEADER_ENDS = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. A relay may take minutes over the final dot (RFC 5321 section 4.5.3.2.6)."""

    connect: float = 30
    reply: float = 300
    whole: float = 900
    quit: float = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A mail server that takes our notices; a connection a notice."""

    host: str
    port: int
    hostname: str  # ours, for EHLO
    starttls: StartTls = "auto"
    username: str = ""
    password: str = field(default="", repr=False)
    timeouts: Timeouts = Timeouts()
    tls: ssl.SSLContext | None = None  # instead of the system's authorities

    async def send(self, content: bytes, recipient: str) -> str:
        """Hand one mail over; a relay that vanishes after the final dot may get it twice (G5)."""
        client = self._client()
        try:
            async with asyncio.timeout(self.timeouts.whole):
                address = str(mailbox(recipient))  # the library reads addresses laxly, and would send to another one
                await client.connect(timeout=self.timeouts.connect)
                options = _options(client, content, address)
                _, reply = await client.sendmail("", [address], content, mail_options=options)
        except (aiosmtplib.SMTPException, OSError, ValueError) as wrong:
            client.close()
            raise fault_of(wrong) from wrong
        await _leave(client, self.timeouts.quit)
        return reply

    async def check(self) -> str:
        """Greet it, sign in, and leave again; what is wrong, or nothing."""
        client = self._client()
        try:
            async with asyncio.timeout(self.timeouts.connect):
                await client.connect(timeout=self.timeouts.connect)
        except (aiosmtplib.SMTPException, OSError, ValueError) as wrong:
            client.close()
            return fault_of(wrong).reason
        await _leave(client, self.timeouts.quit)
        return ""

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.hostname,
            username=self.username or None,
            password=self.password or None,
            timeout=self.timeouts.reply,
            start_tls=must_starttls(self),
            validate_certs=not on_this_machine(self.host),
            tls_context=self.tls,
        )


def must_starttls(relay: Relay) -> bool | None:
    """True: or nothing is sent; False: never; None: if the relay offers it."""
    if relay.starttls == "auto":
        return True if relay.username and not on_this_machine(relay.host) else None
    return relay.starttls == "always"


def on_this_machine(host: str) -> bool:
    """Loopback, by address or by the one name that means it (RFC 6761 section 6.3)."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def fault_of(wrong: Exception) -> Fault:
    """What a failure means: only a 5xx to this very notice is permanent."""
    match wrong:
        case aiosmtplib.SMTPNotSupported():
            return Permanent(RELAY_REFUSED, cause=Cause.OURS, why="it cannot take an address beyond ASCII")
        case aiosmtplib.SMTPRecipientsRefused(recipients=[first, *_]):
            return _refused(first, final=first.code != 530)  # RFC 4954 section 6: it wants a password first
        case aiosmtplib.SMTPDataError():
            return _refused(wrong, final=True)
        case aiosmtplib.SMTPSenderRefused():
            return _refused(wrong, final=wrong.code == 552)  # RFC 1870 section 6.1: too large
        case aiosmtplib.SMTPResponseException():
            return _refused(wrong, final=False)  # its greeting, EHLO, STARTTLS or AUTH: settings, not this notice
        case ValueError() if not isinstance(wrong, OSError):
            return Permanent(RELAY_REFUSED, cause=Cause.OURS, reason=str(wrong), why="the address cannot be written")
    return Temporary(RELAY_DOWN, cause=Cause.OURS, reason=f"{type(wrong).__name__}: {wrong}")


def _refused(wrong: aiosmtplib.SMTPResponseException, *, final: bool) -> Fault:
    why = f"{wrong.code} {' '.join(wrong.message.split())}"
    if final and wrong.code >= 500:
        return Permanent(RELAY_REFUSED, cause=Cause.OURS, why=why)
    return Temporary(RELAY_DEFERRED, cause=Cause.OURS, why=why)


def _options(client: aiosmtplib.SMTP, content: bytes, recipient: str) -> list[str]:
    options = []
    if not content.isascii() and client.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")  # RFC 6152; a relay without it gets the 8 bits all the same, as Postfix does
    header, _, _ = content.partition(_HEADER_ENDS)
    if not recipient.isascii() or (not header.isascii() and client.supports_extension("smtputf8")):
        options.append("SMTPUTF8")  # RFC 6531 section 3.4
    return options


async def _leave(client: aiosmtplib.SMTP, seconds: float) -> None:
    # The mail is theirs by now: whatever happens to QUIT must not look like a failure.
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=seconds)
    client.close()
