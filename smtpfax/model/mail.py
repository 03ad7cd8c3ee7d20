"""A mail: envelope and content, and what its header says.

In:    what the door saw.
Out:   Client, Content, Header, Mail: plain records.
Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from .account import Proof
from .address import ReversePath


class Origin(StrEnum):
    """The door a mail came in by."""

    SMTP = "smtp"
    HTTP = "http"
    SHELL = "shell"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFound:
    """One proof that was looked for, and why it holds or not."""

    proof: Proof
    holds: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who connected."""

    address: IPv4Address | IPv6Address | None = None  # None: a Unix socket
    helo: str = ""
    tls: str = ""  # protocol version, such as TLSv1.3
    cipher: str = ""  # and its cipher suite, where TLS ends here
    user: str = ""  # SMTP AUTH identity
    proofs: tuple[ProofFound, ...] = ()

    @property
    def held(self) -> frozenset[Proof]:
        """The proofs at hand."""
        return frozenset(found.proof for found in self.proofs if found.holds)

    def __str__(self) -> str:
        return f"{self.helo or 'unknown'}[{self.address or 'local'}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Where the content stands: in hand (small), or already durable in the spool under `name` (large)."""

    sha256: str  # of a content in hand it may be empty: then the store finds it
    octets: int
    inline: bytes | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What notices, the log and RFC 3834 need of a header section: decoded, printable, bounded."""

    message_id: str = ""
    subject: str = ""
    from_: str = ""
    references: tuple[str, ...] = ()
    automatic: bool = False  # RFC 3834 section 2: nobody wants a receipt for it
    received: int = 0  # Received: lines, for loops (RFC 5321 section 6.3)


NO_HEADER = Header()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An accepted transaction: it is ours, and is not forgotten before its jobs are final."""

    id: str
    created: datetime
    origin: Origin
    client: Client
    reverse_path: ReversePath
    content: Content
    header: Header
