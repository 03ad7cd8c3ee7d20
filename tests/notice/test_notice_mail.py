"""The notice as a mail: what RFC 3464, 3834, 5322 and 6522 ask of it, and what hostile mails cannot do to it."""

import email
import re
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model import event as e
from smtpfax.model.address import mailbox
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.event import PartNote, Transmission
from smtpfax.model.notice import NoticeKind
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import Status
from smtpfax.notice.compose import MOST_CONTENT, MOST_HEADER, header_section
from smtpfax.notice.report import Asked
from smtpfax.notice.wire import ascii_only, plain
from tests.notice.cases import CASES, DOCUMENT, FAXBOX, HEADER, JOB, T0, Case, sent, with_mail

EACH = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
OURS = ["From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Content-Type"]
OUR_FIELDS = sorted([*OURS, "MIME-Version"])
BOMB = "=?utf-8?q?=0D=0ABcc:_eve@stranger.example?= " * 2000
HOSTILE = [
    "a\r\nBcc: eve@stranger.example",
    "a\nBcc: eve@stranger.example\n\nbody",
    "=?utf-8?q?a=0D=0ABcc:_eve@stranger.example?=",
    "=?utf-8?b?YQ0KQmNjOiBldmU=?=",
    "\x00" * 50 + "a\x00b",
    "x" * 10_000,
    "é" * 10_000,
    " ".join(["wörter"] * 2000),
    BOMB,
    "(" * 5000,
    "\ud800\udfff",
    "\u202efdp.exe\u2028Bcc: eve@stranger.example\x85Bcc: eve@stranger.example",
    "--===============0==--",
]
EACH_HOSTILE = pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))


