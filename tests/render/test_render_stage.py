from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from smtpfax.model.account import Body, CoverWhen, Faxbox, Logos
from smtpfax.model.cause import Cause
from smtpfax.model.document import Coding, Document, Layout, Resolution
from smtpfax.model.errors import Temporary
from smtpfax.model.event import Rendered, from_json, to_json
from smtpfax.render.asking import Asked
from smtpfax.render.covering import CoverFacts
from smtpfax.render.known import Unfaxable
from smtpfax.render.limits import Limits
from smtpfax.render.stage import PRELOAD, Made, Renderer, document_name
from smtpfax.render.tiff import strips_of
from smtpfax.render.trips import outcome
from smtpfax.sandbox import Answer, Sandbox, SandboxLimits
from smtpfax.spool import Spool
from tests.render.corpus import A4, TEXT, encrypted_pdf, pdf


def mail(data: bytes, name: str = "order.pdf") -> bytes:
    message = EmailMessage()
    message.set_content("Please see the attachment.")
    message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return bytes(message)


MAIL = mail(pdf(TEXT, TEXT))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    one = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
async def renderer(sandbox: Sandbox, spool: Spool) -> AsyncIterator[Renderer]:
    one = Renderer(sandbox, spool, Asked())
    yield one
    await one.close()


async def rendered(renderer: Renderer, content: bytes = MAIL, layout: Layout = A4, body: Body = Body.ALONE) -> Rendered:
    return (await made(renderer, content, box(layout=layout, body=body))).rendered


def box(*, layout: Layout = A4, body: Body = Body.ALONE, cover: CoverWhen = CoverWhen.NEVER) -> Faxbox:
    """A faxbox with these habits."""
    habits = {"paper": layout.paper, "resolution": layout.resolution, "body": body, "cover": cover}
    return Faxbox(id="sales", account_id="acme", name="Sales", **habits)  # type: ignore[arg-type]


async def made(renderer: Renderer, content: bytes, faxbox: Faxbox, to: str = "+12025550123") -> Made:
    sha256 = hashlib.sha256(content).hexdigest()
    facts = CoverFacts(to_number=to, subject="An order", at=datetime(2026, 3, 1, tzinfo=UTC))
    return await renderer.render(content, sha256=sha256, faxbox=faxbox, cover=facts, seen={})


async def test_a_mails_document_is_kept_in_the_spool(renderer: Renderer, spool: Spool) -> None:
    event = await rendered(renderer)
    document = event.document
    tiff = await spool.read(document.name)
    strips, resolution = strips_of(tiff)
    assert (document.pages, document.octets, document.layout) == (2, len(tiff), A4)
    assert (document.bits, resolution) == (sum(strip.bits for strip in strips), Resolution.FINE)
    assert [part.name for part in event.parts if part.pages] == ["order.pdf"]
    assert from_json("rendered", to_json(event)) == event


async def test_jobs_that_ask_at_the_same_time_share_one_rendering(renderer: Renderer, sandbox: Sandbox) -> None:
    events = await asyncio.gather(*(rendered(renderer) for _ in range(10)))
    assert all(event is events[0] for event in events)


async def test_a_job_that_asks_later_gets_the_same_document(renderer: Renderer, sandbox: Sandbox) -> None:
    first = await rendered(renderer)
    await sandbox.stop()  # nobody is there to render it again
    assert await rendered(renderer) is first


async def test_a_document_that_was_put_away_is_rendered_again(renderer: Renderer, spool: Spool) -> None:
    first = await rendered(renderer)
    await spool.delete(first.document.name)
    assert await rendered(renderer) == first
    assert spool.has(first.document.name)


async def test_after_a_restart_the_same_mail_becomes_the_same_file(sandbox: Sandbox, spool: Spool) -> None:
    first = await rendered(Renderer(sandbox, spool, Asked()))
    octets = await spool.read(first.document.name)
    assert await rendered(Renderer(sandbox, spool, Asked())) == first
    assert await spool.read(first.document.name) == octets
    assert await spool.kept() == [first.document.name]


async def test_other_settings_make_another_document(renderer: Renderer) -> None:
    standard = Layout(paper=A4.paper, resolution=Resolution.STANDARD)
    events = [
        await rendered(renderer),
        await rendered(renderer, layout=standard),
        await rendered(renderer, layout=Layout()),
        await rendered(renderer, body=Body.PAGE),
    ]
    assert len({event.document.name for event in events}) == 4
    assert [event.document.pages for event in events] == [2, 2, 2, 3]


@pytest.mark.parametrize("coding", [Coding.GROUP_3, Coding.GROUP_3_2D])
async def test_group_3_is_made_where_it_is_wanted(sandbox: Sandbox, spool: Spool, coding: Coding) -> None:
    by_setting = Renderer(sandbox, spool, Asked(layout=Layout(coding=coding)))
    document = (await rendered(by_setting, MAIL)).document
    strips, _ = strips_of(await spool.read(document.name))
    assert document.layout == replace(A4, coding=coding)
    assert {strip.coding for strip in strips} == {coding}
    assert (await by_setting.pdf(document)).startswith(b"%PDF-")
    await by_setting.close()


