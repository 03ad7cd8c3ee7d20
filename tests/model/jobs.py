"""A job, and one event of each kind."""

from datetime import UTC, datetime, timedelta

from smtpfax.model import event as e
from smtpfax.model.address import mailbox
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.event import Transmission
from smtpfax.model.job import Job
from smtpfax.model.mail import Origin
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import Status

T0 = datetime(2026, 11, 21, 22, 48, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DOCUMENT = Document(name="d", pages=3, octets=9, bits=144000, layout=Layout())
JOB = Job(
    id="m-1",
    mail_id="m",
    account_id="acme",
    faxbox_id="sales",
    number=FaxNumber(e164="+12025550123"),
    reverse_path=mailbox("ann@acme.example"),
    origin=Origin.SMTP,
    created=T0,
    due=T0,
    expires=T0 + timedelta(hours=24),
    most_tries=3,
)
BUSY = e.Deferred(status=Status.parse("4.4.0"), cause=Cause.BUSY, text="busy", due=T0 + 9 * MINUTE, counted=True)
FAILED = e.Failed(status=Status.parse("5.4.7"), cause=Cause.BUSY, text="given up", counted=True)
RENDERED, OFFERED, ACCEPTED = e.Rendered(document=DOCUMENT), e.Offered(backend="line"), e.Accepted(ticket="t")
SENT = e.Sent(transmission=Transmission(pages_sent=3, seconds=60))
EVENTS: list[e.Event] = [
    *(RENDERED, OFFERED, ACCEPTED, e.Missed(), e.Progressed(pages_sent=1, text="page 1"), SENT, BUSY, FAILED),
    *(e.Cancelled(), e.CancelAsked(), e.Held(reason="a slip", resembles="+12025550142"), e.Released()),
]
