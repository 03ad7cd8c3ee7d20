"""The SMTP log's pages: what is listed, filtered, searched, told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Attempt, Outcome
from smtpfax.model.mail import Client
from smtpfax.model.status import NOT_OUR_DOMAIN
from smtpfax.store import AttemptFilter
from tests.web.conftest import Person
from tests.web.town import BEN, DESK, PHARMACY, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
_ROW = re.compile(r'<a id="a-([0-9a-z]+)"')


def rows(page: str) -> list[str]:
    """The attempts that a page lists."""
    return _ROW.findall(page)


async def refused(here: Town, sender: str, *, to: str = f"+12025550123@{DESK}", subject: str = "x") -> str:
    """A refusal; its attempt's id."""
    assert (await here.mail(to, sender=sender, subject=subject)).startswith("550")
    await here.house.store.attempts.flush()
    found = await here.house.store.search(AttemptFilter(), sender, limit=1)
    return found.page.rows[0].attempt.id


async def test_a_refused_attempt_tells_why_with_the_proofs(here: Town, ann: Person) -> None:
    id = await refused(here, "mallory@evil.example")
    assert f'href="/log/{id}"' in await ann.get("/log?outcome=refused")
    story = await ann.get(f"/log/{id}")
    for told in (
        "not permitted to fax from here",
        "No permission of faxbox front-desk matches mallory@evil.example.",
        "<strong>network</strong> 127.0.0.1 is in 127.0.0.0/8",
        "<strong>auth</strong> nobody signed in",
        "MAIL FROM:&lt;mallory@evil.example&gt;",
    ):
        assert told in story.replace("<wbr>", ""), told


async def test_a_mail_that_was_taken_tells_its_parts_its_fax_and_its_notices(here: Town, ann: Person) -> None:
    job = await here.fax(subject="Annual report", name="report.pdf")
    await here.ends(job)
    attempt = (await here.house.store.attempts.of_job(job))[0].attempt.id
    story = await ann.get(f"/log/{attempt}")
    for told in (
        "report.pdf",
        "2 pages",
        "left out: the text is faxed only when there is no document",
        "Handed to the fax service line.",
        "Receipt to ann@acme.example",
        "Annual report",
        f'href="/faxes/outgoing/{job}"',
    ):
        assert told in story, told


async def test_what_strangers_write_is_never_markup(here: Town, ann: Person) -> None:
    job = await here.fax(subject="<script>alert(1)</script>\"'&amp;", name='<img src=x onerror="y">.pdf')
    await here.ends(job)
    attempt = (await here.house.store.attempts.of_job(job))[0].attempt.id
    for path in ("/log", f"/log/{attempt}", f"/faxes/outgoing/{job}", "/log?text=%3Cscript%3E"):
        page = await ann.get(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in await ann.get(f"/log/{attempt}")


@pytest.mark.parametrize(
    ("query", "hit"),
    [
        ("outcome=refused", True),
        ("outcome=taken", False),
        ("from=Walter@filter.example", True),
        ("from=walter@filter.exampl", False),
        (f"to=%2B12025550123@{DESK}", True),
        ("faxbox=acme/front-desk", True),
        ("faxbox=acme/pharmacy", False),
        ("faxbox=globex/lab", False),
        ("account=globex", False),
        ("text=WALTER", True),
        ("text=no+such+word", False),
        ("text=walter&outcome=taken", False),
        ("since=2020-01-01", True),
        ("until=2020-01-01", False),
        ("since=nonsense&until=2020-13-99&outcome=what&state=x", True),
        ("state=sent", False),
    ],
)
async def test_a_filter_shows_what_it_says(here: Town, ann: Person, query: str, hit: bool) -> None:
    store = here.house.store
    found = await store.search(AttemptFilter(), "walter@filter.example", limit=1)
    id = found.page.rows[0].attempt.id if found.page.rows else await refused(here, "walter@filter.example")
    assert (id in rows(await ann.get(f"/log?{query}"))) is hit


async def test_a_filters_day_is_one_of_the_viewers_time_zone(here: Town, stranger: Person) -> None:
    await stranger.sign_in("ops@acme.example", timezone="Pacific/Kiritimati")  # 14 hours ahead of UTC
    id = await refused(here, "tomorrow@zone.example")
    today = (here.house.clock() + timedelta(hours=14)).date()
    assert id in rows(await stranger.get(f"/log?since={today}&until={today}"))
    assert id not in rows(await stranger.get(f"/log?until={today - timedelta(days=1)}"))


async def test_long_lists_come_in_slices_that_neither_skip_nor_repeat(here: Town, ops: Person) -> None:
    for number in range(35):
        here.house.store.attempts.add(_attempt(here, number))
    await here.house.store.attempts.flush()
    seen: list[str] = []
    path = "/log?from=many@slices.example"
    while path:
        page = await ops.get(path)
        seen += rows(page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 35


def _attempt(here: Town, number: int) -> Attempt:
    return Attempt(
        id=here.house.ids(),
        created=here.house.clock(),
        client=Client(),
        reverse_path=ReversePath("many", "slices.example"),
        raw_from="many@slices.example",
        to=f"{number}@nowhere.example",
        outcome=Outcome.REFUSED,
        reply=NOT_OUR_DOMAIN.reply(address="x"),
        account_id="acme",
    )


async def test_a_cursor_that_is_not_ours_is_said(ann: Person) -> None:
    assert "is no address that a list of ours gave" in await ann.get("/log?after=nonsense", code=400)
    assert "is no address that a list of ours gave" in await ann.get("/log?text=x&after=nonsense", code=400)


async def test_a_member_sees_the_attempts_of_their_faxboxes(here: Town, ben: Person, ann: Person) -> None:
    mine = await refused(here, "mallory@pharmacy.example", to=f"+12025550123@{PHARMACY}")
    theirs = await refused(here, "mallory@desk.example")
    own = await here.fax(domain=PHARMACY, sender=BEN, subject="Prescription 4711")
    await here.ends(own)
    listed = rows(await ben.get("/log"))
    assert mine in listed
    assert theirs not in listed
    assert rows(await ben.get("/log?text=mallory")) == [mine]
    assert len(rows(await ben.get("/log?text=Prescription"))) == 1
    await ben.get(f"/log/{mine}")
    await ben.get(f"/log/{theirs}", code=404)
    assert {mine, theirs} <= set(rows(await ann.get("/log?text=mallory")))


async def test_an_open_page_is_answered_when_something_changed_and_not_before(here: Town, ann: Person) -> None:
    page = await ann.get("/log?from=live@page.example")
    again = re.search(r'data-live hx-get="([^"]+)"', page)
    assert again is not None
    path = again[1].replace("&amp;", "&")
    await ann.get(path, code=204, **{"HX-Request": "true"})
    id = await refused(here, "live@page.example")
    part = await ann.get(path, **{"HX-Request": "true"})
    assert rows(part) == [id]
    assert "<html" not in part
    assert 'hx-get="/log?from=live%40page.example&amp;live=1&amp;digest=' in part


async def test_an_empty_list_says_what_would_stand_there(here: Town, eve: Person) -> None:
    assert "Nothing matches." in await eve.get("/log?text=nothing+has+this")
    assert "The log is empty." in await eve.get("/log")
    assert "Nothing was received yet." in await eve.get("/faxes/inbox")
    assert "No fax has ended yet." in await eve.get("/faxes/outbox")
    assert "Nothing is under way." in await eve.get("/faxes/outgoing")
