"""The requests that leave, compared with the API's document: method, path, headers, field names, part order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from smtpfax.model.errors import Permanent
from tests.dispatch.benches import kazoo
from tests.dispatch.fake_kazoo import ACCOUNT, API_KEY, FakeKazoo
from tests.dispatch.values import ELSEWHERE, TIFF, offer, spooled

FIELDS = {
    "from_number": "+12025550100",
    "from_name": "Acme",
    "to_number": ELSEWHERE,
    "to_name": ELSEWHERE,
    "fax_identity_number": "+12025550100",
    "fax_identity_name": "Acme Inc.",
    "fax_timezone": "America/New_York",
    "timezone": "America/New_York",
    "retries": 1,
    "smtpfax_job": "m1-1.1",
}


async def test_a_fax_is_one_put_of_json_and_document_in_this_order(fake: FakeKazoo, tmp_path: Path) -> None:
    await kazoo(fake, spooled(tmp_path)).offer(offer(number=ELSEWHERE))
    [seen] = fake.created
    assert (seen.method, seen.path) == ("PUT", f"/v2/accounts/{ACCOUNT}/faxes")
    assert seen.headers["X-Auth-Token"] == "token-1"
    kind = re.fullmatch(r"multipart/mixed; boundary=(\w+)", seen.headers["Content-Type"])
    assert kind is not None
    empty, described, document, end = seen.body.split(b"--" + kind[1].encode())
    assert (empty, end) == (b"", b"--\r\n")
    head, _, body = described.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[1:3] == [
        b"Content-Type: application/json",
        b'Content-Disposition: form-data; name="content"; filename="fax.json"',
    ]
    assert json.loads(body) == {"data": FIELDS}
    head, _, body = document.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[1:3] == [
        b"Content-Type: image/tiff",
        b'Content-Disposition: form-data; name="content"; filename="fax.tiff"',
    ]
    assert body == TIFF + b"\r\n"
    assert seen.headers["Content-Length"] == str(len(seen.body))


async def test_by_url_the_document_stays_here_and_its_address_leaves(fake: FakeKazoo, tmp_path: Path) -> None:
    await kazoo(fake, tmp_path, upload="url").offer(offer(number=ELSEWHERE))
    [seen] = fake.created
    assert seen.headers["Content-Type"] == "application/json"
    url = "https://fax.example.com/documents/d1.tiff?signature=s"
    assert json.loads(seen.body) == {"data": {**FIELDS, "document": {"url": url, "method": "get"}}}


async def test_signing_in_is_a_put_of_the_key_and_the_key_goes_nowhere_else(fake: FakeKazoo, tmp_path: Path) -> None:
    await kazoo(fake, spooled(tmp_path)).offer(offer())
    signing, creating = fake.seen
    assert (signing.method, signing.path) == ("PUT", "/v2/api_auth")
    assert json.loads(signing.body) == {"data": {"api_key": API_KEY}}
    assert "X-Auth-Token" not in signing.headers
    assert API_KEY.encode() not in creating.body
    assert API_KEY not in str(creating.headers) + creating.path + signing.path


async def test_asking_is_a_get_of_the_queue_and_then_of_the_outbox(fake: FakeKazoo, tmp_path: Path) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    ticket = await backend.offer(offer())
    id_ = ticket.removeprefix("202611-")
    fake.finish(id_, "completed", {"success": True}, month="202612")
    fake.seen.clear()
    await backend.ask([ticket])
    base = f"/v2/accounts/{ACCOUNT}/faxes"
    assert [(seen.method, seen.path, seen.body) for seen in fake.seen] == [
        ("GET", f"{base}/outgoing/{id_}", b""),
        ("GET", f"{base}/outbox/202611-{id_}", b""),
        ("GET", f"{base}/outbox/202612-{id_}", b""),
    ]


async def test_nothing_is_asked_for_that_would_send_twice_or_tell_anybody(fake: FakeKazoo, tmp_path: Path) -> None:
    await kazoo(fake, spooled(tmp_path)).offer(offer())
    [fax] = fake.faxes
    assert fax["retries"] == 1
    assert "notifications" not in fax


async def test_a_sub_address_is_refused_rather_than_dropped(fake: FakeKazoo, tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="sub-address"):
        await kazoo(fake, spooled(tmp_path)).offer(offer(number=f"{ELSEWHERE}/T33S=12"))
    assert fake.seen == []
