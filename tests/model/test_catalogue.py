"""The catalogue of sentences: each is fit for a reply line, a notice and a log."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model import status as catalogue
from smtpfax.model.attempt import Outcome, outcome_of
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, InDoubt, Permanent, SmtpfaxError, Temporary
from smtpfax.model.status import Reply, Sentence, Status

SENTENCES = {name: value for name, value in vars(catalogue).items() if isinstance(value, Sentence)}
EACH = pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES.keys())


def names_of(sentence: Sentence) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(sentence.text) if name is not None]


@EACH
def test_the_code_and_the_status_have_the_same_class(sentence: Sentence) -> None:
    assert sentence.code // 100 == sentence.status.klass  # RFC 2034 section 4
    assert 200 <= sentence.code < 560


@EACH
def test_a_sentence_is_one_short_plain_line_without_a_period(sentence: Sentence) -> None:
    assert sentence.text.isprintable()
    assert sentence.text.isascii()
    assert not sentence.text.endswith(".")
    assert sentence.text == sentence.text.strip()
    assert len(sentence.text) < 120


@EACH
def test_a_sentence_is_filled_with_its_names(sentence: Sentence) -> None:
    names = names_of(sentence)
    assert all(name.isidentifier() for name in names)
    filled = sentence.fill(**{name: f"<{name}>" for name in names})
    assert all(f"<{name}>" in filled for name in names)
    assert "{" not in filled


@EACH
def test_nothing_that_a_stranger_wrote_breaks_the_line(sentence: Sentence) -> None:
    nasty = "a\r\n250 ok\x00\x7f\x85\u2028\u202e\udcff{0}{why.__class__}%s" + "x" * 5000
    reply = sentence.reply(**dict.fromkeys(names_of(sentence), nasty))
    assert len(str(reply).splitlines()) == 1
    assert str(reply).encode().decode() == str(reply)
    assert len(str(reply)) < 900
    assert str(reply).startswith(f"{sentence.code} {sentence.status} ")


@given(st.text(max_size=300))
def test_any_text_becomes_a_printable_part_of_a_sentence(text: str) -> None:
    filled = catalogue.MAIL_UNREADABLE.fill(why=text)
    assert len(filled.splitlines()) == 1
    assert filled.encode()


NO_STATUSES = ["", "5.7", "3.0.0", "5.7.1.1", "5.7.1 ", "5.1000.1", "5.x.1", "550", "5.\u0665.0", "5.7.1\n"]


@pytest.mark.parametrize("text", ["2.0.0", "5.7.1", "4.4.2", "5.999.999"])
def test_a_status_is_read_and_written(text: str) -> None:
    assert str(Status.parse(text)) == text


@pytest.mark.parametrize("text", NO_STATUSES)
def test_what_is_no_status_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an enhanced status code"):
        Status.parse(text)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (catalogue.RECIPIENT_OK.reply(number="+1"), Outcome.TAKEN),
        (catalogue.START_DATA, Outcome.TAKEN),
        (catalogue.NO_SPACE.reply(), Outcome.DEFERRED),
        (catalogue.NOT_PERMITTED.reply(address="a@b"), Outcome.REFUSED),
    ],
)
def test_a_replys_class_is_an_attempts_outcome(reply: Reply, outcome: Outcome) -> None:
    assert outcome_of(reply) is outcome
    assert reply.permanent == (outcome is Outcome.REFUSED)
    assert reply.ok == (outcome is Outcome.TAKEN)


def test_a_reply_without_a_status_is_written_without_one() -> None:
    assert str(catalogue.START_DATA) == "354 send the mail, end with <CRLF>.<CRLF>"


def test_a_fault_keeps_its_sentence_for_people_and_its_reason_for_the_log() -> None:
    fault = Temporary(catalogue.BACKEND_DOWN, cause=Cause.BACKEND, reason="connect: refused")
    assert (str(fault), fault.text, fault.cause) == ("connect: refused", catalogue.BACKEND_DOWN.text, Cause.BACKEND)
    assert fault.status == catalogue.BACKEND_DOWN.status
    assert Permanent(catalogue.TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=200).reason == (
        "the fax would have more than 200 pages"
    )


def test_our_own_faults_are_temporary_unless_said_otherwise() -> None:
    assert Temporary(catalogue.OUR_FAULT).cause is Cause.OURS
    assert not issubclass(InDoubt, Fault)
    assert issubclass(InDoubt, SmtpfaxError)
