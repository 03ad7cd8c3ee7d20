"""Signatures that may bring a fax to a number once, and not again.

In:    a content that has passed before its witness.
Out:   a Seal for each signature that is over this very mail, whether or not its key was asked for.
Fails: never: a signature that cannot hold has no seal.

Rule: what is remembered is the digest that was signed (RFC 6376 section 3.7): it is the same whatever is added, folded
or left out beside the signed fields, and nobody can make it of a mail that has another body or author.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

from smtpfax.model.accepting import Seal

from .dating import counts_until
from .dkim import Witness, head_digest
from .dkim_signature import BadSignature, Signature
from .head import Head


def seals(witness: Witness, *, now: int) -> tuple[Seal, ...]:
    """Those of its signatures, each once."""
    witness.over()
    if witness.head is None or witness.fault:
        return ()
    return tuple(dict.fromkeys(_seals(witness, witness.head, now)))


def _seals(witness: Witness, head: Head, now: int) -> Iterator[Seal]:
    for field, said in witness.signatures:
        if not isinstance(said, Signature):
            continue
        try:
            until = counts_until(head, said, now=now)
        except BadSignature:
            continue
        if hmac.compare_digest(witness.digest(relaxed=said.relaxed_body), said.digest):
            yield Seal(digest=head_digest(head, field, said).hex(), until=datetime.fromtimestamp(until, UTC))
