"""Whom the settings name: each address is looked up once, and few are remembered."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from smtpfax.intake.proofs import play
from smtpfax.intake.proofs.play import Trust

TRUST = Trust(trusted=(ip_network("10.0.0.0/8"),), relays=(ip_network("192.0.2.0/24"),))


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("text", "known"), [("10.1.2.3", True), ("192.0.2.1", True), ("198.51.100.1", False)])
def test_a_client_is_known_by_its_network(text: str, known: bool, times: int) -> None:
    for _ in range(times):
        assert TRUST.knows(ip_address(text)) is known


def test_nobody_knows_who_has_no_address() -> None:
    assert not TRUST.knows(None)


def test_more_addresses_than_are_remembered_are_judged_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "MOST_KNOWN", 3)
    trust = Trust(trusted=TRUST.trusted)
    for last in range(20):
        assert trust.knows(ip_address(f"10.0.0.{last}"))
        assert not trust.knows(ip_address(f"11.0.0.{last}"))
    assert len(trust._known) <= 3
    assert trust == Trust(trusted=TRUST.trusted)
    assert hash(trust) == hash(Trust(trusted=TRUST.trusted))
