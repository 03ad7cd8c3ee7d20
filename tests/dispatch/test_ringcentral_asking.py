"""How faxes stand: from one reading of the message store, however many are open; and why one failed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from smtpfax.dispatch.outcome import SENTENCES, event_of
from smtpfax.dispatch.ringcentral.codes import CODES, RESULTS, of_code, of_result
from smtpfax.dispatch.ringcentral.states import FAILED, SENT
from smtpfax.model.backend import Broken, Done, Progress, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.testing.ringcentral import FakeRingCentral
from smtpfax.testing.trick import Trick
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import ELSEWHERE, HERE, JOB, NOW, Clock, offer, spooled

FIRST = 4_444_444_444


async def ended(ring: FakeRingCentral, folder: Path, status: str, **more: str) -> Progress:
    """What is said of a fax that ended so."""
    backend = ringcentral(ring, spooled(folder))
    ticket = await backend.offer(offer())
    ring.store.end(FIRST, status, pages=3, **more)
    return (await backend.ask([ticket]))[ticket]


def test_there_are_34_codes_each_with_a_cause_and_words() -> None:
    assert len(CODES) == 34
    assert all(reason.words and reason.cause in SENTENCES for reason in [*CODES.values(), *RESULTS.values()])


@pytest.mark.parametrize("code", [*CODES, "SomethingNew"])
async def test_each_code_has_its_cause_its_sentence_and_whether_it_is_tried_again(
    ring: FakeRingCentral, tmp_path: Path, code: str
) -> None:
    said = await ended(ring, tmp_path, "SendingFailed", code=code)
    assert isinstance(said, Broken)
    assert said.cause is of_code(code).cause
    assert code in said.text
    fault = event_of(said, JOB)
    assert isinstance(fault, Permanent if code in NEVER_AGAIN else Temporary)
    assert fault.text


NEVER_AGAIN = {
    *("NoFaxMachine", "UserNotFound", "WrongNumber", "InvalidNumber", "UnknownCountryCode"),
    *("NoFaxSendPermission", "FaxSendingProhibited", "NoInternationalPermission", "InternationalCallingDisabled"),
    *("InternationalDisabled", "DestinationCountryDisabled", "ProhibitedNumber", "ProhibitedDestination"),
    *("ThePhoneIsBlacklisted", "NotEnoughCredits", "NoCallTime", "AccountSuspended", "SkypeBillingFailed"),
    *("RenderingFailed", "ConvertError", "TooManyPages"),
}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("LineBusy", "the line was busy"),
        ("SentPartially", "the call broke off before the last of 3 pages"),
        ("WrongNumber", "the telephone network has no number +12025550123"),
        (
            "NotEnoughCredits",
            "the fax service refused the fax: its account has not enough credit (NotEnoughCredits)",
        ),
        ("SomethingNew", "the fax service could not send the fax: it says SomethingNew"),
    ],
)
def test_the_sentence_is_one_that_a_sender_can_read(code: str, sentence: str) -> None:
    reason = of_code(code)
    fault = event_of(Broken(cause=reason.cause, text=reason.words), JOB)
    assert isinstance(fault, Permanent | Temporary)
    assert fault.text == sentence


@pytest.mark.parametrize("status", sorted(SENT))
async def test_sent_and_delivered_are_success(ring: FakeRingCentral, tmp_path: Path, status: str) -> None:
    said = await ended(ring, tmp_path, status)
    assert isinstance(said, Done)
    assert said.transmission.pages_sent == 3
    assert not said.unconfirmed


@pytest.mark.parametrize("status", ["Queued", "Sending", "SomethingNew", ""])
async def test_any_other_word_is_not_over(ring: FakeRingCentral, tmp_path: Path, status: str) -> None:
    assert isinstance(await ended(ring, tmp_path, status), Sending)


@pytest.mark.parametrize("status", sorted(FAILED))
@pytest.mark.parametrize(
    ("result", "cause"),
    [("Busy", Cause.BUSY), ("Fax Poor Line", Cause.LINE), ("Something New", Cause.UNKNOWN), ("", Cause.UNKNOWN)],
)
async def test_where_there_is_no_code_the_call_log_says_why(
    ring: FakeRingCentral, tmp_path: Path, status: str, result: str, cause: Cause
) -> None:
    said = await ended(ring, tmp_path, status, result=result)
    assert isinstance(said, Broken)
    assert said.cause is cause
    assert of_result(result).words in said.text


async def test_a_code_in_the_list_costs_no_further_call(ring: FakeRingCentral, tmp_path: Path) -> None:
    ring.store.list_has_codes = True
    await ended(ring, tmp_path, "SendingFailed", code="LineBusy")
    assert ring.limits.calls["light"] == 1


async def test_why_it_failed_is_asked_once(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    ring.store.end(FIRST, "SendingFailed", result="Busy")
    for _ in range(3):
        assert isinstance((await backend.ask([ticket]))[ticket], Broken)
        clock.pass_by(minutes=1)
    assert ring.limits.calls["heavy"] == 2  # the fax, and the call log


async def test_a_failure_whose_reason_cannot_be_asked_just_now_is_not_over(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    tickets = [await backend.offer(offer(f"m{number}-1")) for number in range(10)]
    for id_ in ring.store.records:
        ring.store.end(id_, "SendingFailed", result="Busy")
    said = await backend.ask(tickets)  # the Heavy group is used up by the faxes
    assert all(isinstance(progress, Sending) and "why is not known yet" in progress.text for progress in said.values())
    clock.pass_by(minutes=2)
    assert all(isinstance(progress, Broken) for progress in (await backend.ask(tickets)).values())


async def test_a_reason_that_nobody_tells_for_an_hour_is_not_waited_for_any_longer(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    ring.store.end(FIRST, "SendingFailed", result="Busy")
    ring.limits.most = {"heavy": 0}  # the call log is never to be had
    for _ in range(3):
        assert isinstance((await backend.ask([ticket]))[ticket], Sending)
        clock.pass_by(minutes=19)
    clock.pass_by(minutes=3)
    said = (await backend.ask([ticket]))[ticket]
    assert isinstance(said, Broken)
    assert (said.cause, said.text) == (Cause.UNKNOWN, "it does not say why")


async def test_one_list_serves_all_that_are_open_and_is_not_read_again_at_once(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    tickets = [await backend.offer(offer(f"m{number}-1")) for number in range(9)]
    for ticket in tickets:
        assert isinstance((await backend.ask([ticket]))[ticket], Sending)
    assert ring.limits.calls["light"] == 1
    clock.pass_by(seconds=14)
    await backend.ask(tickets)
    assert ring.limits.calls["light"] == 1
    clock.pass_by(seconds=1)
    await backend.ask(tickets)
    assert ring.limits.calls["light"] == 2


async def test_a_list_of_many_pages_is_read_less_often(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    for _ in range(39):
        ring.store.take(next(iter(ring.store.orders.values())))
    ring.most_rows = 10
    await backend.ask([ticket])
    assert ring.limits.calls["light"] == 4
    for _ in range(3):
        clock.pass_by(seconds=15)
        await backend.ask([ticket])
    assert ring.limits.calls["light"] == 4
    clock.pass_by(seconds=15)
    await backend.ask([ticket])
    assert ring.limits.calls["light"] == 8


async def test_after_a_restart_faxes_of_many_ages_are_found_with_few_lists(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    tickets = []
    for number in range(50):
        tickets.append(await ringcentral(ring, tmp_path).offer(offer(f"m{number}-1")))
        clock.pass_by(minutes=7)
    ring.limits.calls.clear()
    found = 0
    for ticket in reversed(tickets):
        found += len(await backend.ask([ticket]))
    assert found == 50
    assert ring.limits.calls["light"] <= 5


async def test_a_fax_of_somebody_else_is_not_ours(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    assert await backend.ask(["4444444445@20261121T120000Z", "202611-feedface", ""]) == {}
    assert set(await backend.ask([ticket])) == {ticket}


async def test_records_that_are_nonsense_are_passed_over(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    others = {"to": 5, "from": [], "attachments": [7], "faxPageCount": -1}
    right = {"id": str(FIRST), "messageStatus": "Delivered", **others}
    rows = [7, None, {"id": True}, {"id": "x"}, {"id": -1}, {"id": 10**40}, {"id": {}}, right]
    body = json.dumps({"records": rows, "paging": [], "navigation": 5}).encode()
    ring.reading = Trick(name="nonsense", takes=False, status=200, body=body)
    assert await backend.ask([ticket]) == {ticket: Done()}


@pytest.mark.parametrize("deleted", ["Deleted", "Purged"])
async def test_a_fax_that_somebody_deleted_after_its_end_was_sent_all_the_same(
    ring: FakeRingCentral, tmp_path: Path, deleted: str
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    ring.store.end(FIRST, "Sent", pages=3)
    ring.store.records[FIRST]["availability"] = deleted
    assert isinstance((await backend.ask([ticket]))[ticket], Done)


async def test_pages_that_shift_while_they_are_read_hide_no_fax(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    tickets = []
    for number in range(9):
        tickets.append(await backend.offer(offer(f"m{number}-1")))
        clock.pass_by(seconds=1)
    ring.most_rows = 3
    gone = iter([max(ring.store.records)])

    def shift() -> None:
        for id_ in gone:  # the newest goes away: all others move up, one of them past the reader
            del ring.store.records[id_]

    ring.between_pages = shift
    assert len(await backend.ask(tickets)) == 8


async def test_where_the_list_is_not_counted_a_second_reading_shows_what_the_first_one_missed(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    for number in range(9):
        await backend.offer(offer(f"m{number}-1", number=HERE if number == 5 else ELSEWHERE))
        clock.pass_by(seconds=1)
    ring.most_rows, ring.tells_totals = 3, False
    gone = iter([max(ring.store.records)])
    order = next(iter(ring.store.orders.values()))

    def shift() -> None:
        for id_ in gone:  # the sixth moves up, past the reader
            del ring.store.records[id_]
            return
        clock.pass_by(seconds=1)
        ring.store.take(order)  # and new ones keep coming, which proves nothing

    ring.between_pages = shift
    assert (await backend.find(offer("m5-1"), taken=frozenset()) or "").startswith("4444444449")


async def test_new_faxes_while_pages_are_read_hide_no_fax(ring: FakeRingCentral, clock: Clock, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    tickets = [await backend.offer(offer(f"m{number}-1")) for number in range(9)]
    clock.pass_by(seconds=20)
    ring.most_rows = 3
    order = next(iter(ring.store.orders.values()))
    ring.between_pages = partial(ring.store.take, order)
    assert len(await backend.ask(tickets)) == 9


async def test_a_store_that_changes_each_time_is_no_proof_of_anything(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    for number in range(9):
        await backend.offer(offer(f"m{number}-1"))
    for _ in range(30):
        clock.pass_by(seconds=1)
        ring.store.take(next(iter(ring.store.orders.values())))
    ring.most_rows = 3
    newest = iter(sorted(ring.store.records, reverse=True))
    ring.between_pages = lambda: ring.store.records.pop(next(newest))
    with pytest.raises(Temporary, match="changes while it is read"):
        await backend.find(offer(), taken=frozenset())


def test_the_intervals_grow_and_last_for_hours(tmp_path: Path) -> None:
    backend = ringcentral(FakeRingCentral(Clock()), tmp_path)
    seconds = [backend.poll(timedelta(minutes=minutes)).total_seconds() for minutes in (0, 5, 30, 90, 300)]
    assert seconds == [15, 30, 60, 300, 300]


async def test_its_message_and_document_are_kept_in_the_ticket(ring: FakeRingCentral, tmp_path: Path) -> None:
    ticket = await ringcentral(ring, spooled(tmp_path)).offer(replace(offer(), offered=NOW))
    assert ticket == "4444444444/4444444444@20261121T120000Z"
