"""DMARC: which domains belong together, and whose From is proven (RFC 9989).

In:    domains, and DNS.
Out:   a domain's policy with its organizational domain; whether two domains are aligned.
Fails: Temporary, when DNS does not answer; TooManyLookups.

Rule: the organizational domain is found by the tree walk, no list of public suffixes is kept. A top-level domain is
nobody's organization, even if it publishes a record that does not say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .names import Kind, Resolver
from .tags import BadTags, read_tags

MOST_LABELS = 8  # RFC 9989 section 4.10: a longer name is walked from its last seven labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A DMARC record, as far as alignment needs it."""

    domain: str  # where it was found
    strict_dkim: bool = False
    strict_spf: bool = False
    public_suffix: bool | None = None  # psd=y, psd=n, or not said


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What a tree walk found."""

    organization: str
    policy: Policy | None


async def walk(resolver: Resolver, domain: str) -> Walk:
    """The organizational domain, and the policy that applies (RFC 9989 sections 4.10.1 and 4.10.2)."""
    found: list[Policy] = []
    for name in steps(domain):
        policy = await _policy(resolver, name)
        if policy is not None:
            found.append(policy)
            if policy.public_suffix is not None:
                break
    organization = _organization(domain, found)
    by_domain = {policy.domain: policy for policy in found}
    above = next((policy for policy in found if policy.public_suffix), None)
    return Walk(organization=organization, policy=by_domain.get(domain) or by_domain.get(organization) or above)


async def aligned(resolver: Resolver, one: str, other: str, *, strict: bool = False) -> bool:
    """Whether two domains are the same (strict), or of the same organization (relaxed)."""
    if one == other or strict:
        return one == other
    return (await walk(resolver, one)).organization == (await walk(resolver, other)).organization


def steps(domain: str) -> Iterator[str]:
    """The names that a tree walk asks about, the longest first; never more than eight."""
    labels = domain.split(".")
    yield domain
    for left in range(min(len(labels), MOST_LABELS) - 1, 0, -1):
        yield ".".join(labels[-left:])


def _organization(domain: str, found: list[Policy]) -> str:
    for policy in found:
        if policy.public_suffix is False:
            return policy.domain
        if policy.public_suffix and policy.domain != domain:
            return ".".join(domain.split(".")[-policy.domain.count(".") - 2 :])
    several = [policy.domain for policy in found if "." in policy.domain]
    return several[-1] if several else domain


async def _policy(resolver: Resolver, domain: str) -> Policy | None:
    """The one valid record of a domain; of several, none counts."""
    records = await resolver.ask(f"_dmarc.{domain}", Kind.TXT)
    read = [tags for tags in map(_tags, records) if tags]
    if len(read) != 1:
        return None
    tags = {name: value.lower() for name, value in read[0].items()}
    return Policy(
        domain=domain,
        strict_dkim=tags.get("adkim") == "s",
        strict_spf=tags.get("aspf") == "s",
        public_suffix={"y": True, "n": False}.get(tags.get("psd", "u")),
    )


def _tags(text: str) -> dict[str, str]:
    """A record's tags; empty for what is no DMARC record: v=DMARC1 stands first (RFC 9989 section 4.7)."""
    try:
        tags = read_tags(text)
    except BadTags:
        return {}
    return tags if next(iter(tags.items())) == ("v", "DMARC1") else {}
