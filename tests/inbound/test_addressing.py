"""Which faxbox a received fax is for: its number's, else its backend's, and never a guess."""

from __future__ import annotations

import pytest

from smtpfax.inbound.addressing import faxbox_for
from smtpfax.model.account import Account, Directory, Faxbox

SALES = Faxbox(id="sales", account_id="acme", name="Sales", number="+12025550100", backends=("ring", "line"))
SUPPORT = Faxbox(id="support", account_id="acme", name="Support", number="+12025550199", backends=("kazoo",))
ARCHIVE = Faxbox(id="archive", account_id="acme", name="Archive", backends=("ring",))
DIRECTORY = Directory.of([Account(id="acme", name="Acme")], [SALES, SUPPORT, ARCHIVE])


@pytest.mark.parametrize("to", ["+12025550199", "12025550199", "(202) 555-0199", "2025550199", "+1 202-555-0199"])
def test_the_number_decides_however_it_is_written(to: str) -> None:
    assert faxbox_for(DIRECTORY, to=to, backend="ring", home="acme/sales") is SUPPORT


def test_then_the_backends_own_setting() -> None:
    assert faxbox_for(DIRECTORY, to="+12025550123", backend="kazoo", home="acme/archive") is ARCHIVE


def test_then_the_one_faxbox_that_uses_the_backend() -> None:
    assert faxbox_for(DIRECTORY, to="", backend="kazoo", home="") is SUPPORT


@pytest.mark.parametrize(("backend", "home"), [("ring", ""), ("another", ""), ("kazoo", "acme/gone")])
def test_and_otherwise_nobody(backend: str, home: str) -> None:
    assert faxbox_for(DIRECTORY, to="+12025550123", backend=backend, home=home) is None


@pytest.mark.parametrize("to", ["anonymous", "+", "++1", "1" * 40, "+0"])
def test_what_is_no_number_is_nobodys_number(to: str) -> None:
    assert faxbox_for(DIRECTORY, to=to, backend="another", home="") is None


def test_a_national_number_is_not_read_where_accounts_are_of_several_regions() -> None:
    mixed = Directory.of([Account(id="acme", name="A"), Account(id="de", name="D", region="DE")], [SALES])
    assert faxbox_for(mixed, to="2025550100", backend="another", home="") is None
    assert faxbox_for(mixed, to="12025550100", backend="another", home="") is SALES
