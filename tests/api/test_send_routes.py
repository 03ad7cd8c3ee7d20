"""Fax files from the shell."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from smtpfax.model.mail import Origin

from .conftest import World

FIELDS = {"number": "202-555-0123", "faxbox": "acme/sales"}


async def send(admin: ClientSession, *files: tuple[str, bytes], **fields: str) -> tuple[int, dict[str, Any]]:
    form = FormData({**FIELDS, **fields})
    for name, octets in files:
        form.add_field("file", octets, filename=name)
    async with admin.post("/admin/send", data=form) as answer:
        body: dict[str, Any] = (await answer.json())["data"]
        return answer.status, body


async def test_a_file_becomes_a_job_like_any_other(admin: ClientSession, world: World) -> None:
    status, told = await send(admin, ("offer.pdf", b"%PDF-1.7 offer"), cover="Dear Ann")
    assert (status, told["state"], told["to_number"]) == (202, "queued", "+12025550123")
    job = await world.store.jobs.get(told["id"])
    assert job is not None
    assert (job.origin, job.account_id, job.faxbox_id, job.most_tries) == (Origin.SHELL, "acme", "sales", 3)
    content = await world.store.mails.inline(job.mail_id)
    assert content is not None
    parts = list(message_from_bytes(content, policy=default).iter_attachments())  # type: ignore[attr-defined]
    assert [part.get_filename() for part in parts] == ["cover.txt", "offer.pdf"]
    assert parts[1].get_content() == b"%PDF-1.7 offer"
    assert world.woken


async def test_a_large_content_is_kept_in_the_spool(admin: ClientSession, world: World) -> None:
    object.__setattr__(world.deps, "inline_octets", 1000)
    _, told = await send(admin, ("offer.pdf", b"%PDF" + b"x" * 2000))
    mail = await world.store.mails.get(told["mail_id"])
    assert mail is not None
    assert len(await world.spool.read(mail.content.name)) == mail.content.octets > 2000


async def test_the_same_file_twice_is_two_faxes(admin: ClientSession) -> None:
    ids = {(await send(admin, ("offer.pdf", b"%PDF")))[1]["id"] for _ in range(2)}
    assert len(ids) == 2


async def test_a_scheduled_fax_expires_from_its_own_time(admin: ClientSession, world: World) -> None:
    _, told = await send(admin, ("offer.pdf", b"%PDF"), at="2026-03-02T09:00:00+01:00")
    assert (told["scheduled"], told["expires"]) == ("2026-03-02T08:00:00.000Z", "2026-03-03T08:00:00.000Z")


async def test_a_faxbox_that_only_one_account_has_needs_no_account(admin: ClientSession) -> None:
    assert (await send(admin, ("offer.pdf", b"%PDF"), faxbox="back"))[0] == 202
    status, told = await send(admin, ("offer.pdf", b"%PDF"), faxbox="sales")
    assert (status, told["faxbox"]["ambiguous"]["message"]) == (400, "say which: acme/sales, other/sales")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"number": "call me"}, "number"),
        ({"number": ""}, "number"),
        ({"number": "+19005551234"}, "number"),
        ({"faxbox": "acme/nothing"}, "faxbox"),
        ({"faxbox": ""}, "faxbox"),
        ({"at": "tomorrow"}, "at"),
        ({"at": "2026-03-02T09:00:00"}, "at"),
        ({"at": "0001-01-01T00:00:00+23:00"}, "at"),
    ],
)
async def test_a_field_that_is_wrong_is_named(admin: ClientSession, fields: dict[str, str], wrong: str) -> None:
    status, told = await send(admin, ("offer.pdf", b"%PDF"), **fields)
    assert (status, list(told)) == (400, [wrong])


async def test_nothing_to_fax_is_refused(admin: ClientSession) -> None:
    assert (await send(admin, cover="  "))[0] == 400
    assert (await send(admin, cover="a text alone is a fax"))[0] == 202


async def test_more_than_the_bound_is_413(admin: ClientSession, world: World) -> None:
    form = FormData(FIELDS)
    form.add_field("file", b"x" * 300_000, filename="offer.pdf")
    async with admin.post("/admin/send", data=form) as answer:
        assert answer.status == 413
    assert (await world.store.jobs.page(final=False, limit=5)).rows == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"garbage", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    ],
)
async def test_a_body_that_is_no_form_is_400(admin: ClientSession, body: bytes, kind: str) -> None:
    async with admin.post("/admin/send", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == 400
