"""The keys of the `apply` file that say what may be dialled, how much, and whether strange numbers are asked back."""

from typing import Any

import pytest

from smtpfax.api.envelope import Refusal
from smtpfax.api.shapes import named, read_file
from smtpfax.model.account import Account, Faxbox
from smtpfax.model.caps import NO_CAPS, Caps
from smtpfax.model.dialling import NOTHING_SAID, Dialling, NumberType
from smtpfax.model.records import account_from, faxbox_from


def read(account: dict[str, Any], faxbox: dict[str, Any]) -> tuple[Account, Faxbox]:
    file = read_file({"accounts": [{"id": "acme", **account, "faxboxes": [{"id": "sales", **faxbox}]}]}, backends=[])
    [shape] = file.accounts
    made = account_from({"name": "", **named(shape, without=frozenset({"users", "faxboxes"}))})
    return made, faxbox_from({"name": "", **named(shape.faxboxes[0])}, made)


def fault(faxbox: dict[str, Any]) -> str:
    with pytest.raises(Refusal) as refused:
        read({}, faxbox)
    [path] = refused.value.data
    return str(path).removeprefix("accounts.0.faxboxes.0.")


def test_what_is_not_said_is_not_decided() -> None:
    account, faxbox = read({}, {})
    assert (account.dial, faxbox.dial, account.caps, faxbox.caps, faxbox.caps_each) == (
        NOTHING_SAID,
        NOTHING_SAID,
        NO_CAPS,
        NO_CAPS,
        NO_CAPS,
    )
    assert not faxbox.first_time_guard


def test_accounts_and_faxboxes_say_what_may_be_dialled() -> None:
    account, faxbox = read(
        {"dial": {"allow_regions": ["US", "CA"], "deny_prefixes": "+1876"}},
        {"dial": {"allow_regions": "*", "allow_types": ["premium"], "allow_prefixes": ["+1900", "+870"]}},
    )
    assert account.dial == Dialling(allow_regions=frozenset({"US", "CA"}), deny_prefixes=("+1876",))
    assert faxbox.dial == Dialling(
        allow_regions=frozenset({"*"}),
        allow_types=frozenset({NumberType.PREMIUM}),
        allow_prefixes=("+1900", "+870"),
    )


def test_an_empty_list_is_said_too() -> None:
    assert read({"dial": {"allow_regions": []}}, {})[0].dial.allow_regions == frozenset()


def test_accounts_and_faxboxes_have_caps() -> None:
    account, faxbox = read(
        {"caps": {"pages_per_day": 9000}},
        {"caps": {"faxes_per_day": 500, "each_reverse_path": {"faxes_per_hour": 20}}, "first_time_guard": True},
    )
    assert account.caps == Caps(pages_per_day=9000)
    assert (faxbox.caps, faxbox.caps_each) == (Caps(faxes_per_day=500), Caps(faxes_per_hour=20))
    assert faxbox.first_time_guard


@pytest.mark.parametrize(
    ("faxbox", "path"),
    [
        ({"dial": {"allow_regions": ["XX"]}}, "dial.allow_regions.0"),
        ({"dial": {"allow_prefixes": ["1900"]}}, "dial.allow_prefixes.0"),
        ({"dial": {"allow_prefixes": ["+"]}}, "dial.allow_prefixes.0"),
        ({"dial": {"deny_prefixes": ["+1 900"]}}, "dial.deny_prefixes.0"),
        ({"dial": {"deny_prefixes": ["+1900", "+1900"]}}, "dial.deny_prefixes"),
        ({"dial": {"allow_types": ["emergency"]}}, "dial.allow_types.0"),
        ({"dial": {"allow_types": ["cheap"]}}, "dial.allow_types.0"),
        ({"dial": {"allow": ["US"]}}, "dial.allow"),
        ({"caps": {"faxes_per_hour": -1}}, "caps.faxes_per_hour"),
        ({"caps": {"faxes_per_week": 1}}, "caps.faxes_per_week"),
        ({"caps": {"each_reverse_path": {"each_reverse_path": {}}}}, "caps.each_reverse_path.each_reverse_path"),
        ({"first_time_guard": "perhaps"}, "first_time_guard"),
    ],
)
def test_a_value_that_cannot_be_is_named(faxbox: dict[str, Any], path: str) -> None:
    assert fault(faxbox) == path
