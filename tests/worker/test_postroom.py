"""Received faxes are told of by mail: with the PDF or a link, once decided, until the relay has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from smtpfax.api.links import Links
from smtpfax.api.meter import Metrics
from smtpfax.model.account import InboundMail
from smtpfax.model.backend import InboundFax
from smtpfax.model.letter import letters_for
from smtpfax.notice.compose import Site
from smtpfax.notice.relay import Relay, Timeouts
from smtpfax.testing import Catcher
from smtpfax.worker.postroom import MOST_ATTACHED, PostRoom
from smtpfax.worker.receiving import range_of
from tests.path.daemon import read_mail
from tests.worker.office import BOX, PDF, Office, office

SITE = Site(hostname="fax.example.com", from_address="fax@example.com")


async def as_it_came(here: Office, fax: InboundFax) -> bytes:
    return await here.spool.read(fax.original)


def room(
    here: Office,
    port: int,
    *,
    mails: bool = True,
    pdf_of: Callable[[Office, InboundFax], Awaitable[bytes]] = as_it_came,
) -> PostRoom:
    """A fresh one, as after a restart."""
    return PostRoom(
        store=here.store,
        directory=here.directory,
        pdf_of=lambda fax: pdf_of(here, fax),
        link_of=Links("https://fax.example.com", b"k" * 32, here.clock).received_url,
        relay=Relay(
            host="127.0.0.1", port=port, hostname="fax.example.com", starttls="never", timeouts=Timeouts(connect=2)
        ),
        site=SITE,
        give_up=timedelta(hours=5),
        lease=timedelta(minutes=5),
        owner="w",
        clock=here.clock,
        meter=Metrics(),
        mails=mails,
    )


@asynccontextmanager
async def caught(here: Office) -> AsyncIterator[tuple[Catcher, list[EmailMessage]]]:
    """A mail server that takes everything."""
    mails: list[EmailMessage] = []
    catcher = Catcher(lambda content, _: mails.append(read_mail(content)))
    await catcher.open()
    try:
        yield catcher, mails
    finally:
        await catcher.close()


async def came_in(here: Office) -> InboundFax:
    """One fax, kept."""
    await here.begin()
    here.comes_in()
    here.clock.pass_by(minutes=1)
    await here.receiving().look(here.backend)
    [fax] = await here.kept()
    return fax


async def test_the_mail_has_the_pdf_and_what_is_known_of_the_fax(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        fax = await came_in(here)
        assert await room(here, catcher.port).round()
        [mail] = mails
        assert (mail["To"], mail["From"]) == ("ann@acme.example", "fax@example.com")
        assert mail["Subject"] == "Fax from +12025550123: 2 pages"
        assert mail["Auto-Submitted"] == "auto-generated"
        text, document = mail.iter_parts()
        assert document.get_content() == PDF
        assert document.get_content_type() == "application/pdf"
        assert document.get_filename() == "fax-+12025550123-20261121-1200.pdf"
        words = text.get_content()
        assert words.startswith("A fax from +12025550123 came in. It is attached.")
        for fact in ("From:        +12025550123", "Name:        Bob", "To:          +12025550100", "Pages:       2"):
            assert fact in words
        assert "Time:        21 November 2026, 12:00 UTC" in words
        assert fax.id in words


async def test_with_a_link_the_mail_has_nothing_of_the_fax(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        here.boxes = [replace(BOX, inbound_mail=InboundMail.LINK)]
        fax = await came_in(here)
        await room(here, catcher.port).round()
        [mail] = mails
        [text] = mail.iter_parts()
        assert f"https://fax.example.com/received/{fax.id}?expires=" in text.get_content()
        assert b"%PDF" not in mail.as_bytes()
        assert "It is attached" not in text.get_content()


async def test_what_few_relays_would_take_is_a_link(tmp_path: Path) -> None:
    async def huge(here: Office, fax: InboundFax) -> bytes:
        return b"x" * (MOST_ATTACHED + 1)

    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        await came_in(here)
        await room(here, catcher.port, pdf_of=huge).round()
        assert len(list(mails[0].iter_parts())) == 1


async def test_each_address_is_told_once_and_twice_is_told_with_the_same_message_id(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        here.boxes = [replace(BOX, notify_inbound=("ann@acme.example", "Bob@acme.example", "ANN@acme.example"))]
        fax = await came_in(here)
        for _ in range(3):
            await room(here, catcher.port).round()
        assert sorted(mail["To"] for mail in mails) == ["Bob@acme.example", "ann@acme.example"]
        letters = letters_for(fax, here.boxes[0], at=here.clock())
        assert {mail["Message-ID"] for mail in mails} == {f"<{letter.id}@fax.example.com>" for letter in letters}


async def test_a_relay_that_is_away_is_tried_again_until_it_is_back(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        fax = await came_in(here)
        port = catcher.port
        await catcher.close()
        waits = []
        for _ in range(4):
            assert await room(here, port).round()
            assert not await room(here, port).round()
            waits.append(await _due(here, fax))
            here.clock.now = waits[-1]
        assert mails == []
        back = Catcher(lambda content, _: mails.append(read_mail(content)))
        back.port = port
        await back.open()
        await room(here, port).round()
        await back.close()
        assert len(mails) == 1
        assert [became for _, became in await here.store.letters.of_fax(fax.id)] == ["sent"]


async def _due(here: Office, fax: InboundFax):  # type: ignore[no-untyped-def]
    [(letter, became)] = await here.store.letters.of_fax(fax.id)
    assert became == ""
    assert letter.due > here.clock()
    return letter.due


async def test_it_is_given_up_loudly_at_last_and_the_fax_stays(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, _):
        fax = await came_in(here)
        port = catcher.port
        await catcher.close()
        for _ in range(20):
            await room(here, port).round()
            here.clock.pass_by(hours=1)
        assert [became for _, became in await here.store.letters.of_fax(fax.id)] == ["given_up"]
        await here.settle(retention_days=0)
        await here.store.retention.inbound(now=here.clock(), default=timedelta(days=90))
        assert [one.id for one in await here.kept()] == [fax.id]


async def test_an_address_that_is_none_is_given_up_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        here.boxes = [replace(BOX, notify_inbound=("not an address", "ann@acme.example"))]
        fax = await came_in(here)
        await room(here, catcher.port).round()
        assert len(mails) == 1
        assert {became for _, became in await here.store.letters.of_fax(fax.id)} == {"given_up", "sent"}


async def test_where_nobody_is_to_be_told_nothing_waits(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        fax = await came_in(here)
        await room(here, catcher.port, mails=False).round()
        assert not await room(here, catcher.port).round()
        assert mails == []
        assert await here.store.letters.of_fax(fax.id) == []


async def forgotten(here: Office) -> int:
    """What the janitor puts away now."""
    return await here.store.retention.inbound(now=here.clock(), default=timedelta(days=90))


async def test_a_faxbox_that_keeps_nothing_keeps_a_fax_until_all_have_it(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        await here.settle(retention_days=0)
        fax = await came_in(here)
        assert await forgotten(here) == 0
        await here.store.inbox.tell(fax.id, letters_for(fax, BOX, at=here.clock()))
        assert await forgotten(here) == 0
        await room(here, catcher.port).round()
        assert len(mails) == 1
        assert await forgotten(here) == 1
        assert await here.kept() == []
        assert await here.store.retention.names_in_use() == set()


async def test_with_a_link_it_keeps_a_fax_until_somebody_read_it(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, _):
        here.boxes = [replace(BOX, inbound_mail=InboundMail.LINK)]
        await here.settle(retention_days=0)
        fax = await came_in(here)
        await room(here, catcher.port).round()
        here.clock.pass_by(days=20)
        assert await forgotten(here) == 0
        await here.store.inbox.mark_read(fax.id)
        assert await forgotten(here) == 1


@pytest.mark.parametrize(("days", "gone"), [(9, 0), (11, 1)])
async def test_otherwise_a_fax_goes_after_its_faxboxs_days(tmp_path: Path, days: int, gone: int) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, _):
        await here.settle(retention_days=10)
        await came_in(here)
        await room(here, catcher.port).round()
        here.clock.pass_by(days=days)
        assert await forgotten(here) == gone


async def test_a_fax_that_was_fetched_long_after_it_came_in_is_kept_for_its_days(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, _):
        await here.settle(retention_days=10)
        here.comes_in()
        here.clock.pass_by(days=40)
        await here.begin()
        window = range_of(here.clock() - timedelta(days=50), here.clock())
        assert len((await here.receiving().fetch(here.backend, window)).faxes) == 1
        await room(here, catcher.port).round()
        here.clock.pass_by(days=9)
        assert await forgotten(here) == 0
        here.clock.pass_by(days=2)
        assert await forgotten(here) == 1
        assert (await here.receiving().fetch(here.backend, window)).faxes == []


async def test_a_fax_of_a_faxbox_that_is_gone_goes_after_the_houses_days(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, _):
        await came_in(here)
        await room(here, catcher.port).round()
        here.clock.pass_by(days=89)
        assert await forgotten(here) == 0
        here.clock.pass_by(days=2)
        assert await forgotten(here) == 1
