"""An SPF record, read: RFC 7208 section 12's grammar, with the limits that keep it cheap.

In:    a TXT record that begins with v=spf1.
Out:   its directives in order, and where it redirects to.
Fails: BadRecord: the whole record is read before anything of it counts (RFC 7208 section 4.6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network

from .network import Network

MOST_OCTETS = 16_384
MOST_TERM = 512  # octets of one term
MOST_TERMS = 512

_EXPAND = r"(?:%\{[slodiphv](?:[1-9][0-9]{0,2})?r?[.\-+,/_=]*\}|%%|%_|%-)"
_LITERAL = r"[\x21-\x24\x26-\x7e]"
_TOP = r"(?:[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9\-]*[a-z0-9])"
_DOMAIN_SPEC = re.compile(rf"(?:{_EXPAND}|{_LITERAL})*(?:\.{_TOP}\.?|{_EXPAND})", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9\-_.]*)=(.*)", re.IGNORECASE | re.DOTALL)
_DIRECTIVE = re.compile(r"([+\-?~]?)([a-z][a-z0-9\-_.]*)(.*)", re.IGNORECASE | re.DOTALL)
_LENGTHS = re.compile(r"(.*?)(?:/(0|[1-9][0-9]{0,2}))?(?://(0|[1-9][0-9]{0,2}))?", re.DOTALL)
# The letters c, r and t are for explanations alone (RFC 7208 section 7.2).
_EXPLANATION = re.compile(rf"(?>(?:{_EXPAND.replace('slodiphv', 'slodiphcrtv')}|{_LITERAL})*)", re.IGNORECASE)


class BadRecord(ValueError):
    """Not an SPF record of RFC 7208: a permanent error of its owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """A mechanism with its qualifier; `domain` is not expanded yet, and empty where the current one is meant."""

    text: str
    qualifier: str
    mechanism: str
    domain: str = ""
    length4: int = 32
    length6: int = 128
    network: Network | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpfRecord:
    """All that a record says about who may send."""

    directives: tuple[Directive, ...]
    redirect: str | None = None


def is_spf(text: str) -> bool:
    """Whether a TXT record is one of SPF (RFC 7208 section 4.5)."""
    return text.lower() == "v=spf1" or text[:7].lower() == "v=spf1 "


def read_record(text: str) -> SpfRecord:
    """Read all of it."""
    terms = text[6:].split(" ") if len(text) <= MOST_OCTETS else []
    if not terms or len(terms) > MOST_TERMS or max(map(len, terms)) > MOST_TERM:
        raise BadRecord("the record is too long")
    directives: list[Directive] = []
    modifiers: dict[str, str] = {}
    for term in filter(None, terms):
        modifier = _MODIFIER.fullmatch(term)
        if modifier is None:
            directives.append(_directive(term))
        else:
            _take(modifiers, modifier[1].lower(), modifier[2])
    return SpfRecord(directives=tuple(directives), redirect=modifiers.get("redirect"))


def _take(modifiers: dict[str, str], name: str, value: str) -> None:
    grammar = {"redirect": _DOMAIN_SPEC, "exp": _DOMAIN_SPEC}.get(name, _EXPLANATION)
    if grammar.fullmatch(value) is None or (name in modifiers and grammar is _DOMAIN_SPEC):
        raise BadRecord(f"{name}= is malformed or said twice")
    modifiers[name] = value


def _directive(term: str) -> Directive:
    match = _DIRECTIVE.fullmatch(term)
    read = _READERS.get(match[2].lower()) if match else None
    if match is None or read is None:
        raise BadRecord(f"{term} is not a mechanism")
    return read(Directive(text=term, qualifier=match[1] or "+", mechanism=match[2].lower()), match[3])


def _all(directive: Directive, rest: str) -> Directive:
    if rest:
        raise BadRecord(f"{directive.text}: nothing may follow")
    return directive


def _named(directive: Directive, rest: str) -> Directive:
    """include and exists: the domain must be there."""
    return replace(directive, domain=_domain(directive, rest))


def _ptr(directive: Directive, rest: str) -> Directive:
    return _named(directive, rest) if rest else directive


def _hosts(directive: Directive, rest: str) -> Directive:
    """a and mx: a domain and lengths, each of which may be missing."""
    match = _LENGTHS.fullmatch(rest)
    where, four, six = match.groups() if match else (rest, None, None)
    length4, length6 = int(four or 32), int(six or 128)
    if length4 > 32 or length6 > 128:
        raise BadRecord(f"{directive.text}: the prefix is too long")
    return replace(_ptr(directive, where), length4=length4, length6=length6)


def _ip4(directive: Directive, rest: str) -> Directive:
    return replace(directive, network=_network(directive, rest, IPv4Network))


def _ip6(directive: Directive, rest: str) -> Directive:
    return replace(directive, network=_network(directive, rest, IPv6Network))


_READERS: Mapping[str, Callable[[Directive, str], Directive]] = {
    "all": _all,
    "include": _named,
    "exists": _named,
    "a": _hosts,
    "mx": _hosts,
    "ptr": _ptr,
    "ip4": _ip4,
    "ip6": _ip6,
}


def _domain(directive: Directive, rest: str) -> str:
    if not rest.startswith(":") or _DOMAIN_SPEC.fullmatch(rest, 1) is None:
        raise BadRecord(f"{directive.text}: the domain is malformed")
    return rest[1:]


def _network(directive: Directive, rest: str, kind: Callable[..., Network]) -> Network:
    written = re.fullmatch(r":([^/%]+)(?:/(?:0|[1-9][0-9]{0,2}))?", rest)
    try:
        return kind(rest[1:] if written else "", strict=False)
    except ValueError:
        raise BadRecord(f"{directive.text} is malformed") from None
