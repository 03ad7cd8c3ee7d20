"""What is counted in the commits: faxes and pages for the caps, numbers for the guard; and the keys of our own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from sqlite3 import IntegrityError

import pytest
from alembic import command
from sqlalchemy import Connection

from smtpfax.model.caps import Counted, hour_of, scopes_of
from smtpfax.model.cause import Cause
from smtpfax.model.event import Deferred, Held, Offered, Rendered, Sent
from smtpfax.model.job import Job
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import BUSY
from smtpfax.store import Store
from smtpfax.store.migrate import settings
from smtpfax.store.sqlite import open_engines
from tests.store.conftest import Opener
from tests.store.desk import DOCUMENT, FAX, Desk, to_accepted

ACCOUNT, BOX, PATH = scopes_of("acme", "sales", "ann@acme.example")
OTHER = FaxNumber(e164="+12025550199", sub_address="12#")


def counted(store: Store, scope: str, desk: Desk) -> tuple[int, int]:
    what = store.usage.now().since(scope, hour_of(desk.clock()) - timedelta(hours=23))
    return what.faxes, what.pages


async def kept(opener: Opener, desk: Desk, scope: str = BOX) -> tuple[int, int]:
    """As another process, or this one's next life, counts."""
    await desk.store.usage.refresh()  # whoever reads finds what was told
    return counted(await opener(), scope, desk)


async def test_a_fax_is_counted_for_its_account_its_faxbox_and_its_reverse_path(desk: Desk, opener: Opener) -> None:
    await desk.accept(desk.make.acceptance(b"one", FAX, OTHER))
    assert [counted(desk.store, scope, desk) for scope in (ACCOUNT, BOX, PATH)] == [(2, 0)] * 3
    assert await kept(opener, desk, PATH) == (2, 0)


async def test_a_fax_that_repeats_another_is_not_counted(desk: Desk, opener: Opener) -> None:
    await desk.accept(desk.make.acceptance(b"one", FAX, FAX))
    await desk.accept(desk.make.acceptance(b"one", FAX))
    assert counted(desk.store, BOX, desk) == await kept(opener, desk) == (1, 0)


async def test_mails_that_share_a_commit_are_counted_each(desk: Desk, opener: Opener) -> None:
    await asyncio.gather(*(desk.accept(desk.make.acceptance(b"%d" % each)) for each in range(40)))
    assert counted(desk.store, BOX, desk) == await kept(opener, desk) == (40, 0)


async def test_a_mail_that_could_not_be_kept_is_not_counted(desk: Desk, opener: Opener) -> None:
    good, bad = desk.make.acceptance(b"good"), desk.make.acceptance(b"bad")
    again = replace(bad, mail=replace(bad.mail, id=good.mail.id))
    again = replace(again, jobs=[replace(job, mail_id=good.mail.id) for job in bad.jobs])
    outcomes = await asyncio.gather(desk.accept(good), desk.accept(again), return_exceptions=True)
    assert [isinstance(outcome, IntegrityError) for outcome in outcomes] == [False, True]
    assert counted(desk.store, BOX, desk) == await kept(opener, desk) == (1, 0)


async def test_pages_are_counted_at_the_first_offer_alone(desk: Desk, opener: Opener) -> None:
    job = await desk.walk(await desk.taken(), Rendered(document=DOCUMENT))
    assert counted(desk.store, BOX, desk) == (1, 0)
    job = await desk.walk(job, Offered(backend="line"))
    assert counted(desk.store, BOX, desk) == (1, DOCUMENT.pages)
    busy = Deferred(status=BUSY.status, cause=Cause.BUSY, text="busy", due=desk.clock(), counted=True)
    await desk.walk(job, busy, Offered(backend="line"))
    assert counted(desk.store, BOX, desk) == await kept(opener, desk) == (1, DOCUMENT.pages)


async def test_an_offer_that_came_late_is_not_counted(desk: Desk, opener: Opener) -> None:
    job = await desk.walk(await desk.taken(), Rendered(document=DOCUMENT))
    await desk.walk(job, Held(reason="wait"))
    await desk.walk(job, Offered(backend="line"))
    assert counted(desk.store, BOX, desk) == await kept(opener, desk) == (1, 0)