async def test_a_job_that_is_cancelled_does_not_take_the_others_with_it(renderer: Renderer) -> None:
    first, second = (asyncio.create_task(rendered(renderer)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await second).document.pages == 2


async def test_a_refusal_names_the_part_and_is_not_remembered(renderer: Renderer, spool: Spool) -> None:
    for _ in range(2):
        with pytest.raises(Unfaxable) as caught:
            await rendered(renderer, mail(encrypted_pdf()))
        assert caught.value.text == "order.pdf is encrypted: send it without a password"
        assert [part.name for part in caught.value.parts] == ["order.pdf", ""]
    assert await spool.kept() == []


async def test_the_limits_reach_the_worker(sandbox: Sandbox, spool: Spool) -> None:
    strict = Renderer(sandbox, spool, Asked(limits=Limits(max_pages=1)))
    with pytest.raises(Unfaxable, match="more than 1 pages"):
        await rendered(strict)


async def test_a_mail_that_outlasts_its_seconds_costs_itself_alone(spool: Spool) -> None:
    sandbox = Sandbox(SandboxLimits(workers=1, cpu_seconds=1, wall_seconds=20), preload=PRELOAD)
    await sandbox.start()
    renderer = Renderer(sandbox, spool, Asked())
    endless = pdf("0 0 600 900 re W n " + "0 0 m 600 900 l 600 0 l 0 900 l f* " * 30_000)
    calls = await asyncio.gather(rendered(renderer, mail(endless)), rendered(renderer), return_exceptions=True)
    await sandbox.stop()
    assert isinstance(calls[0], Temporary)
    assert calls[0].cause is Cause.CONVERTER
    assert isinstance(calls[1], Rendered)
    assert await spool.kept() == [calls[1].document.name]


async def test_people_get_it_as_pdf(renderer: Renderer, spool: Spool) -> None:
    event = await rendered(renderer)
    document = pdfium.PdfDocument(await renderer.pdf(event.document))
    assert len(document) == 2
    document.close()


async def test_a_damaged_document_is_our_fault(renderer: Renderer, spool: Spool) -> None:
    await spool.put("fax-x.tif", b"II*\0")
    with pytest.raises(Temporary):
        await renderer.pdf(Document(name="fax-x.tif", pages=1, octets=4, bits=0, layout=A4))


@pytest.mark.parametrize("answer", [Answer(data={}), Answer(data={"pages": 1, "bits": 1, "parts": []})])
def test_an_answer_that_is_none_is_the_converters_fault(answer: Answer) -> None:
    with pytest.raises(Temporary):
        outcome(answer)


def test_the_name_is_made_from_content_and_settings_alone() -> None:
    name = document_name("0" * 64, Asked())
    assert name == document_name("0" * 64, Asked(limits=Limits(max_pages=1)))
    assert name != document_name("1" * 64, Asked())
    assert name != document_name("0" * 64, Asked(logos=Logos.KEEP))


async def test_a_cover_goes_before_the_bare_pages_and_differs_by_number(renderer: Renderer, spool: Spool) -> None:
    always = box(cover=CoverWhen.ALWAYS)
    bare = (await made(renderer, MAIL, box())).rendered.document
    one = (await made(renderer, MAIL, always)).rendered.document
    two = (await made(renderer, MAIL, always, to="+12025550124")).rendered.document
    assert (bare.pages, one.pages, two.pages) == (2, 3, 3)
    assert one.name != two.name
    strips, _ = strips_of(await spool.read(one.name))
    assert strips[1:] == strips_of(await spool.read(bare.name))[0]
    assert one.bits == sum(strip.bits for strip in strips)


async def test_a_text_stands_on_the_cover_and_is_enough_of_a_document(renderer: Renderer, spool: Spool) -> None:
    text = b"Subject: x\r\n\r\nPlease call back.\r\n"
    with_body = box(body=Body.COVER, cover=CoverWhen.WITH_BODY)
    found = await made(renderer, text, with_body)
    assert found.cover_text.strip() == "Please call back."
    assert found.rendered.document.pages == 1
    assert len(strips_of(await spool.read(found.rendered.document.name))[0]) == 1
    both = await made(renderer, MAIL, with_body)
    assert both.rendered.document.pages == 3


async def test_a_cover_with_a_body_is_not_made_where_there_is_none(renderer: Renderer) -> None:
    content = mail(pdf(TEXT)).replace(b"Please see the attachment.", b"")
    found = await made(renderer, content, box(body=Body.COVER, cover=CoverWhen.WITH_BODY))
    assert found.rendered.document.pages == 1
