"""The house dies at each act of receiving a fax and of telling of it: none is missed, repeated or left untold."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from smtpfax.inbound.taking import Taker
from smtpfax.spool import Spool
from smtpfax.worker.postroom import PostRoom
from smtpfax.worker.receiving import Receiving
from tests.dispatch.benches import ringcentral
from tests.worker.life import Crash, Life, MortalDisk, MortalEgress, MortalRelay
from tests.worker.office import PDF, Drawer, Office, office
from tests.worker.test_postroom import caught, room


def receiving(here: Office, life: Life) -> Receiving:
    """One that may die."""
    spool = Spool(here.spool.folder, MortalDisk(life))
    whole = here.receiving()
    taker = Taker(spool=spool, draw=Drawer(spool), ids=whole.taker.ids)
    return replace(whole, taker=taker, clock=life.clock(here.clock))


async def test_whichever_act_is_the_last_a_fax_is_taken_once_with_its_document(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.begin()
        life, came = Life(), list[int]()
        backend = ringcentral(here.ring, tmp_path, egress=MortalEgress(life))
        for acts in count():
            came.append(here.comes_in())
            here.clock.pass_by(seconds=1)
            life.fuse = acts
            try:
                await receiving(here, life).look(backend)
                died = False
            except Crash:
                died = True
            life.fuse = None
            before = len(await here.kept())
            assert before in (len(came) - 1, len(came))
            await receiving(here, life).look(backend)
            kept = await here.kept()
            assert [int(fax.ticket[:10]) for fax in kept] == came
            assert await here.spool.read(kept[-1].original) == PDF
            assert here.spool.has(kept[-1].document.name)
            if not died:
                break
        assert acts > 9
        assert len(await here.store.inbox.untold(limit=1000)) == len(came)


def mortal(here: Office, port: int, life: Life) -> PostRoom:
    """One that may die."""
    whole = room(here, port)
    relay = MortalRelay(host="127.0.0.1", port=port, hostname="fax.example.com", starttls="never", life=life)
    return replace(whole, relay=relay, clock=life.clock(here.clock))


async def test_whichever_act_is_the_last_everybody_is_told_and_twice_by_the_same_message_id(tmp_path: Path) -> None:
    async with office(tmp_path) as here, caught(here) as (catcher, mails):
        await here.begin()
        life = Life()
        for acts in count():
            here.comes_in()
            here.clock.pass_by(minutes=1)
            await here.receiving().look(here.backend)
            life.fuse = acts
            try:
                while await mortal(here, catcher.port, life).round():
                    pass
                died = False
            except Crash:
                died = True
            life.fuse = None
            here.clock.pass_by(minutes=6)  # the lease of who died is over
            while await mortal(here, catcher.port, life).round():
                pass
            if not died:
                break
        faxes = await here.kept()
        told = Counter(str(mail["Message-ID"]) for mail in mails)
        assert len(told) == len(faxes) == acts + 1
        assert max(told.values()) == 2  # one act lies between the relay's word and ours
        became = [state for fax in faxes for _, state in await here.store.letters.of_fax(fax.id)]
        assert became == ["sent"] * len(faxes)
        assert await here.store.inbox.untold(limit=9) == []
        here.clock.pass_by(days=1)
        await here.settle(retention_days=0)
        assert await here.store.retention.inbound(now=here.clock(), default=timedelta(days=90)) == len(faxes)
