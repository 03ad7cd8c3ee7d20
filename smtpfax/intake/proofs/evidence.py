"""What the content proves: SPF, DKIM and DMARC held against the reverse-path.

In:    the reverse-path, the recipients, and what was found about the mail by us or by a relay of ours.
Out:   for each proof that is awaited, why it holds.
Fails: NotProven, with the reason; Temporary, when DNS does not answer.

Rule: the proven domain is aligned with the reverse-path's. A signature alone could be played again to any number by
whoever received the mail: it counts only if a To or Cc that it covers names every recipient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smtpfax.model.account import Proof
from smtpfax.model.address import ReversePath
from smtpfax.model.errors import Temporary

from .authors import Ambiguous, author
from .dating import counts_until
from .dkim import Signed, Witness, covered
from .dkim_signature import BadSignature, Signature
from .dmarc import Policy, aligned, walk
from .head import Head
from .names import Resolver
from .results import Results
from .spf import Outcome, Spf

WIDEST4, WIDEST6 = 8, 19  # prefixes: whoever lets in more of the Internet than one registry's block lets in everybody


class NotProven(Exception):
    """The proof does not hold; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known of one mail."""

    path: ReversePath
    head: Head
    recipients: frozenset[str] = frozenset()  # forward-paths, lower-cased
    signed: tuple[Signed, ...] = ()
    spf: str = ""  # why SPF does not prove the reverse-path's domain; empty if it does
    spf_broken: Temporary | None = None
    relayed: Results | None = None


async def prove(proof: Proof, evidence: Evidence, resolver: Resolver) -> str:
    """Why the proof holds."""
    if proof is Proof.SPF:
        return _spf(evidence)
    if proof is Proof.DKIM:
        return await _dkim(evidence, resolver, evidence.path.domain, strict=False)
    return await _dmarc(evidence, resolver)


def spf_fault(spf: Spf) -> str:
    """Why an SPF result proves nothing; empty if it does. A pass for the whole Internet is none."""
    if spf.outcome is not Outcome.PASS:
        return f"{spf.outcome.value}: {spf.reason}"
    network = spf.by.network if spf.by else None
    if spf.by is None or spf.by.mechanism == "all":
        return f"the SPF record lets everybody in ({spf.reason})"
    if network is not None and network.prefixlen < (WIDEST4 if network.version == 4 else WIDEST6):
        return f"the SPF record lets in too many ({spf.reason})"
    return ""


def relayed_spf(results: Results, path: ReversePath) -> str:
    """Why a relay's SPF result proves nothing; empty if it does."""
    mailboxes = [verdict.value("smtp.mailfrom").rpartition("@") for verdict in results.passed("spf")]
    same = [local in ("", path.local_part.lower()) and domain == path.domain for local, _, domain in mailboxes]
    return "" if any(same) else "the relay has no SPF pass for the reverse-path"


def relayed_dkim(results: Results, witness: Witness, *, now: int) -> tuple[Signed, ...]:
    """A relay's DKIM results. Which of a domain's signatures it means is not known: all of them have to cover."""
    said = [signature for _, signature in witness.signatures]
    read = [signature for signature in said if isinstance(signature, Signature)]
    # One has l=, cannot be read or is of another time: the relay may mean that one.
    if witness.head is None or len(read) < len(said) or not all(_in_time(witness.head, each, now) for each in read):
        return ()
    return tuple(_relayed_signatures(results, witness.head, read))


def _in_time(head: Head, signature: Signature, now: int) -> bool:
    try:
        counts_until(head, signature, now=now)
    except BadSignature:
        return False
    return True


def _relayed_signatures(results: Results, head: Head, signatures: Sequence[Signature]) -> Iterator[Signed]:
    for verdict in results.passed("dkim"):
        domain = verdict.value("header.d") or verdict.value("header.i").rpartition("@")[2]
        named = [covered(head, signature.fields) for signature in signatures if signature.domain == domain]
        if named:
            reason = f"signed by {domain}, says the relay"
            yield Signed(domain=domain, holds=True, reason=reason, named=named[0].intersection(*named))


def _spf(evidence: Evidence) -> str:
    if evidence.spf_broken is not None:
        raise evidence.spf_broken
    if evidence.spf:
        raise NotProven(evidence.spf)
    return f"the client may send for {evidence.path.domain}"


async def _dkim(evidence: Evidence, resolver: Resolver, domain: str, *, strict: bool) -> str:
    """A signature that holds, is aligned with the domain, and covers the recipients."""
    if len(evidence.head.all("from")) != 1:
        raise NotProven("the mail has not one From")
    reasons = [each.reason for each in evidence.signed if not each.holds]
    for each in evidence.signed:
        if not each.holds:
            continue
        if not await aligned(resolver, each.domain, domain, strict=strict):
            reasons.append(f"{each.domain} is not aligned with {domain}")
        elif not evidence.recipients <= each.named:
            reasons.append("no signed To or Cc names every recipient")
        else:
            return each.reason
    faults = [each.fault for each in evidence.signed if each.fault]
    if faults:
        raise faults[0]
    raise NotProven("; ".join(reasons[:3]) or "there is no signature")


async def _dmarc(evidence: Evidence, resolver: Resolver) -> str:
    try:
        domain = author(evidence.head).domain
    except Ambiguous as fault:
        raise NotProven(str(fault)) from None
    if not await aligned(resolver, domain, evidence.path.domain):
        raise NotProven(f"From is of {domain}, which is not aligned with the reverse-path")
    policy = _relayed_policy(evidence.relayed, domain) or (await walk(resolver, domain)).policy
    if policy is None:
        raise NotProven(f"{domain} has no DMARC record")
    if not evidence.spf and await aligned(resolver, evidence.path.domain, domain, strict=policy.strict_spf):
        return f"SPF passes for {evidence.path.domain}, aligned with From"
    try:
        return await _dkim(evidence, resolver, domain, strict=policy.strict_dkim)
    except NotProven as why:
        if evidence.spf_broken is not None:
            raise evidence.spf_broken from None
        raise NotProven(f"{why}; SPF: {evidence.spf or 'not aligned with From'}") from None


def _relayed_policy(results: Results | None, domain: str) -> Policy | None:
    """What a relay found of DMARC stands for the policy; that it did not pass is final."""
    if results is None or not any(verdict.method == "dmarc" for verdict in results.verdicts):
        return None
    if not any(verdict.value("header.from") == domain for verdict in results.passed("dmarc")):
        raise NotProven("the relay has no DMARC pass for From")
    return Policy(domain=domain)
