"""Where doors listen.

In:    text as an administrator writes it: `127.0.0.1:2525`, `tls://[::]:465`, `unix:/run/smtpfax.sock`, `fd:smtp`
Out:   Listen: a text with its parsed parts
Fails: ValueError with one plain sentence (pydantic makes it a fault of its key)
Rule:  parsed once, here.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator

from smtpfax.config.values import ParsedText, split_host_port

TLS_PREFIX = "tls://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tcp:
    """An internet address to listen on; port 0 lets the system choose."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unix:
    """A Unix socket to listen on."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """A socket that the service manager opened and named (FileDescriptorName= of a socket unit)."""

    name: str


class Listen(ParsedText):
    """Where to listen: `127.0.0.1:2525`, `[::1]:2525`, `unix:/path` or `fd:NAME`; `where` is the parsed form.

    `tls://` before it: TLS from the first octet (RFC 8314 section 3.3).
    """

    __slots__ = ("tls", "where")
    where: Tcp | Unix | Inherited
    tls: bool

    def __new__(cls, text: str) -> Self:
        """Parse `text`; ValueError when it is none of the forms."""
        made = super().__new__(cls, text)
        made.tls = text.startswith(TLS_PREFIX)
        made.where = parse_listen(text.removeprefix(TLS_PREFIX))
        return made


def parse_listen(text: str) -> Tcp | Unix | Inherited:
    """The place a `listen` entry names."""
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return Unix(path=Path(rest))
    if kind == "fd" and re.fullmatch(r"[A-Za-z0-9_.-]+", rest):
        return Inherited(name=rest)
    try:
        host, port = split_host_port(text)
    except ValueError:
        raise ValueError(f'{text!r} must be "host:port", "[v6 address]:port", "unix:/path" or "fd:NAME"') from None
    return Tcp(host=host, port=port)


def _some(items: tuple[Listen, ...]) -> tuple[Listen, ...]:
    if not items:
        raise ValueError("must name one place at least")
    return items


def _without_tls(items: tuple[Listen, ...]) -> tuple[Listen, ...]:
    if any(item.tls for item in items):
        raise ValueError("tls:// is for [smtp]; this door wants a web server with TLS in front of it")
    return items


Places = Annotated[tuple[Listen, ...], AfterValidator(_some)]
PlainPlaces = Annotated[tuple[Listen, ...], AfterValidator(_without_tls)]