def parsed(case: Case) -> EmailMessage:
    message = email.message_from_bytes(case.composed().as_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(part: Message) -> str:
    """A part's text with the line ends of this machine."""
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def groups(message: EmailMessage) -> tuple[Message, Message]:
    report = list(message.iter_parts())[1]
    mail, recipient = report.iter_parts()
    return mail, recipient


def subject_of(case: Case) -> str:
    """As a mail program without Python's newer parser reads it."""
    folded = email.message_from_bytes(case.composed().as_bytes())["Subject"]
    return str(make_header(decode_header(re.sub(r"\r\n(?=[ \t])", "", folded))))


@EACH
def test_it_is_a_report_of_three_parts(case: Case) -> None:
    message = parsed(case)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert all(not part.defects for part in message.walk())


@EACH
def test_its_report_has_the_fields_that_rfc_3464_asks_for(case: Case) -> None:
    mail, recipient = groups(parsed(case))
    assert mail["Reporting-MTA"] == "dns; fax.example.com"
    assert mail["Arrival-Date"] == "Sat, 21 Nov 2026 22:48:00 +0000"
    assert mail["Original-Envelope-Id"] == (case.asked.envelope_id or None)
    assert recipient["Final-Recipient"] == "fax; +12025550123"
    waits = {kind: {"delayed"} for kind in (NoticeKind.DELAY, NoticeKind.QUESTION)}
    actions = {NoticeKind.RECEIPT: {"delivered", "relayed"}, **waits}
    assert recipient["Action"] in actions.get(case.kind, {"failed"})
    klass = {NoticeKind.RECEIPT: "2", **dict.fromkeys(waits, "4")}.get(case.kind, "5")
    assert re.fullmatch(rf"{klass}\.\d{{1,3}}\.\d{{1,3}}", recipient["Status"])
    assert (recipient["Will-Retry-Until"] is None) == (case.kind is not NoticeKind.DELAY)
    assert (recipient["Diagnostic-Code"] is None) == (case.kind is NoticeKind.RECEIPT)


@EACH
def test_it_leaves_in_seven_bits_and_short_lines(case: Case) -> None:
    octets = case.composed().as_bytes()
    assert octets.isascii()
    assert octets.count(b"\n") == octets.count(b"\r") == octets.count(b"\r\n")
    assert max(map(len, octets.splitlines())) <= 200


def test_it_returns_the_original_header_section_and_not_the_body() -> None:
    case = replace(CASES["receipt"], original=header_section(HEADER + b"\r\nsecret\r\n"))
    *_, returned = parsed(case).iter_parts()
    assert text_of(returned) == HEADER.decode().replace("\r\n", "\n")
    assert b"secret" not in case.composed().as_bytes()


def test_what_a_far_machine_confirmed_is_delivered_and_what_a_service_took_is_relayed() -> None:
    assert groups(parsed(sent()))[1]["Action"] == "delivered"
    assert groups(parsed(sent(unconfirmed=True)))[1]["Action"] == "relayed"
    nothing_known = replace(sent(), history=())
    assert groups(parsed(nothing_known))[1]["Action"] == "relayed"


def test_what_the_envelope_said_for_notices_comes_back() -> None:
    asked = Asked(envelope_id="QQ314159", original_recipient="rfc822;+12025550123@fax.acme.example")
    mail, recipient = groups(parsed(replace(sent(), asked=asked)))
    assert mail["Original-Envelope-Id"] == "QQ314159"
    assert recipient["Original-Recipient"] == "rfc822; +12025550123@fax.acme.example"


@pytest.mark.parametrize("given", ["a  b=c?", "=?utf-8?q?Bcc:_eve=40evil.example?=", "x" * 100, "a;b  ;c"])
def test_an_envelope_id_comes_back_to_the_letter(given: str) -> None:
    octets = replace(sent(), asked=Asked(envelope_id=given)).composed().as_bytes()
    assert f"\r\nOriginal-Envelope-Id: {given}\r\n".encode() in octets


def test_an_envelope_id_that_no_field_can_carry_adds_none() -> None:
    octets = (
        replace(sent(), asked=Asked(envelope_id="a\r\nAction: failed", original_recipient=" ")).composed().as_bytes()
    )
    assert b"\r\nOriginal-Envelope-Id: a Action: failed\r\n" in octets
    assert b"Original-Recipient" not in octets


WHOLE = HEADER + b"\r\nDear Ben,\r\n--b\r\n.\r\n"


def returned_of(case: str, asked: Asked, *, allowed: bool, original: bytes) -> tuple[str, str]:
    """The kind of the third part, and the notice from there on."""
    box = replace(FAXBOX, return_content=allowed)
    whole = replace(CASES[case], faxbox=box, asked=asked, original=original).composed().as_bytes()
    *_, returned = email.message_from_bytes(whole, policy=default).iter_parts()  # type: ignore[attr-defined]
    kind = returned.get_content_type()
    return kind, whole.partition(f"Content-Type: {kind}".encode())[2].decode()


def test_a_failure_brings_the_mail_back_whole_where_both_the_sender_and_the_faxbox_want_it() -> None:
    kind, text = returned_of("failure-busy", Asked(full=True), allowed=True, original=WHOLE)
    assert kind == "message/rfc822"
    assert WHOLE.decode() in text


@pytest.mark.parametrize(
    ("case", "asked", "allowed", "original"),
    [
        ("failure-busy", Asked(full=True), False, WHOLE),  # health data
        ("failure-busy", Asked(), True, WHOLE),
        ("receipt", Asked(full=True), True, WHOLE),  # RFC 3461 section 4.3: of failures alone
        ("delay-busy", Asked(full=True), True, WHOLE),
        ("failure-busy", Asked(full=True), True, WHOLE + b"\xff\r\n"),  # a relay may take 7 bits only
        ("failure-busy", Asked(full=True), True, WHOLE + b"x" * 999 + b"\r\n"),
        ("failure-busy", Asked(full=True), True, WHOLE + b"x\r\n" * MOST_CONTENT),
    ],
)
def test_else_its_header_section_alone_goes_back(case: str, asked: Asked, allowed: bool, original: bytes) -> None:
    kind, text = returned_of(case, asked, allowed=allowed, original=original)
    assert kind == "text/rfc822-headers"
    assert "Dear Ben" not in text


def test_a_sub_address_is_part_of_the_number() -> None:
    case = replace(sent(), job=replace(JOB, number=FaxNumber(e164="+12025550123", sub_address="42")))
    assert groups(parsed(case))[1]["Final-Recipient"] == "fax; +12025550123/T33S=42"
    assert parsed(case)["Subject"] == "Fax sent to +12025550123 (sub-address 42): Our offer"


def test_the_same_notice_twice_has_the_same_message_id_and_others_have_another() -> None:
    ids = [case.composed()["Message-ID"] for case in (sent(), sent(), CASES["delay-busy"], CASES["failure-busy"])]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"<[a-z0-9.-]+@fax\.example\.com>", one) for one in ids)


