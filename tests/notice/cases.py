"""Jobs as they really come to be: the fold of the events that the stages return. Each golden text is one of these."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address

from smtpfax.model import event as e
from smtpfax.model import status as catalogue
from smtpfax.model.account import Faxbox
from smtpfax.model.address import ReversePath, mailbox
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.event import Event, PartNote, Transmission
from smtpfax.model.job import Job, fold
from smtpfax.model.mail import Client, Content, Header, Mail, Origin
from smtpfax.model.notice import Notice, NoticeKind
from smtpfax.model.number import FaxNumber
from smtpfax.model.schedule import after_fault, expired
from smtpfax.model.status import Sentence
from smtpfax.notice.compose import Site, compose
from smtpfax.notice.report import NOTHING_ASKED, Asked

T0 = datetime(2026, 11, 21, 22, 48, tzinfo=UTC)
SITE = Site(hostname="fax.example.com", from_address="fax@example.com")
FAXBOX = Faxbox(id="sales", account_id="acme", name="Sales", timezone="America/New_York")
PARTS = (
    PartNote(path="1.1", name="", kind="text/plain", octets=310, left_out="there is a document to fax"),
    PartNote(path="2", name="offer.pdf", kind="application/pdf", octets=48211, pages=2),
    PartNote(path="3", name="drawing.tif", kind="image/tiff", octets=20300, pages=1),
    PartNote(path="4", name="logo.png", kind="image/png", octets=2100, left_out="it belongs to the letterhead"),
)
DOCUMENT = Document(name="d1", pages=3, octets=91000, bits=720000, layout=Layout())
HEADER = (
    b"From: Ann <ann@acme.example>\r\nTo: +12025550123@fax.acme.example\r\n"
    b"Subject: Our offer\r\nMessage-ID: <1@acme>\r\n"
)
CALL = Transmission(pages_sent=3, seconds=62.4, station="ACME FAX 2", rate=14400)

MAIL = Mail(
    id="0ks3f8m2",
    created=T0,
    origin=Origin.SMTP,
    client=Client(address=ip_address("192.0.2.7"), helo="mail.acme.example", tls="TLSv1.3"),
    reverse_path=mailbox("ann@acme.example"),
    content=Content(sha256="0" * 64, octets=61000, inline=HEADER),
    header=Header(message_id="<1@acme>", subject="Our offer", references=("<0@acme>",)),
)
JOB = Job(
    id="0ks3f8m2-1",
    mail_id=MAIL.id,
    account_id="acme",
    faxbox_id="sales",
    number=FaxNumber(e164="+12025550123"),
    reverse_path=MAIL.reverse_path,
    origin=Origin.SMTP,
    created=T0,
    due=T0,
    expires=T0 + timedelta(hours=24),
    most_tries=3,
)

Happened = tuple[tuple[Event, datetime], ...]
RENDERED: Happened = ((e.Rendered(document=DOCUMENT, parts=PARTS), T0 + timedelta(seconds=1)),)


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that a notice is made from."""

    kind: NoticeKind
    history: Happened
    job: Job = JOB
    mail: Mail = MAIL
    faxbox: Faxbox | None = FAXBOX
    original: bytes = HEADER + b"\r\nbody\r\n"
    link: str = ""
    asked: Asked = NOTHING_ASKED

    @property
    def folded(self) -> Job:
        return fold(self.job, self.history)

    @property
    def notice(self) -> Notice:
        at = self.history[-1][1] if self.history else T0
        return Notice(
            id=f"{self.job.id}-{self.kind}-0",
            kind=self.kind,
            mail_id=self.mail.id,
            job_id=self.job.id,
            recipient=str(self.mail.reverse_path),
            created=at,
            due=at,
        )

    def composed(self, **changes: object) -> EmailMessage:
        return compose(
            replace(self.notice, **changes),  # type: ignore[arg-type]
            job=self.folded,
            mail=self.mail,
            history=self.history,
            faxbox=self.faxbox,
            original=self.original,
            site=SITE,
            asked=self.asked,
            link=self.link,
        )


