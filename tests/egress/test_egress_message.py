"""Requests and answers as values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smtpfax.egress import Answer, Json, Part, Request

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def answer(body: bytes = b"", **headers: str) -> Answer:
    return Answer(status=200, headers={key.replace("_", "-"): value for key, value in headers.items()}, body=body)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("99999999999999999999", 86400),
        ("Sat, 21 Nov 2026 12:01:00 GMT", 60),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 21 Nov 2027 12:00:00 GMT", 86400),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_a_day(value: str, seconds: int) -> None:
    assert answer(retry_after=value).retry_after(at=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "²", "Sat, 21 Nov 2026 12:01:00", "Sat, 99 Nov 2026"])
def test_a_retry_after_that_is_neither_says_nothing(value: str) -> None:
    assert answer(retry_after=value).retry_after(at=NOW) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b'{"a":', b"[" * 100_000, b"1" * 5000])
def test_what_is_not_json_is_a_value_error_whatever_it_is(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the kind is the promise
        answer(body).json()


def test_names_of_parts_are_ascii() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        Part(media_type="image/tiff", content=b"", name="content", file_name="Fäx.tiff")


def test_json_leaves_as_utf8() -> None:
    assert Json({"name": "Müller"}).octets() == '{"name":"Müller"}'.encode()


def test_a_request_does_not_show_its_headers_or_body() -> None:
    request = Request(method="PUT", url="https://a.example/", headers={"X-Auth-Token": "secret"}, body=b"secret")
    assert "secret" not in repr(request)
