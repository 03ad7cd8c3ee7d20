"""What keeps a page from being used by another site, or by somebody else.

In:    headers, cookies, and the secret of a session.
Out:   whether a request came from our own pages; the client's address; tokens, hashes, headers.
Fails: never; pure but for chance.

Rule: the cookie's value is 256 bits of chance; at rest there is only its SHA-256. A form carries a token made from
that value, and the browser must say, by Origin or Sec-Fetch-Site, that the form is one of ours: either alone would do.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from types import MappingProxyType
from urllib.parse import urlsplit

from .desk import Address, Network

# No page runs or loads what we did not ship; no other site may frame a page, or learn where its visitor came from.
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        # "no-referrer" would make browsers say `Origin: null` for our own forms (Fetch standard, section 3.2).
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
)
MOST_HOPS = 20


def new_secret() -> str:
    """What a browser holds."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is kept of it, and of an API token's secret (`api.auth`)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(secret: str) -> str:
    """What every form of this session carries."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(text: str, secret: str) -> bool:
    """In constant time."""
    return hmac.compare_digest(text.encode(), form_token(secret).encode())


def cookie_name(secure: bool) -> str:
    """With TLS a name that a browser takes from this host alone (RFC 6265bis, cookie name prefixes)."""
    return "__Host-smtpfax" if secure else "smtpfax"


def from_our_pages(headers: Mapping[str, str], *, host: str, public_url: str) -> bool:
    """Whether the browser says that the request began on a page of ours; one that says nothing is no browser."""
    origin = headers.get("Origin")
    if origin is None:
        return headers.get("Sec-Fetch-Site") == "same-origin"
    public = urlsplit(public_url)
    return origin in (f"{public.scheme}://{public.netloc}", f"{public.scheme}://{host}")


def client_address(remote: str | None, forwarded: Sequence[str], proxies: Sequence[Network]) -> Address | None:
    """Who asks: behind proxies of ours, the nearest hop that is not one of them."""
    hops = [hop.strip() for line in forwarded for hop in line.split(",")][-MOST_HOPS:]
    address = _address(remote or "")
    while address is not None and hops and any(address in proxy for proxy in proxies):
        before = _address(hops.pop())
        if before is None:
            return address
        address = before
    return address


def local_path(text: str) -> str:
    """Where to go after signing in: a path of ours, or the first page; never another site."""
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if ours and len(text) <= 500 else "/"


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
