"""The shape of an order: each field that is wrong is named, with Kazoo's name of the rule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from smtpfax.api.envelope import Refusal
from smtpfax.api.order_shape import read_shape

TO = {"to_number": "2025550123"}


@pytest.mark.parametrize(
    ("data", "field", "rule"),
    [
        ({"to_number": 2025550123}, "to_number", "type"),
        ({"text": "\ud800"}, "text", "type"),
        ({"text": "x" * 100_001}, "text", "maxLength"),
        ({"retries": 5}, "retries", "maximum"),
        ({"retries": -1}, "retries", "minimum"),
        ({"retries": "3"}, "retries", "type"),
        ({"retries": True}, "retries", "type"),
        ({"to_name": "a\nb"}, "to_name", "invalid"),
        ({"from_name": "x" * 129}, "from_name", "maxLength"),
        ({"subject": ["x"]}, "subject", "type"),
        ({"fax_timezone": "Mars/Base"}, "fax_timezone", "invalid"),
        ({"send_time": "tomorrow"}, "send_time", "invalid"),
        ({"send_time": "2026-03-02T09:00:00"}, "send_time", "invalid"),
        ({"send_time": 63626410973}, "send_time", "invalid"),
        ({"send_time": "0001-01-01T00:00:00+23:00"}, "send_time", "invalid"),
        ({"document": "http://x"}, "document", "type"),
        ({"document": {"method": "get"}}, "document.url", "required"),
        ({"document": {"url": "x"}}, "document.url", "minLength"),
        ({"document": {"url": "http://x.example/", "method": "put"}}, "document.method", "enum"),
        ({"document": {"url": "http://x.example/", "content": "x" * 257}}, "document.content", "maxLength"),
        ({"document": {"url": "http://x.example/", "host": "a b"}}, "document.host", "pattern"),
        ({"document": {"url": "http://x.example/", "referer": "a\r\nb: c"}}, "document.referer", "invalid"),
        ({"notifications": {"email": {"send_to": ["nobody"]}}}, "notifications.email.send_to.0", "invalid"),
        (
            {"notifications": {"email": {"send_to": [f"a{n}@x.example" for n in range(21)]}}},
            "notifications.email.send_to",
            "maxItems",
        ),
        ({"notifications": {"callback": {"url": "ftp://x.example"}}}, "notifications.callback.url", "pattern"),
        (
            {"notifications": {"callback": {"url": "http://x.example", "method": "get"}}},
            "notifications.callback.method",
            "enum",
        ),
        ({"to_number": None}, "to_number", "type"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_kazoos_rule(data: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(Refusal) as told:
        read_shape({**TO, **data})
    assert told.value.code == 400
    assert {name: list(rules) for name, rules in told.value.data.items()} == {field: [rule]}


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Refusal) as told:
        read_shape({"retries": 9, "document": {"method": "put"}})
    assert set(told.value.data) == {"to_number", "retries", "document.url", "document.method"}


def test_what_kazoos_workers_look_for_below_outbound_is_found_there_too() -> None:
    said = {"outbound": {"email": {"send_to": "ann@acme.example"}}}
    assert read_shape({**TO, "notifications": said}).notifications.email.send_to == ("ann@acme.example",)
    nearer = {**said, "email": {"send_to": ["bob@acme.example"]}}
    assert read_shape({**TO, "notifications": nearer}).notifications.email.send_to == ("bob@acme.example",)


@pytest.mark.parametrize("zone", ["", "undefined", "inherit"])
def test_what_kazoo_says_of_no_zone_was_not_said(zone: str) -> None:
    assert read_shape({**TO, "fax_timezone": zone}).fax_timezone is None


def test_a_time_is_read_in_its_zone() -> None:
    shape = read_shape({**TO, "send_time": "2026-03-02T09:00:00+01:00"})
    assert shape.send_time == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_what_the_system_sets_and_what_nobody_knows_is_passed_over() -> None:
    assert read_shape({**TO, "attempts": "x", "tx_result": 1, "id": [], "pvt_x": {}}).to_number == "2025550123"
