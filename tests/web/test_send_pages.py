"""A fax from the browser: the form, its pages before it goes, and off it goes, or away."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import timedelta

import pytest
from aiohttp import FormData
from PIL import Image

from smtpfax.janitor import DRAFTS
from smtpfax.model.job import State
from smtpfax.model.mail import Origin
from smtpfax.testing import sample_pdf
from smtpfax.web.send_pages import MOST_DRAFTS
from tests.render.corpus import encrypted_pdf
from tests.web.conftest import Answer, Person, token_in
from tests.web.town import ANN, ARCHIVE, LETTER, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
PDF = "application/pdf"
File = tuple[str, bytes, str]


async def fill(
    person: Person, *files: File, faxbox: str = "acme/front-desk", number: str = ARCHIVE, **fields: str
) -> Answer:
    """Send the form."""
    form = FormData()
    form.add_field("token", token_in(await person.get("/send")))
    for name, value in {"faxbox": faxbox, "number": number, **fields}.items():
        form.add_field(name, value)
    for name, octets, kind in files:
        form.add_field("files", octets, filename=name, content_type=kind)
    return await person.ask("POST", "/send", data=form, headers={"Origin": person.here.url})


async def drafted(person: Person, *files: File, **fields: str) -> str:
    """The draft's page."""
    answer = await fill(person, *files, **fields)
    assert answer.status == 303, answer.text
    return answer.headers["Location"]


def pdf(pages: Sequence[Sequence[str]] = LETTER) -> File:
    return "letter.pdf", sample_pdf(pages), PDF


async def test_a_fax_is_looked_at_and_sent(here: Town, ann: Person) -> None:
    where = await drafted(ann, pdf(), to_name="Dr. Who", subject="Letter of discharge")
    page = await ann.get(where)
    assert "2 pages, about" in page
    assert 'To <span class="number">+1 202-555-0142</span>, Dr. Who' in page
    assert "letter.pdf" in page
    assert not (await here.house.store.jobs.page(final=False, limit=9, account_id="acme")).rows, "nothing went yet"
    shown = await ann.ask("GET", f"/faxes/preview/{where.split('/')[-1]}/pages/1.png")

    there = await ann.post(where)
    job = await here.ends(there.split("/")[3].partition("?")[0])
    assert (job.state, job.origin, job.to_name, str(job.reverse_path)) == (State.SENT, Origin.HTTP, "Dr. Who", ANN)
    assert "The fax is on its way." in await ann.get(there)
    await ann.get(where, code=404)
    went = await ann.ask("GET", f"/faxes/outgoing/{job.id}/pages/1.png")
    with Image.open(io.BytesIO(shown.octets)) as seen, Image.open(io.BytesIO(went.octets)) as faxed:
        assert seen.size == faxed.size
        lines = (0, 60, *seen.size)  # below the header line, which tells the time of the call
        assert seen.crop(lines).tobytes() == faxed.crop(lines).tobytes()
    await here.told(job.id)
    assert any(notice["To"] == ANN and "Letter of discharge" in str(notice) for notice in here.notices)


async def test_several_files_and_a_text_go_in_their_order(here: Town, ann: Person) -> None:
    picture = io.BytesIO()
    Image.new("L", (400, 300), 90).save(picture, "PNG")
    files = (pdf(LETTER[:1]), ("scan.png", picture.getvalue(), "image/png"))
    page = await ann.get(await drafted(ann, *files, text="Please find enclosed."))
    order = [page.index(name) for name in ("cover.txt", "letter.pdf", "scan.png")]
    assert order == sorted(order)
    assert "3 pages" in page


async def test_a_draft_is_thrown_away_with_its_files(here: Town, ann: Person) -> None:
    where = await drafted(ann, pdf())
    id = where.split("/")[-1]
    draft = await here.house.store.drafts.get(id, owner=ANN)
    assert draft is not None
    assert "The preview is thrown away; nothing was sent." in await ann.get(await ann.post(f"{where}/discard"))
    await ann.get(where, code=404)
    assert not here.house.spool.has(draft.content_name)
    assert not here.house.spool.has(draft.document.name)


async def test_a_draft_is_its_makers_alone(here: Town, ann: Person, ben: Person, ops: Person) -> None:
    where = await drafted(ann, pdf())
    for person in (ben, ops):
        await person.get(where, code=404)
        await person.get(f"/faxes/preview/{where.split('/')[-1]}/pages/1.png", code=404)
        await person.post(where, code=404)
        await person.post(f"{where}/discard", code=404)
    await ann.get(where)


