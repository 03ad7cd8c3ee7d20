"""Whatever strangers send, the readers answer with their own refusals and nothing else."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from smtpfax.intake.proofs.authors import Ambiguous, addresses
from smtpfax.intake.proofs.dkim import Witness, check_dkim
from smtpfax.intake.proofs.dkim_signature import BadSignature, read_key, read_signature
from smtpfax.intake.proofs.head import Malformed, read_head
from smtpfax.intake.proofs.results import newest
from smtpfax.intake.proofs.sasl import BadExchange, read_auth
from smtpfax.intake.proofs.spf_record import BadRecord, read_record
from tests.intake.proofs.signer import KEY, NOW, sign
from tests.intake.proofs.zone import Zone

SPICE = [
    "v=1",
    ";",
    "=",
    "b",
    "h",
    "from",
    ":",
    "<",
    ">",
    "@",
    ",",
    '"',
    "\\",
    "(",
    ")",
    " ",
    "\r\n ",
    "a.b",
    "%{i}",
    "/",
    "\u212a",
]
TEXTS = st.lists(st.one_of(st.sampled_from(SPICE), st.text(max_size=5)), max_size=30).map("".join)
OCTETS = TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
SIGNED = sign(b"From: ann@acme.example\r\nTo: x@fax.example\r\n\r\nhello \t you\r\n\r\n\r\nAnn\r\n\r\n")


@given(OCTETS)
def test_addresses(value: bytes) -> None:
    with suppress(Ambiguous):
        assert addresses(value)


@given(OCTETS)
def test_signatures(value: bytes) -> None:
    with suppress(BadSignature):
        read_signature(value)


@given(TEXTS, st.sampled_from(["rsa", "ed25519"]))
def test_keys(text: str, kind: str) -> None:
    with suppress(BadSignature):
        read_key(text, kind)


@given(TEXTS)
def test_spf_records(text: str) -> None:
    with suppress(BadRecord):
        read_record(f"v=spf1 {text}")


@given(TEXTS)
def test_sasl(text: str) -> None:
    with suppress(BadExchange):
        read_auth(text)


@given(OCTETS)
def test_authentication_results(value: bytes) -> None:
    with suppress(Malformed):
        newest(read_head(b"Authentication-Results: mx.example;" + value + b"\r\n\r\n"), "mx.example")


@given(st.lists(st.integers(0, len(SIGNED)), max_size=8))
async def test_a_signature_holds_however_the_content_is_cut(cuts: list[int]) -> None:
    witness, place = Witness(), 0
    for cut in [*sorted(cuts), len(SIGNED)]:
        witness.feed(SIGNED[place:cut])
        place = cut
    witness.over()
    zone = Zone({"x._domainkey.acme.example": {"TXT": [KEY]}})
    assert [signed.holds for signed in await check_dkim(zone, witness, now=NOW)] == [True]


@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 255))
@example(SIGNED.index(b"To:"), ord("X"))
async def test_any_changed_octet_leaves_no_new_author_and_no_new_recipient(place: int, octet: int) -> None:
    changed = SIGNED[:place] + bytes([octet]) + SIGNED[place + 1 :]
    witness = Witness()
    witness.feed(changed)
    witness.over()
    zone = Zone({"x._domainkey.acme.example": {"TXT": [KEY]}})
    for signed in await check_dkim(zone, witness, now=NOW):
        assert not signed.holds or (signed.named == {"x@fax.example"} and signed.domain == "acme.example")
