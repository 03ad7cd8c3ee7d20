"""An alert as a mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from smtpfax.model.alert import CALM, Alert
from smtpfax.model.errors import Permanent
from smtpfax.notice.alarm import compose_alert
from smtpfax.notice.compose import Site

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = Site(hostname="fax.example.com", from_address="fax@example.com")
ALERT = Alert(
    key="backend kazoo",
    subject="fax service kazoo refuses our credentials",
    text="The fax service kazoo does not let us in: 401.",
    since=T0,
    seen=T0,
    due=T0,
)


def mail(alert: Alert = ALERT, *, at: datetime = T0, recipient: str = "admin@example.com") -> EmailMessage:
    """As it arrives."""
    read = message_from_bytes(compose_alert(alert, site=SITE, recipient=recipient, at=at).as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def test_it_says_what_is_wrong_and_since_when() -> None:
    begun = mail()
    assert begun["Subject"] == "fax service kazoo refuses our credentials (fax.example.com)"
    assert (begun["From"], begun["To"]) == ("fax@example.com", "admin@example.com")
    assert begun["Auto-Submitted"] == "auto-generated"
    text = begun.get_content()
    assert "does not let us in: 401." in text
    assert "Since: 2026-03-01 12:00 UTC" in text
    assert "told once more, when it is over" in text


def test_its_end_stands_in_its_thread() -> None:
    begun, at = mail(), T0 + timedelta(hours=2)
    over = mail(replace(ALERT, told=T0, seen=at - CALM), at=at)
    assert over["Subject"].startswith("over: fax service kazoo")
    assert over["In-Reply-To"] == begun["Message-ID"] != over["Message-ID"]
    assert "Over:  2026-03-01 13:50 UTC" in over.get_content()
    assert "only now" not in over.get_content()


def test_one_that_could_not_be_told_while_it_lasted_says_so() -> None:
    text = mail(ALERT, at=T0 + CALM).get_content()
    assert "You are told only now because no mail could leave while it lasted." in " ".join(text.split())


def test_the_same_alert_twice_is_the_same_mail() -> None:
    assert mail()["Message-ID"] == mail(at=T0 + timedelta(minutes=5))["Message-ID"]
    later = replace(ALERT, since=T0 + timedelta(days=1))
    assert mail(later)["Message-ID"] != mail()["Message-ID"]


def test_what_a_fax_service_says_adds_no_field_and_is_bounded() -> None:
    hostile = "nothing\r\nBcc: eve@evil.example\r\n\r\n=?utf-8?q?=0D=0AX: y?= " + "x" * 5000
    found = mail(replace(ALERT, subject=hostile, text=hostile))
    assert found["Bcc"] is None
    assert found["X"] is None
    assert len(found["Subject"]) < 350
    assert len(found.get_content()) < 2000


def test_a_recipient_that_is_no_address_is_nobodys() -> None:
    with pytest.raises(Permanent):
        mail(recipient="nobody")
