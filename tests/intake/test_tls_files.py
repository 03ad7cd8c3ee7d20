"""The certificate's files, read again when they change; a pair that cannot be used is not taken."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from smtpfax.api.meter import Metrics
from smtpfax.intake.tls import Files, Tls, read_files
from smtpfax.model.errors import ConfigError
from tests.intake.authority import HOST, Authority, Made

CA = Authority()
FIRST, SECOND = CA.certify("first.example"), CA.certify("second.example")


def files(folder: Path, made: Made = FIRST) -> Files:
    certificate, key = made.put(folder)
    return Files(certificate=certificate, key=key)


def shown(tls: Tls) -> str:
    """For whom a client sees the certificate of a new handshake to be."""
    context = tls.context()
    assert context is not None
    return handshake(context)[0]


def handshake(context: ssl.SSLContext, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> tuple[str, str]:
    """A name of the certificate, and the version, of a handshake in memory."""
    trusting = ssl.create_default_context(cadata=CA.certificate.decode())
    trusting.check_hostname = False
    trusting.maximum_version = version
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(back, there, server_hostname="x")
    server = context.wrap_bio(there, back, server_side=True)
    for side in (client, server) * 3:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    names = x509.load_der_x509_certificate(client.getpeercert(binary_form=True) or b"").extensions
    found = names.get_extension_for_class(x509.SubjectAlternativeName).value
    return found.get_values_for_type(x509.DNSName)[0], client.version() or ""


def test_a_changed_pair_is_in_the_next_handshake(tmp_path: Path) -> None:
    tls = Tls(files(tmp_path), Metrics())
    assert shown(tls) == "first.example"
    SECOND.put(tmp_path)
    assert shown(tls) == "second.example"


def test_half_a_pair_is_not_taken_and_the_other_half_completes_it(tmp_path: Path) -> None:
    tls = Tls(files(tmp_path), Metrics())
    (tmp_path / "certificate.pem").write_bytes(SECOND.certificate)
    assert shown(tls) == "first.example"
    (tmp_path / "key.pem").write_bytes(SECOND.key)
    assert shown(tls) == "second.example"


def test_files_that_vanish_leave_the_old_certificate_at_work(tmp_path: Path) -> None:
    tls = Tls(files(tmp_path), Metrics())
    (tmp_path / "key.pem").unlink()
    assert shown(tls) == "first.example"


def test_a_link_that_is_turned_to_another_file_is_a_change(tmp_path: Path) -> None:
    for name, made in (("one", FIRST), ("two", SECOND)):
        (tmp_path / name).mkdir()
        made.put(tmp_path / name)
    (tmp_path / "live").symlink_to("one")
    tls = Tls(Files(certificate=tmp_path / "live/certificate.pem", key=tmp_path / "live/key.pem"), Metrics())
    assert shown(tls) == "first.example"
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").replace(tmp_path / "live")
    assert shown(tls) == "second.example"


def test_files_that_stay_are_not_read_again(tmp_path: Path) -> None:
    tls = Tls(files(tmp_path), Metrics())
    assert tls.context() is tls.context()


def test_other_files_may_be_named_and_none(tmp_path: Path) -> None:
    tls = Tls(None, Metrics())
    assert (tls.offered, tls.context()) == (False, None)
    tls.reload(files(tmp_path, SECOND))
    assert tls.offered
    assert shown(tls) == "second.example"
    tls.reload(None)
    assert (tls.offered, tls.context()) == (False, None)


@pytest.mark.parametrize("name", ["certificate.pem", "key.pem"])
def test_a_file_that_is_not_there_refuses_the_start(tmp_path: Path, name: str) -> None:
    wanted = files(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ConfigError, match=rf"smtp\.tls_\w+: {tmp_path / name} cannot be read: No such file"):
        Tls(wanted, Metrics())


def test_a_key_that_is_locked_is_not_asked_for_at_the_terminal(tmp_path: Path) -> None:
    wanted = files(tmp_path, CA.certify(HOST, password=b"secret"))
    with pytest.raises(ConfigError, match=r"smtp\.tls_key: is locked"):
        Tls(wanted, Metrics())


def test_an_endless_file_is_read_to_a_bound(tmp_path: Path) -> None:
    wanted = Files(certificate=Path(os.devnull), key=Path("/dev/zero"))
    with pytest.raises(ConfigError, match="no certificate"):
        read_files(wanted)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_two_versions_that_are_safe_are_spoken(tmp_path: Path, version: ssl.TLSVersion) -> None:
    context = Tls(files(tmp_path), Metrics()).context()
    assert context is not None
    assert handshake(context, version)[1].replace(".", "_") == version.name


def test_older_versions_are_not_spoken(tmp_path: Path) -> None:
    context = Tls(files(tmp_path), Metrics()).context()
    assert context is not None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_the_end_of_the_certificate_is_measured(tmp_path: Path) -> None:
    metrics = Metrics()
    wanted = files(tmp_path)
    Tls(wanted, metrics)
    line = next(line for line in metrics.text().decode().splitlines() if line.startswith("smtpfax_tls_certificate"))
    assert float(line.split()[1]) == read_files(wanted).expires.timestamp()
