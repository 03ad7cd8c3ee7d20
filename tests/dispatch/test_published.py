"""Every request that leaves against the one that the API's document prints; every answer it prints, read by us.

A request of ours is made of the same fax as the printed one, and then compared octet by octet. What may differ is
named here, and nothing else does: boundaries, Content-Length (of a part that has one, RFC 9110), header fields of a
part in another order, and what the house always says (coverIndex, our own file name).
"""

from __future__ import annotations

import json
import re
from base64 import encodebytes
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smtpfax.dispatch.kazoo.finding import ticket_in
from smtpfax.dispatch.ringcentral.callbacks import hear
from smtpfax.dispatch.ringcentral.listing import Wanted
from smtpfax.dispatch.ringcentral.subscription import Address
from smtpfax.model.backend import Callback, Heard, Offer, Sending
from smtpfax.model.number import FaxNumber
from smtpfax.testing.faxout import FakeFaxOut
from smtpfax.testing.ringcentral import FakeRingCentral
from smtpfax.testing.ringcentral.order import File
from smtpfax.testing.trick import Trick
from tests.dispatch import published as p
from tests.dispatch.benches import faxout, kazoo, ringcentral
from tests.dispatch.fake_kazoo import FakeKazoo
from tests.dispatch.fake_kazoo import Trick as KazooTrick
from tests.dispatch.values import PDF, SALES, TIFF, offer, spooled

MINE = "/restapi/v1.0/account/~/extension/~"
Parts = list[tuple[frozenset[bytes], bytes]]


def parts(body: bytes) -> Parts:
    """Each part's header lines and content, in order; the delimiters must be whole (RFC 2046 section 5.1.1)."""
    boundary = body[2 : body.index(b"\r\n")]
    assert re.fullmatch(rb"\w[\w-]{0,69}", boundary)
    empty, *pieces, end = body.split(b"--" + boundary)
    assert (empty, end) == (b"", b"--\r\n")
    cut = []
    for piece in pieces:
        assert piece.startswith(b"\r\n")
        assert piece.endswith(b"\r\n")
        head, _, content = piece[2:-2].partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length:")]
        assert len(set(lines)) == len(lines)
        cut.append((frozenset(lines), content))
    return cut


def printed(text: bytes, **instead: bytes) -> Parts:
    """What a document prints, in the line ends of the wire."""
    for word, octets in instead.items():
        text = text.replace(word.encode(), octets)
    return parts(text.replace(b"\n", b"\r\n"))


def asked(number: str, *, cover: str = "", words: str = "", to_name: str = "") -> Offer:
    """The fax of an example."""
    box = replace(SALES, service_cover=cover, service_cover_text=words)
    return replace(offer(), number=FaxNumber(e164=number), faxbox=box, to_name=to_name)


async def ring_body(ring: FakeRingCentral, folder: Path, fax: Offer, **settings: object) -> bytes:
    await ringcentral(ring, spooled(folder), **settings).offer(fax)
    [seen] = ring.created
    assert (seen.method, seen.path) == ("POST", f"{MINE}/fax")
    return seen.body


RUBY = asked("+16505551212", cover="7", words="RingCentral fax PDF example using Ruby SDK!")
NAMED = {'"coverPageText"': b'"coverIndex":7,"coverPageText"', "test_file.pdf": b"m1-1.1.pdf"}


async def test_mixed_with_the_document_as_it_is(ring: FakeRingCentral, tmp_path: Path) -> None:
    ours = parts(await ring_body(ring, tmp_path, RUBY, encoding="mixed"))
    [envelope, document] = printed(p.MIXED, **NAMED)
    assert ours == [envelope, (document[0], PDF)]


async def test_mixed_with_the_document_in_base64(ring: FakeRingCentral, tmp_path: Path) -> None:
    ours = parts(await ring_body(ring, tmp_path, RUBY, encoding="mixed-base64"))
    encoded = encodebytes(PDF).replace(b"\n", b"\r\n")
    assert ours == [(head, encoded if c == b"DOCUMENT" else c) for head, c in printed(p.MIXED_BASE64, **NAMED)]


async def test_a_form_of_plain_fields(ring: FakeRingCentral, tmp_path: Path) -> None:
    """Ours leaves out sendTime and further numbers, and an empty file name and an encoding of 8bit say nothing."""
    fax = asked("+18001234567", cover="2", words="(none)")
    ours = parts(await ring_body(ring, tmp_path, fax, encoding="form-fields", iso_code="GB"))
    theirs = [
        (_name(head), content) for head, content in printed(p.FORM) if _name(head) not in ("sendTime", "attachment")
    ]
    assert [_name(head) for head, _ in ours] == [*dict.fromkeys(name for name, _ in theirs), "attachment"]
    said = dict(theirs) | {"coverPageText": b"(none)", "isoCode": b"GB", "to": b"+18001234567"}
    assert {_name(head): content for head, content in ours[:-1]} == said
    for head, _ in ours[:-1]:
        disposition = f'Content-Disposition: form-data; name="{_name(head)}"'.encode()
        assert head == {disposition, b"Content-Type: text/plain; charset=utf-8"}
    file = b'Content-Disposition: form-data; name="attachment"; filename="m1-1.1.pdf"'
    assert ours[-1] == ({file, b"Content-Type: application/pdf"}, PDF)


