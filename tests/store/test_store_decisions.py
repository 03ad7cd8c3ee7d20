"""What becomes of records, decided on the state that the same commit reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from smtpfax.model.account import BadDirectory
from smtpfax.store import Changes, Kind, Record, Store

from .desk import Desk

ACME = Record(kind=Kind.ACCOUNT, account_id="acme", id="acme", data={"name": "Acme"})


@dataclass(frozen=True)
class Decided:
    """Changes, and nothing beside."""

    changes: Changes


def box(faxbox_id: str, **data: object) -> Record:
    return Record(kind=Kind.FAXBOX, account_id="acme", id=faxbox_id, data={"name": faxbox_id, **data})


@pytest.fixture
async def store(desk: Desk) -> Store:
    await desk.store.accounts.write(Changes(put=[ACME, *(box(f"box{number}") for number in range(5))]))
    return desk.store


async def test_decisions_at_the_same_time_each_see_the_one_before(store: Store) -> None:
    def one_more(records: Sequence[Record]) -> Decided:
        account = next(record for record in records if record.kind is Kind.ACCOUNT and record.id == "acme")
        count = len(account.data["name"])
        return Decided(Changes(put=[replace(account, data={"name": "x" * (count + 1)})]))

    before = await store.accounts.records()
    await asyncio.gather(*(store.accounts.decide(one_more) for _ in range(20)))
    (after,) = [each for each in await store.accounts.records() if each.id == "acme"]
    assert len(after.data["name"]) == len(next(each for each in before if each.id == "acme").data["name"]) + 20


async def test_a_decision_that_raises_or_cannot_stand_changes_nothing(store: Store) -> None:
    before = await store.accounts.records(), await store.accounts.revision()

    def refuse(_: Sequence[Record]) -> Decided:
        raise KeyError("no")

    def twins(_: Sequence[Record]) -> Decided:
        return Decided(Changes(put=[box("a", number="+12025550101"), box("b", number="+12025550101")]))

    with pytest.raises(KeyError):
        await store.accounts.decide(refuse)
    with pytest.raises(BadDirectory):
        await store.accounts.decide(twins)
    assert (await store.accounts.records(), await store.accounts.revision()) == before


async def test_a_decision_for_nothing_is_no_new_revision(store: Store) -> None:
    revision = await store.accounts.revision()
    await store.accounts.decide(lambda _: Decided(Changes()))
    assert await store.accounts.revision() == revision


async def test_the_faxboxes_of_an_account_come_in_pages_by_their_ids(store: Store) -> None:
    seen, after = [], ""
    while True:
        page = await store.accounts.faxboxes("acme", limit=2, after=after)
        seen += [record.id for record in page.rows]
        after = page.after
        if not after:
            break
    mine = [each.id for each in await store.accounts.records() if each.kind is Kind.FAXBOX]
    assert seen == sorted(each for each in mine if each in seen)
    assert {f"box{number}" for number in range(5)} <= set(seen)
    assert not (await store.accounts.faxboxes("nobody", limit=2)).rows
    assert await store.accounts.faxbox("acme", "box3") == box("box3")
    assert await store.accounts.faxbox("nobody", "box3") is None
