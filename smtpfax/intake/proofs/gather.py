"""The proofs of one transaction, gathered: what the session calls.

In:    the client, the reverse-path, the recipients; the content as a Witness saw it.
Out:   ProofFound for each proof that was looked for, with its reason.
Fails: Temporary, when DNS did not answer and no other proof can do (451, G6).

Rule: only proofs in play are looked for. Early ones are awaited at RCPT, late ones after the final dot and before
anything is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from smtpfax.model.accepting import Seal
from smtpfax.model.account import LATE, Directory, Proof
from smtpfax.model.address import ForwardPath, ReversePath
from smtpfax.model.errors import Temporary
from smtpfax.model.ids import Clock
from smtpfax.model.mail import Client, ProofFound
from smtpfax.model.status import DNS_FAULT, NOT_PROVEN, Reply

from .dkim import Witness, check_dkim
from .evidence import Evidence, NotProven, prove, relayed_dkim, relayed_spf, spf_fault
from .head import Head, Malformed
from .names import Lookups, Resolver, TooManyLookups
from .play import Trust, at_hand, pending, wanted
from .results import newest
from .seals import seals
from .spf import check_spf

SECONDS = 30.0  # for all questions of one stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Gatherer:
    """Looks for proofs; `trust` is asked for each time, so that a reload is felt."""

    resolver: Resolver
    clock: Clock
    trust: Callable[[], Trust]

    def at_once(
        self, client: Client, path: ReversePath, *, directory: Directory, domain: str
    ) -> tuple[ProofFound, ...] | None:
        """Those that nobody has to be asked for; None, where `spf` must be: `early` asks."""
        trust, in_play = self.trust(), wanted(directory, domain, path)
        found = at_hand(directory, domain, path, client, trust)
        if Proof.SPF not in in_play or any(each.holds and each.proof in in_play for each in found):
            return found
        if trust.relays_for(client):
            return *found, ProofFound(proof=Proof.SPF, holds=False, reason="the client is a relay")
        return None

    async def early(
        self, client: Client, path: ReversePath, *, directory: Directory, domain: str
    ) -> tuple[ProofFound, ...]:
        """`network`, `auth` and, if it is in play and needed, `spf`, for a recipient of this domain."""
        at_once = self.at_once(client, path, directory=directory, domain=domain)
        if at_once is not None:
            return at_once
        found = at_hand(directory, domain, path, client, self.trust())
        try:
            why = await self._spf(client, path)
        except Temporary as fault:
            if not wanted(directory, domain, path) & pending(path, client, self.trust()):
                raise
            why = fault.reason  # the content may bring another proof, and asks once more
        return *found, ProofFound(proof=Proof.SPF, holds=not why, reason=why or "the client may send for the domain")

    def pending(self, client: Client, path: ReversePath) -> frozenset[Proof]:
        """The proofs that the content may still bring."""
        return pending(path, client, self.trust())

    async def late(
        self,
        client: Client,
        path: ReversePath,
        witness: Witness,
        *,
        awaited: frozenset[Proof],
        recipients: Sequence[ForwardPath],
    ) -> tuple[ProofFound, ...]:
        """The awaited proofs, now that all of the content passed before the witness; `client` with its early ones."""
        witness.over()
        if any(each.proof is Proof.SPF for each in client.proofs):  # in play, and in vain: perhaps DNS was silent
            awaited |= {Proof.SPF}
        if path.null or witness.head is None or witness.fault:
            return _none_of(awaited, witness.fault or "the null reverse-path never faxes")
        async with _in_time(path):
            evidence = await self._evidence(client, path, witness, witness.head, awaited)
            evidence = replace(evidence, recipients=frozenset(str(each).lower() for each in recipients))
            return await _proven(awaited, evidence, Lookups(self.resolver))

    def seals(self, witness: Witness) -> tuple[Seal, ...]:
        """The signatures of a content that has passed, as they are remembered."""
        return seals(witness, now=self._now)

    @property
    def _now(self) -> int:
        return int(self.clock().timestamp())

    async def _evidence(
        self, client: Client, path: ReversePath, witness: Witness, head: Head, awaited: frozenset[Proof]
    ) -> Evidence:
        evidence = self._relayed(client, Evidence(path=path, head=head, spf="not looked for"), witness)
        if not evidence.signed and awaited & LATE:
            evidence = replace(evidence, signed=await check_dkim(Lookups(self.resolver), witness, now=self._now))
        if self.trust().relays_for(client) or not awaited & {Proof.SPF, Proof.DMARC}:
            return evidence
        try:
            return replace(evidence, spf=await self._spf(client, path))
        except Temporary as fault:
            return replace(evidence, spf=fault.reason, spf_broken=fault)

    def _relayed(self, client: Client, bare: Evidence, witness: Witness) -> Evidence:
        """What a relay says, if it is one whose word counts."""
        trust = self.trust()
        if not trust.relays_for(client):
            return bare
        try:
            results = newest(bare.head, trust.authserv_id) if trust.tells(client) else None
        except Malformed as fault:
            return replace(bare, spf=str(fault))
        if results is None:
            return replace(bare, spf="the client is a relay, and does not say")
        signed = relayed_dkim(results, witness, now=self._now)
        return replace(bare, relayed=results, spf=relayed_spf(results, bare.path), signed=signed)

    async def _spf(self, client: Client, path: ReversePath) -> str:
        """Why SPF does not prove the reverse-path's domain; empty if it does."""
        if client.address is None:
            return "a local socket has no address"
        async with _in_time(path):
            found = await check_spf(
                Lookups(self.resolver),
                client.address,
                local_part=path.local_part,
                domain=path.domain,
                helo=client.helo,
            )
        return spf_fault(found)


def late_reply(found: Sequence[ProofFound]) -> Reply | None:
    """What to say after the final dot; None, if the mail may be taken."""
    if any(each.holds for each in found):
        return None
    return NOT_PROVEN.reply(why="; ".join(f"{each.proof}: {each.reason}" for each in found))


async def _proven(awaited: frozenset[Proof], evidence: Evidence, resolver: Resolver) -> tuple[ProofFound, ...]:
    found: list[ProofFound] = []
    faults: list[Temporary] = []
    for proof in sorted(awaited):
        try:
            found.append(ProofFound(proof=proof, holds=True, reason=await prove(proof, evidence, resolver)))
        except (NotProven, TooManyLookups) as why:
            found.append(ProofFound(proof=proof, holds=False, reason=str(why)))
        except Temporary as fault:
            found.append(ProofFound(proof=proof, holds=False, reason=fault.reason))
            faults.append(fault)
    if faults and not any(each.holds for each in found):
        raise faults[0]
    return tuple(found)


def _none_of(awaited: frozenset[Proof], why: str) -> tuple[ProofFound, ...]:
    return tuple(ProofFound(proof=proof, holds=False, reason=why) for proof in sorted(awaited))


@asynccontextmanager
async def _in_time(path: ReversePath) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except TimeoutError:
        raise Temporary(DNS_FAULT, reason=f"DNS: too slow for all questions about {path.domain}") from None
