"""Pictures that may be logos: remembered by reverse-path, told when there were many, forgotten after a while."""

from __future__ import annotations

from smtpfax.model.account import LOGO_MAILS
from smtpfax.store import Store
from tests.store.desk import Clock


async def test_a_picture_is_told_of_once_it_was_in_many_mails_of_this_reverse_path(store: Store) -> None:
    for _ in range(LOGO_MAILS - 1):
        await store.pictures.add("ann@acme.example", ["logo", "banner"])
    assert await store.pictures.seen("ann@acme.example") == {}
    await store.pictures.add("ann@acme.example", ["logo"])
    assert await store.pictures.seen("ann@acme.example") == {"logo": LOGO_MAILS}
    assert await store.pictures.seen("ben@acme.example") == {}


async def test_a_picture_that_was_not_seen_for_long_is_forgotten(store: Store, clock: Clock) -> None:
    for _ in range(LOGO_MAILS):
        await store.pictures.add("ann@acme.example", ["old", "new"])
    clock.turn(days=100)
    await store.pictures.add("ann@acme.example", ["new"])
    assert await store.pictures.forget(before=clock.now) == 1
    assert list(await store.pictures.seen("ann@acme.example")) == ["new"]
