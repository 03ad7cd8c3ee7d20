"""Faxes and attempts as Kazoo's API tells them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from smtpfax.api.envelope import EPOCH, gregorian
from smtpfax.api.present import STATUS, JobView, inbox_record, job_detail, job_row
from smtpfax.api.present_log import attempt_detail, attempt_row
from smtpfax.model.account import Faxbox, Proof
from smtpfax.model.address import NULL, ReversePath
from smtpfax.model.attempt import Attempt, Outcome
from smtpfax.model.backend import InboundFax
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.event import Accepted, Event, Failed, Offered, PartNote, Rendered, Sent, Transmission
from smtpfax.model.job import Job, State, fold
from smtpfax.model.mail import Client, Content, Header, Mail, Origin, ProofFound
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import NOT_PERMITTED, RECIPIENT_OK, TAKEN, Reply, Status
from smtpfax.model.wishes import Notify, Wishes

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANN = ReversePath("Ann", "acme.example")
DOCUMENT = Document(name="d1", pages=2, octets=40_000, bits=288_000, layout=Layout())
PARTS = (
    PartNote(path="1.1", name="", kind="text/plain", octets=12, left_out="there is a document"),
    PartNote(path="1.2", name="offer.pdf", kind="application/pdf", octets=9000, pages=2),
)
JOB = Job(
    id="m1-1",
    mail_id="m1",
    account_id="acme",
    faxbox_id="sales",
    number=FaxNumber(e164="+12025550123", sub_address="7"),
    reverse_path=ANN,
    origin=Origin.SMTP,
    created=NOW,
    due=NOW,
    expires=NOW + timedelta(days=1),
    most_tries=3,
)
BOX = Faxbox(
    id="sales", account_id="acme", name="Sales", number="+12025550100", caller_name="Acme", notify=("ann@acme.example",)
)
MAIL = Mail(
    id="m1",
    created=NOW,
    origin=Origin.SMTP,
    client=Client(),
    reverse_path=ANN,
    content=Content(sha256="0", octets=9),
    header=Header(subject="Offer"),
)
CALL = Transmission(pages_sent=2, seconds=41.5, station="+1 202 555 0123", rate=14400, text="OK")
EVENTS: list[Event] = [
    Rendered(document=DOCUMENT, parts=PARTS),
    Offered(backend="line"),
    Accepted(ticket="t1"),
    Sent(transmission=CALL),
]
HISTORY = [(event, NOW + timedelta(seconds=10 * place)) for place, event in enumerate(EVENTS, start=1)]
ATTEMPT = Attempt(
    id="a1",
    created=NOW,
    client=Client(
        address=ip_address("192.0.2.7"),
        helo="scanner",
        tls="TLSv1.3",
        proofs=(ProofFound(proof=Proof.NETWORK, holds=True, reason="192.0.2.7 is in 192.0.2.0/24"),),
    ),
    reverse_path=ANN,
    raw_from="Ann@Acme.Example",
    to="+12025550123@Fax.Example",
    outcome=Outcome.TAKEN,
    reply=TAKEN.reply(mail="m1", tail=""),
    original_number="+12025550123",
    translated_number="+12025550123",
    faxbox_domain="fax.example",
    account_id="acme",
    faxbox_id="sales",
    faxbox_owner="ann@acme.example",
    octets=12_000,
    header=Header(message_id="<1@acme.example>", subject="Offer"),
    mail_id="m1",
    job_id="m1-1",
)


def view(job: Job) -> JobView:
    return JobView(job=job, mail=MAIL, faxbox=BOX, history=HISTORY, attempt_id="a1")


def test_kazoo_counts_seconds_from_year_zero() -> None:
    assert gregorian(datetime(1970, 1, 1, tzinfo=UTC)) == EPOCH == 62167219200
    assert gregorian(datetime(2016, 4, 3, 10, 9, 33, tzinfo=UTC)) == 63626897373


def test_every_state_has_kazoos_word() -> None:
    assert set(STATUS) == set(State)
    assert {job_row(view(replace(JOB, state=state)))["status"] for state in State} == {
        "attaching_files",
        "pending",
        "processing",
        "completed",
        "failed",
    }


def test_a_sent_fax_is_told_with_all_fields_of_the_seed() -> None:
    told = job_detail(view(fold(JOB, HISTORY)))
    assert (told["status"], told["state"], told["attempts"], told["retries"]) == ("completed", "sent", 1, 3)
    assert told["delivered"] == gregorian(NOW) + 40
    assert told["from_number"] == "+12025550100"
    assert (told["to_number"], told["sub_address"]) == ("+12025550123", "7")
    assert (told["subject"], told["from_name"], told["to_name"]) == ("Offer", "Acme", "")
    assert told["notifications"] == {"email": {"send_to": ["ann@acme.example"]}}
    assert told["attempt_id"] == "a1"
    assert [step["event"] for step in told["history"]] == ["rendered", "offered", "accepted", "sent"]
    assert told["history"][1] == {
        "event": "offered",
        "at": "2026-03-01T12:00:20.000Z",
        "backend": "line",
        "document": None,
    }


def test_the_transmission_is_told_in_the_documented_words_and_the_real_ones() -> None:
    result = job_detail(view(fold(JOB, HISTORY)))["tx_result"]
    assert result["success"] is True
    assert (result["pages_sent"], result["total_pages"], result["time_elapsed"]) == (2, 2, 40)
    assert (result["fax_receiver_id"], result["fax_speed"], result["error_message"]) == ("+1 202 555 0123", 14400, "")
    assert (result["fax_bad_rows"], result["fax_error_correction"]) == (0, False)
    assert result["remote_station_id"] == result["fax_receiver_id"]


def test_a_failed_fax_says_why() -> None:
    failed = Failed(status=Status(5, 1, 2), cause=Cause.NO_ROUTE, text="there is no fax machine at +12025550123")
    history = [HISTORY[0], (failed, NOW + timedelta(seconds=20))]
    told = job_detail(JobView(job=fold(JOB, history), history=history))
    assert (told["status"], told["delivered"], told["cause"]) == ("failed", None, "no_route")
    assert told["tx_result"]["error_message"] == "there is no fax machine at +12025550123"
    assert told["enhanced_status"] == "5.1.2"


def test_a_fax_whose_faxbox_is_gone_is_still_told() -> None:
    told = job_detail(JobView(job=JOB))
    assert (told["from"], told["fax_timezone"], told["subject"]) == ("", "UTC", "")


def test_what_the_envelope_asked_for_is_told() -> None:
    wishes = Wishes(notify=frozenset({Notify.SUCCESS, Notify.DELAY}), envelope_id="Q1")
    asked = job_detail(JobView(job=replace(JOB, deadline=NOW, wishes=wishes), faxbox=BOX))
    assert (asked["notify"], asked["envelope_id"]) == (["delay", "success"], "Q1")
    assert asked["deadline"] == "2026-03-01T12:00:00.000Z"
    silent = job_detail(JobView(job=JOB, faxbox=BOX))
    assert (silent["notify"], silent["envelope_id"], silent["deadline"]) == (None, "", None)


def test_a_received_fax_is_told() -> None:
    fax = InboundFax(
        id="i1",
        account_id="acme",
        faxbox_id="sales",
        from_number="+12025550123",
        from_name="Bob",
        to_number="+12025550100",
        document=DOCUMENT,
        received=NOW,
        backend="line",
        ticket="m1-1.1",
    )
    told = inbox_record(fax, BOX)
    assert (told["status"], told["pages"], told["created"]) == ("received", 2, gregorian(NOW))
    assert (told["line_seconds"], told["resolution"], told["paper"]) == (20.0, "fine", "letter")


def test_a_taken_attempt_has_no_error() -> None:
    row = attempt_row(ATTEMPT, State.SENT, "the fax was sent")
    assert row == {
        "id": "a1",
        "from": "ann@acme.example",
        "to": "+12025550123@fax.example",
        "created": gregorian(NOW),
        "outcome": "taken",
        "reply": "250 2.0.0 m1 taken",
        "account_id": "acme",
        "faxbox_id": "sales",
        "job_id": "m1-1",
        "state": "sent",
        "created_at": "2026-03-01T12:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("reply", "state", "error"),
    [
        (NOT_PERMITTED.reply(address="+1@fax.example"), None, "<+1@fax.example>: not permitted to fax from here"),
        (Reply(451, None, "later"), None, "later"),
        (RECIPIENT_OK.reply(number="+1"), State.FAILED, "busy"),
        (RECIPIENT_OK.reply(number="+1"), State.CANCELLED, None),
    ],
)
def test_what_went_wrong_is_told_in_error(reply: Reply, state: State | None, error: str | None) -> None:
    assert attempt_row(replace(ATTEMPT, reply=reply), state, "busy").get("error") == error


def test_the_null_reverse_path_and_one_that_cannot_be_read_are_told_as_they_are() -> None:
    assert attempt_row(replace(ATTEMPT, reverse_path=NULL), None)["from"] == ""
    assert attempt_row(replace(ATTEMPT, reverse_path=None, raw_from="<x y>"), None)["from"] == "<x y>"


def test_the_detail_names_client_proofs_parts_and_history() -> None:
    told = attempt_detail(ATTEMPT, State.SENT, "the fax was sent", HISTORY)
    client = {"address": "192.0.2.7", "helo": "scanner", "tls": "TLSv1.3", "cipher": "", "user": ""}
    assert told["client"] == client
    assert told["proofs"] == [{"proof": "network", "holds": True, "reason": "192.0.2.7 is in 192.0.2.0/24"}]
    assert (told["content_type"], told["filename"], told["faxdoc_id"]) == ("application/pdf", "offer.pdf", "m1-1")
    assert [part["name"] for part in told["parts"]] == ["offer.pdf"]
    assert told["left_out"][0]["reason"] == "there is a document"
    assert (told["errors"], told["message_id"], told["octets"]) == ([], "<1@acme.example>", 12_000)
    assert told["history"][-1]["event"] == "sent"


def test_a_refused_attempt_has_its_error_in_the_list_of_errors() -> None:
    refused = replace(ATTEMPT, reply=NOT_PERMITTED.reply(address="x@fax.example"), outcome=Outcome.REFUSED, job_id="")
    told = attempt_detail(refused, None)
    assert told["errors"] == ["<x@fax.example>: not permitted to fax from here"]
    assert (told["code"], told["enhanced_status"], told["parts"], told["history"]) == (550, "5.7.1", [], [])
