"""A DKIM signature and a DKIM key, read: what they say, and whether they may count.

In:    the value of a DKIM-Signature field; the TXT record of a key.
Out:   Signature; Key, ready to verify.
Fails: BadSignature, with the reason.

Rule: `l=` is no signature: what stands behind the signed part would be faxed as well. rsa-sha256 of 1024 bits and more
(RFC 8301) and ed25519-sha256 (RFC 8463) count; From has to be signed (RFC 6376 section 5.4). The library of ciphers,
eight megabytes of a daemon, is loaded by the first key.
"""

from __future__ import annotations

import base64
import re
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smtpfax.model.address import BadAddress, domain_name

from .tags import BadTags, read_tags

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LEAST_BITS = 1024
MOST_BITS = 4096
MOST_SIGNED = 200  # names in h=
_SPACE = re.compile(r"[ \t\r\n]+")
_ALGORITHMS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9\-_.]{0,250}[A-Za-z0-9])?")
_NUMBER = re.compile(r"[0-9]{1,12}")


class BadSignature(ValueError):
    """It does not count; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a DKIM-Signature says (RFC 6376 section 3.5)."""

    kind: str  # rsa or ed25519
    domain: str
    identity: str  # the domain of i=
    selector: str
    fields: tuple[str, ...]  # h=, lower-cased
    relaxed_head: bool
    relaxed_body: bool
    digest: bytes
    octets: bytes
    made: int | None = None
    expires: int | None = None


def read_signature(value: bytes) -> Signature:
    """Read a DKIM-Signature."""
    try:
        tags = read_tags(value.decode("ascii"))
        return _signature(tags)
    except KeyError as missing:
        raise BadSignature(f"the signature has no {missing.args[0]}=") from None
    except (BadTags, BadAddress, NotBase64, UnicodeDecodeError):
        raise BadSignature("the signature is malformed") from None


def _signature(tags: dict[str, str]) -> Signature:
    if "l" in tags:
        raise BadSignature("the signature has l=: anybody may have added to the mail")
    if tags["v"] != "1" or tags["a"].lower() not in _ALGORITHMS:
        raise BadSignature("the signature's version or algorithm does not count")
    if "dns/txt" not in tags.get("q", "dns/txt").lower().split(":"):
        raise BadSignature("the signature's key is not in DNS")
    domain = domain_name(tags["d"])
    head, _, body = tags.get("c", "simple/simple").lower().partition("/")
    signature = Signature(
        kind=_ALGORITHMS[tags["a"].lower()],
        domain=domain,
        identity=domain_name(tags.get("i", f"@{domain}").rpartition("@")[2]),
        selector=tags["s"],
        fields=tuple(name.strip().lower() for name in tags["h"].split(":")),
        relaxed_head=head == "relaxed",
        relaxed_body=body == "relaxed",
        digest=_octets(tags["bh"]),
        octets=_octets(tags["b"]),
        made=_number(tags, "t"),
        expires=_number(tags, "x"),
    )
    _check(signature, {head, body or "simple"})
    return signature


def _check(signature: Signature, canonicalizations: set[str]) -> None:
    domain = signature.domain
    if not canonicalizations <= {"simple", "relaxed"} or _SELECTOR.fullmatch(signature.selector) is None:
        raise BadSignature("the signature is malformed")
    if not (signature.identity == domain or signature.identity.endswith(f".{domain}")):
        raise BadSignature("i= of the signature is not within d=")
    if "from" not in signature.fields or len(signature.fields) > MOST_SIGNED:
        raise BadSignature("From is not signed")
    if signature.expires is not None and signature.expires <= (signature.made or 0):
        raise BadSignature("the signature expired before it was made")


def _octets(text: str) -> bytes:
    return base64.b64decode(_SPACE.sub("", text), validate=True)


def _number(tags: dict[str, str], name: str) -> int | None:
    if name not in tags:
        return None
    if _NUMBER.fullmatch(tags[name]) is None:
        raise BadTags(name)
    return int(tags[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A signer's public key."""

    public: RSAPublicKey | Ed25519PublicKey
    exact: bool  # t=s: i= has to be d= itself

    def verify(self, signature: Signature, digest: bytes) -> bool:
        """Whether the signature is over this SHA-256 digest of the signed fields."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
        from cryptography.hazmat.primitives.hashes import SHA256

        try:
            if isinstance(self.public, RSAPublicKey):
                self.public.verify(signature.octets, digest, PKCS1v15(), Prehashed(SHA256()))
            else:
                self.public.verify(signature.octets, digest)  # RFC 8463 section 3: the digest itself is what is signed
        except InvalidSignature:
            return False
        return not self.exact or signature.identity == signature.domain


def read_key(text: str, kind: str) -> Key:
    """Read a key record (RFC 6376 section 3.6.1)."""
    try:
        tags = read_tags(text)
        if tags.get("v", "DKIM1") != "DKIM1" or ("v" in tags and next(iter(tags)) != "v"):
            raise BadSignature("the key is not one of DKIM")
        flags = _words(tags.get("t", ""))
        if "y" in flags:  # RFC 6376 section 3.6.1: as if there were no signature
            raise BadSignature("the signer is only testing")
        if tags.get("k", "rsa").lower() != kind or not _serves(tags):
            raise BadSignature("the key is not for this signature")
        return Key(public=_public(_octets(tags["p"]), kind), exact="s" in flags)
    except (BadTags, KeyError, NotBase64):
        raise BadSignature("the key record is malformed") from None


def _serves(tags: dict[str, str]) -> bool:
    hashes, services = _words(tags.get("h", "sha256")), _words(tags.get("s", "*"))
    return "sha256" in hashes and bool(services & {"*", "email"})


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(":")}


def _public(octets: bytes, kind: str) -> RSAPublicKey | Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    if not octets:
        raise BadSignature("the key was revoked")
    try:
        key = Ed25519PublicKey.from_public_bytes(octets) if kind == "ed25519" else load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm):
        raise BadSignature("the key record is malformed") from None
    if isinstance(key, Ed25519PublicKey) and kind == "ed25519":
        return key
    if not isinstance(key, RSAPublicKey) or not LEAST_BITS <= key.key_size <= MOST_BITS:
        raise BadSignature(f"the key is not RSA of {LEAST_BITS} to {MOST_BITS} bits")
    return key
