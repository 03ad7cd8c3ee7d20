"""The arguments of MAIL and RCPT, taken apart.

In:    what stands behind the verb, such as `FROM:<ann@acme.example> SIZE=4711 BODY=8BITMIME`.
Out:   a Command: the path as written, and its ESMTP parameters by upper-cased name.
Fails: BadCommand: the syntax is not RFC 5321's (section 4.1.2), or a parameter is not one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from smtpfax.model.status import SYNTAX, UNKNOWN_PARAMETER, Reply

_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9\-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?")  # RFC 5321 section 4.1.2
MAIL_SYNTAX = "MAIL FROM:<address>"
RCPT_SYNTAX = "RCPT TO:<address>"
BODIES = ("7BIT", "8BITMIME")  # RFC 6152


class BadCommand(ValueError):
    """The command cannot be read; `reply` says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Command:
    """A path as written, with its brackets, and its parameters."""

    path: str
    parameters: Mapping[str, str]

    @property
    def size(self) -> int:
        """SIZE= in octets (RFC 1870), 0 when it was not said."""
        return int(self.parameters.get("SIZE") or 0)


@lru_cache(maxsize=256)
def read_mail(argument: str) -> Command:
    """MAIL's argument."""
    command = _read(argument, "FROM:", MAIL_SYNTAX)
    for name, value in command.parameters.items():
        if not _mail_parameter(name, value):
            raise BadCommand(UNKNOWN_PARAMETER.reply(parameter=f"{name}={value}" if value else name))
    return command


@lru_cache(maxsize=256)
def read_rcpt(argument: str) -> Command:
    """RCPT's argument."""
    command = _read(argument, "TO:", RCPT_SYNTAX)
    for name in command.parameters:
        if name not in ("NOTIFY", "ORCPT"):
            raise BadCommand(UNKNOWN_PARAMETER.reply(parameter=name))
    return command


def _mail_parameter(name: str, value: str) -> bool:
    match name:
        case "SIZE":
            return value.isdecimal() and len(value) <= 20
        case "BODY":
            return value.upper() in BODIES
        case "SMTPUTF8":
            return not value
        case "RET" | "ENVID" | "HOLDFOR" | "HOLDUNTIL" | "BY":
            return True  # `parameters` reads them
        case "AUTH":  # RFC 4954 section 5: taken, and treated as <> since we do not believe it
            return bool(value)
    return False


def _read(argument: str, keyword: str, syntax: str) -> Command:
    if argument[: len(keyword)].upper() != keyword:
        raise BadCommand(SYNTAX.reply(syntax=syntax))
    # A blank behind the colon is not RFC 5321's, but many devices send it.
    path, bracket, rest = argument[len(keyword) :].lstrip(" ").partition(">")
    if not bracket or (rest and not rest.startswith(" ")):
        raise BadCommand(SYNTAX.reply(syntax=syntax))
    return Command(path + bracket, _parameters(rest, syntax))


def _parameters(text: str, syntax: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None or match[1].upper() in found:
            raise BadCommand(SYNTAX.reply(syntax=syntax))
        found[match[1].upper()] = match[2] or ""
    return found
