"""The public test suite of RFC 7208, release 2014.04 (rfc7208/LICENSE), as JSON without its comments."""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from smtpfax.intake.proofs.spf import check_spf
from smtpfax.model.errors import Temporary
from tests.intake.proofs.zone import SILENT, Zone

SUITE = json.loads((Path(__file__).parent / "rfc7208" / "suite.json").read_text())
CASES = [
    pytest.param(section["zonedata"], case, id=name) for section in SUITE for name, case in section["tests"].items()
]


def zone_of(data: dict[str, list[Any]]) -> Zone:
    """The suite's zones: SPF records stand for TXT where no TXT is given, TIMEOUT for all kinds that are not given."""
    table: dict[str, dict[str, list[str] | tuple[str, ...]]] = {}
    for name, entries in data.items():
        records = [(kind, value) for entry in entries if isinstance(entry, dict) for kind, value in entry.items()]
        kinds = {kind for kind, _ in records}
        rows: dict[str, list[str] | tuple[str, ...]] = {}
        for kind, value in records:
            to = "TXT" if kind == "SPF" and "TXT" not in kinds else kind
            if value != "NONE":
                text = value[1] if kind == "MX" else "".join(value) if isinstance(value, list) else str(value)
                rows.setdefault(to, []).append(text if to == "TXT" else text.removesuffix("."))  # type: ignore[union-attr]
        if "TIMEOUT" in entries:
            rows = dict.fromkeys(("A", "AAAA", "MX", "PTR", "TXT"), SILENT) | rows
        table[name.lower()] = rows
    return Zone(table)


@pytest.mark.parametrize(("zone", "case"), CASES)
async def test_the_suite_of_rfc_7208_is_passed(zone: dict[str, list[Any]], case: dict[str, Any]) -> None:
    helo, _, wanted = case["helo"], None, case["result"]
    local, _, domain = case["mailfrom"].rpartition("@") if case["mailfrom"] else ("postmaster", "@", helo)
    try:
        found = await check_spf(zone_of(zone), ip_address(case["host"]), local_part=local, domain=domain, helo=helo)
        result = found.outcome.value
    except Temporary:
        result = "temperror"
    assert result in wanted if isinstance(wanted, list) else result == wanted