async def test_hours_that_no_cap_asks_for_are_forgotten(desk: Desk, opener: Opener) -> None:
    await desk.taken()
    desk.clock.turn(hours=23)
    await desk.taken()
    assert await desk.store.usage.forget(desk.clock()) == 0
    desk.clock.turn(hours=1)
    await desk.taken()
    hours = desk.store.usage.now().hours[BOX]
    assert sorted(hours.values(), key=str) == [Counted(1, 0)] * 2
    assert await desk.store.usage.forget(desk.clock()) == 3  # one row for each scope
    assert await kept(opener, desk) == (2, 0)


async def sent(desk: Desk, job: Job) -> None:
    await desk.walk(job, *to_accepted(desk.make.id("t")), Sent())


async def test_a_faxbox_knows_the_numbers_it_sent_faxes_to(desk: Desk) -> None:
    for _ in range(3):
        await sent(desk, await desk.taken())
    await sent(desk, (await jobs_to(desk, OTHER))[0])
    await desk.walk(await desk.taken(), *to_accepted("open"))
    known = await desk.store.faxed.counts("acme", "sales", [FAX.e164, OTHER.e164, "+12025550100"])
    assert known == {FAX.e164: 3, OTHER.e164: 1}
    assert await desk.store.faxed.counts("acme", "legal", [FAX.e164]) == {}
    assert await desk.store.faxed.counts("other", "sales", [FAX.e164]) == {}
    assert await desk.store.faxed.counts("acme", "sales", [OTHER.e164]) == {OTHER.e164: 1}


async def jobs_to(desk: Desk, number: FaxNumber) -> list[Job]:
    acceptance = desk.make.acceptance(b"another", number)
    return [await desk.job(taken.job_id) for taken in await desk.accept(acceptance)]


async def test_a_number_is_forgotten_a_while_after_the_last_fax(desk: Desk) -> None:
    await sent(desk, await desk.taken())
    assert await desk.store.faxed.forget(desk.clock()) == 0
    assert await desk.store.faxed.forget(desk.clock.turn(days=1)) == 1
    assert await desk.store.faxed.counts("acme", "sales", [FAX.e164]) == {}


def there_and_back(connection: Connection) -> None:
    command.downgrade(settings(connection), "0001")
    command.upgrade(settings(connection), "head")


async def test_faxes_that_were_sent_before_we_counted_are_known(desk: Desk, opener: Opener) -> None:
    for _ in range(2):
        await sent(desk, await desk.taken())
    [other] = await jobs_to(desk, OTHER)
    await sent(desk, other)
    await desk.taken()
    writing, reading = await open_engines(desk.store.path, busy_seconds=1)
    async with writing.begin() as connection:
        await connection.run_sync(there_and_back)
    for engine in (writing, reading):
        await engine.dispose()
    store = await opener()
    assert await store.faxed.counts("acme", "sales", [FAX.e164, OTHER.e164]) == {FAX.e164: 2, OTHER.e164: 1}
    assert await store.faxed.forget(desk.clock()) == 0
    found = await store.jobs.get(other.id)
    assert found is not None
    assert found.to_name == ""


async def test_a_key_is_made_once_and_outlives_a_restart(desk: Desk, opener: Opener) -> None:
    made = iter([b"first", b"second", b"third", b"fourth"])
    assert await desk.store.keys.get("links", made.__next__) == b"first"
    assert await desk.store.keys.get("links", made.__next__) == b"first"
    assert await (await opener()).keys.get("links", made.__next__) == b"first"
    assert await desk.store.keys.get("others", made.__next__) == b"fourth"


@pytest.mark.parametrize("name", ["Ann Lee, Acme", "Ünï"])
async def test_for_whom_a_fax_is_is_kept(desk: Desk, name: str) -> None:
    acceptance = desk.make.acceptance(b"one")
    jobs = [replace(job, to_name=name) for job in acceptance.jobs]
    [taken] = await desk.accept(replace(acceptance, jobs=jobs))
    assert (await desk.job(taken.job_id)).to_name == name
