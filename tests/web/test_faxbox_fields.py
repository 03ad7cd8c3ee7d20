"""The faxbox's form: texts become keys, and what was not touched stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from smtpfax.api.faxbox_shape import FaxboxShape
from smtpfax.web.faxbox_fields import changed, texts
from smtpfax.web.faxbox_table import FIELDS

DATA: dict[str, Any] = {
    "name": "Sales",
    "fax_domains": ["fax.acme.example", "fax2.acme.example"],
    "backend": ["line"],
    "permissions": [
        {"reverse_path": "*@acme.example", "proof": ["auth", "dmarc"]},
        {"reverse_path": "scanner@acme.example"},
    ],
    "caps": {"faxes_per_day": 5, "each_reverse_path": {"pages_per_day": 9}},
    "dial": {"deny_prefixes": ["+1900"]},
    "notifications": {"outbound": {"email": {"send_to": ["ann@acme.example"]}}},
    "first_time_guard": True,
}


def shown() -> dict[str, str]:
    return texts(DATA, timezone="America/New_York")


def with_text(path: str, text: str) -> dict[str, Any]:
    return changed(DATA, shown(), {**shown(), path: text})[0]


def test_the_form_shows_what_is_set_and_what_holds_without_it() -> None:
    form = shown()
    assert form["name"] == "Sales"
    assert form["fax_domains"] == "fax.acme.example\nfax2.acme.example"
    assert form["permissions"] == "*@acme.example: auth, dmarc\nscanner@acme.example"
    assert (form["tries"], form["paper"], form["timezone"]) == ("3", "letter", "America/New_York")
    assert (form["caps.faxes_per_day"], form["caps.each_reverse_path.pages_per_day"]) == ("5", "9")
    assert (form["first_time_guard"], form["return_content"]) == ("on", "")


def test_what_was_not_touched_leaves_every_key_as_it_was() -> None:
    windows = {path: text.replace("\n", "\r\n") for path, text in shown().items()}
    assert changed(DATA, shown(), windows) == (DATA, [])


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_every_field_is_a_key_that_apply_knows(field: Any) -> None:
    shape: Any = FaxboxShape
    for step in field.path.split("."):
        shape = shape.model_fields[step].annotation if hasattr(shape, "model_fields") else None
    assert shape is not None


def test_every_key_that_apply_knows_has_a_field_or_a_reason() -> None:
    elsewhere = {"id": "never changes", "dial": "below", "caps": "below", "notifications": "below"}
    elsewhere |= {"flags": "of other programs", "media": "of other programs"}
    known = {field.path.split(".")[0] for field in FIELDS}
    assert set(FaxboxShape.model_fields) - known - set(elsewhere) == set()


@pytest.mark.parametrize(
    ("path", "text", "key", "value"),
    [
        ("name", "Orders", "name", "Orders"),
        ("tries", "5", "tries", 5),
        ("tries", "many", "tries", "many"),  # the shape says what is wrong with it
        ("fax_domains", "a.example, b.example\nc.example", "fax_domains", ["a.example", "b.example", "c.example"]),
        ("paper", "a4", "paper", "a4"),
        ("smtp_permission_list", "ann@x, y\nb c", "smtp_permission_list", ["ann@x, y", "b c"]),
        ("return_content", "on", "return_content", True),
        ("first_time_guard", "", "first_time_guard", False),
        (
            "permissions",
            "*@acme.example: network\n\n*",
            "permissions",
            [{"reverse_path": "*@acme.example", "proof": ["network"]}, {"reverse_path": "*"}],
        ),
    ],
)
def test_a_text_becomes_its_key(path: str, text: str, key: str, value: object) -> None:
    assert with_text(path, text)[key] == value


@pytest.mark.parametrize("path", ["name", "permissions", "backend"])
def test_an_empty_field_is_its_default(path: str) -> None:
    assert path not in with_text(path, "")


def test_a_key_within_a_table_changes_alone() -> None:
    made = with_text("caps.each_reverse_path.pages_per_day", "")
    assert made["caps"] == {"faxes_per_day": 5, "each_reverse_path": {}}
    assert DATA["caps"]["each_reverse_path"] == {"pages_per_day": 9}, "what is kept is never altered"
    assert with_text("dial.allow_regions", "us ca")["dial"]["allow_regions"] == ["us", "ca"]
