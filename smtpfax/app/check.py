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
from smtpfax.intake.tls import context_of, read_files
from smtpfax.model.errors import ConfigError, Fault
from smtpfax.sandbox import Sandbox
from smtpfax.sandbox.drill import prove
from smtpfax.sandbox.office import find

from . import translate
from .house import now
from .offline import current

NO_OFFICE = "office: LibreOffice is not installed, so files of Word, Excel, PowerPoint and their kin are refused"


def check_here(settings: Settings) -> list[str]:
    """What can be seen without asking anybody."""
    faults = [
        *_writable("store.url", settings.store.url.path.parent),
        *_writable("spool.path", settings.spool.path),
        *_writable("admin.socket", settings.admin.socket.parent),
    ]
    if not settings.backends:
        faults.append("backends: there is none, so nothing can be faxed; name one, such as [backends.line]")
    return faults + _webhooks(settings) + _office_here(settings)


def remarks(settings: Settings) -> list[str]:
    """What is no fault, and yet somebody may wonder about."""
    found = _about_certificate(settings)
    if settings.office.enabled == "auto" and find() is None:
        found.append(
            "office: LibreOffice is not installed, so files of Word, Excel, PowerPoint and their kin are refused"
        )
    return found


def _about_certificate(settings: Settings) -> list[str]:
    files = translate.tls_files(settings)
    try:
        return read_files(files).remarks(now(), settings.hostname) if files else []
    except ConfigError:
        return []  # `check_online` says it


def _webhooks(settings: Settings) -> list[str]:
    """A fax service that is to call us must be able to, and calls nobody without TLS."""
    if settings.http.public_url.startswith("https://"):
        return []
    called = (name for name, section in settings.backends.items() if getattr(section, "webhook", False))
    return [f"backends.{name}.webhook: [http] public_url must be https, and reached from there" for name in called]


def _office_here(settings: Settings) -> list[str]:
    try:
        translate.office(settings)
    except ConfigError as fault:
        return [str(fault)]
    return []


async def check_online(settings: Settings) -> list[str]:
    """What only others can tell: names, the certificate, the database, the fax services, the sandbox."""
    asked = (_name, _database, _backends, _sandbox, _office)
    found = await asyncio.gather(*(ask(settings) for ask in asked))
    return check_certificate(settings) + [fault for faults in found for fault in faults]


def check_certificate(settings: Settings) -> list[str]:
    """What is wrong with the files that TLS begins with."""
    files = translate.tls_files(settings)
    if files is None:
        return []
    try:
        chain = read_files(files)
        context_of(files)
    except ConfigError as fault:
        return [str(fault)]
    return chain.faults(now())


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


async def _office(settings: Settings) -> list[str]:
    try:
        office = translate.office(settings)
    except ConfigError:
        return []  # `check_here` has said so
    if office is None:
        return []
    try:
        await office.prove()
    except Fault as fault:
        return [f"office: {fault.reason}"]
    finally:
        await office.stop()
    return []
