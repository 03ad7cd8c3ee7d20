"""The forms in which a fax is ordered, and what none of them may be."""

from __future__ import annotations

import json
from base64 import b64encode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.api.order_body import MOST_FIELDS, MOST_FILES, nested

from .conftest import World

FAXES = "/v2/accounts/acme/faxes"
TO = {"to_number": "2025550123", "faxbox_id": "sales"}
JSON = json.dumps({"data": TO}).encode()
Part = tuple[str, bytes]  # its header lines, and its octets


def multipart(*parts: Part, boundary: str = "x") -> bytes:
    """As a client writes it."""
    whole = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + octets + b"\r\n" for head, octets in parts)
    return whole + f"--{boundary}--\r\n".encode()


def named(name: str, file: str, kind: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: {kind}'


async def put(
    http: TestClient, world: World, body: bytes, kind: str = "application/json", query: str = ""
) -> tuple[int, Any]:
    headers = {"X-Auth-Token": await world.token("acme"), "Content-Type": kind}
    answer = await http.put(FAXES + query, data=body, headers=headers)
    return answer.status, (await answer.json())["data"]


async def files_of(world: World, job_id: str) -> list[tuple[str | None, str, bytes]]:
    """The parts of the mail that was kept: name, type, octets."""
    job = await world.store.jobs.get(job_id)
    assert job is not None
    content = await world.store.mails.inline(job.mail_id)
    assert content is not None
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return [(p.get_filename(), p.get_content_type(), p.get_payload(decode=True)) for p in mail.iter_attachments()]


async def test_json_with_a_text_is_a_fax_whatever_curl_calls_it(http: TestClient, world: World) -> None:
    body = json.dumps({"data": {**TO, "text": "Dear Bob"}}).encode()
    for kind in ("application/json", "application/x-www-form-urlencoded", "application/x-json"):
        status, told = await put(http, world, body, kind)
        assert status == 202
        assert [(n, k, o.strip()) for n, k, o in await files_of(world, told["id"])] == [
            ("cover.txt", "text/plain", b"Dear Bob")
        ]


@pytest.mark.parametrize("kind", ["multipart/mixed", "multipart/form-data"])
async def test_all_files_are_faxed_in_their_order_also_under_one_name(
    http: TestClient, world: World, kind: str
) -> None:
    body = multipart(
        (named("content", "fax.json", "application/json"), JSON),
        (named("content", "b.pdf", "application/pdf"), b"%PDF-1.7 b"),
        (named("content", "a.tiff", "image/tiff"), b"II*\0 a"),
        ("Content-Type: application/pdf", b"%PDF-1.7 c"),
    )
    status, told = await put(http, world, body, f"{kind}; boundary=x")
    assert (status, told["to_number"]) == (202, "+12025550123")
    assert await files_of(world, told["id"]) == [
        ("b.pdf", "application/pdf", b"%PDF-1.7 b"),
        ("a.tiff", "image/tiff", b"II*\0 a"),
        ("document.pdf", "application/pdf", b"%PDF-1.7 c"),
    ]


async def test_fields_of_a_form_stand_for_json(http: TestClient, world: World) -> None:
    fields = {**TO, "retries": "2", "subject": "Form", "notifications.email.send_to": "bob@acme.example"}
    parts = [(f'Content-Disposition: form-data; name="{name}"', value.encode()) for name, value in fields.items()]
    body = multipart(*parts, (named("file", "a.pdf", "application/pdf"), b"%PDF"))
    status, told = await put(http, world, body, "multipart/form-data; boundary=x")
    assert (status, told["retries"], told["subject"]) == (202, 2, "Form")
    assert told["notifications"]["email"]["send_to"] == ["bob@acme.example"]


@pytest.mark.parametrize(("kind", "name"), [("application/pdf", "document.pdf"), ("image/tiff", "document.tiff")])
async def test_a_bare_document_has_its_values_in_the_query(
    http: TestClient, world: World, kind: str, name: str
) -> None:
    status, told = await put(http, world, b"%PDF bare", kind, "?to_number=2025550123&faxbox_id=sales&subject=Bare")
    assert (status, told["subject"]) == (202, "Bare")
    assert await files_of(world, told["id"]) == [(name, kind, b"%PDF bare")]


async def test_parts_in_base64_and_quoted_printable_are_decoded(http: TestClient, world: World) -> None:
    body = multipart(
        ("Content-Type: application/json\r\nContent-Transfer-Encoding: quoted-printable", JSON.replace(b"=", b"=3D")),
        ("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64", b64encode(b"%PDF" + b"x" * 5000)),
    )
    status, told = await put(http, world, body, "multipart/mixed; boundary=x")
    assert status == 202
    assert (await files_of(world, told["id"]))[0][2] == b"%PDF" + b"x" * 5000


UNREADABLE: tuple[tuple[bytes, str, str], ...] = (
    (b"nonsense", "application/json", "json"),
    (b"\xff\xfe", "application/json", "json"),
    (b"[" * 100_000, "application/json", "json"),
    (b"[]", "application/json", "data"),
    (b'{"data": []}', "application/json", "data"),
    (b"", "application/json", "to_number"),
    (b"", "multipart/mixed", "body"),
    (b"nonsense", "multipart/mixed; boundary=x", "body"),
    (b"--x\r\n", "multipart/mixed; boundary=x", "body"),
    (b"--x\r\nno header\r\n\r\n", "multipart/mixed; boundary=x", "body"),
    (b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\n\r\n--x--", "multipart/mixed; boundary=x", "body"),
    (b"--x\r\nA: " + b"b" * 100_000 + b"\r\n\r\n\r\n--x--", "multipart/mixed; boundary=x", "body"),
    (multipart(("Content-Type: application/json", b"{")), "multipart/mixed; boundary=x", "json"),
    (multipart(*[("Content-Type: application/json", JSON)] * 2), "multipart/mixed; boundary=x", "json"),
    (
        multipart(("Content-Type: multipart/mixed; boundary=y", b"--y\r\n\r\n1\r\n--y--")),
        "multipart/mixed; boundary=x",
        "body",
    ),
    (
        multipart(("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64", b"abc")),
        "multipart/mixed; boundary=x",
        "body",
    ),
    (
        multipart(("Content-Type: application/json", JSON), (named("f", "a.pdf", "application/pdf"), b"")),
        "multipart/mixed; boundary=x",
        "file",
    ),
)


async def test_what_cannot_be_read_is_400_and_named(http: TestClient, world: World) -> None:
    for body, kind, field in UNREADABLE:
        status, told = await put(http, world, body, kind)
        assert (status, list(told)) == (400, [field]), body[:50]
    assert (await world.store.jobs.page(final=False, limit=1)).rows == ()


async def test_another_type_is_415(http: TestClient, world: World) -> None:
    for kind in ("text/plain", "image/png", "multipart/related; boundary=x", "nonsense"):
        assert (await put(http, world, b"x", kind))[0] == 415


async def test_a_part_in_a_code_that_we_do_not_read_is_415(http: TestClient, world: World) -> None:
    for head in ("Content-Encoding: gzip", "Content-Transfer-Encoding: uuencode"):
        assert (await put(http, world, multipart((head, b"x")), "multipart/mixed; boundary=x"))[0] == 415


TOO_LARGE: tuple[tuple[bytes, str], ...] = (
    (b"x" * 200_001, "application/pdf"),
    (b'{"data":{"text":"' + b"x" * 200_001, "application/json"),
    (multipart((named("f", "a.pdf", "application/pdf"), b"x" * 200_001)), "multipart/mixed; boundary=x"),
    (multipart(*[(named("f", "a", "a/b"), b"x")] * (MOST_FILES + 1)), "multipart/mixed; boundary=x"),
    (
        multipart(*[('Content-Disposition: form-data; name="a"', b"x" * 100_000)] * 3),
        "multipart/form-data; boundary=x",
    ),
    (
        multipart(*[(f'Content-Disposition: form-data; name="a{place}"', b"x") for place in range(MOST_FIELDS + 1)]),
        "multipart/form-data; boundary=x",
    ),
)


async def test_what_is_larger_than_its_bound_is_413(http: TestClient, world: World) -> None:
    for body, kind in TOO_LARGE:
        assert (await put(http, world, body, kind))[0] == 413


async def test_a_body_of_unknown_length_is_bounded_too(http: TestClient, world: World) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 10_000

    headers = {"X-Auth-Token": await world.token("acme"), "Content-Type": "application/pdf"}
    assert (await http.put(FAXES, data=endless(), headers=headers)).status == 413


@given(st.dictionaries(st.text(max_size=20) | st.sampled_from(["a", "a.b", "a.b.c", "retries"]), st.text(max_size=9)))
def test_whatever_names_fields_have_they_nest_or_are_passed_over(flat: dict[str, str]) -> None:
    assert isinstance(json.dumps(nested(flat)), str)


def test_dots_lead_deeper() -> None:
    assert nested({"document.url": "u", "document.method": "get", "retries": "3", "A": "x"}) == {
        "document": {"url": "u", "method": "get"},
        "retries": 3,
    }
