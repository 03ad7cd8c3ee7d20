"""What is done with faxes on the pages, with links and forms alone."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from smtpfax.model.event import Sent
from smtpfax.model.job import State
from smtpfax.web.act_pages import may
from tests.store.desk import Clock, Maker
from tests.web.conftest import Person
from tests.web.town import ARCHIVE, BEN, PHARMACY, SLOW_NUMBER, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("state", "held", "can"),
    [
        (State.QUEUED, False, {"cancel", "hold", "retry"}),
        (State.RENDERED, False, {"cancel", "hold", "retry"}),
        (State.RENDERED, True, {"cancel", "release"}),
        (State.OFFERED, False, {"cancel"}),
        (State.ACCEPTED, False, {"cancel"}),
        (State.SENT, False, {"resend", "delete"}),
        (State.FAILED, True, {"resend", "delete"}),
        (State.CANCELLED, False, {"resend", "delete"}),
    ],
)
async def test_what_can_be_done_fits_how_the_fax_stands(state: State, held: bool, can: set[str]) -> None:
    clock = Clock()
    make = Maker(clock)
    job = replace(make.job(make.mail()), state=state, held=clock() if held else None)
    assert {name for name, yes in asdict(may(job, writes=True)).items() if yes} == can
    assert not any(asdict(may(job, writes=False)).values())


async def test_a_fax_that_is_to_be_stopped_already_cannot_be_stopped_again() -> None:
    make = Maker(Clock())
    job = replace(make.job(make.mail()), state=State.ACCEPTED, cancel_asked=True)
    assert not may(job, writes=True).cancel


async def test_a_fax_under_way_is_asked_back_and_its_service_has_the_last_word(here: Town, ann: Person) -> None:
    job = await here.fax(SLOW_NUMBER, subject="asked back")
    await here.until(job, lambda job: job.ticket)
    page = await ann.get(f"/faxes/outgoing/{job}/cancel")
    assert 'Cancel the fax to <span class="number">+1 202-555-0150</span>?' in page
    assert "it has the last word" in page
    back = await ann.post(f"/faxes/outgoing/{job}/cancel")
    assert "The fax service is asked to stop it." in await ann.get(back)
    assert "marked already" in await ann.post(f"/faxes/outgoing/{job}/cancel", code=409)
    stands = await here.house.store.jobs.get(job)
    assert stands is not None
    assert stands.cancel_asked
    await here.house.shop.write(stands, Sent())


async def test_a_fax_is_held_released_and_tried_at_once(here: Town, ann: Person) -> None:
    scheduled = await here.scheduled(text="held")
    await here.until(scheduled, lambda job: job.document)
    path = f"/faxes/outgoing/{scheduled}"
    assert "The fax is held." in await ann.get(await ann.post(f"{path}/hold"))
    assert f'action="{path}/release"' in await ann.get(path)
    assert "held already" in await ann.post(f"{path}/hold", code=409)
    assert "goes on its way" in await ann.get(await ann.post(f"{path}/release"))
    await ann.post(f"{path}/cancel")
    assert (await here.ends(scheduled)).state is State.CANCELLED


async def test_a_fax_is_sent_again_and_the_new_one_leads_to_the_first(here: Town, ann: Person) -> None:
    old = await here.ends(await here.fax(subject="Once more"))
    question = await ann.get(f"/faxes/outgoing/{old.id}/resend")
    assert 'value="+12025550142"' in question
    where = await ann.post(f"/faxes/outgoing/{old.id}/resend", {"number": "+12025550142"})
    new = await here.ends(where.split("/")[3].partition("?")[0])
    assert (new.again_of, new.state, new.document) == (old.id, State.SENT, old.document)
    page = await ann.get(where)
    assert "Here is the new fax; the first one stays as it is." in page
    assert f'<a href="/faxes/outgoing/{old.id}">this fax</a>' in page


async def test_a_fax_is_sent_to_another_number_and_one_that_cannot_be_is_said_beside_the_field(
    here: Town, ann: Person
) -> None:
    old = await here.ends(await here.fax(subject="To another"))
    path = f"/faxes/outgoing/{old.id}/resend"
    page = await ann.post(path, {"number": "+19005550123"}, code=400)
    assert 'aria-invalid="true" aria-describedby="number-wrong"' in page
    assert 'value="+19005550123"' in page
    where = await ann.post(path, {"number": "(202) 555-0102"})
    new = await here.ends(where.split("/")[3].partition("?")[0])
    assert (new.number.e164, new.state) == ("+12025550102", State.SENT)


async def test_a_deleted_fax_is_gone_and_the_page_says_what_stays(here: Town, ann: Person) -> None:
    job = await here.ends(await here.fax(domain=PHARMACY, sender=BEN, subject="Delete me, Mr. Doe"))
    await here.told(job.id)
    question = await ann.get(f"/faxes/outgoing/{job.id}/delete")
    assert "It cannot be undone." in question
    assert "The fax service line is asked to delete its copy." in question
    page = await ann.get(await ann.post(f"/faxes/outgoing/{job.id}/delete"))
    assert "Deleted. What stays is the line of the SMTP log, without subject and names." in page
    assert job.id not in page
    await ann.get(f"/faxes/outgoing/{job.id}", code=404)
    log = await ann.get("/log?text=Doe")
    assert "Nothing matches." in log
    [row] = await here.house.store.attempts.of_job(job.id)
    story = await ann.get(f"/log/{row.attempt.id}")
    assert "Doe" not in story


async def test_what_is_under_way_is_not_deleted(here: Town, ann: Person) -> None:
    job = await here.fax(SLOW_NUMBER, subject="not yet")
    await here.until(job, lambda job: job.ticket)
    assert "cancel it first" in await ann.post(f"/faxes/outgoing/{job}/delete", code=409)
    await ann.get(f"/faxes/outgoing/{job}")


async def test_a_received_fax_is_marked_forwarded_and_deleted(here: Town, ann: Person) -> None:
    job = await here.ends(await here.fax(ARCHIVE, subject="to the archive"))
    fax = await here.arrived(job.ticket)
    path = f"/faxes/inbox/{fax.id}"
    assert "Marked as read." in await ann.get(await ann.post(f"{path}/read"))
    back = await ann.post(f"{path}/unread", {"from": "list"})
    assert back == "/faxes/inbox?done=unread"
    assert 'aria-label="Mark the fax from +1 202-555-0101 as read"' in await ann.get(back)

    assert "Its pages go as a new fax from Archive" in await ann.get(f"{path}/forward")
    assert "aria-invalid" in await ann.post(f"{path}/forward", {"number": "12", "name": "Bob"}, code=400)
    where = await ann.post(f"{path}/forward", {"number": "+12025550102", "name": "Bob"})
    new = await here.ends(where.split("/")[3].partition("?")[0])
    assert (new.again_of, new.to_name, new.state) == (fax.id, "Bob", State.SENT)
    assert new.document is not None
    assert new.document.pages == fax.document.pages
    assert f'<a href="{path}">this fax</a>' in await ann.get(where)

    page = await ann.get(await ann.post(f"{path}/delete"))
    assert "Deleted." in page
    assert "Its pages stay with another fax that has them as well." in page
    await ann.get(path, code=404)


async def test_a_member_acts_on_faxes_of_their_own_faxboxes_alone(here: Town, ben: Person) -> None:
    mine = await here.ends(await here.fax(domain=PHARMACY, sender=BEN, subject="Ben's"))
    theirs = await here.ends(await here.fax(subject="Ann's"))
    await ben.post(f"/faxes/outgoing/{mine.id}/resend", {"number": ""})
    for act in ("resend", "delete", "cancel", "hold", "release", "retry"):
        await ben.post(f"/faxes/outgoing/{theirs.id}/{act}", code=404)
    fax = await here.arrived(theirs.ticket)
    for act in ("read", "unread", "forward", "delete"):
        await ben.post(f"/faxes/inbox/{fax.id}/{act}", code=404)
    assert await here.house.store.jobs.get(theirs.id) == theirs


async def test_lists_offer_what_can_be_done(here: Town, ann: Person, stranger: Person) -> None:
    job = await here.ends(await here.fax(subject="in the list"))
    slow = await here.fax(SLOW_NUMBER, subject="in the list too")
    assert f'href="/faxes/outgoing/{job.id}/resend"' in await ann.get("/faxes/outbox")
    assert f'href="/faxes/outgoing/{slow}/cancel"' in await ann.get("/faxes/outgoing")
    form = {"api_token": await here.token("acme", "read")}
    await stranger.ask("POST", "/sign-in", data=form, headers={"Origin": here.url})
    for path in ("/faxes/outbox", "/faxes/outgoing", "/faxes/inbox", f"/faxes/outgoing/{job.id}"):
        page = await stranger.get(path)
        assert "/resend" not in page
        assert "/cancel" not in page
        assert "/delete" not in page
        assert "Mark as" not in page
