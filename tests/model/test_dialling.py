"""What may be dialled: the numbers that thieves call, and who may allow them after all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model.dialling import NOTHING_SAID, Dialling, Judgement, NumberType, judge
from smtpfax.model.number import FaxNumber

T = NumberType
TYPES = [
    ("+12025550123", T.ORDINARY, "US"),
    ("+18005551212", T.ORDINARY, "US"),
    ("+442079460958", T.ORDINARY, "GB"),
    ("+33612345678", T.ORDINARY, "FR"),
    ("+12684601234", T.ORDINARY, "AG"),  # +1 is 25 countries: the classic traps look like a number next door
    ("+18765550123", T.ORDINARY, "JM"),
    ("+19005551234", T.PREMIUM, "US"),
    ("+448712345678", T.PREMIUM, "GB"),
    ("+33899123456", T.PREMIUM, "FR"),
    ("+33820123456", T.SHARED_COST, "FR"),
    ("+41844123456", T.SHARED_COST, "CH"),
    ("+447012345678", T.PERSONAL, "GB"),
    ("+447600000000", T.PAGER, "GB"),
    ("+870773111632", T.GLOBAL, "001"),  # Inmarsat
    ("+881612345678", T.GLOBAL, "001"),  # Iridium
    ("+882161234567", T.GLOBAL, "001"),
    ("+979123456789", T.GLOBAL, "001"),
    ("+4712345678", T.UNKNOWN, "NO"),
    ("+12029760123", T.ORDINARY, "US"),
    ("+12015551", T.UNKNOWN, "US"),
    ("+999123456", T.UNKNOWN, ""),
    ("+44118118", T.SHORT, "GB"),
    ("+19115550123", T.EMERGENCY, "US"),
    ("+49112345", T.EMERGENCY, "DE"),
]
ORDINARY = FaxNumber(e164="+12025550123")
PREMIUM = FaxNumber(e164="+19005551234")


def says(number: FaxNumber, faxbox: Dialling = NOTHING_SAID, account: Dialling = NOTHING_SAID) -> tuple[bool, str]:
    found = judge(number, account=account, faxbox=faxbox)
    return found.allowed, found.rule


@pytest.mark.parametrize(("e164", "kind", "region"), TYPES)
def test_only_ordinary_numbers_are_dialled_by_default(e164: str, kind: NumberType, region: str) -> None:
    found = judge(FaxNumber(e164=e164))
    assert (found.type, found.region, found.allowed) == (kind, region, kind is T.ORDINARY)
    assert bool(found.why) is not found.allowed
    assert found.rule


def test_a_sub_address_changes_nothing() -> None:
    assert judge(replace(PREMIUM, sub_address="7")) == judge(PREMIUM)


def test_a_type_may_be_allowed() -> None:
    premium = Dialling(allow_types=frozenset({T.PREMIUM}))
    assert says(PREMIUM, account=premium) == (True, "allow_regions by default")
    assert says(PREMIUM, Dialling(allow_types=frozenset()), premium) == (
        False,
        "faxbox: allow_types: premium is not allowed",
    )


@pytest.mark.parametrize(
    ("e164", "allowed"), [("+12025550123", True), ("+18765550123", False), ("+442079460958", False)]
)
def test_regions_are_those_of_the_number_and_not_of_its_country_code(e164: str, allowed: bool) -> None:
    us = Dialling(allow_regions=frozenset({"US", "CA"}))
    found = judge(FaxNumber(e164=e164), account=us)
    assert (found.allowed, found.rule.startswith("account: allow_regions")) == (allowed, True)


def test_a_faxbox_stands_in_place_of_its_account() -> None:
    us, gb = Dialling(allow_regions=frozenset({"US"})), Dialling(allow_regions=frozenset({"GB"}))
    assert says(ORDINARY, gb, us) == (False, "faxbox: allow_regions: US is not among them")
    assert says(ORDINARY, us, gb) == (True, "faxbox: allow_regions")
    assert says(ORDINARY, Dialling(), gb)[0] is False


def test_nothing_allowed_is_not_the_same_as_nothing_said() -> None:
    assert says(ORDINARY, Dialling(allow_regions=frozenset()))[0] is False


PREFIXES = [
    # faxbox allows, faxbox denies, account allows, account denies
    (("+1900",), (), (), (), PREMIUM, True, "faxbox: allow_prefixes +1900"),
    ((), (), ("+1900",), (), PREMIUM, True, "account: allow_prefixes +1900"),
    ((), (), ("+1900",), ("+190055",), PREMIUM, False, "account: deny_prefixes +190055"),
    ((), ("+1",), ("+1900",), (), PREMIUM, True, "account: allow_prefixes +1900"),
    (("+1900",), (), (), ("+1900",), PREMIUM, True, "faxbox: allow_prefixes +1900"),
    ((), ("+1900",), ("+1900",), (), PREMIUM, False, "faxbox: deny_prefixes +1900"),
    (("+1900",), ("+1900",), (), (), PREMIUM, False, "faxbox: deny_prefixes +1900"),
    ((), (), (), ("+1202",), ORDINARY, False, "account: deny_prefixes +1202"),
    (("+1900",), (), (), (), ORDINARY, True, "allow_regions by default"),
    (("+2",), ("+20255",), ("+3",), ("+4",), ORDINARY, True, "allow_regions by default"),
    (("+12025550123",), (), (), ("+1",), ORDINARY, True, "faxbox: allow_prefixes +12025550123"),
]


@pytest.mark.parametrize(("allow", "deny", "account_allow", "account_deny", "number", "allowed", "rule"), PREFIXES)
def test_the_longest_prefix_decides(
    allow: tuple[str, ...],
    deny: tuple[str, ...],
    account_allow: tuple[str, ...],
    account_deny: tuple[str, ...],
    number: FaxNumber,
    allowed: bool,
    rule: str,
) -> None:
    faxbox = Dialling(allow_prefixes=allow, deny_prefixes=deny)
    account = Dialling(allow_prefixes=account_allow, deny_prefixes=account_deny)
    assert says(number, faxbox, account) == (allowed, rule)


def test_a_prefix_stands_over_type_and_region() -> None:
    only = Dialling(allow_regions=frozenset({"GB"}), allow_prefixes=("+870",))
    assert says(FaxNumber(e164="+870773111632"), only) == (True, "faxbox: allow_prefixes +870")


@pytest.mark.parametrize("e164", [e164 for e164, kind, _ in TYPES if kind is T.EMERGENCY])
def test_nothing_allows_an_emergency_number(e164: str) -> None:
    everything = Dialling(allow_types=frozenset(T), allow_prefixes=(e164, "+"))
    found = judge(FaxNumber(e164=e164), account=everything, faxbox=everything)
    assert found == Judgement(
        allowed=False, type=T.EMERGENCY, region=found.region, rule="emergency numbers", why="it is an emergency number"
    )


@given(st.integers(10**6, 10**15 - 1))
def test_every_number_is_judged(digits: int) -> None:
    found = judge(FaxNumber(e164=f"+{digits}"))
    assert found.allowed == (found.type is T.ORDINARY)
