"""The shape of the `apply` file."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.api.envelope import Refusal
from smtpfax.api.shapes import named, read_file
from smtpfax.model.account import Account
from smtpfax.model.records import account_from, faxbox_from

FILE = tomllib.loads("""
[[accounts]]
id = "acme"
name = "Acme Inc."
region = "US"
timezone = "America/New_York"
proof = ["auth", "dmarc"]
fax_domains = ["acme-fax.example"]

[[accounts.users]]
email = "ann@acme.example"
reverse_paths = ["ann@acme.example", "scanner@acme.example"]
role = "administrator"

[[accounts.faxboxes]]
id = "sales"
name = "Sales"
owner = "ann@acme.example"
fax_domains = ["fax.acme.example"]
number = "+12025550100"
header = "Acme Inc."
backend = "line"
tries = 3
caller_name = "Acme"
timezone = "America/New_York"
paper = "letter"
resolution = "fine"
body = "alone"
logos = "drop"
return_content = false
retention_days = 90
permissions = [
  {reverse_path = "*@acme.example", proof = ["auth", "dmarc"]},
  {reverse_path = "*", proof = ["network"]},
]
notifications = {outbound = {email = {send_to = ["ann@acme.example"]}}}
""")


def faults(data: object) -> dict[str, str]:
    with pytest.raises(Refusal) as refused:
        read_file(data, backends=["line"])
    assert refused.value.code == 400
    return {path: next(iter(rules.values()))["message"] for path, rules in refused.value.data.items()}


def changed(path: str, value: object) -> dict[str, Any]:
    data: Any = copy.deepcopy(FILE)
    place = data
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        place = place[step]
    place[last] = value
    whole: dict[str, Any] = data
    return whole


def test_the_contracts_example_is_taken_whole_and_makes_records_of_the_model() -> None:
    account = read_file(FILE, backends=["line"]).accounts[0]
    assert named(account, without=frozenset({"users", "faxboxes"}))["proof"] == ["auth", "dmarc"]
    users = [named(user) for user in account.users]
    made: Account = account_from(named(account, without=frozenset({"users", "faxboxes"})), users)
    box = faxbox_from(named(account.faxboxes[0]), made)
    assert (made.id, made.users[0].administrator, box.number, box.backends) == ("acme", True, "+12025550100", ("line",))
    assert [permission.pattern for permission in box.permissions] == ["*@acme.example", "*"]
    assert box.notify == ("ann@acme.example",)


def test_only_the_keys_that_the_file_names_are_named() -> None:
    file = read_file({"accounts": [{"id": "acme", "faxboxes": [{"id": "sales", "tries": 2}]}]}, backends=[])
    assert named(file.accounts[0].faxboxes[0]) == {"id": "sales", "tries": 2}


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        ("accounts.0.id", "Acme Inc", "accounts.0.id", "pattern"),
        ("accounts.0.region", "XX", "accounts.0.region", "two letters"),
        ("accounts.0.timezone", "Mars/Olympus", "accounts.0.timezone", "time zone"),
        ("accounts.0.timezone", "../../etc/passwd", "accounts.0.timezone", "time zone"),
        ("accounts.0.proof", ["faith"], "accounts.0.proof.0", "auth"),
        ("accounts.0.proof", [], "accounts.0.proof", "at least 1"),
        ("accounts.0.fax_domains", ["no domain"], "accounts.0.fax_domains.0", "not a name"),
        ("accounts.0.fax_domains", ["a.example", "A.example"], "accounts.0.fax_domains", "twice"),
        ("accounts.0.users.0.email", "ann", "accounts.0.users.0.email", "@"),
        ("accounts.0.users.0.role", "king", "accounts.0.users.0.role", "member"),
        ("accounts.0.faxboxes.0.number", "202-555-0100", "accounts.0.faxboxes.0.number", "international form"),
        ("accounts.0.faxboxes.0.number", "+1", "accounts.0.faxboxes.0.number", "number"),
        ("accounts.0.faxboxes.0.number", "+12025550100/T33S=1", "accounts.0.faxboxes.0.number", "sub-address"),
        ("accounts.0.faxboxes.0.backend", "pigeon", "accounts.0.faxboxes.0.backend", "no backend pigeon"),
        ("accounts.0.faxboxes.0.tries", 0, "accounts.0.faxboxes.0.tries", "greater than or equal to 1"),
        ("accounts.0.faxboxes.0.paper", "a3", "accounts.0.faxboxes.0.paper", "letter"),
        ("accounts.0.faxboxes.0.body", "sometimes", "accounts.0.faxboxes.0.body", "cover"),
        ("accounts.0.faxboxes.0.retention_days", -1, "accounts.0.faxboxes.0.retention_days", "greater"),
        ("accounts.0.faxboxes.0.header", "two\nlines", "accounts.0.faxboxes.0.header", "one line"),
        ("accounts.0.faxboxes.0.colour", "blue", "accounts.0.faxboxes.0.colour", "no such key"),
        (
            "accounts.0.faxboxes.0.smtp_permission_list",
            ["ann@acme.example", "(?=x)"],
            "accounts.0.faxboxes.0.smtp_permission_list.1",
            "(?=x)",
        ),
        (
            "accounts.0.faxboxes.0.permissions.0.reverse_path",
            "*acme.example",
            "accounts.0.faxboxes.0.permissions.0.reverse_path",
            "must be an address",
        ),
    ],
)
def test_every_fault_is_told_with_its_dotted_path(path: str, value: object, where: str, says: str) -> None:
    assert says in faults(changed(path, value))[where]


@pytest.mark.parametrize("pattern", ["ann@acme.example", "*@acme.example", "*@*.acme.example", "*"])
def test_the_four_forms_of_a_pattern_are_taken(pattern: str) -> None:
    file = read_file(changed("accounts.0.faxboxes.0.permissions.0.reverse_path", pattern), backends=["line"])
    assert file.accounts[0].faxboxes[0].permissions[0].reverse_path == pattern


def test_kazoos_list_is_taken_as_it_stands() -> None:
    entries = ["ann@acme.example", r".*@acme\.example"]
    file = read_file(changed("accounts.0.faxboxes.0.smtp_permission_list", entries), backends=["line"])
    assert named(file.accounts[0].faxboxes[0])["smtp_permission_list"] == entries


@pytest.mark.parametrize("pattern", ["", "@acme.example", "*@", "*@*", "*@*.*.example", ".*@acme.example", "a*b"])
def test_what_would_permit_more_than_it_seems_is_refused(pattern: str) -> None:
    assert faults(changed("accounts.0.faxboxes.0.permissions.0.reverse_path", pattern))


def test_all_faults_are_told_at_once_and_never_the_value() -> None:
    found = faults(changed("accounts.0.faxboxes.0", {"id": "s", "number": "sekret-value", "paper": "a3"}))
    assert set(found) == {"accounts.0.faxboxes.0.number", "accounts.0.faxboxes.0.paper"}
    assert "sekret" not in repr(found)


def test_two_records_of_one_id_are_told_at_the_second() -> None:
    twin = {"id": "acme", "faxboxes": [{"id": "a"}, {"id": "a"}], "users": [{"email": "x@a.example"}] * 2}
    found = faults({"accounts": [{"id": "acme"}, twin]})
    assert set(found) == {"accounts.1.id", "accounts.1.users.1.email", "accounts.1.faxboxes.1.id"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["accounts", "id", "faxboxes", "users", "number", "backend"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_nothing_but_a_refusal_comes_of_any_file(data: object) -> None:
    try:
        code = 200 if read_file(data, backends=["line"]) else 0
    except Refusal as refused:
        code = refused.code
    assert code in (200, 400)
