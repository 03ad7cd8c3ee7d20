"""TLS at the SMTP door: the context of the next handshake, read again when its files change.

In:    the paths of the certificate and its key.
Out:   an SSLContext; the facts of a handshake, for the attempt's record.
Fails: ConfigError at the start, when the files cannot be used.

Rule: a pair of files is taken as a whole or not at all: a new one that cannot be used leaves the old one at work, with
a line in the log. Sessions that are open keep what they began with.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from smtpfax import logs
from smtpfax.model.errors import ConfigError
from smtpfax.model.meter import Meter

from .certificate import CERTIFICATE, KEY, Chain, read_pair

MOST = 1 << 20  # octets of one file
Stamp = tuple[tuple[int, int, int], ...]
log = logs.get("smtpd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where certificate and key are; perhaps in the same file."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a handshake agreed upon; both empty without TLS."""

    version: str = ""
    cipher: str = ""


class Tls:
    """The one certificate of this process; without files there is no TLS."""

    def __init__(self, files: Files | None, meter: Meter) -> None:
        self._files = files
        self._meter = meter
        self._seen = _stamp(files)
        self._context = self._load(files) if files else None

    @property
    def offered(self) -> bool:
        """Whether clients may ask for it."""
        return self._context is not None

    def context(self) -> ssl.SSLContext | None:
        """For the next handshake: as the files are now, if they can be used."""
        if self._files and _stamp(self._files) != self._seen:
            self.reload(self._files)
        return self._context

    def reload(self, files: Files | None) -> None:
        """Read these from now on; what cannot be used is told to the log, and tried again once it changes."""
        seen = _stamp(files)  # before the reading: what changes meanwhile is read once more
        try:
            self._context = self._load(files) if files else None
        except ConfigError as fault:
            log.error("certificate not taken, the old one stays", reason=fault)
        self._files, self._seen = files, seen

    def _load(self, files: Files) -> ssl.SSLContext:
        chain, context = read_files(files), context_of(files)
        for reason in chain.faults(datetime.now(UTC)):
            log.warning("certificate", reason=reason)
        self._meter.set("smtpfax_tls_certificate_expiry_seconds", chain.expires.timestamp())
        log.info("certificate", names=", ".join(chain.names), expires=chain.expires)
        return context


def context_of(files: Files) -> ssl.SSLContext:
    """A context with the files' pair; ConfigError, when OpenSSL will not have it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    try:
        # Else OpenSSL would ask for a key's password at the terminal.
        context.load_cert_chain(files.certificate, files.key, password=lambda: "")
    except (ssl.SSLError, OSError) as fault:
        raise ConfigError(f"{CERTIFICATE}: cannot be used: {fault}") from fault
    return context


def read_files(files: Files) -> Chain:
    """What the files say; ConfigError, when they cannot be read or used."""
    return read_pair(_read(files.certificate, CERTIFICATE), _read(files.key, KEY))


def facts_of(transport: asyncio.BaseTransport) -> Facts:
    """What stands in the record of an attempt."""
    made = transport.get_extra_info("ssl_object")
    return Facts(version=made.version() or "", cipher=(made.cipher() or ("",))[0]) if made else Facts()


def _read(path: Path, setting: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST)
    except OSError as fault:
        raise ConfigError(f"{setting}: {path} cannot be read: {fault.strerror}") from None


def _stamp(files: Files | None) -> Stamp:
    return tuple(_stamp_of(path) for path in (files.certificate, files.key)) if files else ()


def _stamp_of(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written or another one is put in its place; of links, the file behind them."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_size, found.st_mtime_ns
