"""What the pages load: style, script, pictures, each under a name made from its content.

In:    the files of `static/`.
Out:   the address of each, and the file behind an address.
Fails: KeyError for a file that is not there: a bug, found by the first page that names it.

Rule: an address never means another content, so a browser keeps it for ever; a new release has new addresses.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file."""

    address: str  # without the folder
    content_type: str
    octets: bytes


class Assets:
    """All files, read once."""

    def __init__(self) -> None:
        folder = files(__package__ or "smtpfax.web").joinpath("static")
        named = {path.name: _asset(path.name, path.read_bytes()) for path in folder.iterdir()}
        self._named = named
        self._by_address = {asset.address: asset for asset in named.values()}

    def url(self, name: str) -> str:
        """Where a page finds it."""
        return f"/static/{self._named[name].address}"

    def find(self, address: str) -> Asset | None:
        """What stands there."""
        return self._by_address.get(address)


def _asset(name: str, octets: bytes) -> Asset:
    stem, _, suffix = name.rpartition(".")
    digest = hashlib.sha256(octets).hexdigest()[:16]
    return Asset(address=f"{stem}.{digest}.{suffix}", content_type=TYPES[suffix], octets=octets)


ASSETS = Assets()
