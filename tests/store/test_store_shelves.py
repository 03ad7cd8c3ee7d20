"""Notices, accounts, tokens, the exchange and the inbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from smtpfax.model.account import BadDirectory, Proof
from smtpfax.model.backend import Call, InboundFax
from smtpfax.model.errors import Temporary
from smtpfax.model.job import Job
from smtpfax.model.notice import Notice, NoticeKind
from smtpfax.store import Changes, Kind, Record
from tests.store.desk import DOCUMENT, NOON, Desk, to_accepted

LEASE = timedelta(minutes=5)
ACME = Record(kind=Kind.ACCOUNT, account_id="acme", id="acme", data={"name": "Acme"}, made_by="apply")
ANN = Record(kind=Kind.USER, account_id="acme", id="ann@acme.example", data={"email": "Ann@acme.example"})
SALES = Record(
    kind=Kind.FAXBOX,
    account_id="acme",
    id="sales",
    data={"name": "Sales", "fax_domains": ["fax.acme.example"], "permissions": [{"reverse_path": "*"}]},
)


def notice(job: Job, kind: NoticeKind = NoticeKind.FAILURE, place: int = 0, **wait: float) -> Notice:
    return Notice(
        id=f"{job.id}-{kind}-{place}",
        kind=kind,
        mail_id=job.mail_id,
        job_id=job.id,
        recipient="ann@acme.example",
        created=job.created,
        due=job.created + timedelta(**wait),
    )


async def noticed(desk: Desk, *wanted: NoticeKind) -> Job:
    job = await desk.walk(await desk.taken(), *to_accepted(desk.make.id("T")))
    notices = tuple(notice(job, kind, place) for place, kind in enumerate(wanted))
    return await desk.store.jobs.advance(job, [], at=desk.clock(), notices=notices)


async def claimed(desk: Desk, owner: str = "one") -> list[Notice]:
    return await desk.store.notices.claim(owner, now=desk.clock(), lease=LEASE, limit=10)


async def test_a_notice_goes_to_one_owner_until_its_lease_runs_out(desk: Desk) -> None:
    await noticed(desk, NoticeKind.FAILURE)
    [first] = await claimed(desk)
    assert await claimed(desk, "two") == []
    desk.clock.turn(minutes=5)
    assert await claimed(desk, "two") == [first]
    assert await desk.store.notices.free_leases() == 1
    assert await claimed(desk, "three") == [first]


async def test_a_notice_exists_once_however_often_it_becomes_due(desk: Desk) -> None:
    job = await noticed(desk, NoticeKind.DELAY)
    await desk.store.notices.sent(f"{job.id}-delay-0")
    await desk.store.jobs.advance(job, [], at=desk.clock(), notices=[notice(job, NoticeKind.DELAY)])

    [row] = await desk.store.notices.of_job(job.id)
    assert (row.became, row.ended) == ("sent", desk.clock())
    assert await claimed(desk) == []


async def test_a_notice_that_did_not_go_is_tried_again_and_then_given_up(desk: Desk) -> None:
    await noticed(desk, NoticeKind.FAILURE)
    [one] = await claimed(desk)
    await desk.store.notices.retry(one.id, due=desk.clock() + timedelta(minutes=1), reason="relay down")
    assert await claimed(desk) == []
    desk.clock.turn(minutes=1)
    assert await claimed(desk) == [replace(one, tries=1, due=desk.clock())]

    await desk.store.notices.give_up(one.id, "refused")
    desk.clock.turn(days=1)
    assert await claimed(desk) == []
    [row] = await desk.store.notices.of_job(one.job_id)
    assert (row.became, row.reason) == ("given_up", "refused")


async def test_only_what_is_not_sent_yet_is_withdrawn(desk: Desk) -> None:
    job, other = await noticed(desk, NoticeKind.DELAY, NoticeKind.FAILURE), await noticed(desk, NoticeKind.FAILURE)
    await desk.store.notices.sent(f"{job.id}-delay-0")

    await desk.store.notices.withdraw([job.id])

    assert [row.became for row in await desk.store.notices.of_job(job.id)] == ["sent", "withdrawn"]
    assert [one.job_id for one in await claimed(desk)] == [other.id]


async def test_that_a_notice_was_sent_is_a_fact_though_it_was_withdrawn_meanwhile(desk: Desk) -> None:
    job = await noticed(desk, NoticeKind.FAILURE)
    await desk.store.notices.withdraw([job.id])
    await desk.store.notices.sent(f"{job.id}-failure-0")
    assert [row.became for row in await desk.store.notices.of_job(job.id)] == ["sent"]


async def test_records_become_a_directory_with_their_accounts_defaults(desk: Desk) -> None:
    assert (await desk.store.accounts.load())[0] == 0
    assert await desk.store.accounts.write(Changes(put=[SALES, ANN, ACME])) == 1

    revision, directory = await desk.store.accounts.load()
    assert revision == await desk.store.accounts.revision() == 1
    box = directory.faxbox("acme", "sales")
    assert box is not None
    assert directory.of_domain("fax.acme.example") == box
    assert box.permissions[0].proofs == {Proof.AUTH, Proof.DMARC}
    assert directory.accounts["acme"].users[0].email == "ann@acme.example"
    assert ACME in await desk.store.accounts.records()


async def test_changes_that_cannot_be_leave_everything_as_it_was(desk: Desk) -> None:
    await desk.store.accounts.write(Changes(put=[ACME, SALES]))
    before = await desk.store.accounts.records()
    twin = replace(SALES, id="twin")
    orphan = replace(SALES, account_id="nobody")
    shapeless = replace(SALES, data={"name": "x", "paper": "papyrus"})

    for wrong in (twin, orphan, shapeless):
        with pytest.raises(ValueError, match=r"claimed by|no account|papyrus"):
            await desk.store.accounts.write(Changes(put=[replace(ACME, data={"name": "New"}), wrong]))
    assert issubclass(BadDirectory, ValueError)
    assert await desk.store.accounts.records() == before
    assert await desk.store.accounts.revision() == 1


async def test_a_change_of_a_user_keeps_the_password(desk: Desk) -> None:
    await desk.store.accounts.write(Changes(put=[ACME, ANN]))
    assert await desk.store.accounts.password_hash("ann@acme.example") is None
    assert await desk.store.accounts.set_password("Ann@ACME.example", "$argon2id$x")

    await desk.store.accounts.write(Changes(put=[replace(ANN, made_by="apply")]))

    assert await desk.store.accounts.password_hash("ann@acme.example") == "$argon2id$x"
    assert not await desk.store.accounts.set_password("eve@acme.example", "x")
    assert await desk.store.accounts.password_hash("eve@acme.example") is None


async def test_an_account_takes_what_is_in_it_along(desk: Desk) -> None:
    await desk.store.accounts.write(Changes(put=[ACME, ANN, SALES]))
    assert await desk.store.accounts.write(Changes(remove=[SALES])) == 2
    assert await desk.store.accounts.records() == [ACME, ANN]
    await desk.store.accounts.write(Changes(remove=[ACME]))
    assert await desk.store.accounts.records() == []


async def test_a_token_is_found_by_its_hash_until_it_is_over(desk: Desk) -> None:
    over = NOON + timedelta(days=1)
    token = await desk.store.tokens.add(
        token_hash="ab" * 32, name="ci", account_id="acme", scopes=["faxes"], expires=over
    )
    admin = await desk.store.tokens.add(token_hash="cd" * 32, name="root", expires=None)

    assert await desk.store.tokens.find("ab" * 32) == token
    assert await desk.store.tokens.find("00" * 32) is None
    assert await desk.store.tokens.list() == [token, admin]
    assert await desk.store.tokens.list("acme") == [token]
    desk.clock.now = over
    assert await desk.store.tokens.find("ab" * 32) is None
    assert await desk.store.tokens.revoke(admin.id)
    assert not await desk.store.tokens.revoke(admin.id)
    assert await desk.store.tokens.find("cd" * 32) is None


async def test_the_use_of_a_token_is_noted_once_a_minute(desk: Desk) -> None:
    token = await desk.store.tokens.add(token_hash="ab" * 32, name="ci", expires=None)
    await desk.store.tokens.touch(token)
    [used] = await desk.store.tokens.list()
    desk.clock.turn(seconds=59)
    await desk.store.tokens.touch(used)
    assert await desk.store.tokens.list() == [used]
    desk.clock.turn(seconds=1)
    await desk.store.tokens.touch(used)
    assert (await desk.store.tokens.list())[0].last_used == desk.clock()


def call(key: str = "j1.1") -> Call:
    ends = NOON + timedelta(seconds=30)
    return Call(
        key=key,
        number="+12025550123",
        caller="+12025550100",
        caller_name="Acme",
        document=DOCUMENT,
        placed=NOON,
        ends=ends,
        plan="answer",
    )


def received(fax_id: str = "i1", ticket: str = "j1.1") -> InboundFax:
    return InboundFax(
        id=fax_id,
        account_id="acme",
        faxbox_id="sales",
        from_number="+12025550100",
        from_name="Acme",
        to_number="+12025550123",
        document=DOCUMENT,
        received=NOON,
        backend="line",
        ticket=ticket,
    )


async def test_a_call_is_placed_once_and_settled_once(desk: Desk) -> None:
    exchange = desk.store.exchange
    assert await exchange.place(call()) == call()
    assert await exchange.place(replace(call(), number="+12025559999")) == call()
    assert await exchange.calls(["j1.1", "j2.1"]) == [call()]

    assert await exchange.settle("j1.1", received())
    assert not await exchange.settle("j1.1", received("i2", "other"))
    assert not await exchange.settle("unknown", None)

    assert await exchange.calls(["j1.1"]) == [replace(call(), settled=True)]
    assert (await desk.store.inbox.page(limit=9)).rows == (received(),)


async def test_received_faxes_are_pages_of_one_faxbox_and_can_be_read(desk: Desk) -> None:
    made = [replace(received(f"i{n}", f"t{n}"), received=NOON + timedelta(seconds=n)) for n in range(5)]
    for fax in made:
        await desk.store.exchange.place(call(fax.ticket))
        await desk.store.exchange.settle(fax.ticket, fax)

    page = await desk.store.inbox.page(account_id="acme", faxbox_id="sales", limit=3)
    rest = await desk.store.inbox.page(account_id="acme", limit=3, after=page.after)
    assert [*page.rows, *rest.rows] == made[::-1]
    assert (await desk.store.inbox.page(account_id="other", limit=3)).rows == ()

    assert await desk.store.inbox.mark_read("i1")
    assert await desk.store.inbox.get("i1") == replace(made[1], read=True)
    assert not await desk.store.inbox.mark_read("i9")
    assert await desk.store.inbox.get("i9") is None


async def test_a_closed_store_is_our_fault(desk: Desk) -> None:
    await desk.store.close()
    with pytest.raises(Temporary):
        await desk.taken()
