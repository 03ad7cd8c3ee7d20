"""A certificate and its key, judged before they are used.

In:    the octets of both files, PEM: the certificate with those between it and its authority below it.
Out:   a Chain: for whom it is, until when, and what may trouble clients.
Fails: ConfigError, naming the setting, when the pair cannot be used at all.

Rule: pure. OpenSSL's own words for a wrong file are for programmers; these are for administrators. The library that
reads certificates, eight megabytes of a daemon, is loaded where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from smtpfax.model.errors import ConfigError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

CERTIFICATE, KEY = "smtp.tls_certificate", "smtp.tls_key"
SOON = timedelta(days=14)  # those who renew by themselves do so a month before


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a usable pair says."""

    names: tuple[str, ...]  # DNS names, lower-cased
    begins: datetime
    expires: datetime
    linked: bool  # each certificate was issued by the one below it

    def faults(self, now: datetime) -> list[str]:
        """Why clients that look at certificates refuse it."""
        found = []
        if now >= self.expires:
            found.append(f"{CERTIFICATE}: expired on {self.expires:%Y-%m-%d %H:%M} UTC")
        if now < self.begins:
            found.append(f"{CERTIFICATE}: begins to hold on {self.begins:%Y-%m-%d %H:%M} UTC only")
        if not self.linked:
            found.append(f"{CERTIFICATE}: the certificates do not stand in order, each above the one that issued it")
        return found

    def remarks(self, now: datetime, hostname: str) -> list[str]:
        """What is no fault, and yet somebody may wonder about."""
        found = []
        if now < self.expires <= now + SOON:
            found.append(f"{CERTIFICATE}: expires on {self.expires:%Y-%m-%d %H:%M} UTC")
        if not any(_covers(name, hostname.lower()) for name in self.names):
            shown = ", ".join(self.names) or "no name"
            found.append(f"{CERTIFICATE}: is for {shown}, and hostname is {hostname}")
        return found


def read_pair(certificate: bytes, key: bytes) -> Chain:
    """Both files, if they belong together."""
    chain = _chain(certificate)
    leaf = chain[0]
    if leaf.public_key() != _key(key).public_key():
        raise ConfigError(f"{KEY}: does not belong to the certificate")
    return Chain(
        names=_names(leaf),
        begins=leaf.not_valid_before_utc,
        expires=leaf.not_valid_after_utc,
        linked=all(_issued(upper, lower) for upper, lower in pairwise(chain)),
    )


def _chain(octets: bytes) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(octets)
    except ValueError:
        raise ConfigError(f"{CERTIFICATE}: has no certificate in PEM form") from None


def _key(octets: bytes) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(octets, password=None)
    except TypeError:
        raise ConfigError(f"{KEY}: is locked with a password, which nobody is there to type") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError(f"{KEY}: has no private key in PEM form") from None


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return ()  # a common name alone is looked at by nobody any more (RFC 9525 section 2)
    return tuple(name.lower() for name in found.value.get_values_for_type(x509.DNSName))


def _issued(upper: x509.Certificate, lower: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        upper.verify_directly_issued_by(lower)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _covers(pattern: str, name: str) -> bool:
    """RFC 9525 section 6.3: a wildcard stands for one whole label, the first."""
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:]
    return name == pattern
