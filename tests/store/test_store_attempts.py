"""The SMTP log: pages that neither skip nor repeat, and strangers who cannot fill the disk."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from smtpfax.model.attempt import Outcome
from smtpfax.model.errors import Temporary
from smtpfax.model.job import State
from smtpfax.model.status import NOT_OUR_DOMAIN
from smtpfax.store import AttemptFilter, Store
from smtpfax.store.attempts import BATCH, MOST_WAITING, conditions
from smtpfax.store.schema import attempts
from smtpfax.store.strangers import MOST_CLIENTS, Strangers
from tests.store.conftest import Opener
from tests.store.desk import NOON, Clock, Desk, Maker

# Not base64; then [1,2], null, [], ["2026-01-01","a"] (no time zone), in base64.
NOT_OURS = ("x", "!!", "é", "WzEsMl0", "bnVsbA", "W10", "WyIyMDI2LTAxLTAxIiwgImEiXQ")


async def fill(desk: Desk, rows: int, **what: Any) -> list[str]:
    """Refusals in the log; their ids, newest first."""
    made = [desk.make.attempt(outcome=Outcome.REFUSED, **what) for _ in range(rows)]
    for attempt in made:
        desk.store.attempts.add(attempt)
    await desk.store.attempts.flush()
    return [attempt.id for attempt in reversed(made)]


async def shown(store: Store, wanted: AttemptFilter) -> list[str]:
    return [row.attempt.id for row in (await store.attempts.page(wanted, limit=1000)).rows]


async def test_a_refusal_is_in_the_log_within_a_second(desk: Desk) -> None:
    attempt = replace(
        desk.make.attempt(account_id="", outcome=Outcome.REFUSED, reply=NOT_OUR_DOMAIN.reply(address="x@y.example")),
        reverse_path=None,
        raw_from="<not an address",
    )
    desk.store.attempts.add(attempt)
    timer = desk.store.attempts._timer
    assert timer is not None
    await asyncio.wait_for(timer, 1)
    found = await desk.store.attempts.get(attempt.id)
    assert found is not None
    assert found.attempt == attempt
    assert found.state is None


async def test_pages_neither_skip_nor_repeat_while_rows_are_being_added(desk: Desk) -> None:
    made = await fill(desk, 57)
    seen: list[str] = []
    after = ""
    for turn in count():
        page = await desk.store.attempts.page(AttemptFilter(account_id="acme"), limit=5, after=after)
        seen += [row.attempt.id for row in page.rows]
        await fill(desk, turn + 1)
        after = page.after
        if not after:
            break
    assert seen == made


async def test_stamps_go_forward_where_the_clock_goes_back(desk: Desk) -> None:
    before = await fill(desk, 3)
    desk.clock.turn(hours=-2)
    after = await fill(desk, 3)
    assert await shown(desk.store, AttemptFilter()) == after + before


async def test_stamps_go_forward_over_a_restart(desk: Desk, opener: Opener) -> None:
    before = await fill(desk, 3)
    desk.clock.turn(hours=-2)
    again = Desk(await opener(), desk.clock, desk.make)
    after = await fill(again, 3)
    assert await shown(again.store, AttemptFilter()) == after + before


async def test_every_filter_shows_its_rows_alone(desk: Desk) -> None:
    [ann] = await fill(desk, 1, sender="Ann@acme.example", to="+1@fax.example")
    [bob] = await fill(desk, 1, sender="bob@acme.example", to="+2@fax.example", faxbox_id="hr")
    [eve] = await fill(desk, 1, sender="eve@evil.example", account_id="", faxbox_id="")
    job = await desk.taken()
    later = desk.clock.turn(hours=1)
    [late] = await fill(desk, 1, account_id="other")

    for wanted, ids in (
        (AttemptFilter(account_id="acme", from_="ann@ACME.example", outcome=Outcome.REFUSED), [ann]),
        (AttemptFilter(to="+2@FAX.example"), [bob]),
        (AttemptFilter(account_id="acme", faxbox_id="hr"), [bob]),
        (AttemptFilter(account_id=""), [eve]),
        (AttemptFilter(outcome=Outcome.REFUSED), [late, eve, bob, ann]),
        (AttemptFilter(created_from=later), [late]),
        (AttemptFilter(account_id="acme", outcome=Outcome.REFUSED, created_to=later), [bob, ann]),
    ):
        assert await shown(desk.store, wanted) == ids
    [row] = (await desk.store.attempts.page(AttemptFilter(state=State.QUEUED), limit=9)).rows
    assert row.attempt.job_id == job.id
    assert [row.attempt.job_id for row in await desk.store.attempts.of_job(job.id)] == [job.id]


@pytest.mark.parametrize("account_id", [None, "acme"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("wanted", "column"),
    [
        (AttemptFilter(), "created"),
        (AttemptFilter(outcome=Outcome.REFUSED), "outcome"),
        (AttemptFilter(state=State.SENT), "state"),
        (AttemptFilter(from_="a@b.example"), "from_key"),
        (AttemptFilter(to="+1@fax.example"), "to_key"),
        (AttemptFilter(created_from=NOON, created_to=NOON), "created"),
    ],
)
async def test_a_page_is_read_from_the_index_of_its_filter_without_sorting(
    desk: Desk, wanted: AttemptFilter, column: str, after: bool, account_id: str | None
) -> None:
    query = select(attempts).where(*conditions(replace(wanted, account_id=account_id)))
    if after:
        query = query.where(text("(created, id) < ('2026', 'a')"))
    query = query.order_by(attempts.c.created.desc(), attempts.c.id.desc()).limit(51)
    sql = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    async with desk.store._database.reading.connect() as connection:
        plan = " ".join(row[3] for row in (await connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"))).all())
    assert re.search(rf"USING INDEX ix_attempts_(account_id_)?{column}_", plan), plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "cursor", ["x", "!!", "WzEsMl0", "bnVsbA", "W10", "é", "A" * 5000, "WyIyMDI2LTAxLTAxIiwgImEiXQ"]
)
async def test_a_start_key_that_is_not_ours_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(ValueError, match="not a start key"):
        await desk.store.attempts.page(AttemptFilter(), limit=5, after=cursor)


async def test_a_client_without_an_account_is_capped_for_the_day(opener: Opener, clock: Clock, make: Maker) -> None:
    store = await opener()
    await store.attempts.start(strangers_per_day=10)
    for sender in ("198.51.100.1", "198.51.100.2"):
        for _ in range(30):
            store.attempts.add(make.attempt(account_id="", client=sender))
            store.attempts.add(make.attempt(client=sender))
    await store.attempts.flush()
    rows = (await store.attempts.page(AttemptFilter(), limit=200)).rows
    by_account = Counter((row.attempt.account_id, str(row.attempt.client.address)) for row in rows)
    assert by_account[("", "198.51.100.1")] == by_account[("", "198.51.100.2")] == 10
    assert by_account[("acme", "198.51.100.1")] == 30

    clock.turn(days=1)
    store.attempts.add(make.attempt(account_id="", client="198.51.100.1"))
    await store.attempts.flush()
    assert len((await store.attempts.page(AttemptFilter(account_id=""), limit=200)).rows) == 21


def test_an_ipv6_client_is_its_network_and_too_many_clients_share_an_allowance(make: Maker) -> None:
    strangers = Strangers(2)
    addresses = [make.attempt(client=f"2001:db8::{n:x}").client.address for n in range(1, 5)]
    assert [strangers.allows(address, NOON) for address in addresses] == [True, True, False, False]

    for n in range(MOST_CLIENTS):
        strangers.allows(make.attempt(client=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}").client.address, NOON)
    new = [make.attempt(client=f"192.0.2.{n}").client.address for n in range(4)]
    assert [strangers.allows(address, NOON) for address in new].count(True) <= 2
    assert all(strangers.allows(address, NOON + timedelta(days=1)) for address in new)


async def test_rows_that_the_database_does_not_take_wait_and_then_there_is_a_bound(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    other = sqlite3.connect(desk.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(MOST_WAITING + 1):
        desk.store.attempts.add(desk.make.attempt())
    with pytest.raises(Temporary, match="locked"):
        await desk.store.attempts.flush()
    other.execute("ROLLBACK")
    other.close()
    assert f"{MOST_WAITING} rows wait" in caplog.text

    with caplog.at_level(logging.ERROR):
        await desk.store.attempts.flush()
    page = await desk.store.attempts.page(AttemptFilter(), limit=MOST_WAITING + 1)
    assert len(page.rows) == MOST_WAITING > BATCH
