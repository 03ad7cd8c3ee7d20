"""Progress becomes an event, or a fault with its sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smtpfax.dispatch.outcome import SENTENCES, event_of
from smtpfax.model.backend import Broken, Done, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.event import Progressed, Sent, Transmission
from smtpfax.model.schedule import RULES
from tests.dispatch.values import JOB


def test_what_goes_on_and_what_was_sent_are_events() -> None:
    done = Done(transmission=Transmission(pages_sent=3, seconds=41), unconfirmed=True)
    assert event_of(Sending(pages_sent=1, text="page 1"), JOB) == Progressed(pages_sent=1, text="page 1")
    assert event_of(done, JOB) == Sent(transmission=done.transmission, unconfirmed=True)


@pytest.mark.parametrize(
    ("cause", "kind", "status", "text"),
    [
        (Cause.BUSY, Temporary, "4.4.0", "the line was busy"),
        (Cause.NO_ANSWER, Temporary, "4.4.1", "nobody answered the call"),
        (Cause.NOT_A_FAX, Temporary, "4.4.0", "no fax machine answered the call"),
        (Cause.PARTIAL, Temporary, "4.4.2", "the call broke off before the last of 3 pages"),
        (Cause.LINE, Temporary, "4.4.2", "the line failed during the call"),
        (Cause.NO_ROUTE, Permanent, "5.1.2", "there is no fax machine at +12025550123"),
        (Cause.REFUSED, Permanent, "5.7.0", "the fax service refused the fax: words"),
        (Cause.DOCUMENT, Permanent, "5.7.0", "the fax service refused the fax: words"),
        (Cause.BACKEND, Temporary, "4.4.0", "the fax service could not send the fax: words"),
        (Cause.UNKNOWN, Temporary, "4.4.0", "the fax service could not send the fax: words"),
        (Cause.OURS, Temporary, "4.4.0", "the fax service could not send the fax: words"),
        (Cause.IN_DOUBT, Permanent, "5.4.7", "it is not known whether the fax was sent"),
    ],
)
def test_each_cause_has_its_sentence(cause: Cause, kind: type, status: str, text: str) -> None:
    fault = event_of(Broken(cause=cause, text="words"), JOB)
    assert isinstance(fault, kind)
    assert isinstance(fault, (Temporary, Permanent))
    assert (fault.cause, str(fault.status), fault.reason) == (cause, status, "words")
    assert fault.text.startswith(text)


@pytest.mark.parametrize("cause", [Cause.LINE, Cause.UNKNOWN, Cause.NOT_A_FAX])
def test_a_call_that_broke_after_a_page_is_partial_whatever_it_is_called(cause: Cause) -> None:
    fault = event_of(Broken(cause=cause, transmission=Transmission(pages_sent=2)), JOB)
    assert isinstance(fault, Temporary)
    assert (fault.cause, fault.text) == (Cause.PARTIAL, "the call broke off after 2 of 3 pages")


def test_busy_is_busy_even_with_pages() -> None:
    fault = event_of(Broken(cause=Cause.BUSY, transmission=Transmission(pages_sent=2)), JOB)
    assert isinstance(fault, Temporary)
    assert fault.cause is Cause.BUSY


def test_a_backend_that_says_nothing_and_a_job_without_a_document_still_make_a_sentence() -> None:
    fault = event_of(Broken(cause=Cause.UNKNOWN), replace(JOB, document=None))
    assert isinstance(fault, Temporary)
    assert fault.text.endswith("it did not say why")


def test_every_sentence_that_may_be_tried_again_has_a_rule_of_its_own() -> None:
    assert {cause for cause, sentence in SENTENCES.items() if sentence.code < 500} <= set(RULES)