def _name(head: frozenset[bytes]) -> str:
    [disposition] = [line for line in head if line.startswith(b"Content-Disposition:")]
    found = re.search(rb'; name="(\w+)"', disposition)
    assert found is not None
    return found[1].decode()


async def test_a_form_with_a_json_envelope_is_what_its_sdks_send(ring: FakeRingCentral, tmp_path: Path) -> None:
    """No document prints it: these are the octets that PyPI's `ringcentral` 0.9.2 writes, for this fax."""
    sdk = b"""\
--b
Content-Disposition: form-data; name="json"; filename="request.json"
Content-Type: application/json

{"to":[{"phoneNumber":"+16505551212","name":"John Doe"}],"faxResolution":"High","coverIndex":0}
--b
Content-Disposition: form-data; name="attachment"; filename="m1-1.1.pdf"
Content-Type: application/pdf

DOCUMENT
--b--
"""
    ours = parts(await ring_body(ring, tmp_path, asked("+16505551212", to_name="John Doe")))
    assert ours == [(head, PDF if c == b"DOCUMENT" else c) for head, c in printed(sdk)]


async def test_a_resend_has_the_documents_keys_in_their_order_and_no_time(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = "12345678@20261121T115000Z"
    await backend.offer(replace(asked("+15551234567"), original=ticket))
    seen = ring.created[0]
    assert (seen.method, seen.path) == ("POST", f"{MINE}/fax")
    wanted = json.loads(p.RESEND)
    del wanted["sendTime"]
    assert seen.body == json.dumps(wanted, separators=(",", ":")).encode()


async def test_a_subscription_has_the_documents_filter_and_mode(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, tmp_path, webhook=True, address=Address(url="http://127.0.0.1:1/", token="t" * 40))
    ring.subscriptions.handshakes = False
    await backend.tend()
    [seen] = [seen for seen in ring.seen if seen.method == "POST" and seen.path == "/restapi/v1.0/subscription"]
    said, theirs = json.loads(seen.body), json.loads(p.SUBSCRIPTION)
    assert said["eventFilters"] == theirs["eventFilters"]
    assert said["deliveryMode"] == {
        **theirs["deliveryMode"],
        "address": "http://127.0.0.1:1/",
        "verificationToken": "t" * 40,
    }


async def test_faxout_has_the_documents_fields_in_their_order(out: FakeFaxOut, tmp_path: Path) -> None:
    fax = asked("+15556465589", cover="Default", words="This is a test fax from web", to_name="John Doe")
    await faxout(out, spooled(tmp_path), document="tiff").offer(fax)
    [seen] = out.seen
    ours = parts(seen.body)
    names = [_name(head) for head, _ in ours]
    assert names == ["Username", "Password", "Attachment", "Recipient", "Coverpage", "Coverpagetext", "Resolution"]
    printed_names = [_name(frozenset({line.encode()})) for line in p.FAXOUT]
    assert [name for name in names if name in printed_names] == list(dict.fromkeys(printed_names))
    said = dict(zip(names, (content for _, content in ours), strict=True))
    assert said["Recipient"] == b"1" + p.FAXOUT_RECIPIENTS[0].encode()  # ours has the country code
    assert said["Coverpagetext"] == b"This is a test fax from web"
    for head, _ in ours:
        if _name(head) != "Attachment":  # as printed: a Content-Type would make a file of a field
            assert head == {f'Content-Disposition: form-data; name="{_name(head)}"'.encode()}
    file = b'Content-Disposition: form-data; name="Attachment"; filename="m1-1.1.tiff"'
    assert ours[2] == ({file, b"Content-Type: image/tiff"}, TIFF)


async def test_kazoos_parts_are_named_as_its_document_names_them(fake: FakeKazoo, tmp_path: Path) -> None:
    await kazoo(fake, spooled(tmp_path)).offer(offer())
    [seen] = fake.created
    wanted = [frozenset(line.encode() for line in lines) for lines in p.KAZOO_PARTS]
    pdf = {line.replace(b"fax.pdf", b"fax.tiff").replace(b"application/pdf", b"image/tiff") for line in wanted[1]}
    described, document = parts(seen.body)
    assert (described[0], document) == (wanted[0], (pdf, TIFF))


async def test_kazoos_fields_are_those_of_its_document_and_ours_beside_them(fake: FakeKazoo, tmp_path: Path) -> None:
    await kazoo(fake, spooled(tmp_path), upload="url").offer(offer())
    [seen] = fake.created
    said, theirs = json.loads(seen.body)["data"], json.loads(p.KAZOO_BY_URL)["data"]
    assert set(theirs) <= set(said)
    ours = {"fax_identity_name", "fax_identity_number", "fax_timezone", "timezone", "smtpfax_job"}
    assert set(said) - set(theirs) == ours
    assert all(isinstance(said[key], type(value)) for key, value in theirs.items())


# --- answers


async def test_the_printed_fax_response_is_a_ticket_and_not_over(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ring.tricks.append(Trick(name="printed", takes=False, status=200, body=p.FAX_RESPONSE))
    ticket = await backend.offer(offer())
    assert ticket == "4444444444/4444444444@20150509T161158Z"
    listed = b'{"records": [' + p.FAX_RESPONSE + b"]}"
    ring.reading = Trick(name="printed", takes=False, status=200, body=listed)
    assert await backend.ask([ticket]) == {ticket: Sending(text="Queued")}


async def test_the_printed_list_is_a_received_fax_and_has_two_pages_more(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, tmp_path)
    alone = json.loads(p.MESSAGE_STORE)
    alone["paging"] |= {"totalPages": 1, "totalElements": 1}
    del alone["navigation"]["nextPage"]
    ring.reading = Trick(name="printed", takes=False, status=200, body=json.dumps(alone).encode())
    [arrival] = await backend.received(since=datetime(2018, 10, 7, tzinfo=UTC))
    assert (arrival.from_number, arrival.pages, arrival.read) == ("+12138887464", 1, False)
    assert arrival.received == datetime(2018, 10, 8, 9, 17, 27, tzinfo=UTC)
    assert (arrival.ticket, arrival.source) == ("5209304004@20181008T091727Z", "5209304004/5209304004")
    assert arrival.to_number == ""  # as printed: then it is the extension that says whose it is
    ring.seen.clear()
    ring.reading = Trick(name="printed", takes=False, status=200, body=p.MESSAGE_STORE)
    with pytest.raises(Exception, match="changes while it is read"):  # 274 are counted, one is printed
        await backend.received(since=datetime(2018, 10, 7, tzinfo=UTC))
    pages = [re.findall(r"[?&]page=(\d+)", seen.path)[0] for seen in ring.seen]
    assert pages == ["1", "2", "3"] * 3


@pytest.mark.parametrize("event", p.EVENTS)
def test_the_printed_events_say_that_something_changed(event: bytes) -> None:
    callback = Callback(method="POST", path="/", headers={"Verification-Token": "t"}, body=event)
    assert hear(callback, token="t") == Heard(changed=True)


async def test_kazoos_printed_answers_are_a_ticket_and_not_over(fake: FakeKazoo, tmp_path: Path) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    fake.tricks.append(KazooTrick(name="printed", takes=False, status=202, body=p.KAZOO_CREATED))
    ticket = await backend.offer(offer())
    assert ticket == "202611-FAX_JOB_ID"
    fake.reading = KazooTrick(name="printed", takes=False, status=200, body=p.KAZOO_JOB)
    assert await backend.ask([ticket]) == {ticket: Sending(text="pending")}
    row = json.loads(p.KAZOO_LIST)["data"][0]
    assert str(ticket_in(row)) == "201603-FAX_JOB_ID"


# --- what the contract's fakes answer has the shape of what is printed


def shape(value: object) -> object:
    """Names and types, without the values."""
    match value:
        case dict():
            return {key: shape(inside) for key, inside in value.items()}
        case list():
            return [shape(value[0])] if value else []
    return type(value).__name__


def missing(printed_shape: Any, ours: Any, path: str = "") -> list[str]:
    """What the printed one has and ours has not, or not of that type."""
    if isinstance(printed_shape, Mapping):
        if not isinstance(ours, Mapping):
            return [path]
        return [
            found
            for key, inside in printed_shape.items()
            for found in (missing(inside, ours[key], f"{path}.{key}") if key in ours else [f"{path}.{key}"])
        ]
    if isinstance(printed_shape, list) and printed_shape:
        return missing(printed_shape[0], ours[0], f"{path}[]") if isinstance(ours, list) and ours else [path]
    return [] if printed_shape == ours else [path]


async def test_our_ringcentral_answers_in_the_printed_shape(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    await backend.offer(offer())
    made = ring.store.records[4_444_444_444]
    assert missing(shape(json.loads(p.FAX_RESPONSE)), shape(made)) == []
    ring.most_rows = 1
    for _ in range(3):
        ring.store.receive(File(name="", media_type="application/pdf", octets=PDF), sender="+12138887464", to="+1")
    wanted = Wanted(direction="Inbound", since=offer().offered - timedelta(hours=1))
    query = [*wanted.query, ("page", "1"), ("perPage", "100")]
    listed = await backend._client.get(f"{backend._client.extension}/message-store", query)
    assert missing(shape(json.loads(p.MESSAGE_STORE)), shape(listed)) == []


async def test_our_kazoo_answers_in_the_printed_shape(fake: FakeKazoo, tmp_path: Path) -> None:
    backend = kazoo(fake, spooled(tmp_path), upload="url")
    await backend.offer(offer())
    [made] = fake.faxes
    assert missing(shape(json.loads(p.KAZOO_CREATED)["data"]), shape(made)) == []
    assert missing(shape(json.loads(p.KAZOO_JOB)["data"]), shape(made)) == [".delivered"]  # of a fax that is over
