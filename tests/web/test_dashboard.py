"""The dashboard: what it counts, for whom, and that it can be read without colour."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from smtpfax.model.alert import Alert
from smtpfax.model.cause import Cause
from smtpfax.model.event import Cancelled
from tests.web.conftest import Person
from tests.web.town import Town, failed, sent

pytestmark = pytest.mark.asyncio(loop_scope="module")


def tile(page: str, name: str) -> str:
    """The number on a tile."""
    found = re.search(rf"<dt>{name}</dt><dd>(.*?)</dd>", page, re.DOTALL)
    assert found is not None, name
    return re.sub(r"<[^>]+>", "", found[1]).strip()


async def test_it_counts_what_ended_and_why(here: Town, ann: Person, eve: Person, ops: Person) -> None:
    now = here.house.clock()
    for days in (1, 2, 30):
        await here.ended(now - timedelta(days=days), sent(3), pages=3)
    await here.ended(now - timedelta(days=1), failed(Cause.BUSY))
    await here.ended(now - timedelta(days=1), failed(Cause.NO_ANSWER))
    await here.ended(now - timedelta(days=1), failed(Cause.NO_ANSWER))
    await here.ended(now - timedelta(days=1), Cancelled())
    await here.ended(now - timedelta(days=1), sent(5), pages=5, account_id="globex")
    page = await ann.get("/")
    assert (tile(page, "Sent"), tile(page, "Failed")) == ("2", "3")
    assert "6 pages in 14 days" in page
    assert "1 cancelled" in page
    assert tile(await ann.get("/?days=90"), "Sent") == "3"
    assert tile(await eve.get("/"), "Sent") == "1"
    assert tile(await ops.get("/"), "Sent") == "3"
    assert page.index("nobody answered") < page.index("the line was busy")


async def test_every_number_of_a_chart_stands_in_a_table_too(here: Town, ann: Person) -> None:
    page = await ann.get("/?days=7")
    yesterday = (here.house.clock() - timedelta(days=1)).astimezone().date()
    table = re.search(r'<details class="numbers">.*?</details>', page, re.DOTALL)
    assert table is not None
    assert table[0].count("<tr>") == 8
    assert yesterday.strftime("%d %b") in table[0]
    assert page.count('role="img"') == 2
    assert 'fill="url' not in page, "patterns are the style sheet's"
    for kind in ("p-failed", "p-cancelled"):
        assert f'<pattern id="{kind}"' in page


async def test_what_waits_is_told_with_its_age(here: Town, ann: Person) -> None:
    page = await ann.get("/")
    assert tile(page, "Under way") == "0"
    assert "nothing waits" in page


async def test_the_sites_health_is_its_administrators(here: Town, ops: Person, ann: Person) -> None:
    await here.house.watch.round()
    now = here.house.clock()
    alert = Alert(key="disk", subject="little space is left", text="9 MiB are free.", since=now, seen=now, due=now)
    await here.house.store.alerts.keep(alert)
    page = await ops.get("/")
    for told in ("Fax services", "the embedded exchange", "are free where the spool is", "Little space is left."):
        assert told in page
        assert told not in await ann.get("/")
    await here.house.store.alerts.forget("disk")


async def test_an_alert_that_is_not_worth_telling_yet_is_not_shown(here: Town, ops: Person) -> None:
    now = here.house.clock()
    later = now + timedelta(minutes=10)
    await here.house.store.alerts.keep(
        Alert(key="relay", subject="relay down", text="x", since=now, seen=now, due=later)
    )
    assert "Relay down." not in await ops.get("/")
    await here.house.store.alerts.forget("relay")


@pytest.mark.parametrize("days", ["0", "-1", "365", "x", ""])
async def test_it_looks_back_as_far_as_it_offers(here: Town, ann: Person, days: str) -> None:
    assert "in 14 days" in await ann.get(f"/?days={days}")


async def test_an_empty_one_says_so(here: Town, ben: Person) -> None:
    page = await ben.get("/?days=7")
    assert "No fax has ended in these 7 days." in page
    assert "No fax failed in these 7 days." in page
