"""Whom we tell what, and whom never."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest

from smtpfax.model import event as e
from smtpfax.model.account import Faxbox
from smtpfax.model.address import NULL, ReversePath, mailbox
from smtpfax.model.cause import Cause
from smtpfax.model.job import Job, fold
from smtpfax.model.mail import Client, Content, Header, Mail, Origin
from smtpfax.model.notice import (
    Notice,
    NoticeKind,
    delay_notices,
    late_notices,
    notices_for,
    postmaster_notice,
    question_notices,
    waiting_notices,
    webhook_notices,
)
from smtpfax.model.particulars import Particulars
from smtpfax.model.webhook import Webhook
from smtpfax.model.wishes import Notify, Wishes
from tests.model.jobs import ACCEPTED, BUSY, FAILED, JOB, MINUTE, OFFERED, RENDERED, SENT, T0

ANN = "ann@acme.example"
MAIL = Mail(
    id="m",
    created=T0,
    origin=Origin.SMTP,
    client=Client(address=ip_address("192.0.2.1")),
    reverse_path=mailbox(ANN),
    content=Content(sha256="0" * 64, octets=1, inline=b"."),
    header=Header(),
)
GRACE = timedelta(seconds=30)
WAITING = fold(JOB, [(RENDERED, T0)])
WAS_SENT = fold(WAITING, [(OFFERED, T0), (ACCEPTED, T0), (SENT, T0)])
HAS_FAILED = fold(WAITING, [(FAILED, T0)])


def mail_from(path: ReversePath, *, automatic: bool = False) -> Mail:
    return replace(MAIL, reverse_path=path, header=Header(automatic=automatic))


def box(*addresses: str) -> Faxbox:
    return Faxbox(id="sales", account_id="acme", name="Sales", notify=addresses)


def due(job: Job, mail: Mail = MAIL, *addresses: str) -> tuple[Notice, ...]:
    return notices_for(job, mail, box(*addresses), at=T0 + MINUTE, grace=GRACE)


def told(notices: tuple[Notice, ...]) -> list[tuple[str, str]]:
    return [(notice.kind.value, notice.recipient) for notice in notices]


def test_the_reverse_path_is_told_how_it_ended() -> None:
    assert told(due(WAS_SENT)) == [("receipt", ANN)]
    assert told(due(HAS_FAILED)) == [("failure", ANN)]


def test_nobody_is_told_of_what_goes_on_or_was_cancelled() -> None:
    assert due(JOB) == due(WAITING) == due(fold(JOB, [(e.Cancelled(), T0)])) == ()


def test_nothing_is_ever_sent_to_the_null_reverse_path() -> None:
    mail = mail_from(NULL)
    assert due(WAS_SENT, mail) == due(HAS_FAILED, mail) == ()
    assert delay_notices(WAITING, mail, None, at=T0 + timedelta(hours=9), hours=4) == ()
    assert told(due(HAS_FAILED, mail, "boss@acme.example")) == [("failure", "boss@acme.example")]


def test_automatic_mail_hears_of_a_failure_and_of_nothing_else() -> None:
    mail = mail_from(mailbox(ANN), automatic=True)
    assert due(WAS_SENT, mail) == ()
    assert delay_notices(WAITING, mail, box(), at=T0 + timedelta(hours=9), hours=4) == ()
    assert told(due(HAS_FAILED, mail)) == [("failure", ANN)]
    assert told(due(WAS_SENT, mail, "boss@acme.example")) == [("receipt", "boss@acme.example")]


@pytest.mark.parametrize(
    ("addresses", "recipients"),
    [
        ((), [ANN]),
        ((ANN,), [ANN]),
        (("Ann@ACME.example",), [ANN]),
        (("boss@acme.example", ANN), [ANN, "boss@acme.example"]),
        (("boss@acme.example", "Boss@acme.example"), [ANN, "boss@acme.example"]),
    ],
)
def test_nobody_is_told_twice(addresses: tuple[str, ...], recipients: list[str]) -> None:
    assert [notice.recipient for notice in due(WAS_SENT, MAIL, *addresses)] == recipients


def test_a_notice_without_a_faxbox_still_reaches_the_sender() -> None:
    assert told(notices_for(HAS_FAILED, MAIL, None, at=T0, grace=GRACE)) == [("failure", ANN)]


def test_a_notice_exists_once_however_often_it_is_made() -> None:
    first, again = due(WAS_SENT, MAIL, "boss@acme.example"), due(WAS_SENT, MAIL, "boss@acme.example")
    assert [notice.id for notice in first] == [notice.id for notice in again] == ["m-1-receipt-0", "m-1-receipt-1"]
    assert {notice.id for notice in first}.isdisjoint(notice.id for notice in due(HAS_FAILED))


def test_a_failure_that_the_client_may_still_hear_waits_for_that_and_others_do_not() -> None:
    unrendered = fold(JOB, [(FAILED, T0)])
    [early] = notices_for(unrendered, MAIL, None, at=T0, grace=GRACE)
    [late] = notices_for(unrendered, MAIL, None, at=T0 + MINUTE, grace=GRACE)
    [rendered] = notices_for(HAS_FAILED, MAIL, None, at=T0, grace=GRACE)
    assert (early.due, late.due, rendered.due) == (T0 + GRACE, T0 + MINUTE, T0)


def test_a_delay_is_told_after_so_many_hours_and_not_of_what_is_over() -> None:
    def after(hours: float, job: Job = WAITING) -> list[tuple[str, str]]:
        return told(delay_notices(job, MAIL, None, at=T0 + timedelta(hours=hours), hours=4))

    assert after(3.9) == []
    assert after(4) == [("delay", ANN)]
    assert after(4, fold(WAITING, [(BUSY, T0)])) == [("delay", ANN)]
    assert after(9, WAS_SENT) == []
    assert after(9, HAS_FAILED) == []


def test_a_fax_that_is_scheduled_is_not_late_before_its_time() -> None:
    job = replace(WAITING, scheduled=T0 + timedelta(hours=20))
    assert delay_notices(job, MAIL, None, at=T0 + timedelta(hours=23), hours=4) == ()
    assert told(delay_notices(job, MAIL, None, at=T0 + timedelta(hours=24), hours=4)) == [("delay", ANN)]


ASKED = e.Held(reason="is it right?", resembles="+12025550132")
CAPPED = replace(BUSY, cause=Cause.CAP, counted=False)


@pytest.mark.parametrize(
    ("event", "kinds"),
    [(BUSY, []), (e.Held(reason="held"), []), (CAPPED, [("delay", ANN)]), (ASKED, [("question", ANN)])],
)
def test_who_waits_for_a_cap_or_for_an_answer_is_told_at_once(event: e.Event, kinds: list[tuple[str, str]]) -> None:
    job = fold(WAITING, [(event, T0)])
    assert told(waiting_notices(job, [RENDERED, event], MAIL, None, at=T0)) == kinds


@pytest.mark.parametrize(
    ("mail", "addresses", "asked"),
    [
        (MAIL, (), [ANN]),
        (MAIL, ("boss@acme.example",), [ANN]),
        (mail_from(NULL), (), []),
        (mail_from(NULL), ("boss@acme.example", "ben@acme.example"), ["boss@acme.example", "ben@acme.example"]),
        (mail_from(mailbox(ANN), automatic=True), ("boss@acme.example",), ["boss@acme.example"]),
        (mail_from(mailbox(ANN), automatic=True), (), []),
    ],
)
def test_the_sender_is_asked_or_who_stands_for_a_program(
    mail: Mail, addresses: tuple[str, ...], asked: list[str]
) -> None:
    found = question_notices(WAITING, mail, box(*addresses), at=T0)
    assert told(found) == [("question", address) for address in asked]


def asking(job: Job, *words: Notify, trace: bool = False) -> Job:
    """The job, had its RCPT said NOTIFY with these words; without any, NEVER."""
    return replace(job, wishes=Wishes(notify=frozenset(words), trace=trace))


BOSS = "boss@acme.example"


@pytest.mark.parametrize("word", Notify)
def test_notify_says_what_the_sender_is_told_of_and_the_faxbox_what_others_are(word: Notify) -> None:
    found = {
        Notify.SUCCESS: due(asking(WAS_SENT, word), MAIL, BOSS),
        Notify.FAILURE: due(asking(HAS_FAILED, word), MAIL, BOSS),
        Notify.DELAY: delay_notices(asking(WAITING, word), MAIL, box(BOSS), at=T0 + timedelta(hours=9), hours=4),
    }
    others = set(Notify) - {word}
    kind = {Notify.SUCCESS: "receipt"}.get(word, word.value)
    assert told(found[word]) == [(kind, ANN), (kind, BOSS)]
    for other in others:
        silent = {
            Notify.SUCCESS: due(asking(WAS_SENT, word)),
            Notify.FAILURE: due(asking(HAS_FAILED, word)),
            Notify.DELAY: delay_notices(asking(WAITING, word), MAIL, None, at=T0 + timedelta(hours=9), hours=4),
        }
        assert silent[other] == ()


@pytest.mark.parametrize("job", [WAS_SENT, HAS_FAILED])
def test_never_is_never_even_where_the_faxbox_names_the_sender(job: Job) -> None:
    assert due(asking(job), MAIL, "Ann@ACME.example") == ()
    assert [notice.recipient for notice in due(asking(job), MAIL, ANN, BOSS)] == [BOSS]


def test_automatic_mail_that_asks_for_a_receipt_gets_it() -> None:
    mail = mail_from(mailbox(ANN), automatic=True)
    assert told(due(asking(WAS_SENT, Notify.SUCCESS), mail)) == [("receipt", ANN)]
    assert due(asking(WAS_SENT, Notify.SUCCESS), mail_from(NULL)) == ()


def test_whoever_wants_to_hear_of_anything_is_asked_whether_the_number_is_right() -> None:
    assert told(question_notices(asking(WAITING, Notify.FAILURE), MAIL, box(BOSS), at=T0)) == [("question", ANN)]
    assert told(question_notices(asking(WAITING), MAIL, box(BOSS), at=T0)) == [("question", BOSS)]


def test_who_traces_a_fax_is_told_that_it_was_handed_over() -> None:
    def over(job: Job) -> tuple[Notice, ...]:
        return notices_for(job, MAIL, None, at=T0, grace=GRACE, handed_over=True)

    assert told(over(asking(WAS_SENT, Notify.FAILURE, trace=True))) == [("receipt", ANN)]
    assert over(asking(WAS_SENT, trace=True)) == ()
    assert over(asking(WAS_SENT, Notify.FAILURE)) == ()
    assert due(asking(WAS_SENT, Notify.FAILURE, trace=True)) == ()


def test_who_set_a_time_is_told_then_unless_it_ends_before() -> None:
    def late(job: Job, **hours: float) -> tuple[Notice, ...]:
        return late_notices(job, MAIL, box(BOSS), deadline=T0 + timedelta(**hours))

    [to_ann, to_boss] = late(WAITING, hours=1)
    assert told((to_ann, to_boss)) == [("delay", ANN), ("delay", BOSS)]
    assert (to_ann.id, to_ann.due) == ("m-1-late-0", T0 + timedelta(hours=1))
    assert told(late(asking(WAITING, Notify.SUCCESS), hours=1)) == [("delay", ANN), ("delay", BOSS)]
    assert told(late(asking(WAITING), hours=1)) == [("delay", BOSS)]
    assert late(WAITING, hours=24) == ()


def test_what_is_told_at_the_time_that_was_set_is_no_ordinary_delay_notice() -> None:
    ordinary = delay_notices(WAITING, MAIL, None, at=T0 + timedelta(hours=9), hours=4)
    both = ordinary + late_notices(WAITING, MAIL, None, deadline=T0 + timedelta(hours=9))
    assert len({notice.id for notice in both}) == 2


def test_postmasters_mail_goes_to_the_address_that_is_set() -> None:
    notice = postmaster_notice(MAIL, "admin@example.com")
    assert (notice.kind, notice.recipient, notice.job_id) == (NoticeKind.POSTMASTER, "admin@example.com", "")
    assert (notice.id, notice.due) == ("m-postmaster", T0)


def ordered(job: Job, **said: object) -> Job:
    """By HTTP."""
    return replace(job, origin=Origin.HTTP, reverse_path=NULL, particulars=Particulars(**said))  # type: ignore[arg-type]


def test_an_order_adds_to_those_whom_the_faxbox_tells_and_nobody_twice() -> None:
    for job, kind in ((WAS_SENT, "receipt"), (HAS_FAILED, "failure")):
        asked = ordered(job, send_to=("bob@acme.example", "Boss@acme.example"))
        found = told(due(asked, mail_from(NULL), "boss@acme.example"))
        assert found == [(kind, "boss@acme.example"), (kind, "bob@acme.example")]


def test_an_order_without_a_faxbox_list_tells_its_own() -> None:
    asked = ordered(HAS_FAILED, send_to=("bob@acme.example",))
    assert told(notices_for(asked, mail_from(NULL), None, at=T0, grace=GRACE)) == [("failure", "bob@acme.example")]


def test_a_failure_that_nobody_hears_as_a_554_is_told_at_once() -> None:
    failed = fold(JOB, [(FAILED, T0)])
    assert [notice.due for notice in due(ordered(failed, send_to=("bob@acme.example",)), mail_from(NULL))] == [
        T0 + MINUTE
    ]
    assert [notice.due for notice in notices_for(failed, MAIL, None, at=T0, grace=GRACE)] == [T0 + GRACE]


def test_a_webhook_is_due_when_the_fax_has_ended_and_not_before() -> None:
    hook = Webhook(url="https://hooks.example/")
    assert webhook_notices(WAITING, hook, at=T0) == ()
    assert webhook_notices(WAS_SENT, None, at=T0) == ()
    for job in (WAS_SENT, HAS_FAILED):
        (notice,) = webhook_notices(job, hook, at=T0)
        assert (notice.kind, notice.recipient, notice.due) == (NoticeKind.WEBHOOK, "https://hooks.example/", T0)
