"""Backends made from their settings.

In:    a backend's name and settings, and what the house has: spool, exchange, directory, clock, ids.
Out:   a Backend.
Fails: ConfigError, for a rehearsal's word that does not exist, or a password that a service's form cannot carry.

A new kind is a settings record, a class and a case here; the contract suite in tests/dispatch must pass over it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from smtpfax.egress import Egress, own_hosts
from smtpfax.model.account import Directory
from smtpfax.model.backend import Backend, Exchange
from smtpfax.model.document import Document
from smtpfax.model.ids import Clock, Ids
from smtpfax.model.meter import Meter

from .embedded import Embedded
from .faxout import FaxOut
from .kazoo import Kazoo
from .ringcentral import Credentials, RingCentral
from .ringcentral.backend import World
from .ringcentral.subscription import Address
from .settings import BackendSettings, EmbeddedSettings, FaxOutSettings, KazooSettings, RingCentralSettings

Services = KazooSettings | RingCentralSettings | FaxOutSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """What a backend on another host needs of the house.

    `url_of` is a signed and expiring address of ours for a document, `address_of` where a backend of that name may
    call us. Backends that share a credential share its token and its limits.
    """

    path_of: Callable[[str], Path]
    url_of: Callable[[Document], str]
    pdf_of: Callable[[Document], Awaitable[bytes]]
    address_of: Callable[[str], Address]
    credentials: Credentials
    clock: Clock
    meter: Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What backends stand on."""

    exchange: Exchange
    directory: Callable[[], Directory]
    ids: Ids
    wires: Wires


def build(name: str, settings: BackendSettings, ground: Ground) -> Backend:
    """One backend."""
    if not isinstance(settings, EmbeddedSettings):
        return _service(name, settings, ground.wires)
    return Embedded(
        name,
        settings,
        exchange=ground.exchange,
        directory=ground.directory,
        clock=ground.wires.clock,
        ids=ground.ids,
    )


def _service(name: str, settings: Services, wires: Wires) -> Backend:
    """Each has an Egress of its own: its hosts alone may be private, its CA is trusted by nobody else."""
    media = (settings.media_url,) if isinstance(settings, RingCentralSettings) else ()
    egress = Egress(own_hosts=own_hosts(settings.url, *media), ca_file=settings.ca_file)
    match settings:
        case KazooSettings():
            return Kazoo(name, settings, egress=egress, clock=wires.clock, path_of=wires.path_of, url_of=wires.url_of)
        case FaxOutSettings():
            return FaxOut(name, settings, egress=egress, clock=wires.clock, path_of=wires.path_of, pdf_of=wires.pdf_of)
        case RingCentralSettings():
            world = World(
                egress=egress,
                credential=wires.credentials.of(settings, egress),
                clock=wires.clock,
                path_of=wires.path_of,
                pdf_of=wires.pdf_of,
                address=wires.address_of(name),
                meter=wires.meter,
            )
            return RingCentral(name, settings, world)


async def sign_in(name: str, settings: Services, clock: Clock) -> str:
    """Only try whether its credentials are taken, without a house: for `smtpfax check`. Temporary, Permanent."""
    nowhere = Address(url="", token="")
    wires = Wires(
        path_of=Path,
        url_of=lambda document: document.name,
        pdf_of=_no_document,
        address_of=lambda _: nowhere,
        credentials=Credentials(clock),
        clock=clock,
        meter=_NoMeter(),
    )
    backend = _service(name, settings, wires)
    try:
        return await backend.check()
    finally:
        await backend.close()


class _NoMeter:
    """Nobody reads it."""

    def set(self, name: str, value: float, /, **labels: str) -> None:
        """Nothing."""

    def count(self, name: str, amount: float = 1, /, **labels: str) -> None:
        """Nothing."""

    def observe(self, name: str, value: float, /, **labels: str) -> None:
        """Nothing."""


async def _no_document(document: Document) -> bytes:
    raise FileNotFoundError(document.name)
