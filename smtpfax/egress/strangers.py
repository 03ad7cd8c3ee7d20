"""Addresses that somebody else named: documents to fetch, webhooks to call.

In:    a Request whose URL came from outside; the settings' places.
Out:   an Answer, after a few redirects at most.
Fails: Barred, for an address that may not be asked, wherever in the chain it stands; NotSent, NoAnswer as ever.

Rule: http and https, on the ports of the settings, at public addresses; what the settings name as `private` may be
asked on that very port alone. Each redirect is such an address of its own, and never leads from https to http.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from yarl import URL

from .client import Egress
from .errors import Barred, NoAnswer
from .guard import host_of
from .message import Answer, Request

REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4
_AS_IT_WAS = frozenset({307, 308})  # method and body stay
LONGEST = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where strangers' addresses may lead; `private` has `host:port` in lower case, with [] around IPv6."""

    ports: frozenset[int] = frozenset({80, 443})
    private: frozenset[str] = frozenset()
    redirects: int = 3


class Strangers:
    """The client for them."""

    def __init__(self, places: Places, *, ca_file: str = "") -> None:
        self._places = places
        self._guarded = Egress(ca_file=ca_file)
        hosts = frozenset(host_of(f"http://{place}") for place in places.private)
        self._trusting = Egress(own_hosts=hosts, ca_file=ca_file)

    def check(self, url: str) -> None:
        """Whether it may be asked at all, before any name is looked up; Barred says why not."""
        self._client_for(url)

    async def ask(self, request: Request, *, redirects: int | None = None) -> Answer:
        """Ask once, and where that leads; `redirects`: another bound than the settings'. All of it takes
        `total_seconds` at most."""
        left = self._places.redirects if redirects is None else redirects
        try:
            async with asyncio.timeout(request.total_seconds):
                return await self._follow(request, left)
        except TimeoutError:
            raise NoAnswer(f"{request.method} {host_of(request.url)}: no answer in time") from None

    async def _follow(self, request: Request, left: int) -> Answer:
        answer = await self._client_for(request.url).send(request)
        while answer.status in REDIRECTS and answer.headers.get("location") and left > 0:
            left -= 1
            request = _redirected(request, answer)
            answer = await self._client_for(request.url).send(request)
        return answer

    def _client_for(self, url: str) -> Egress:
        place = _place(url)
        if place.authority in self._places.private:
            return self._trusting
        if place.port not in self._places.ports:
            raise _barred(url, f"port {place.port} is not one that may be asked")
        return self._guarded


@dataclass(frozen=True, slots=True)
class _Place:
    authority: str
    port: int


def _place(url: str) -> _Place:
    """The host and port of a URL that can be asked at all."""
    if len(url) > LONGEST:
        raise _barred("", f"it has more than {LONGEST} characters")
    try:
        read = URL(url)
        host, port = read.host, read.port
    except ValueError:
        raise _barred("", "it is no URL") from None
    if host and host.replace(".", "").isdigit() and not _is_ipv4(host):
        raise _barred(url, "its host is no address")  # 2130706433 and the like, which some resolvers read as one
    if read.scheme not in ("http", "https") or not host or not port:
        raise _barred(url, "it must begin with http:// or https:// and a host")
    if read.user is not None or read.password is not None:
        raise _barred(url, "a name or password in it would be kept with the fax, where others can read it")
    shown = f"[{host.lower()}]" if ":" in host else host.lower().rstrip(".")
    return _Place(authority=f"{shown}:{port}", port=port)


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


def _redirected(request: Request, answer: Answer) -> Request:
    """Where the answer leads; headers that were meant for the first host do not go to another."""
    try:
        target = URL(request.url).join(URL(answer.headers["location"]))
    except ValueError:
        raise NoAnswer(f"{request.method} {host_of(request.url)}: leads to what is no URL") from None
    if request.url.lower().startswith("https:") and target.scheme != "https":
        raise _barred(request.url, "it leads from https to something else")
    if answer.status in _AS_IT_WAS:
        kept = {name: value for name, value in request.headers.items() if name.lower() == "content-type"}
        return replace(request, url=str(target), headers=kept)
    return replace(request, url=str(target), method="GET", headers={}, body=None)


def _barred(url: str, why: str) -> Barred:
    return Barred(f"{host_of(url) or 'address'}: {why}", why=why)
