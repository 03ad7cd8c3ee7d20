"""The certificate in the settings: what `smtpfax check` says of its files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from smtpfax.app import translate
from smtpfax.app.check import check_certificate, remarks
from smtpfax.config import Settings, load
from tests.intake.authority import DAY, HOST, Authority, Made

CA = Authority()
GOOD = CA.certify(HOST)


def settings(folder: Path, made: Made = GOOD, *, together: bool = False) -> Settings:
    certificate, key = made.put(folder)
    if together:
        certificate.write_bytes(made.certificate + made.key)
    named = {"tls_certificate": str(certificate)} | ({} if together else {"tls_key": str(key)})
    return load(None, {"hostname": HOST, "smtp": named}, {})


@pytest.mark.parametrize("together", [False, True])
def test_a_good_pair_is_nothing_to_speak_of(tmp_path: Path, together: bool) -> None:
    given = settings(tmp_path, together=together)
    assert check_certificate(given) == []
    assert [remark for remark in remarks(given) if remark.startswith("smtp")] == []


def test_without_a_certificate_there_is_nothing_to_look_at() -> None:
    assert translate.tls_files(Settings()) is None
    assert check_certificate(Settings()) == []


def test_an_expired_certificate_is_a_fault(tmp_path: Path) -> None:
    [fault] = check_certificate(settings(tmp_path, CA.certify(HOST, ends=datetime.now(UTC) - DAY)))
    assert fault.startswith("smtp.tls_certificate: expired on ")


def test_a_key_of_another_certificate_is_a_fault(tmp_path: Path) -> None:
    other = Made(certificate=GOOD.certificate, key=CA.certify(HOST).key)
    assert check_certificate(settings(tmp_path, other)) == ["smtp.tls_key: does not belong to the certificate"]


def test_a_file_that_is_not_there_is_a_fault_and_no_remark(tmp_path: Path) -> None:
    given = settings(tmp_path)
    (tmp_path / "key.pem").unlink()
    [fault] = check_certificate(given)
    assert fault == f"smtp.tls_key: {tmp_path / 'key.pem'} cannot be read: No such file or directory"
    assert [remark for remark in remarks(given) if remark.startswith("smtp")] == []


def test_what_openssl_will_not_have_is_a_fault_in_its_words(tmp_path: Path) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    key = short.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    [fault] = check_certificate(settings(tmp_path, Made(certificate=CA.certify_key(short.public_key(), HOST), key=key)))
    assert "cannot be used" in fault
    assert "key too small" in fault


def test_a_certificate_for_another_name_is_remarked_upon(tmp_path: Path) -> None:
    given = settings(tmp_path, CA.certify("other.example"))
    assert check_certificate(given) == []
    assert f"smtp.tls_certificate: is for other.example, and hostname is {HOST}" in remarks(given)
