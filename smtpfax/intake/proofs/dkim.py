"""DKIM: what signers say of a mail (RFC 6376), looked at while it arrives.

In:    a content, block by block; then DNS and the time.
Out:   Signed: one for every signature, whether it holds, why, and which addresses it covers.
Fails: never: a fault of DNS is told with its signature, for another one may hold.

Rule: every signature is looked at, up to a number; none counts of a mail that has more, or whose header section can be
read in two ways.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from smtpfax.model.errors import Temporary

from .authors import Ambiguous, addresses
from .dating import counts_until
from .dkim_body import BodyHash
from .dkim_signature import BadSignature, Signature, read_key, read_signature
from .head import END, MOST_OCTETS, Field, Head, Malformed, read_head
from .names import Kind, Resolver, TooManyLookups

MOST_SIGNATURES = 10
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_BLANKS = re.compile(rb"[ \t]+")
_B = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What became of one signature; `named` are the addresses in To and Cc that it covers."""

    domain: str
    holds: bool
    reason: str
    named: frozenset[str] = frozenset()
    fault: Temporary | None = None


@dataclass(slots=True)
class Witness:
    """Sees a content pass, and keeps of it what proofs need."""

    head: Head | None = None
    fault: str = ""  # why nothing can be proven by the content
    signatures: Sequence[tuple[Field, Signature | BadSignature]] = ()
    _start: bytearray = field(default_factory=bytearray)
    _bodies: dict[bool, BodyHash] = field(default_factory=dict)  # by whether it is relaxed

    def feed(self, block: bytes) -> None:
        """The next octets, dots taken away."""
        if self.head is not None:
            self._body(block)
        elif not self.fault:
            self._start += block
            if END in self._start[-len(block) - len(END) :] or len(self._start) > MOST_OCTETS:
                self._begin()

    def over(self) -> None:
        """All of it came."""
        if self.head is None and not self.fault:
            self._begin()

    def digest(self, *, relaxed: bool) -> bytes:
        """The body's hash."""
        return self._bodies[relaxed].digest()

    def _begin(self) -> None:
        start, self._start = bytes(self._start), bytearray()
        try:
            self.head = read_head(start)
        except Malformed as fault:
            self.fault = str(fault)
            return
        found = self.head.all("dkim-signature")
        if len(found) > MOST_SIGNATURES:
            self.fault = f"the mail has more than {MOST_SIGNATURES} signatures"
            return
        self.signatures = [(field, _read(field)) for field in found]
        kinds = {signature.relaxed_body for _, signature in self.signatures if isinstance(signature, Signature)}
        self._bodies = {relaxed: BodyHash(relaxed=relaxed) for relaxed in kinds}
        self._body(start[self.head.body :])

    def _body(self, block: bytes) -> None:
        for body in self._bodies.values():
            body.feed(block)


async def check_dkim(resolver: Resolver, witness: Witness, *, now: int) -> tuple[Signed, ...]:
    """Look at every signature of a content that has passed."""
    if witness.head is None or witness.fault:
        return ()
    return tuple([await _looked_at(resolver, witness, field, said, now) for field, said in witness.signatures])


async def _looked_at(
    resolver: Resolver, witness: Witness, field: Field, said: Signature | BadSignature, now: int
) -> Signed:
    if isinstance(said, BadSignature) or witness.head is None:
        return Signed(domain="", holds=False, reason=str(said))
    refused = Signed(domain=said.domain, holds=False, reason="")
    try:
        counts_until(witness.head, said, now=now)
        if not hmac.compare_digest(witness.digest(relaxed=said.relaxed_body), said.digest):
            raise BadSignature("the body is not the one that was signed")
        await _verify(resolver, witness.head, field, said)
    except (BadSignature, TooManyLookups) as error:
        return replace(refused, reason=f"{said.domain}: {error}")
    except Temporary as fault:
        return replace(refused, reason=fault.reason, fault=fault)
    return replace(refused, holds=True, reason=f"signed by {said.domain}", named=covered(witness.head, said.fields))


async def _verify(resolver: Resolver, head: Head, field: Field, signature: Signature) -> None:
    if len(head.all("from")) != 1:
        raise BadSignature("the mail has not one From")
    records = await resolver.ask(f"{signature.selector}._domainkey.{signature.domain}", Kind.TXT)
    if len(records) != 1:  # RFC 6376 section 3.6.2.2 leaves several undefined
        raise BadSignature(f"there are {len(records)} keys for the signature")
    key = read_key(records[0], signature.kind)
    if not key.verify(signature, head_digest(head, field, signature)):
        raise BadSignature("the signature is not by this key over these fields")


def covered(head: Head, signed: Sequence[str]) -> frozenset[str]:
    """The addresses in those To and Cc fields that h= covers: so many of each name, from the bottom (section 5.4.2)."""
    named: set[str] = set()
    for name in ("to", "cc"):
        fields, times = head.all(name), signed.count(name)
        for each in fields[max(0, len(fields) - times) :]:
            try:
                named.update(path.key for path in addresses(each.value))
            except Ambiguous:
                continue
    return frozenset(named)


def head_digest(head: Head, field: Field, signature: Signature) -> bytes:
    """The hash of the signed fields, then of the signature's own without its b= (RFC 6376 section 3.7)."""
    written = hashlib.sha256()
    waiting = {name: list(head.all(name)) for name in signature.fields}
    for name in signature.fields:
        if waiting[name]:  # a name without a field signs that there is none
            written.update(_canonical(waiting[name].pop(), relaxed=signature.relaxed_head) + b"\r\n")
    written.update(_canonical(_without_b(field), relaxed=signature.relaxed_head))
    return written.digest()


def _without_b(field: Field) -> Field:
    before = field.octets[: -len(field.value)]
    value = _B.sub(rb"\1", field.value, count=1)
    return replace(field, octets=before + value, value=value)


def _canonical(field: Field, *, relaxed: bool) -> bytes:
    if not relaxed:
        return field.octets
    return field.name.encode() + b":" + _BLANKS.sub(b" ", _FOLD.sub(b"", field.value)).strip(b" \t")


def _read(field: Field) -> Signature | BadSignature:
    try:
        return read_signature(field.value)
    except BadSignature as error:
        return error
