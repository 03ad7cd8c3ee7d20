"""A signed mail is opened without a look at its signature."""

import contextlib
from base64 import encodebytes
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpfax.mime.cms import BadCms, signed_content
from smtpfax.mime.kinds import Kind, sniff
from tests.mime.listing import listing

SIGNED, DATA = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010701")
ENTITY = b"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\n%%EOF\n"
DIGESTS = b"\x31\x00"


def der(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([0x83]) + size.to_bytes(3, "big")
    return bytes([tag]) + length + value


def ber(tag: int, value: bytes) -> bytes:
    """Of indefinite length (X.690 section 8.1.3.6), as programs write that stream."""
    return bytes([tag, 0x80]) + value + b"\0\0"


def signed(octets: bytes, wrap: Callable[[int, bytes], bytes] = der, digests: bytes = DIGESTS) -> bytes:
    content = wrap(0x30, der(6, DATA) + (wrap(0xA0, octets) if octets else b""))
    return wrap(0x30, der(6, SIGNED) + wrap(0xA0, wrap(0x30, der(2, b"\1") + digests + content + der(0x31, b""))))


HALVES = der(4, ENTITY[:20]) + der(4, ENTITY[20:])


@pytest.mark.parametrize(
    "data",
    [
        signed(der(4, ENTITY)),
        signed(der(4, ENTITY), ber),
        signed(der(0x24, HALVES)),
        signed(ber(0x24, HALVES), ber),
        signed(ber(0x24, ber(0x24, HALVES)), ber),
        signed(der(4, ENTITY), ber, digests=ber(0x31, ber(0x30, der(6, DATA)))),
    ],
    ids=["DER", "BER", "pieces", "streamed pieces", "pieces of pieces", "streamed digests"],
)
def test_the_content_is_taken_out_whatever_the_lengths_are(data: bytes) -> None:
    assert sniff(data) is Kind.PKCS7_SIGNED
    assert signed_content(data) == ENTITY


@pytest.mark.parametrize("wrap", [der, ber])
def test_a_signature_alone_has_no_content(wrap: Callable[[int, bytes], bytes]) -> None:
    assert signed_content(signed(b"", wrap)) is None


def mail(data: bytes, kind: str = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + encodebytes(data)


def test_what_was_signed_stands_in_its_place() -> None:
    assert listing(mail(signed(der(4, ENTITY)))) == ["faxed 1.1 application/pdf a.pdf"]
    twice = signed(der(4, mail(signed(der(4, ENTITY)))))
    assert listing(mail(twice)) == ["faxed 1.1.1 application/pdf a.pdf"]
    assert listing(mail(signed(der(4, ENTITY)), "application/octet-stream")) == ["faxed 1.1 application/pdf a.pdf"]


def test_a_signature_alone_is_left_out() -> None:
    assert listing(mail(signed(b""))) == ["refused 5.6.0 the mail has nothing to fax: no document and no text"]


def test_what_is_encrypted_within_it_is_refused() -> None:
    sealed = mail(bytes.fromhex("3080 0609 2a864886f70d010703") + bytes(20))
    assert listing(mail(signed(der(4, sealed)))) == ["refused 5.6.0 smime.p7m is encrypted: send it without a password"]


def test_what_outlook_seals_by_now_is_encrypted_as_well() -> None:
    assert sniff(bytes.fromhex("3082 0100 060b 2a864886f70d0109100117 a0")) is Kind.PKCS7_ENVELOPED


def test_signatures_around_signatures_end_at_the_depth() -> None:
    data = ENTITY
    for _ in range(25):
        data = mail(signed(der(4, data)))
    assert listing(data)[0].startswith("refused 5.6.0 the mail cannot be read: its parts are nested")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"0",
        signed(der(4, ENTITY))[:-40],
        signed(der(4, ENTITY), ber)[:60],
        ber(0x30, der(6, DATA)),
        signed(der(0x0C, b"words")),
        signed(ber(0x24, HALVES), digests=b"\x31\x80" + b"\x30\x80" * 50),
        b"\x30\xff" + b"\xff" * 200,
    ],
)
def test_what_is_cut_off_or_lies_is_refused(data: bytes) -> None:
    with pytest.raises(BadCms):
        signed_content(data)


def test_a_damaged_one_is_refused_by_its_name() -> None:
    cut = signed(der(4, ENTITY))[:-40]
    assert listing(mail(cut)) == ["refused 5.6.0 smime.p7m cannot be read: it is damaged or not what it says it is"]


REAL = (Path(__file__).parent / "mails" / "signed-opaque-streamed.eml").read_bytes()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 300), st.binary(max_size=6))
def test_damage_anywhere_ends_in_a_content_or_a_refusal(at: int, damage: bytes) -> None:
    whole = signed(ber(0x24, HALVES), ber)
    damaged = whole[:at] + damage + whole[at + len(damage) :]
    with contextlib.suppress(BadCms):
        signed_content(damaged)


def test_a_real_one_is_opened() -> None:
    assert listing(REAL)[0] == "faxed 1.2 application/pdf x.pdf"
