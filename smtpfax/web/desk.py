"""What the pages are handed by `app.py`.

In:    objects made once.
Out:   Desk, which every page finds in its application.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from aiohttp import web

from smtpfax.api.deps import Deps
from smtpfax.model.account import Directory
from smtpfax.model.alert import Health
from smtpfax.model.preview import Pictures, Preview
from smtpfax.model.trial import Rehearse

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# Who it is, if the password is theirs; slow after failures. Temporary: nothing was checked.
CheckPassword = Callable[[str, str, Address | None], Awaitable[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All that a page may use: the HTTP door's own, and what the rooms lend."""

    deps: Deps
    check_password: CheckPassword
    rehearse: Rehearse
    preview: Preview
    pictures: Pictures
    health: Callable[[], Sequence[Health]]
    administrators: frozenset[str] = frozenset()
    session: timedelta = timedelta(hours=12)
    proxies: tuple[Network, ...] = ()
    sending: set[str] = field(default_factory=set)  # drafts that are on their way to become faxes just now

    @property
    def directory(self) -> Directory:
        """Accounts and faxboxes as they are now."""
        return self.deps.directory()

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by TLS."""
        return self.deps.public_url.startswith("https://")


DESK = web.AppKey("desk", Desk)
