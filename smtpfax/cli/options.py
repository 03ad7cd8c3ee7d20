"""Options that many commands share, and the settings they lead to.

In:    `-c FILE`, else `$SMTPFAX_CONFIG`, else /etc/smtpfax/config.toml.
Out:   Settings, or the admin door they name.
Fails: Stop 78, with a line `path.to.key: what is wrong` for every fault.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from smtpfax.config import ConfigFault, Settings, load, load_admin

from .door import AdminDoor
from .exits import BAD_CONFIG, Stop

DEFAULT = Path("/etc/smtpfax/config.toml")
Config = Annotated[
    Path | None, typer.Option("-c", "--config", metavar="FILE", envvar="SMTPFAX_CONFIG", help="The configuration.")
]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def settings(config: Path | None) -> Settings:
    """The configuration that this command was given."""
    with _faults_stop():
        return load(config or DEFAULT, environ=os.environ)


def door(config: Path | None) -> AdminDoor:
    """The daemon that runs with it. `$SMTPFAX_SOCKET` is for users who may not read the configuration."""
    socket = os.environ.get("SMTPFAX_SOCKET")
    if socket:
        return AdminDoor(Path(socket))
    with _faults_stop():
        return AdminDoor(load_admin(config or DEFAULT, environ=os.environ).socket)


@contextmanager
def _faults_stop() -> Iterator[None]:
    try:
        yield
    except ConfigFault as fault:
        raise Stop(BAD_CONFIG, str(fault)) from fault