def test_it_is_threaded_under_the_original_mail() -> None:
    message = parsed(sent())
    assert message["In-Reply-To"] == "<1@acme>"
    assert message["References"] == "<0@acme> <1@acme>"


def test_a_long_message_id_is_never_cut_or_encoded() -> None:
    # 82 characters, as Exchange Online makes them.
    long = "<AM0PR04MB1234C4D5B7E8F9A0B1C2D3E4F5A6B@AM0PR04MB1234.eurprd04.prod.outlook.com>"
    case = with_mail(sent(), message_id=long, references=(long.replace("A", "B"),) * 3)
    octets = case.composed().as_bytes()
    assert f"In-Reply-To: {long}\r\n".encode() in octets
    assert f"\r\n {long}\r\n".encode() in octets


def test_a_thread_of_any_length_stays_bounded_and_keeps_its_root() -> None:
    case = with_mail(sent(), references=tuple(f"<{n}@acme>" for n in range(100_000)))
    references = parsed(case)["References"].split()
    assert references[0] == "<0@acme>"
    assert references[-2:] == ["<99999@acme>", "<1@acme>"]
    assert len(references) == 22


@pytest.mark.parametrize(
    "wrong", ["", "<", "<>", "<a b@c>", "1@acme", "<a@b>\r\nBcc: x@y", "<" + "a" * 5000 + ">", "<é@b>"]
)
def test_a_message_id_that_is_none_is_no_thread(wrong: str) -> None:
    message = parsed(with_mail(sent(), message_id=wrong))
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    kept = parsed(with_mail(sent(), references=(wrong, "<0@acme>")))
    assert kept["References"] == "<0@acme> <1@acme>"


@EACH_HOSTILE
def test_no_subject_adds_a_field_or_grows_without_bound(text: str) -> None:
    message = parsed(with_mail(sent(), subject=text))
    assert sorted(message.keys()) == OUR_FIELDS
    assert len(message.as_bytes()) < 10_000
    assert "\n" not in message["Subject"]


@EACH_HOSTILE
def test_nothing_that_a_stranger_wrote_makes_a_line_of_its_own(text: str) -> None:
    part = PartNote(path="1", name=text, kind="image/png", octets=1, left_out=text)
    parts = (part, replace(part, left_out="", pages=1), *[part] * 200)
    call, busy = Transmission(pages_sent=1, seconds=1, station=text), Status.parse("4.4.0")
    deferred = e.Deferred(status=busy, cause=Cause.BUSY, text=text, due=T0, counted=True, transmission=call)
    ended = e.Failed(status=Status.parse("5.4.7"), cause=Cause.BUSY, text=text, counted=True, transmission=call)
    call_again = e.Offered(backend="line")
    events = (e.Rendered(document=DOCUMENT, parts=parts), call_again, deferred, call_again, ended)
    box = replace(FAXBOX, name=text, timezone=text[:300])
    case = Case(kind=NoticeKind.FAILURE, history=tuple((event, T0) for event in events), faxbox=box)
    message = parsed(case)
    body, report, _ = message.iter_parts()
    text_lines = text_of(body).split("\n\n", 2)[2].rstrip().split("\n")
    assert [line for line in text_lines if not LINE.fullmatch(line)] == []
    assert {name for group in report.iter_parts() for name in group} <= FIELDS
    assert len(case.composed().as_bytes()) < 150_000


LINE = re.compile(
    r"(Reason|Fax number|Subject|Pages|Tries|Time|Far machine|Seconds|Faxbox|Job): .*|(In the fax|Left out|The tries):"
    r"| {13}.*|  .*|"
)
FIELDS = {"Reporting-MTA", "Arrival-Date", "X-Fax-Job", "Final-Recipient", "Action", "Status", "Diagnostic-Code"} | {
    "Last-Attempt-Date",
    *("X-Fax-Pages", "X-Fax-Tries", "X-Fax-Seconds", "X-Fax-Station"),
}


