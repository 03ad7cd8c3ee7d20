"""DKIM: mails that others signed, and everything that makes a signature none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from smtpfax.intake.proofs.dating import MOST_AGE
from smtpfax.intake.proofs.dkim import MOST_SIGNATURES, Signed, Witness, check_dkim
from smtpfax.intake.proofs.dkim_signature import BadSignature, read_key
from smtpfax.model.errors import Temporary
from tests.intake.proofs.signer import KEY, NOW, PUBLIC, sign
from tests.intake.proofs.zone import SILENT, Table, Zone

MAILS = Path(__file__).parent / "mails"
RSA = (MAILS / "rsa.key.txt").read_text().strip()
# RFC 8463 appendix A.2.
SPORTS = {
    "brisbane._domainkey.football.example.com": {
        "TXT": ["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]
    },
    "test._domainkey.football.example.com": {
        "TXT": [
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQ"
            "iY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G"
            "+2kryOTIKT+l/K4w3QIDAQAB"
        ]
    },
}
ACME = {"x._domainkey.acme.example": {"TXT": [KEY]}, "mail._domainkey.acme.example": {"TXT": [RSA]}}
MAIL = (
    b"From: Ann <ann@acme.example>\r\nTo: +12025550123@fax.example\r\nSubject: Hello\r\n\r\nDear all,\r\n\r\nhello.\r\n"
)
FAX = frozenset({"+12025550123@fax.example"})


async def looked_at(content: bytes, table: Table = ACME, *, now: int = NOW, step: int = 65536) -> tuple[Signed, ...]:
    witness = Witness()
    for place in range(0, len(content), step):
        witness.feed(content[place : place + step])
    witness.over()
    return await check_dkim(Zone(table), witness, now=now)


async def one(content: bytes, table: Table = ACME, *, now: int = NOW) -> Signed:
    (signed,) = await looked_at(content, table, now=now)
    return signed


async def test_the_signatures_of_rfc_8463_hold() -> None:
    mail = (MAILS / "rfc8463.eml").read_bytes()
    for signed in await looked_at(mail, SPORTS, now=1_528_637_909):
        assert (signed.domain, signed.holds) == ("football.example.com", True)
        assert signed.named == {"suzie@shopping.example.net"}


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100, 65536])
@pytest.mark.parametrize("name", ["rsa-simple", "rsa-relaxed", "rsa-mixed"])
async def test_what_another_program_signed_holds_however_it_is_cut(name: str, step: int) -> None:
    (signed,) = await looked_at((MAILS / f"{name}.eml").read_bytes(), step=step)
    assert signed.holds
    assert signed.named == FAX | {"ben@acme.example", "legal@acme.example"}


@pytest.mark.parametrize("name", ["rsa-simple", "rsa-relaxed", "rsa-mixed"])
async def test_a_changed_octet_breaks_it(name: str) -> None:
    mail = (MAILS / f"{name}.eml").read_bytes()
    for old, new in [(b"offer", b"offen"), (b"here it", b"hero it"), (b"+1202", b"+1203"), (b"ann@", b"eve@")]:
        assert not (await one(mail.replace(old, new))).holds


async def test_our_own_signer_agrees() -> None:
    assert (await one(sign(MAIL))).holds


FORGED: dict[str, tuple[bytes, str]] = {
    "l=": (sign(MAIL, extra=" l=5;"), "l="),
    "l= and something added": (sign(MAIL, extra=" l=5;") + b"pay to another account\r\n", "l="),
    "something added": (sign(MAIL) + b"pay to another account\r\n", "body"),
    "another From above": (b"From: eve@evil.example\r\n" + sign(MAIL), "one From"),
    "another From below": (sign(MAIL).replace(b"\r\n\r\n", b"\r\nFrom: eve@evil.example\r\n\r\n", 1), "one From"),
    "another From with a blank before its colon": (b"From : eve@evil.example\r\n" + sign(MAIL), "one From"),
    "From not signed": (sign(MAIL, fields=("to", "subject")), "From is not signed"),
    "a second Subject where two were signed": (
        b"Subject: x\r\n" + sign(MAIL, fields=("from", "subject", "subject")),
        "key",
    ),
    "expired": (sign(MAIL, extra=f" x={NOW - 1};"), "expired"),
    "expired before it was made": (sign(MAIL, extra=f" t={NOW}; x={NOW - 5};"), "expired"),
    "played again after weeks": (sign(MAIL, extra=f" t={NOW - MOST_AGE - 1};"), "too old"),
    "of the future": (sign(MAIL, extra=f" t={NOW + 86400};"), "future"),
    "sha1": (sign(MAIL, algorithm="rsa-sha1"), "algorithm"),
    "an identity of another domain": (sign(MAIL, extra=" i=ann@evil.example;"), "i="),
    "an identity that only ends alike": (sign(MAIL, extra=" i=ann@evilacme.example;"), "i="),
    "a tag said twice": (sign(MAIL, extra=" d=evil.example;"), "malformed"),
    "no selector": (sign(MAIL).replace(b" s=x;", b""), "no s="),
    "a selector that is a path": (sign(MAIL).replace(b" s=x;", b" s=x/../y;"), "malformed"),
    "no key": (sign(MAIL, domain="nokey.example"), "0 keys"),
}


@pytest.mark.parametrize(("mail", "why"), FORGED.values(), ids=FORGED.keys())
async def test_a_signature_that_is_none(mail: bytes, why: str) -> None:
    signed = await one(mail)
    assert not signed.holds
    assert why in signed.reason


async def test_a_bad_signature_does_not_hide_a_good_one() -> None:
    good, broken = sign(MAIL), sign(MAIL).split(MAIL)[0].replace(b"bh=", b"bh=AAAA")
    assert [signed.holds for signed in await looked_at(broken + good)] == [False, True]


async def test_of_a_flood_of_signatures_none_counts() -> None:
    one_more = sign(MAIL).split(MAIL)[0]
    assert await looked_at(one_more * MOST_SIGNATURES + sign(MAIL)) == ()


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(sign(MAIL).replace(b"\r\nTo", b"\nTo"), id="a bare LF in the header section"),
        pytest.param(b"From ann\r\n" + sign(MAIL), id="an mbox line"),
        pytest.param(b"X: " + b"x" * 140_000 + b"\r\n" + sign(MAIL), id="too long a header section"),
        pytest.param(b"X: y\r\n" * 2000 + sign(MAIL), id="too many fields"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_of_a_header_section_that_can_be_read_in_two_ways_nothing_is_proven(mail: bytes) -> None:
    assert await looked_at(mail) == ()


async def test_a_dns_fault_is_told_with_its_signature() -> None:
    signed = await one(sign(MAIL), {"x._domainkey.acme.example": {"TXT": SILENT}})
    assert not signed.holds
    assert isinstance(signed.fault, Temporary)


@pytest.mark.parametrize(
    ("fields", "above", "named"),
    [
        pytest.param(("from", "to"), b"", FAX, id="the To that was signed"),
        pytest.param(("from", "subject"), b"", frozenset(), id="a To that was not"),
        pytest.param(("from", "to"), b"To: +19005550100@fax.example\r\n", FAX, id="a To that was added"),
        pytest.param(("from", "to"), b"Cc: +19005550100@fax.example\r\n", FAX, id="a Cc that was added"),
    ],
)
async def test_only_covered_recipients_are_named(fields: Sequence[str], above: bytes, named: frozenset[str]) -> None:
    signed = await one(above + sign(MAIL, fields=fields))
    assert signed.holds
    assert signed.named == named


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=DKIM1; k=ed25519; p=", "revoked"),
        (f"v=DKIM1; k=ed25519; t=y; p={PUBLIC}", "testing"),
        (f"v=DKIM1; k=rsa; p={PUBLIC}", "not for this"),
        (f"v=DKIM1; k=ed25519; h=sha1; p={PUBLIC}", "not for this"),
        (f"v=DKIM1; k=ed25519; s=tlsrpt; p={PUBLIC}", "not for this"),
        (f"k=ed25519; v=DKIM1; p={PUBLIC}", "not one of DKIM"),
        ("v=DKIM1; k=ed25519; p=AAAA", "malformed"),
        ("v=DKIM1; k=ed25519", "malformed"),
        ("hello", "malformed"),
    ],
)
def test_a_key_that_is_none(record: str, why: str) -> None:
    with pytest.raises(BadSignature, match=why):
        read_key(record, "ed25519")


def test_a_short_rsa_key_is_none() -> None:
    octets = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIK"
    with pytest.raises(BadSignature, match="1024"):
        read_key(f"v=DKIM1; p={octets}jbJTWit+CqvjWYzvQwECAwEAAQ==", "rsa")
    assert not read_key(RSA, "rsa").exact


async def test_t_s_asks_for_the_domain_itself() -> None:
    strict = {"x._domainkey.acme.example": {"TXT": [KEY.replace("k=", "t=s; k=")]}}
    assert (await one(sign(MAIL), strict)).holds
    assert not (await one(sign(MAIL, extra=" i=ann@mail.acme.example;"), strict)).holds
    assert (await one(sign(MAIL, extra=" i=ann@mail.acme.example;"))).holds
