"""Backends made from their settings.

In:    a backend's name and settings, and what the house has: spool, exchange, directory, clock, ids.
Out:   a Backend.
Fails: ConfigError, for a rehearsal's word that does not exist.

A new kind is a settings record, a class and a case here; the contract suite in tests/dispatch must pass over it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from smtpfax.egress import Egress, own_hosts
from smtpfax.model.account import Directory
from smtpfax.model.backend import Backend, Exchange
from smtpfax.model.document import Document
from smtpfax.model.ids import Clock, Ids
from smtpfax.spool import Spool

from .embedded import Embedded
from .kazoo import Kazoo
from .settings import BackendSettings, EmbeddedSettings, KazooSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What backends stand on; `document_url` is a signed and expiring address of ours for a document."""

    spool: Spool
    exchange: Exchange
    directory: Callable[[], Directory]
    document_url: Callable[[Document], str]
    clock: Clock
    ids: Ids


def build(name: str, settings: BackendSettings, ground: Ground) -> Backend:
    """One backend. Each has an Egress of its own: its host alone may be private, its CA is trusted by nobody else."""
    match settings:
        case EmbeddedSettings():
            return Embedded(
                name,
                settings,
                exchange=ground.exchange,
                directory=ground.directory,
                clock=ground.clock,
                ids=ground.ids,
            )
        case KazooSettings():
            return Kazoo(
                name,
                settings,
                egress=Egress(own_hosts=own_hosts(settings.url), ca_file=settings.ca_file),
                clock=ground.clock,
                path_of=ground.spool.path,
                url_of=ground.document_url,
            )


async def sign_in(name: str, settings: KazooSettings, clock: Clock) -> str:
    """Only try whether its credentials are taken, without a house: for `smtpfax check`. Temporary, Permanent."""
    egress = Egress(own_hosts=own_hosts(settings.url), ca_file=settings.ca_file)
    backend = Kazoo(name, settings, egress=egress, clock=clock, path_of=Path, url_of=lambda document: document.name)
    try:
        return await backend.check()
    finally:
        await backend.close()