def offered(at: datetime) -> Happened:
    return ((e.Offered(backend="line"), at), (e.Accepted(ticket="t1"), at))


def sent(*, unconfirmed: bool = False) -> Case:
    at = T0 + timedelta(minutes=2)
    end = e.Sent(transmission=Transmission() if unconfirmed else CALL, unconfirmed=unconfirmed)
    return Case(kind=NoticeKind.RECEIPT, history=(*RENDERED, *offered(at), (end, at + timedelta(seconds=62))))


def tried(sentence: Sentence, cause: Cause, *, times: int, names: Mapping[str, object], pages: int = 0) -> Happened:
    """So many calls that ended like this, as the schedule tells what follows each."""
    history, job, at = RENDERED, fold(JOB, RENDERED), T0 + timedelta(minutes=2)
    for before in range(times):
        fault = Temporary(sentence, cause=cause, **names)  # type: ignore[arg-type]
        call = Transmission(pages_sent=pages, seconds=31.0 if pages else 0.0, station="ACME FAX 2" if pages else "")
        end = after_fault(job, fault, at=at, transmission=call, times=before)
        new = (*offered(at), (end, at + timedelta(seconds=31)))
        history, job = (*history, *new), fold(job, new)
        at = job.due
    return history


def failed(sentence: Sentence, cause: Cause, *, times: int = 3, sent: int = 0, **names: object) -> Case:
    return Case(kind=NoticeKind.FAILURE, history=tried(sentence, cause, times=times, names=names, pages=sent))


def delayed(sentence: Sentence, cause: Cause, **names: object) -> Case:
    return Case(kind=NoticeKind.DELAY, history=tried(sentence, cause, times=1, names=names))


def refused(sentence: Sentence, cause: Cause, *, before: Happened = (), why_not: str = "", **names: object) -> Case:
    """Failed at once, by what only somebody else can mend."""
    parts = () if before else (*PARTS[:1], replace(PARTS[1], pages=0, left_out=why_not))
    end = after_fault(JOB, Permanent(sentence, cause=cause, **names), at=T0, parts=parts)  # type: ignore[arg-type]
    return Case(kind=NoticeKind.FAILURE, history=(*before, (end, T0 + timedelta(seconds=3))))


def ended(sentence: Sentence, cause: Cause, *, before: Happened, **names: object) -> Case:
    end = e.Failed(status=sentence.status, cause=cause, text=sentence.fill(**names))
    return Case(kind=NoticeKind.FAILURE, history=(*before, (end, T0 + timedelta(hours=24))))


def too_late() -> Case:
    """Its sender gave it half an hour (RFC 2852)."""
    job = replace(JOB, deadline=T0 + timedelta(minutes=30))
    end = expired(job, at=T0 + timedelta(minutes=30), accepted_limit=timedelta(hours=6))
    assert end is not None
    return Case(
        kind=NoticeKind.FAILURE, job=job, history=(*RENDERED, (end, T0 + timedelta(minutes=30))), original=HEADER
    )


def capped() -> Case:
    """It waits for the next hour."""
    sentence, whose = catalogue.PAGES_OVER_CAP, "this faxbox"
    names = {"whose": whose, "cap": "100 pages in an hour", "until": "2026-11-21 23:00 UTC"}
    fault = Temporary(sentence, cause=Cause.CAP, after=timedelta(minutes=12), **names)  # type: ignore[arg-type]
    end = after_fault(fold(JOB, RENDERED), fault, at=T0)
    return Case(kind=NoticeKind.DELAY, history=(*RENDERED, (end, T0 + timedelta(seconds=2))))


def question(link: str) -> Case:
    """Is the number right?"""
    names = {"number": JOB.number.e164, "meant": "+12025550132"}
    held = e.Held(reason=catalogue.IS_IT_RIGHT.fill(**names), resembles=names["meant"])
    return Case(kind=NoticeKind.QUESTION, history=(*RENDERED, (held, T0 + timedelta(seconds=1))), link=link)


