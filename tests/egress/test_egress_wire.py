"""Bodies as they stand on the wire."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path

import pytest

from smtpfax.egress import Answer, Egress, Json, Multipart, Part, Request
from smtpfax.egress.message import Body
from tests.egress.rough import ok, rough

HERE = Egress(own_hosts=frozenset({"127.0.0.1"}))


async def wire(body: Body, **headers: str) -> tuple[str, bytes]:
    """The head, and the body."""
    async with rough(ok()) as server:
        request = Request(method="PUT", url=f"{server.url}/v2/faxes?a=b", headers=headers, body=body)
        assert (await HERE.send(request)).ok
    head, _, rest = server.seen[0].partition(b"\r\n\r\n")
    return head.decode(), rest


async def test_parts_stand_in_their_order_with_their_lengths(tmp_path: Path) -> None:
    file = tmp_path / "spool-name-that-nobody-should-see"
    file.write_bytes(b"II*\0\r\n--")
    head, body = await wire(
        Multipart(
            (
                Part(media_type="application/json", content=b'{"data":{}}', name="content", file_name="fax.json"),
                Part(media_type="image/tiff", content=file, name="content", file_name="fax.tiff"),
            )
        )
    )
    found = re.search(r"Content-Type: multipart/mixed; boundary=(\w+)", head)
    assert found is not None
    mark = found[1].encode()
    assert body == (
        b"--" + mark + b"\r\n"
        b"Content-Type: application/json\r\n"
        b'Content-Disposition: form-data; name="content"; filename="fax.json"\r\n'
        b"Content-Length: 11\r\n\r\n"
        b'{"data":{}}\r\n'
        b"--" + mark + b"\r\n"
        b"Content-Type: image/tiff\r\n"
        b'Content-Disposition: form-data; name="content"; filename="fax.tiff"\r\n'
        b"Content-Length: 8\r\n\r\n"
        b"II*\0\r\n--\r\n"
        b"--" + mark + b"--\r\n"
    )
    assert f"Content-Length: {len(body)}" in head


async def test_a_part_without_a_name_tells_none_not_even_its_files(tmp_path: Path) -> None:
    file = tmp_path / "private.tiff"
    file.write_bytes(b"II*\0")
    _, body = await wire(Multipart((Part(media_type="image/tiff", content=file),)))
    assert b"Content-Disposition" not in body


async def test_a_form_has_its_fields() -> None:
    head, body = await wire(Multipart((Part(media_type="text/plain", content=b"1", name="to"),), "form-data"))
    assert "Content-Type: multipart/form-data; boundary=" in head
    assert b'Content-Disposition: form-data; name="to"\r\n\r\n1\r\n' in body


@pytest.mark.parametrize("in_file", [True, False])
async def test_a_large_body_leaves_whole(tmp_path: Path, in_file: bool) -> None:
    octets = bytes(range(256)) * 12_000
    file = tmp_path / "large"
    file.write_bytes(octets)
    head, body = await wire(file if in_file else octets, **{"Content-Type": "image/tiff"})
    assert body == octets
    assert "Content-Type: image/tiff" in head
    assert "Content-Length: 3072000" in head


async def test_the_request_line_and_headers_are_what_was_asked_for() -> None:
    head, body = await wire(Json({"data": {"é": 1}}), **{"X-Auth-Token": "t"})
    lines = head.split("\r\n")
    assert lines[0] == "PUT /v2/faxes?a=b HTTP/1.1"
    assert {"User-Agent: smtpfax", "Accept-Encoding: identity", "X-Auth-Token: t", "Content-Type: application/json"} < {
        *lines
    }
    assert body == '{"data":{"é":1}}'.encode()


async def test_the_answer_has_its_status_headers_and_octets() -> None:
    async with rough(ok(b"xyz", status="418 Teapot", headers=b"Retry-After: 5\r\n")) as server:
        answer = await HERE.send(Request(method="GET", url=server.url))
    assert answer == Answer(status=418, headers={"content-length": "3", "retry-after": "5"}, body=b"xyz")
    assert not answer.ok


async def test_a_compressed_answer_is_not_blown_up() -> None:
    async with rough(ok(b"\x1f\x8b not really", headers=b"Content-Encoding: gzip\r\n")) as server:
        answer = await HERE.send(Request(method="GET", url=server.url))
    assert answer.body == b"\x1f\x8b not really"


@pytest.mark.parametrize("in_file", [True, False])
async def test_an_attachment_in_base64_says_so_is_encoded_once_and_has_its_length(
    tmp_path: Path, in_file: bool
) -> None:
    octets = bytes(range(256))
    file = tmp_path / "private.pdf"
    file.write_bytes(octets)
    part = Part(
        media_type="application/pdf",
        content=file if in_file else octets,
        file_name="fax.pdf",
        disposition="attachment",
        base64=True,
    )
    head, body = await wire(Multipart((part,)))
    assert f"Content-Length: {len(body)}" in head
    told, _, content = body.partition(b"\r\n\r\n")
    assert told.split(b"\r\n")[1:] == [
        b"Content-Type: application/pdf",
        b'Content-Disposition: attachment; filename="fax.pdf"',
        b"Content-Length: 354",
        b"Content-Transfer-Encoding: base64",
    ]
    encoded = content.rpartition(b"\r\n--")[0].removesuffix(b"\r\n")
    assert b64decode(encoded) == octets
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))