async def test_a_draft_is_forgotten_after_a_while_and_of_many_the_oldest_are(here: Town, ann: Person) -> None:
    first = await drafted(ann, text="the first one")
    for place in range(MOST_DRAFTS):
        await drafted(ann, text=f"number {place}")
    await ann.get(first, code=404)
    last = await drafted(ann, text="the last one")
    await ann.get(last)
    assert await here.house.store.drafts.forget(here.house.clock() + timedelta(seconds=1)) == MOST_DRAFTS
    await ann.get(last, code=404)
    assert timedelta(hours=24) == DRAFTS


async def test_a_draft_that_is_sent_twice_at_once_is_one_fax(here: Town, ann: Person) -> None:
    where = await drafted(ann, text="only once")
    token = {"token": token_in(await ann.get("/"))}
    both = [ann.ask("POST", where, data=token, headers={"Origin": here.url}) for _ in range(2)]
    answers = await asyncio.gather(*both)
    assert {answer.status for answer in answers} <= {303, 404}
    job = await here.ends(f"{where.split('/')[-1]}-1")
    assert job.state is State.SENT
    assert here.house.spool.has((await here.house.store.mails.get(job.mail_id)).content.name)  # type: ignore[union-attr]


async def test_a_fax_waits_for_the_time_that_was_set(here: Town, ann: Person) -> None:
    tomorrow = (here.house.clock() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    where = await drafted(ann, text="tomorrow", at=tomorrow)
    assert "not before" in await ann.get(where)
    id = (await ann.post(where)).split("/")[3].partition("?")[0]
    job = await here.until(id, lambda job: job.document)
    assert job.state is State.RENDERED
    assert job.due == job.scheduled
    await ann.post(f"/faxes/outgoing/{id}/cancel")


@pytest.mark.parametrize(
    ("fields", "files", "field", "sentence"),
    [
        ({"number": "12"}, (pdf(),), "number", ""),
        ({"number": "+19005550123"}, (pdf(),), "number", ""),
        ({}, (), "files", "There is nothing to fax: choose a file, or write a text."),
        ({}, (("x.pdf", encrypted_pdf(), PDF),), "files", "X.pdf is encrypted: send it without a password."),
        ({}, (("x.pdf", b"%PDF-1.7 nonsense", PDF),), "files", "X.pdf"),
        ({}, (pdf([["page"]] * 301),), "files", "pages"),
        ({"faxbox": "globex/lab"}, (pdf(),), "faxbox", "Choose the faxbox that it goes from."),
        ({"at": "yesterday, perhaps"}, (pdf(),), "at", "Must be a date and a time."),
        ({"at": "2999-01-01T00:00"}, (pdf(),), "at", "Is more than a year ahead."),
    ],
    ids=["number", "expensive", "nothing", "encrypted", "nonsense", "pages", "faxbox", "time", "far"],
)
async def test_what_cannot_be_faxed_is_said_in_a_sentence_beside_its_field(
    here: Town, ann: Person, fields: dict[str, str], files: tuple[File, ...], field: str, sentence: str
) -> None:
    before = set(await here.house.spool.kept())
    answer = await fill(ann, *files, to_name="Kept", **fields)
    assert answer.status == 400
    page = answer.text
    told = page.partition(f'id="w-{field}"')[2].partition("</p>")[0]
    assert sentence in told
    assert told
    assert page.count('<span class="fault">') == 1
    assert 'value="Kept"' in page
    assert set(await here.house.spool.kept()) == before, "nothing is left of it"


async def test_a_member_sends_from_their_own_faxbox(here: Town, ben: Person) -> None:
    assert 'type="hidden" name="faxbox" value="acme/pharmacy"' in await ben.get("/send")
    where = await drafted(ben, faxbox="acme/pharmacy", text="from Ben")
    job = await here.ends((await ben.post(where)).split("/")[3].partition("?")[0])
    assert (job.faxbox_id, job.state) == ("pharmacy", State.SENT)
    answer = await fill(ben, text="not mine", faxbox="acme/front-desk")
    assert answer.status == 400


async def test_who_may_only_read_is_told_so(here: Town, stranger: Person) -> None:
    form = {"api_token": await here.token("acme", "read")}
    await stranger.ask("POST", "/sign-in", data=form, headers={"Origin": here.url})
    assert "You may only look." in await stranger.get("/send")
