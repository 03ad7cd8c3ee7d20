"""Kazoo's own curl lines against a running daemon: the fax is in the other faxbox's inbox, its program is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from smtpfax.testing import sample_pdf
from tests.egress.rough import Rough, ok, rough
from tests.path.daemon import Daemon, Wish, daemon, until

FROM, TO = "12025550100", "12025550142"
PAGES = (("One",), ("Two",))
# As docs.2600hz.com has it ("Faxes"), with a faxbox's numbers, and the places in braces filled.
BY_ADDRESS = """curl -v -X PUT \\
    -H "X-Auth-Token: {token}" \\
    -d '{{"data":{{"document":{{"url":"{url}","method":"get"}},"retries":3,"from_name":"Test Fax",\
"from_number":"{sender}","to_name":"To Name","to_number":"{to}"{more}}}}}' \\
    {server}/v2/accounts/acme/faxes"""
MULTIPART = """curl -v -X PUT \\
     -H "Content-Type: multipart/mixed" \\
     -F "content=@fax.json; type=application/json" \\
     -F "content=@fax.pdf; type=application/pdf" \\
     -H 'X-Auth-Token: {token}' \\
     {server}/v2/accounts/acme/faxes"""
HOOKS = """
[egress]
private = ["127.0.0.1:{port}"]
[webhooks]
secret = "s3cret"
"""


async def curl(line: str, folder: Path) -> dict[str, Any]:
    """A line as it stands in the documentation, by a shell; the data that was answered."""
    process = await asyncio.create_subprocess_shell(
        line, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert b"< HTTP/1.1 202 " in err, err.decode() + out.decode()
    data: dict[str, Any] = json.loads(out)["data"]
    return data


async def received(here: Daemon, *, count: int) -> list[dict[str, Any]]:
    """The other faxbox's inbox, newest first."""

    async def enough() -> list[dict[str, Any]] | None:
        rows: list[dict[str, Any]] = (await here.get("/v2/accounts/acme/faxes/inbox"))["data"]
        return rows if len(rows) >= count else None

    found: list[dict[str, Any]] = await until(enough, seconds=60)
    return found


@asynccontextmanager
async def serving(folder: Path, *, hook: Rough) -> AsyncIterator[Daemon]:
    async with daemon(folder, Wish(more=HOOKS.format(port=hook.port))) as here:
        yield here


async def test_the_multipart_line_faxes_its_file(tmp_path: Path) -> None:
    values = {"from_number": FROM, "to_number": TO, "from_name": "Test Fax", "fax_timezone": "Asia/Tokyo"}
    (tmp_path / "fax.json").write_text(json.dumps({"data": values}))
    (tmp_path / "fax.pdf").write_bytes(sample_pdf(PAGES))
    async with daemon(tmp_path) as here:
        made = await curl(MULTIPART.format(token=here.token, server=f"http://127.0.0.1:{here.http}"), tmp_path)
        ended = await here.ends(made["id"])
        (fax,) = await received(here, count=1)
        tiff = await here.fetch(f"/v2/accounts/acme/faxes/inbox/{fax['id']}/attachment", Accept="image/tiff")
    assert (ended["status"], ended["tx_result"]["success"], ended["faxbox_id"]) == ("completed", True, "sales")
    assert (fax["faxbox_id"], fax["from_number"], fax["from_name"]) == ("archive", f"+{FROM}", "Test Fax")
    assert Image.open(BytesIO(tiff)).n_frames == len(PAGES)  # type: ignore[attr-defined]


async def test_the_line_with_an_address_is_fetched_faxed_and_told(tmp_path: Path) -> None:
    there_is = ok(sample_pdf(PAGES), headers=b"Content-Type: application/pdf\r\n")
    async with rough(there_is) as there, serving(tmp_path, hook=there) as here:
        more = f',"notifications":{{"callback":{{"url":"{there.url}/hook"}}}}'
        line = BY_ADDRESS.format(
            token=here.token,
            url=f"{there.url}/fax.pdf",
            sender=FROM,
            to=TO,
            more=more,
            server=f"http://127.0.0.1:{here.http}",
        )
        made = await curl(line, tmp_path)
        assert there.seen[0].startswith(b"GET /fax.pdf ")
        await received(here, count=1)

        async def called() -> bytes | None:
            return there.seen[1] if len(there.seen) > 1 else None

        call: bytes = await until(called, seconds=30)
        record = await here.ends(made["id"])
    head, _, body = call.partition(b"\r\n\r\n")
    told = json.loads(body)["data"]
    assert head.startswith(b"POST /hook ")
    assert b"webhook-signature: v1," in head
    assert (told["id"], told["status"], told["tx_result"]["pages_sent"]) == (made["id"], "completed", len(PAGES))
    assert [(notice["kind"], notice["failures"]) for notice in record["notices"]][-1] == ("webhook", 0)


async def test_a_key_and_a_due_webhook_survive_a_kill(tmp_path: Path) -> None:
    """The program is down, the daemon is killed; both come back."""
    async with rough(ok(status="500 Oh")) as there, serving(tmp_path, hook=there) as here:
        order = f"""curl -v -X PUT -H "X-Auth-Token: {here.token}" -H "Idempotency-Key: k1" -d '{
            json.dumps(
                {
                    "data": {
                        "to_number": TO,
                        "from_number": FROM,
                        "text": "x",
                        "notifications": {"callback": {"url": f"{there.url}/hook"}},
                    }
                }
            )
        }' http://127.0.0.1:{here.http}/v2/accounts/acme/faxes"""
        made = await curl(order, tmp_path)

        async def failed() -> bool:
            notices = (await here.get(f"/v2/accounts/acme/faxes/outgoing/{made['id']}"))["data"]["notices"]
            return any(notice["failures"] for notice in notices)

        await until(failed, seconds=60)
        await here.kill()
        await here.start()
        again = await curl(order, tmp_path)
        record = await here.ends(made["id"])
    assert (again["id"], again["state"]) == (made["id"], "sent")
    assert [notice["became"] for notice in record["notices"] if notice["kind"] == "webhook"] == [""]
