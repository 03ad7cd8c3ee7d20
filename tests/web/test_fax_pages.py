"""Faxes on the pages: lists, one of them, its pages as pictures, and what may be taken home."""

from __future__ import annotations

import io
import re
from email import message_from_bytes

import pytest
from PIL import Image

from tests.web.conftest import Person
from tests.web.town import ARCHIVE, BEN, PHARMACY, SLOW_NUMBER, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_fax_is_outgoing_and_then_in_the_outbox_and_at_its_far_side_in_the_inbox(
    here: Town, ann: Person
) -> None:
    slow, sent = await here.fax(SLOW_NUMBER, subject="slow"), await here.fax(subject="sent")
    await here.ends(sent)
    await here.until(slow, lambda job: job.ticket)
    assert f'href="/faxes/outgoing/{slow}"' in await ann.get("/faxes/outgoing")
    assert f'href="/faxes/outgoing/{slow}"' not in await ann.get("/faxes/outbox")
    assert f'href="/faxes/outgoing/{sent}"' in await ann.get("/faxes/outbox")
    received = (await here.house.store.inbox.page(limit=1, account_id="acme")).rows[0]
    inbox = await ann.get("/faxes/inbox")
    assert f'href="/faxes/inbox/{received.id}"' in inbox
    assert "not read" in inbox
    assert "+1 202-555-0101" in await ann.get(f"/faxes/inbox/{received.id}")


async def test_a_fax_tells_how_it_stands_and_what_happened(here: Town, ann: Person) -> None:
    job = await here.fax(subject="Letter of discharge")
    await here.ends(job)
    page = await ann.get(f"/faxes/outgoing/{job}")
    for told in (
        "Fax to",
        "+1 202-555-0142",
        "Every page arrived.",
        "Taken by mail from ann@acme.example.",
        "Its pages were made: 2 pages",
        "Handed to the fax service line.",
        "Sent: 2 pages, 14,400 bit/s, far machine +12025550142.",
        "Receipt to ann@acme.example",
        "Letter of discharge",
        "about 3 s on the line",
    ):
        assert told in page, told
    assert "data-live" not in page, "what has ended does not change by itself"


async def test_what_is_under_way_is_told_again_while_somebody_looks(here: Town, ann: Person) -> None:
    job = await here.fax(SLOW_NUMBER, subject="under way")
    await here.until(job, lambda job: job.ticket)
    assert f'data-live hx-get="/faxes/outgoing/{job}?live=1"' in await ann.get(f"/faxes/outgoing/{job}")
    part = await ann.get(f"/faxes/outgoing/{job}?live=1", **{"HX-Request": "true"})
    assert part.lstrip().startswith('<div id="fax"')


async def test_pages_are_pictures_of_the_very_pels(here: Town, ann: Person) -> None:
    job = await here.ends(await here.fax(subject="pictures"))
    assert job.leaving is not None
    page = await ann.get(f"/faxes/outgoing/{job.id}")
    assert f'<img src="/faxes/outgoing/{job.id}/pages/2.png?small=1" alt="Page 2 of 2"' in page
    answer = await ann.ask("GET", f"/faxes/outgoing/{job.id}/pages/1.png")
    assert answer.content_type == "image/png"
    tiff = await here.house.spool.read(job.leaving.name)
    with Image.open(io.BytesIO(answer.octets)) as shown, Image.open(io.BytesIO(tiff)) as faxed:
        assert shown.size == faxed.size
        assert shown.convert("1").tobytes() == faxed.convert("1").tobytes()
    viewer = await ann.get(f"/faxes/outgoing/{job.id}/pages/1")
    assert "Page 1" in viewer
    assert 'rel="next"' in viewer
    assert 'rel="prev"' not in viewer
    for beyond in ("0", "3", "99999"):
        await ann.get(f"/faxes/outgoing/{job.id}/pages/{beyond}", code=404)
        await ann.get(f"/faxes/outgoing/{job.id}/pages/{beyond}.png", code=404)


async def test_what_is_taken_home_is_an_attachment_and_the_original_of_no_type(here: Town, ann: Person) -> None:
    job = await here.ends(await here.fax(subject="To take home", name="home.pdf"))
    for form, kind, begins in (("pdf", "application/pdf", b"%PDF"), ("tiff", "image/tiff", b"II*\0")):
        answer = await ann.ask("GET", f"/faxes/outgoing/{job.id}/document.{form}")
        assert answer.content_type == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="fax-{job.id}.{form}"'
        assert answer.octets.startswith(begins)
    answer = await ann.ask("GET", f"/faxes/outgoing/{job.id}/mail.eml")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert message_from_bytes(answer.octets)["Subject"] == "To take home"
    await ann.get(f"/faxes/outgoing/{job.id}/document.exe", code=404)


async def test_a_fax_whose_document_is_gone_says_so(here: Town, ann: Person) -> None:
    job = await here.ends(await here.fax(subject="gone"))
    assert job.leaving is not None
    await here.house.spool.delete(job.leaving.name)
    page = await ann.get(f"/faxes/outgoing/{job.id}")
    assert "Its pages are not kept any more." in page
    assert "document.pdf" not in page
    for path in ("pages/1", "pages/1.png", "document.pdf"):
        await ann.get(f"/faxes/outgoing/{job.id}/{path}", code=404)


async def test_a_member_sees_the_faxes_of_their_faxboxes(here: Town, ben: Person) -> None:
    mine = await here.ends(await here.fax(domain=PHARMACY, sender=BEN, subject="Prescription"))
    theirs = await here.ends(await here.fax(ARCHIVE, subject="Not Ben's"))
    outbox = await ben.get("/faxes/outbox")
    assert mine.id in outbox
    assert theirs.id not in outbox
    for path in ("", "/pages/1.png", "/document.pdf", "/mail.eml"):
        await ben.get(f"/faxes/outgoing/{mine.id}{path}")
        await ben.get(f"/faxes/outgoing/{theirs.id}{path}", code=404)


async def test_lists_can_be_of_one_faxbox(here: Town, ann: Person) -> None:
    job = await here.ends(await here.fax(domain=PHARMACY, sender=BEN, subject="One faxbox"))
    assert job.id in await ann.get("/faxes/outbox?faxbox=acme/pharmacy")
    assert job.id not in await ann.get("/faxes/outbox?faxbox=acme/front-desk")
    assert "No fax has ended yet." in await ann.get("/faxes/outbox?faxbox=globex/lab")


async def test_small_pictures_are_asked_for_when_they_come_into_sight(here: Town, ann: Person) -> None:
    job = await here.ends(await here.fax(subject="lazy"))
    page = await ann.get(f"/faxes/outgoing/{job.id}")
    pictures = re.findall(r"<img [^>]*>", page)
    assert len(pictures) == 2
    assert all('loading="lazy"' in each and 'width="216"' in each and "height=" in each for each in pictures)