@pytest.mark.parametrize(
    "subject", ["Unser Angebot für März", "見積書 " * 20, "für " * 40 + "x", "Ω", "a" * 150, "a= ?b"]
)
def test_a_subject_of_any_script_is_read_as_it_was_written(subject: str) -> None:
    wanted = f"Fax sent to +12025550123: {subject.strip()}"
    assert subject_of(with_mail(sent(), subject=subject)) == wanted
    assert parsed(with_mail(sent(), subject=subject))["Subject"] == wanted


@given(st.text(max_size=180))
def test_any_subject_survives_the_wire(subject: str) -> None:
    assert subject_of(with_mail(sent(), subject=subject)).startswith("Fax sent to +12025550123")
    said = plain(subject, 200)
    assert subject_of(with_mail(sent(), subject=subject)).endswith(f": {said}" if said else "123")


@given(st.text(max_size=500), st.integers(10, 80))
def test_plain_text_is_one_bounded_line_that_can_be_encoded(text: str, most: int) -> None:
    line = plain(text, most)
    assert len(line) <= most
    assert len(line.encode().splitlines()) <= 1
    assert "=?" not in line
    assert ascii_only(text, most).isascii()


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("ann@acme.example", b"To: ann@acme.example\r\n"),
        ("ann@b\u00fccher.example", b"To: ann@xn--bcher-kva.example\r\n"),
        ("\u00e5nn@acme.example", "To: \u00e5nn@acme.example\r\n".encode()),
        ('"+1 (202) 555-0123"@acme.example', b'To: "+1 (202) 555-0123"@acme.example\r\n'),
        ("a" * 64 + "@" + "b" * 60 + ".example", b"To: " + b"a" * 64 + b"@" + b"b" * 60 + b".example\r\n"),
    ],
)
def test_it_is_addressed_to_whom_it_goes(address: str, written: bytes) -> None:
    assert written in with_mail(sent(), path=mailbox(address)).composed().as_bytes()


@pytest.mark.parametrize(
    "wrong", ["", "ann", "a@b@c d", "<a@b.example>", "a@b.example\r\nBcc: x@y", "a@b.example, c@d.example"]
)
def test_a_notice_to_what_is_no_address_is_given_up(wrong: str) -> None:
    with pytest.raises(Permanent) as caught:
        sent().composed(recipient=wrong)
    assert str(caught.value.status) == "5.1.3"


@pytest.mark.parametrize(
    "junk", [b"\x00" * 100_000, b"X: " + b"y" * 100_000, b"\xff\xfe: \xfd\r\n" * 9000, b"--b\r\n" * 9000, b""]
)
def test_any_header_section_goes_back_bounded_and_readable(junk: bytes) -> None:
    message = parsed(replace(sent(), original=HEADER + junk))
    _, _, returned = message.iter_parts()
    assert text_of(returned).startswith("From: Ann <ann@acme.example>\n")
    assert len(message.as_bytes()) < 4 * MOST_HEADER
    assert len(list(message.iter_parts())) == 3


@pytest.mark.parametrize("name", ["/etc/passwd", "../UTC", "No/Where", "", "a" * 5000, "\x00"])
def test_a_time_zone_that_this_machine_does_not_know_is_utc(name: str) -> None:
    text = replace(sent(), faxbox=replace(FAXBOX, timezone=name)).composed().get_body(("plain",))
    assert text is not None
    assert "21 November 2026, 22:51 UTC" in text.get_content()


def test_a_fax_without_a_faxbox_is_told_of_all_the_same() -> None:
    text = replace(sent(), faxbox=None).composed().get_body(("plain",))
    assert text is not None
    assert "Faxbox" not in text.get_content()


def test_a_delay_notice_says_when_we_stop_trying() -> None:
    _, recipient = groups(parsed(CASES["delay-busy"]))
    assert recipient["Will-Retry-Until"] == "Sun, 22 Nov 2026 22:48:00 +0000"
    assert JOB.expires == T0 + timedelta(hours=24)