LINK = f"https://fax.example.com/confirm/0ks3f8m2-1?expires=1796856481&signature={'0123456789abcdef' * 4}"
CALLING = (*RENDERED, *offered(T0 + timedelta(minutes=2)))
DOWN = catalogue.BACKEND_DOWN.fill()
FAILURES: Mapping[Cause, Case] = {
    Cause.BUSY: failed(catalogue.BUSY, Cause.BUSY),
    Cause.NO_ANSWER: failed(catalogue.NO_ANSWER, Cause.NO_ANSWER),
    Cause.NOT_A_FAX: failed(catalogue.NOT_A_FAX, Cause.NOT_A_FAX, times=2),
    Cause.PARTIAL: failed(catalogue.PARTLY_SENT, Cause.PARTIAL, times=2, sent=2, pages=2, of=3),
    Cause.LINE: failed(catalogue.LINE_FAULT, Cause.LINE),
    Cause.NO_ROUTE: refused(catalogue.NO_ROUTE, Cause.NO_ROUTE, before=CALLING, number="+12025550123"),
    Cause.UNALLOCATED: refused(catalogue.UNALLOCATED, Cause.UNALLOCATED, before=CALLING, number="+12025550123"),
    Cause.BACKEND: ended(catalogue.TIME_USED_UP, Cause.BACKEND, before=RENDERED, why=DOWN),
    Cause.REFUSED: refused(catalogue.BACKEND_REFUSED, Cause.REFUSED, before=CALLING, why="not enough credits"),
    Cause.DOCUMENT: refused(catalogue.PART_ENCRYPTED, Cause.DOCUMENT, why_not="it is encrypted", part="offer.pdf"),
    Cause.CONVERTER: refused(
        catalogue.CONVERTER_FAILED, Cause.CONVERTER, why_not="no converter could read it", part="offer.pdf"
    ),
    Cause.IN_DOUBT: ended(catalogue.MAYBE_SENT, Cause.IN_DOUBT, before=CALLING),
    Cause.CAP: refused(
        catalogue.PAGES_BEYOND_CAP,
        Cause.CAP,
        why_not="the fax has too many pages",
        pages=3,
        whose="this faxbox",
        cap="2 pages in an hour",
    ),
    Cause.EXPIRED: ended(catalogue.TIME_USED_UP, Cause.EXPIRED, before=RENDERED, why="it was never tried"),
    Cause.OURS: ended(catalogue.TIME_USED_UP, Cause.OURS, before=RENDERED, why="an error of ours, try again later"),
    Cause.UNKNOWN: failed(catalogue.BACKEND_FAILED, Cause.UNKNOWN, why="error 7"),
}
CASES: Mapping[str, Case] = {
    "receipt": sent(),
    "receipt-handed-over": sent(unconfirmed=True),
    "receipt-asked-for": replace(
        sent(), asked=Asked(envelope_id="QQ314159", original_recipient="rfc822;offers+fax@acme.example")
    ),
    **{f"failure-{cause}": case for cause, case in FAILURES.items()},
    "delay-waiting": Case(kind=NoticeKind.DELAY, history=RENDERED),
    "delay-busy": delayed(catalogue.BUSY, Cause.BUSY),
    "delay-backend": delayed(catalogue.BACKEND_DOWN, Cause.BACKEND),
    "delay-cap": capped(),
    "question": question(LINK),
    "question-without-link": question(""),
    "delay-question": replace(question(LINK), kind=NoticeKind.DELAY),
    "failure-too-late": too_late(),
    "delay-held": Case(kind=NoticeKind.DELAY, history=(*RENDERED, (e.Held(reason=""), T0 + timedelta(minutes=1)))),
}


def with_mail(case: Case, *, path: ReversePath | None = None, **header: object) -> Case:
    """The same with another header or reverse-path."""
    changed = replace(case.mail, header=replace(case.mail.header, **header))  # type: ignore[arg-type]
    return replace(case, mail=replace(changed, reverse_path=path or changed.reverse_path))
