"""SPF beyond the public suite: what a hostile record costs, and what a pass is worth."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from smtpfax.intake.proofs.evidence import spf_fault
from smtpfax.intake.proofs.names import Lookups
from smtpfax.intake.proofs.spf import MOST_TERMS, Outcome, Spf, check_spf
from smtpfax.intake.proofs.spf_record import MOST_OCTETS, BadRecord, is_spf, read_record
from tests.intake.proofs.zone import Table, Zone


async def checked(table: Table, address: str = "192.0.2.1", lookups: int = 100) -> Spf:
    resolver = Lookups(Zone(table), lookups)
    return await check_spf(
        resolver, ip_address(address), local_part="ann", domain="acme.example", helo="mx.acme.example"
    )


def spf(record: str) -> Table:
    return {"acme.example": {"TXT": [record]}}


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", ""),
        ("v=spf1 +all", "everybody"),
        ("v=spf1 ip4:128.0.0.0/1 ip4:0.0.0.0/1", "too many"),
        ("v=spf1 ip4:192.0.0.0/7 -all", "too many"),
        ("v=spf1 ip4:192.0.0.0/8 -all", ""),
        ("v=spf1 -all", "fail"),
        ("v=spf1 ~all", "softfail"),
        ("v=spf1 ?ip4:192.0.2.1", "neutral"),
        ("v=spf1 ip4:192.0.2.1/33", "permerror"),
        ("v=spf2", "none"),
    ],
)
async def test_only_a_pass_that_says_something_is_a_proof(record: str, why: str) -> None:
    fault = spf_fault(await checked(spf(record)))
    assert why in fault
    assert bool(fault) == bool(why)


async def test_an_include_of_everybody_is_no_proof() -> None:
    found = await checked({**spf("v=spf1 include:lax.example"), "lax.example": {"TXT": ["v=spf1 +all"]}})
    assert found.outcome is Outcome.PASS
    assert "everybody" in spf_fault(found)


async def test_an_ipv4_client_on_an_ipv6_socket_is_an_ipv4_client() -> None:
    assert (await checked(spf("v=spf1 ip4:192.0.2.1 -all"), "::ffff:192.0.2.1")).outcome is Outcome.PASS


async def test_a_record_that_includes_itself_ends() -> None:
    found = await checked(spf("v=spf1 include:acme.example"))
    assert found.outcome is Outcome.PERMERROR
    assert str(MOST_TERMS) in found.reason


async def test_a_record_that_costs_too_much_is_its_owners_fault() -> None:
    hosts = {f"h{n}.example": {"A": ["198.51.100.1"]} for n in range(10)}
    table = {"acme.example": {"TXT": ["v=spf1 mx -all"], "MX": list(hosts)}, **hosts}
    assert (await checked(table, lookups=5)).outcome is Outcome.PERMERROR
    assert (await checked(table)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "record",
    [
        f"v=spf1 {'a ' * MOST_OCTETS}",
        f"v=spf1 a:{'x' * 600}.example",
        "v=spf1 " + "a " * 600,
        "v=spf1 a:%{i}%{i}" + "%" * 401,
        "v=spf1 exists:" + "a." * 250 + "\x7f",
        "v=spf1 redirect=a.example redirect=b.example",
        "v=spf1 ip4:1.2.3.4 ip6:fe80::1%eth0",
    ],
)
def test_a_hostile_record_is_refused_at_once(record: str) -> None:
    assert is_spf(record)
    with pytest.raises(BadRecord):
        read_record(record)
