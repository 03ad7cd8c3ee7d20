"""A certificate authority of our own, and certificates by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

HOST = "mx.acme.example"
DAY = timedelta(days=1)
_USES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
SIGNS = x509.KeyUsage(
    **dict.fromkeys(_USES, False), key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A certificate and its key, PEM."""

    certificate: bytes
    key: bytes

    def put(self, folder: Path) -> tuple[Path, Path]:
        """Into two files."""
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        certificate.write_bytes(self.certificate)
        key.write_bytes(self.key)
        return certificate, key


@dataclass(slots=True)
class Authority:
    """Somebody whom clients are told to trust."""

    name: str = "Test authority"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def certificate(self) -> bytes:
        """Its own, PEM."""
        return self._signed(self.name, self.key.public_key(), ends=datetime.now(UTC) + 30 * DAY, authority=True)

    def certify(
        self,
        *names: str,
        begins: datetime | None = None,
        ends: datetime | None = None,
        password: bytes = b"",
        common_name: str = "a mail server",
    ) -> Made:
        """A certificate for these DNS names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        ends = ends or datetime.now(UTC) + 30 * DAY
        locked = BestAvailableEncryption(password) if password else NoEncryption()
        return Made(
            certificate=self._signed(common_name, key.public_key(), *names, begins=begins, ends=ends),
            key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked),
        )

    def certify_key(self, key: rsa.RSAPublicKey, *names: str) -> bytes:
        """A certificate for a key that somebody made, PEM."""
        return self._signed("a mail server", key, *names, ends=datetime.now(UTC) + 30 * DAY)

    def _signed(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        *names: str,
        ends: datetime,
        begins: datetime | None = None,
        authority: bool = False,
    ) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(self.name))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins or ends - 60 * DAY)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if authority:  # RFC 5280 section 4.2.1.3: Python looks for it from 3.13 on
            builder = builder.add_extension(SIGNS, critical=True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([*map(_alternative, names)]), critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
