"""The fax services of the configuration, built.

In:    Settings, and what backends need of the house.
Out:   a Backend for each section.
Fails: ConfigError, for what only the backends can judge.
"""

from __future__ import annotations

from smtpfax.api.links import Links
from smtpfax.config import Settings
from smtpfax.dispatch.build import Ground, Wires, build
from smtpfax.dispatch.ringcentral import Credentials
from smtpfax.dispatch.ringcentral.subscription import Address
from smtpfax.model.backend import Backend
from smtpfax.model.ids import Clock
from smtpfax.model.meter import Meter
from smtpfax.render.stage import Renderer
from smtpfax.spool import Spool

from . import translate


def make_backends(settings: Settings, ground: Ground) -> dict[str, Backend]:
    """By name."""
    sections = settings.backends.items()
    return {name: build(name, translate.backend(section), ground) for name, section in sections}


def wires(*, spool: Spool, renderer: Renderer, links: Links, meter: Meter, clock: Clock) -> Wires:
    """For services on other hosts."""
    return Wires(
        path_of=spool.path,
        url_of=links.url,
        pdf_of=renderer.pdf,
        address_of=lambda name: Address(url=links.callback_url(name), token=links.callback_token(name)),
        credentials=Credentials(clock),
        clock=clock,
        meter=meter,
    )
