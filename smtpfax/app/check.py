"""`smtpfax check`: what is wrong, in words, before it costs a fax.

In:    Settings that could be read.
Out:   a line `path.to.key: what is wrong` for every fault; none when all is well.
Fails: never.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from smtpfax.config import Settings
from smtpfax.dispatch.build import sign_in
from smtpfax.dispatch.settings import EmbeddedSettings
from smtpfax.model.errors import ConfigError, Fault
from smtpfax.sandbox import Sandbox
from smtpfax.sandbox.drill import prove

from . import translate
from .house import now
from .offline import current


def check_here(settings: Settings) -> list[str]:
    """What can be seen without asking anybody."""
    faults = [
        *_writable("store.url", settings.store.url.path.parent),
        *_writable("spool.path", settings.spool.path),
        *_writable("admin.socket", settings.admin.socket.parent),
    ]
    if not settings.backends:
        faults.append("backends: there is none, so nothing can be faxed; name one, such as [backends.line]")
    return faults


async def check_online(settings: Settings) -> list[str]:
    """What only others can tell: names, the database, the fax services, the sandbox."""
    found = await asyncio.gather(_name(settings), _database(settings), _backends(settings), _sandbox(settings))
    return [fault for faults in found for fault in faults]


def _writable(key: str, folder: Path) -> list[str]:
    """A folder that is there must be ours to write; one that is not must be ours to make."""
    place = next(place for place in (folder, *folder.parents) if place.exists())
    return [] if os.access(place, os.W_OK | os.X_OK) else [f"{key}: {place} cannot be written by this user"]


async def _name(settings: Settings) -> list[str]:
    try:
        await asyncio.get_running_loop().getaddrinfo(settings.hostname, None)
    except OSError as fault:
        return [f"hostname: {settings.hostname} has no address: {fault.strerror}"]
    return []


async def _database(settings: Settings) -> list[str]:
    try:
        await current(settings)
    except (ConfigError, Fault) as fault:
        return [f"store.url: {fault}"]
    return []


async def _backends(settings: Settings) -> list[str]:
    faults = []
    for name, section in settings.backends.items():
        backend = translate.backend(section)
        if isinstance(backend, EmbeddedSettings):
            continue  # it is of this house, and has nothing to sign in to
        try:
            await sign_in(name, backend, now)
        except Fault as fault:
            faults.append(f"backends.{name}: {fault.reason}")
    return faults


async def _sandbox(settings: Settings) -> list[str]:
    sandbox = Sandbox(translate.sandbox_limits(settings))
    try:
        await sandbox.start()
        await prove(sandbox)
    except (ConfigError, Fault) as fault:
        return [f"sandbox: {fault}"]
    finally:
        await sandbox.stop()
    return []
