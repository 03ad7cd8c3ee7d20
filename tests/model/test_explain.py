"""What is told to people who ask how a number is read."""

import pytest

from smtpfax.model.dialling import Dialling
from smtpfax.model.explain import explain


def test_every_step_is_told() -> None:
    found = explain("2025550123/to=Ann_Lee/fr=Bob/T33S=7@fax.example", region="US")
    assert found.dialled
    assert dict(found.steps) == {
        "written as": "<number>/to=<name> (eFax)",
        "number": "+12025550123",
        "sub-address": "7",
        "for": "Ann Lee",
        "from": "Bob",
        "region": "US",
        "type": "ordinary",
        "dialled": "yes",
        "decided by": "allow_regions by default",
    }


def test_why_not_is_told_with_the_rule() -> None:
    premium = explain("+19005551234", region="GB")
    assert not premium.dialled
    assert premium.steps["dialled"] == "no: it is a premium-rate number, and such are not faxed from here"
    assert premium.steps["decided by"] == "allow_types by default: premium is not allowed"
    allowed = explain("+19005551234", region="GB", account=Dialling(allow_prefixes=("+1900",)))
    assert (allowed.dialled, allowed.steps["decided by"]) == (True, "account: allow_prefixes +1900")


@pytest.mark.parametrize(
    ("written", "step", "word"),
    [
        ("1-800-FLOWERS", "not a fax number", "letters"),
        ("", "not a fax number", "digits"),
        ("911", "not a fax number", "emergency"),
        ("2025550123@no domain", "not an address", "domain"),
        ("a b@fax.example", "not an address", "local-part"),
        ("postmaster@fax.example", "not a fax number", "letters"),
    ],
)
def test_what_cannot_be_read_is_told(written: str, step: str, word: str) -> None:
    found = explain(written, region="US")
    assert not found.dialled
    [(only, why)] = found.steps.items()
    assert (only, word in why) == (step, True)


@pytest.mark.parametrize("address", ["Ann@2025550123.fax.example", '"+1 (202) 555-0123"@fax.example'])
def test_a_whole_address_is_taken(address: str) -> None:
    assert explain(address, region="US").steps["number"] == "+12025550123"
    ours = explain("Ann@2025550123.fax.example", region="US", is_ours="fax.example".__eq__)
    assert ours.steps["for"] == "Ann"
    assert "not a fax number" in explain("Ann@2025550123.else.example", region="US", is_ours="fax.example".__eq__).steps
