"""SASL PLAIN (RFC 4616) and LOGIN, as RFC 4954 carries them: lines in, challenges or credentials out.

In:    AUTH's argument, then the client's lines.
Out:   Challenge, for a 334; Credentials, when all was said.
Fails: BadExchange, with the reply.

Rule: pure and bounded; a password is never shown, not even by repr().
"""

from __future__ import annotations

import base64
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from enum import StrEnum

from smtpfax.model import status as say
from smtpfax.model.status import Reply

MOST_LINE = 4096  # RFC 4954 section 4 allows 12288, for mechanisms with tickets: these two need less
MOST_USER = 320
MOST_PASSWORD = 1024
MOST_WORDS = 2


class Mechanism(StrEnum):
    """What may be chosen."""

    PLAIN = "PLAIN"
    LOGIN = "LOGIN"


class BadExchange(Exception):
    """It cannot be read, or was cancelled."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who somebody says to be."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a 334 says, in base64."""

    text: str


_PLAIN = Challenge("")
_USER = Challenge(base64.b64encode(b"Username:").decode())
_PASSWORD = Challenge(base64.b64encode(b"Password:").decode())


class Exchange:
    """One AUTH command's exchange; `step` is given every line after it."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._user: str | None = None

    def begin(self, initial: str | None) -> Challenge | Credentials:
        """The first challenge, unless the command brought an initial response."""
        if initial is None:
            return _PLAIN if self._mechanism is Mechanism.PLAIN else _USER
        return self.step("" if initial == "=" else initial)  # RFC 4954 section 4: = is an empty response

    def step(self, line: str) -> Challenge | Credentials:
        """The answer to a challenge."""
        if line == "*":
            raise BadExchange(say.AUTH_CANCELLED.reply())
        text = _decoded(line)
        if self._mechanism is Mechanism.PLAIN:
            return _plain(text)
        if self._user is None:
            self._user = text
            return _PASSWORD
        return _credentials(self._user, text)


def read_auth(argument: str) -> tuple[Exchange, Challenge | Credentials]:
    """AUTH's argument: the exchange it begins, and what follows."""
    words = argument.split()
    name = words[0].upper() if words else ""
    if name not in set(Mechanism) or len(words) > MOST_WORDS:
        raise BadExchange(say.AUTH_MECHANISM.reply())
    exchange = Exchange(Mechanism(name))
    return exchange, exchange.begin(words[1] if len(words) > 1 else None)


def _decoded(line: str) -> str:
    try:
        if len(line) <= MOST_LINE:
            return base64.b64decode(line.encode("ascii"), validate=True).decode()
    except (NotBase64, UnicodeError):
        pass
    raise BadExchange(say.AUTH_MALFORMED.reply())


def _plain(text: str) -> Credentials:
    parts = text.split("\0")
    if len(parts) != 3 or parts[0].lower() not in ("", parts[1].lower()):  # nobody acts for another
        raise BadExchange(say.AUTH_MALFORMED.reply())
    return _credentials(parts[1], parts[2])


def _credentials(user: str, password: str) -> Credentials:
    if not 0 < len(user) <= MOST_USER or not 0 < len(password) <= MOST_PASSWORD or "\0" in user + password:
        raise BadExchange(say.AUTH_MALFORMED.reply())
    return Credentials(user=user, password=password)
