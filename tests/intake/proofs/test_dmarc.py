"""The tree walk of RFC 9989: which domains belong together."""

from __future__ import annotations

import pytest

from smtpfax.intake.proofs.dmarc import aligned, steps, walk
from tests.intake.proofs.zone import Zone

TABLE = {
    "_dmarc.acme.example": {"TXT": ["v=DMARC1; p=reject; adkim=s"]},
    "_dmarc.mail.acme.example": {"TXT": ["v=DMARC1; p=none; aspf=s"]},
    "_dmarc.free.acme.example": {"TXT": ["v=DMARC1; psd=n"]},
    "_dmarc.co.uk": {"TXT": ["v=DMARC1; p=reject; psd=y"]},
    "_dmarc.bank": {"TXT": ["v=DMARC1; p=reject"]},  # a registry that forgot psd=y
    "_dmarc.two.example": {"TXT": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]},
    "_dmarc.other.example": {"TXT": ["google-site-verification=x", "V=DMARC1", "p=none; v=DMARC1", "v=DMARC10"]},
    "_dmarc.mixed.example": {"TXT": ["something else", "v=DMARC1;p=none;"]},
}


@pytest.mark.parametrize(
    ("domain", "organization", "policy"),
    [
        ("acme.example", "acme.example", "acme.example"),
        ("mail.acme.example", "acme.example", "mail.acme.example"),
        ("a.b.c.acme.example", "acme.example", "acme.example"),
        ("free.acme.example", "free.acme.example", "free.acme.example"),
        ("a.free.acme.example", "free.acme.example", "free.acme.example"),
        ("shop.co.uk", "shop.co.uk", "co.uk"),
        ("www.shop.co.uk", "shop.co.uk", "co.uk"),
        ("co.uk", "co.uk", "co.uk"),
        ("one.bank", "one.bank", None),
        ("two.example", "two.example", None),
        ("other.example", "other.example", None),
        ("a.mixed.example", "mixed.example", "mixed.example"),
        ("nobody.example", "nobody.example", None),
    ],
)
async def test_the_organization_and_the_policy_are_found(domain: str, organization: str, policy: str | None) -> None:
    found = await walk(Zone(TABLE), domain)
    assert found.organization == organization
    assert (found.policy.domain if found.policy else None) == policy


@pytest.mark.parametrize(
    ("one", "other", "relaxed"),
    [
        ("acme.example", "acme.example", True),
        ("acme.example", "bounce.acme.example", True),
        ("mail.acme.example", "bounce.acme.example", True),
        ("free.acme.example", "acme.example", False),
        ("shop.co.uk", "evil.co.uk", False),
        ("one.bank", "evil.bank", False),
        ("nobody.example", "www.nobody.example", False),
        ("acme.example", "evilacme.example", False),
        ("acme.example", "acme.example.evil.example", False),
    ],
)
async def test_alignment(one: str, other: str, relaxed: bool) -> None:
    assert await aligned(Zone(TABLE), one, other) is relaxed
    assert await aligned(Zone(TABLE), other, one) is relaxed
    assert await aligned(Zone(TABLE), one, other, strict=True) is (one == other)


async def test_a_policy_says_how_strict_it_is() -> None:
    above, below = await walk(Zone(TABLE), "acme.example"), await walk(Zone(TABLE), "mail.acme.example")
    assert above.policy is not None
    assert (above.policy.strict_dkim, above.policy.strict_spf) == (True, False)
    assert below.policy is not None
    assert (below.policy.strict_dkim, below.policy.strict_spf) == (False, True)


@pytest.mark.parametrize(
    ("domain", "asked"),
    [
        ("a.b.example", ["a.b.example", "b.example", "example"]),
        (
            "1.2.3.4.5.6.7.8",
            ["1.2.3.4.5.6.7.8", "2.3.4.5.6.7.8", "3.4.5.6.7.8", "4.5.6.7.8", "5.6.7.8", "6.7.8", "7.8", "8"],
        ),
        (".".join(["x"] * 60 + ["a", "b"]), None),
    ],
)
def test_a_walk_has_eight_steps_at_most(domain: str, asked: list[str] | None) -> None:
    taken = list(steps(domain))
    assert len(taken) <= 8
    assert taken[0] == domain
    assert asked is None or taken == asked
