"""A signer of our own domain, for mails that a test makes up: relaxed/relaxed, Ed25519, written from RFC 6376 alone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(SECRET.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
KEY = f"v=DKIM1; k=ed25519; p={PUBLIC}"
NOW = 1_800_000_000
SIGNED = ("from", "to", "cc", "subject", "from", "to", "cc")


def sign(
    mail: bytes,
    domain: str = "acme.example",
    *,
    fields: Sequence[str] = SIGNED,
    extra: str = "",
    made: int | None = NOW,
    algorithm: str = "ed25519-sha256",
) -> bytes:
    """The mail with a signature on top."""
    head, body = mail.split(b"\r\n\r\n", 1)
    body_hash = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
    if made is not None and " t=" not in extra:
        extra += f" t={made};"
    tags = f"v=1; a={algorithm}; c=relaxed/relaxed; d={domain}; s=x; h={':'.join(fields)};{extra} bh={body_hash}; b="
    left = [line.split(b":", 1) for line in re.split(rb"\r\n(?![ \t])", head)]
    written = b""
    for name in fields:
        places = [place for place, (key, _) in enumerate(left) if key.lower().decode() == name]
        if places:
            _, value = left.pop(places[-1])
            written += name.encode() + b":" + _relaxed(value) + b"\r\n"
    written += b"dkim-signature:" + _relaxed(tags.encode())
    octets = base64.b64encode(SECRET.sign(hashlib.sha256(written).digest())).decode()
    return f"DKIM-Signature: {tags}{octets}\r\n".encode() + mail


def _relaxed(value: bytes) -> bytes:
    return b" ".join(value.split())


def _relaxed_body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    text = b"\r\n".join(lines).rstrip(b"\r\n")
    return text + b"\r\n" if text else b""
