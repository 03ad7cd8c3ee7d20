"""Authentication-Results: what a mail server of ours found, read from the mail it passed on (RFC 8601).

In:    a header section, and the authserv-id whose word counts.
Out:   Results: the verdicts of the newest field of that id.
Fails: Malformed, when that field cannot be read without doubt.

Rule: the newest field alone. An older one may have been written by the sender, if the server in front of us does not
take away those that bear its name. Whoever calls this has made sure that the client is such a server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .head import Head, Malformed

MOST_OCTETS = 16_384
MOST_RESULTS = 50
_COMMENT = r"\((?>(?:[^()\\]|\\.)*)\)"
_QUOTED = r'"(?>(?:[^"\\]|\\.)*)"'
_WORD = r"[^\s;=\"()]+"
_TOKEN = re.compile(
    rf"\s*+(?:(?P<comment>{_COMMENT})|(?P<quoted>{_QUOTED})|(?P<mark>[;=])|(?P<word>{_WORD}))", re.DOTALL
)
_END = ("mark", ";")
_IS = ("mark", "=")
Token = tuple[str, str]  # its kind, so that a quoted ; ends nothing, and its text


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One method's result, with its properties such as header.from, lower-cased."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str:
        """A property; empty when it is not there, or there twice."""
        values = [value for key, value in self.properties if key == name]
        return values[0] if len(values) == 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What a server found."""

    verdicts: tuple[Verdict, ...] = ()

    def passed(self, method: str) -> tuple[Verdict, ...]:
        """The verdicts of this method that are a pass; none, if SPF or DMARC has two: they have one result a mail."""
        found = [verdict for verdict in self.verdicts if verdict.method == method]
        if method != "dkim" and len(found) > 1:
            return ()
        return tuple(verdict for verdict in found if verdict.result == "pass")


def newest(head: Head, authserv_id: str) -> Results | None:
    """The newest field of this server; None when there is none."""
    for field in head.all("authentication-results"):
        tokens = _tokens(field.value[:MOST_OCTETS])
        if tokens and tokens[0][1].lower() == authserv_id.lower():
            if len(field.value) > MOST_OCTETS:
                raise Malformed("Authentication-Results is too long")
            return Results(verdicts=tuple(_verdicts(tokens)))
    return None


def _tokens(value: bytes) -> list[Token]:
    """Words, quoted strings without their quotes, and marks; comments are blanks. Empty, if it cannot be read."""
    text = value.decode("utf-8", "replace").strip()
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            return tokens[:1]  # the id may still be read, so that the field is refused and not passed over
        place = match.end()
        if match["quoted"]:
            tokens.append(("word", re.sub(r"\\(.)", r"\1", match["quoted"][1:-1])))
        elif not match["comment"]:
            tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
    return tokens


def _verdicts(tokens: list[Token]) -> list[Verdict]:
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token == _END:
            groups.append([])
        else:
            groups[-1].append(token)
    statements = [group for group in groups[1:] if group]
    if len(groups[0]) > 2 or not 0 < len(statements) <= MOST_RESULTS:
        raise Malformed("Authentication-Results cannot be read")
    return [] if statements == [[("word", "none")]] else [_verdict(statement) for statement in statements]


def _verdict(statement: list[Token]) -> Verdict:
    """`method/version = result`, then any number of `name = value`."""
    names, marks, values = statement[0::3], statement[1::3], statement[2::3]
    if not len(names) == len(marks) == len(values) or any(mark != _IS for mark in marks) or _IS in names + values:
        raise Malformed("Authentication-Results cannot be read")
    pairs = [(name.lower(), value.lower()) for (_, name), (_, value) in zip(names, values, strict=True)]
    method, result = pairs[0]
    return Verdict(method=method.partition("/")[0], result=result, properties=tuple(pairs[1:]))
