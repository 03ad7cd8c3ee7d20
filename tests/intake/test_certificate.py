"""Certificates and keys, judged in an administrator's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smtpfax.intake.certificate import SOON, Chain, read_pair
from smtpfax.model.errors import ConfigError
from tests.intake.authority import DAY, HOST, Authority

CA = Authority()
GOOD = CA.certify(HOST, "*.Fax.example")
NOW = datetime.now(UTC)


def read(**changed: bytes) -> Chain:
    pair = {"certificate": GOOD.certificate, "key": GOOD.key} | changed
    return read_pair(pair["certificate"], pair["key"])


def test_a_good_pair_has_no_fault() -> None:
    chain = read()
    assert chain.names == (HOST, "*.fax.example")
    assert chain.faults(NOW) == []
    assert chain.remarks(NOW, HOST) == []


def test_certificate_and_key_may_share_a_file() -> None:
    both = GOOD.key + GOOD.certificate
    assert read_pair(both, both).names == read().names


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"certificate": b""}, "smtp.tls_certificate: has no certificate in PEM form"),
        ({"certificate": GOOD.key}, "smtp.tls_certificate: has no certificate in PEM form"),
        ({"certificate": GOOD.certificate[:200]}, "smtp.tls_certificate: has no certificate in PEM form"),
        ({"key": b""}, "smtp.tls_key: has no private key in PEM form"),
        ({"key": GOOD.certificate}, "smtp.tls_key: has no private key in PEM form"),
        ({"key": CA.certify(HOST).key}, "smtp.tls_key: does not belong to the certificate"),
        ({"certificate": CA.certificate + GOOD.certificate}, "smtp.tls_key: does not belong to the certificate"),
        (
            {"key": CA.certify(HOST, password=b"secret").key},
            "smtp.tls_key: is locked with a password, which nobody is there to type",
        ),
    ],
)
def test_what_cannot_be_used_is_said_in_words(changed: dict[str, bytes], sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(**changed)
    assert str(refused.value) == sentence


def test_a_certificate_that_ended_or_has_not_begun_is_a_fault() -> None:
    ended = CA.certify(HOST, ends=datetime(2020, 2, 3, 4, 5, tzinfo=UTC))
    early = CA.certify(HOST, begins=NOW + DAY)
    assert read_pair(ended.certificate, ended.key).faults(NOW) == [
        "smtp.tls_certificate: expired on 2020-02-03 04:05 UTC"
    ]
    [fault] = read_pair(early.certificate, early.key).faults(NOW)
    assert fault.startswith("smtp.tls_certificate: begins to hold on ")


def test_a_chain_stands_in_order() -> None:
    other = Authority(name="Another authority")
    assert read(certificate=GOOD.certificate + CA.certificate).faults(NOW) == []
    [fault] = read(certificate=GOOD.certificate + other.certificate).faults(NOW)
    assert "do not stand in order" in fault


def test_a_certificate_that_ends_soon_is_remarked_upon() -> None:
    chain = read()
    assert chain.remarks(chain.expires - SOON, HOST) == [
        f"smtp.tls_certificate: expires on {chain.expires:%Y-%m-%d %H:%M} UTC"
    ]
    assert chain.remarks(chain.expires - SOON - timedelta(seconds=1), HOST) == []


@pytest.mark.parametrize(
    ("hostname", "fits"),
    [
        (HOST, True),
        ("MX.acme.example", True),
        ("a.fax.example", True),
        ("fax.example", False),
        ("a.b.fax.example", False),
        ("mx.other.example", False),
    ],
)
def test_the_name_we_greet_with_should_be_on_it(hostname: str, fits: bool) -> None:
    remarks = read().remarks(NOW, hostname)
    assert (remarks == []) == fits
    assert all(f"hostname is {hostname}" in remark for remark in remarks)


def test_a_common_name_is_no_name() -> None:
    bare = CA.certify(common_name=HOST)
    assert "is for no name" in read_pair(bare.certificate, bare.key).remarks(NOW, HOST)[0]
