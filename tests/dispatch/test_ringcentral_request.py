"""The requests that leave, compared with RingCentral's document: method, path, headers, field names, part order."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from smtpfax.dispatch.settings import RingCentralSettings
from smtpfax.model.backend import Offer
from smtpfax.model.document import Layout, Resolution
from smtpfax.model.errors import Permanent
from smtpfax.testing.ringcentral import CLIENT_ID, CLIENT_SECRET, JWT, FakeRingCentral
from smtpfax.testing.ringcentral.order import File
from smtpfax.testing.trick import Seen
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import ELSEWHERE, NOW, PDF, SALES, TIFF, offer, spooled

MINE = "/restapi/v1.0/account/~/extension/~"
NAMED = replace(offer(number=ELSEWHERE), to_name="Zoë Smith", subject="Invoice 7")
ENVELOPE = {
    "to": [{"phoneNumber": ELSEWHERE, "name": "Zoë Smith"}],
    "faxResolution": "High",
    "coverIndex": 0,
}
COVERED = replace(NAMED, faxbox=replace(SALES, service_cover="Contempo"))
DIGITS = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "jwt": JWT}
Parts = list[tuple[list[str], bytes]]


def parts_of(seen: Seen, subtype: str) -> Parts:
    """Header lines and content of each part, as they stood on the wire."""
    kind = re.fullmatch(rf"multipart/{subtype}; boundary=(\w+)", seen.headers["Content-Type"])
    assert kind is not None
    empty, *parts, end = seen.body.split(b"--" + kind[1].encode())
    assert (empty, end) == (b"", b"--\r\n")
    cut = [part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n") for part in parts]
    return [(_without_length(head.decode().split("\r\n")), body) for head, _, body in cut]


def _without_length(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("Content-Length:")]


async def sent(ring: FakeRingCentral, folder: Path, asked: Offer = NAMED, **settings: object) -> Seen:
    """The one request that an offer came to."""
    await ringcentral(ring, spooled(folder), **settings).offer(asked)
    [seen] = ring.created
    assert (seen.method, seen.path) == ("POST", f"{MINE}/fax")
    assert seen.headers["Authorization"] == "Bearer token-1"
    assert seen.headers["Accept"] == "application/json"
    assert seen.headers["Content-Length"] == str(len(seen.body))
    return seen


async def test_by_default_a_form_whose_first_part_is_a_json_envelope(ring: FakeRingCentral, tmp_path: Path) -> None:
    envelope, document = parts_of(await sent(ring, tmp_path), "form-data")
    assert envelope[0] == [
        "Content-Type: application/json",
        'Content-Disposition: form-data; name="json"; filename="request.json"',
    ]
    assert json.loads(envelope[1]) == ENVELOPE
    assert document == (
        [
            "Content-Type: application/pdf",
            'Content-Disposition: form-data; name="attachment"; filename="m1-1.1.pdf"',
        ],
        PDF,
    )


async def test_a_form_of_plain_fields_has_the_documents_names_and_the_file_last(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    asked = replace(NAMED, faxbox=replace(SALES, service_cover="7", service_cover_text="Please call"))
    seen = await sent(ring, tmp_path, asked, encoding="form-fields", iso_code="GB")
    *fields, document = parts_of(seen, "form-data")
    assert [(head[1], body.decode()) for head, body in fields] == [
        ('Content-Disposition: form-data; name="coverPageText"', "Please call"),
        ('Content-Disposition: form-data; name="coverIndex"', "7"),
        ('Content-Disposition: form-data; name="faxResolution"', "High"),
        ('Content-Disposition: form-data; name="isoCode"', "GB"),
        ('Content-Disposition: form-data; name="to"', ELSEWHERE),
    ]
    assert document[0][1] == 'Content-Disposition: form-data; name="attachment"; filename="m1-1.1.pdf"'
    assert document[1] == PDF


async def test_a_mixed_request_has_an_envelope_without_a_name_and_an_attachment(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    envelope, document = parts_of(await sent(ring, tmp_path, encoding="mixed", document="tiff"), "mixed")
    assert envelope[0] == ["Content-Type: application/json"]
    assert json.loads(envelope[1]) == ENVELOPE
    assert document == (
        ["Content-Type: image/tiff", 'Content-Disposition: attachment; filename="m1-1.1.tiff"'],
        TIFF,
    )


async def test_in_base64_the_document_says_so_and_its_lines_are_short(ring: FakeRingCentral, tmp_path: Path) -> None:
    _, (head, body) = parts_of(await sent(ring, tmp_path, encoding="mixed-base64"), "mixed")
    assert head == [
        "Content-Type: application/pdf",
        'Content-Disposition: attachment; filename="m1-1.1.pdf"',
        "Content-Transfer-Encoding: base64",
    ]
    assert body.replace(b"\r\n", b"") == b64encode(PDF)
    assert max(map(len, body.split(b"\r\n"))) == 76  # RFC 2045 section 6.8
    assert ring.store.documents[4_444_444_444].octets == PDF


@pytest.mark.parametrize("encoding", ["form-json", "form-fields", "mixed", "mixed-base64"])
async def test_the_service_reads_the_same_fax_out_of_each_encoding(
    ring: FakeRingCentral, tmp_path: Path, encoding: str
) -> None:
    await sent(ring, tmp_path, replace(NAMED, to_name=""), encoding=encoding)
    [order] = ring.store.orders.values()
    assert [to["phoneNumber"] for to in order.to] == [ELSEWHERE]
    assert str(order.fields["coverIndex"]) == "0"
    assert (order.files[0].name, order.files[0].octets) == ("m1-1.1.pdf", PDF)


async def test_a_country_stands_in_an_object_of_the_envelope(ring: FakeRingCentral, tmp_path: Path) -> None:
    envelope, _ = parts_of(await sent(ring, tmp_path, iso_code="GB"), "form-data")
    assert json.loads(envelope[1]) == {**ENVELOPE, "country": {"isoCode": "GB"}}


@pytest.mark.parametrize(
    ("cover", "words", "wanted"),
    [
        ("", "", {"coverIndex": 0}),
        ("", "not shown without a cover", {"coverIndex": 0}),
        ("7", "Hello", {"coverIndex": 7, "coverPageText": "Hello"}),
        ("contempo", "", {"coverIndex": 7, "coverPageText": "Invoice 7"}),
        ("28", "x" * 2000, {"coverIndex": 28, "coverPageText": "x" * 1024}),
        ("14", "no such index", {"coverIndex": 0}),
        ("Nonsense", "", {"coverIndex": 0}),
    ],
)
async def test_a_cover_of_theirs_only_where_the_faxbox_wants_one(
    ring: FakeRingCentral, tmp_path: Path, cover: str, words: str, wanted: dict[str, Any]
) -> None:
    box = replace(SALES, service_cover=cover, service_cover_text=words)
    envelope, _ = parts_of(await sent(ring, tmp_path, replace(NAMED, faxbox=box)), "form-data")
    told = json.loads(envelope[1])
    assert {key: value for key, value in told.items() if key.startswith("cover")} == wanted


@pytest.mark.parametrize(("resolution", "wanted"), [("standard", "Low"), ("fine", "High"), ("superfine", "High")])
async def test_its_two_resolutions(ring: FakeRingCentral, tmp_path: Path, resolution: str, wanted: str) -> None:
    document = replace(NAMED.document, layout=Layout(resolution=Resolution(resolution)))
    envelope, _ = parts_of(await sent(ring, tmp_path, replace(NAMED, document=document)), "form-data")
    assert json.loads(envelope[1])["faxResolution"] == wanted


async def test_no_send_time_leaves_and_one_number_a_message(ring: FakeRingCentral, tmp_path: Path) -> None:
    seen = await sent(ring, tmp_path)
    assert b"sendTime" not in seen.body
    assert len(next(iter(ring.store.orders.values())).to) == 1


async def test_signing_in_is_a_form_with_the_jwt_and_secrets_are_in_no_address(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    await sent(ring, tmp_path)
    signing = ring.seen[0]
    assert (signing.method, signing.path) == ("POST", "/restapi/oauth/token")
    assert signing.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert signing.headers["Authorization"] == "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    assert parse_qs(signing.body.decode()) == {
        "grant_type": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "assertion": [JWT],
    }
    assert not any(secret in seen.path for seen in ring.seen for secret in (JWT, CLIENT_SECRET, "token-1"))


async def test_explicit_ids_name_another_account_and_extension(ring: FakeRingCentral, tmp_path: Path) -> None:
    await ringcentral(ring, spooled(tmp_path), account_id="230919004", extension_id="22223333").offer(NAMED)
    assert ring.created[0].path == "/restapi/v1.0/account/230919004/extension/22223333/fax"


async def test_asking_lists_the_message_store_with_a_date_whatever_became_of_the_messages(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(NAMED)
    ring.seen.clear()
    await backend.ask([ticket])
    [seen] = ring.seen
    path, _, query = seen.path.partition("?")
    assert (seen.method, path) == ("GET", f"{MINE}/message-store")
    assert parse_qs(query) == {
        "messageType": ["Fax"],
        "direction": ["Outbound"],
        "availability": ["Alive", "Deleted", "Purged"],
        "dateFrom": ["2026-11-21T11:00:00.000Z"],
        "page": ["1"],
        "perPage": ["1000"],
    }


async def test_an_earlier_document_is_sent_again_by_a_json_body_of_its_message(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    first = await backend.offer(NAMED)
    await backend.offer(replace(NAMED, try_number=2, original=first))
    seen = ring.created[1]
    assert (seen.method, seen.path) == ("POST", f"{MINE}/fax")
    assert seen.headers["Content-Type"] == "application/json"
    assert json.loads(seen.body) == {
        "originalMessageId": "4444444444",
        "to": [{"phoneNumber": ELSEWHERE, "name": "Zoë Smith"}],
    }


async def test_received_faxes_are_listed_fetched_from_the_media_host_and_marked(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    async with FakeRingCentral(ring.clock) as media:
        backend = ringcentral(ring, tmp_path, media_url=media.url)
        for server in (ring, media):
            server.store.receive(File(name="", media_type="application/pdf", octets=PDF), sender="+1", to="+2")
        await backend.check()
        media.tokens |= ring.tokens
        ring.seen.clear()
        [arrival] = await backend.received(since=NOW - timedelta(days=1), until=NOW)
        assert (await backend.bring(arrival)).octets == PDF
        await backend.mark(arrival.ticket, read=True)
    listing, marking = ring.seen
    [fetching] = media.seen
    assert parse_qs(listing.path.partition("?")[2]) == {
        "messageType": ["Fax"],
        "direction": ["Inbound"],
        "availability": ["Alive"],
        "dateFrom": ["2026-11-20T12:00:00.000Z"],
        "dateTo": ["2026-11-21T12:00:00.000Z"],
        "page": ["1"],
        "perPage": ["1000"],
    }
    assert (fetching.method, fetching.path) == ("GET", f"{MINE}/message-store/4444444444/content/4444444444")
    assert (marking.method, marking.path) == ("PUT", f"{MINE}/message-store/4444444444")
    assert json.loads(marking.body) == {"readStatus": "Read"}


async def test_a_sub_address_is_refused_rather_than_dropped(ring: FakeRingCentral, tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="sub-address"):
        await ringcentral(ring, spooled(tmp_path)).offer(offer(number=f"{ELSEWHERE}/T33S=12"))
    assert ring.seen == []


def test_what_it_takes_is_known_to_the_verdict() -> None:
    settings = RingCentralSettings(url="", media_url="", **DIGITS)
    assert (settings.max_bytes, settings.max_pages) == (50_000_000, 200)
