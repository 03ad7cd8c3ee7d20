"""The stage, with a mail server at its far end; and when it tries again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from aiosmtpd import smtp
from aiosmtpd.smtp import Envelope, Session

from smtpfax.model.errors import Permanent
from smtpfax.model.event import Released
from smtpfax.model.job import fold
from smtpfax.model.notice import postmaster_notice
from smtpfax.notice.relay import Relay
from smtpfax.notice.stage import WITHDRAWN, Notices, again
from tests.notice.cases import CASES, FAXBOX, HEADER, MAIL, SITE, T0, sent, with_mail

GIVE_UP = timedelta(hours=120)
CONTENT = HEADER + b"\r\nbody\r\n"


class Mailbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.came: list[Envelope] = []

    async def handle_DATA(self, server: smtp.SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.came.append(envelope)
        return "250 2.0.0 kept"


def only(mailbox: Mailbox) -> tuple[list[str], bytes]:
    """To whom the one mail went, and what it was."""
    [envelope] = mailbox.came
    assert envelope.mail_from == "<>"  # as aiosmtpd says the null reverse-path
    return envelope.rcpt_tos, envelope.original_content or b""


@pytest_asyncio.fixture
async def mailbox() -> Mailbox:
    return Mailbox()


@pytest_asyncio.fixture
async def notices(mailbox: Mailbox) -> AsyncIterator[Notices]:
    def protocol() -> smtp.SMTP:
        return smtp.SMTP(mailbox, hostname="relay.example", enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield Notices(relay=Relay(host="127.0.0.1", port=port, hostname="fax.example.com"), site=SITE)
    server.close()


async def test_a_receipt_reaches_its_reader(notices: Notices, mailbox: Mailbox) -> None:
    case = sent()
    reply = await notices.deliver(
        case.notice, job=case.folded, mail=MAIL, history=case.history, faxbox=FAXBOX, original=CONTENT
    )
    assert reply == "2.0.0 kept"
    to, came = only(mailbox)
    assert to == ["ann@acme.example"]
    assert b"Subject: Fax sent to +12025550123: Our offer\r\n" in came
    assert b"\nbody\r\n" not in came


async def test_a_reader_beyond_ascii_is_reached_as_well(notices: Notices, mailbox: Mailbox) -> None:
    case = sent()
    notice = replace(case.notice, recipient="\u00e5nn@acme.example")
    mail = with_mail(case, subject="M\u00e4rz").mail
    await notices.deliver(notice, job=case.folded, mail=mail, history=case.history, faxbox=FAXBOX, original=CONTENT)
    assert only(mailbox)[0] == ["\u00e5nn@acme.example"]


async def test_a_mail_to_postmaster_is_passed_on_whole(notices: Notices, mailbox: Mailbox) -> None:
    notice = postmaster_notice(MAIL, "admin@example.com")
    await notices.deliver(notice, job=None, mail=MAIL, history=(), faxbox=None, original=CONTENT)
    to, came = only(mailbox)
    assert to == ["admin@example.com"]
    assert came.startswith(b"Received: from mail.acme.example ([192.0.2.7])")
    assert came.endswith(CONTENT)


async def test_a_notice_whose_job_is_gone_never_carries_the_mail_itself(notices: Notices, mailbox: Mailbox) -> None:
    with pytest.raises(Permanent):
        await notices.deliver(sent().notice, job=None, mail=MAIL, history=(), faxbox=None, original=CONTENT)
    assert mailbox.came == []


async def test_a_delay_that_is_over_is_not_told_any_more(notices: Notices, mailbox: Mailbox) -> None:
    late, case = CASES["delay-busy"], sent()
    reply = await notices.deliver(
        late.notice, job=case.folded, mail=MAIL, history=case.history, faxbox=FAXBOX, original=CONTENT
    )
    assert (reply, mailbox.came) == (WITHDRAWN, [])


async def test_a_question_has_its_link_while_nobody_answered_it(notices: Notices, mailbox: Mailbox) -> None:
    case = CASES["question"]
    asking = replace(notices, question_url=lambda job: f"https://fax.example.com/confirm/{job.id}")
    answered = (*case.history, (Released(), T0 + timedelta(hours=1)))
    for history in (answered, case.history):
        job = fold(case.job, history)
        reply = await asking.deliver(case.notice, job=job, mail=MAIL, history=history, faxbox=FAXBOX, original=CONTENT)
        assert (reply == WITHDRAWN) is (history is answered)
    assert b"\r\nhttps://fax.example.com/confirm/0ks3f8m2-1\r\n" in only(mailbox)[1]


async def test_a_hold_that_asks_nothing_has_no_link(notices: Notices, mailbox: Mailbox) -> None:
    case = CASES["delay-held"]
    asking = replace(notices, question_url=lambda job: "https://fax.example.com/confirm/")
    await asking.deliver(case.notice, job=case.folded, mail=MAIL, history=case.history, faxbox=FAXBOX, original=CONTENT)
    assert b"https://" not in only(mailbox)[1]


def test_it_is_tried_again_ever_more_seldom_until_it_is_given_up() -> None:
    notice, at, waits = replace(sent().notice, created=T0), T0, []
    while (due := again(notice, at=at, give_up=GIVE_UP)) is not None:
        waits.append((due - at) // timedelta(minutes=1))
        notice, at = replace(notice, tries=notice.tries + 1), due
    assert waits[:6] == [1, 5, 15, 30, 60, 60]
    assert set(waits[5:]) == {60}
    assert T0 + GIVE_UP - timedelta(hours=1) < at <= T0 + GIVE_UP
