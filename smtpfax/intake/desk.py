"""What stands behind the SMTP door: its manners, and all that a session asks of the house.

In:    settings and objects, from `app.py`.
Out:   frozen values that every session shares.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from smtpfax.model.account import Directory
from smtpfax.model.backend import Limits
from smtpfax.model.ids import Clock, Ids
from smtpfax.model.meter import Meter
from smtpfax.model.verdict import Verdicts
from smtpfax.spool import Spool
from smtpfax.store import Store

from .crowd import Load, Room, Turns
from .policy import Rules
from .precedents import Precedents
from .proofs import Network
from .proofs.auth import SignIn
from .proofs.gather import Gatherer
from .proofs.play import Trust
from .tls import Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """The settings of the door; sizes in octets."""

    hostname: str
    max_octets: int
    max_recipients: int
    max_line: int
    max_errors: int
    max_sessions: int
    command_seconds: float
    data_seconds: float
    min_data_rate: int
    inline_octets: int
    verdict_seconds: float
    duplicate_hours: float
    expiry: timedelta
    most_hold: timedelta  # how long a fax may wait for its time
    tells: bool  # there is a relay for notices
    postmaster: str
    trust: Trust
    max_sessions_each: int  # of one client
    max_mails: int  # in one session
    max_arriving: int  # octets, over all sessions
    max_idle: int  # commands between two mails
    session_seconds: float
    proxies: tuple[Network, ...]  # load balancers, which must say who their client is


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a session may use. `manners` is asked for each time, so that a reload reaches sessions that are open."""

    settings: Callable[[], Manners]
    store: Store
    spool: Spool
    directory: Callable[[], Directory]
    limits: Mapping[str, Limits]
    gatherer: Gatherer
    verdicts: Verdicts
    wake: Callable[[], None]
    clock: Clock
    ids: Ids
    meter: Meter
    tls: Tls
    sign_in: SignIn
    load: Load = field(default_factory=Load)
    turns: Turns = field(default_factory=Turns)
    room: Room = field(default_factory=Room)
    precedents: Precedents = field(default_factory=Precedents)

    def has_space(self, octets: int) -> bool:
        """Whether a mail of this size may come now."""
        return self.load.bears(octets, most=self.manners.max_arriving) and self.spool.enough_space(octets)

    @property
    def manners(self) -> Manners:
        """The settings as they are now."""
        return self.settings()

    @property
    def rules(self) -> Rules:
        """What policy needs of them."""
        manners = self.manners
        return Rules(
            max_octets=manners.max_octets,
            max_recipients=manners.max_recipients,
            limits=self.limits,
            usage=self.store.usage.now(),
            resting=self.store.resting.now(),
            at=self.clock(),
            most_hold=manners.most_hold,
        )
