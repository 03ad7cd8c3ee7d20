"""Each kind of notice, and each cause, as its reader sees it: the texts stand in golden/.

To change one, change the words, run `SMTPFAX_GOLDEN=write pytest tests/notice`, and read what came out as a sender.
"""

import os
import re
from pathlib import Path

import pytest

from smtpfax.model.cause import Cause
from smtpfax.model.notice import NoticeKind
from smtpfax.notice.advice import DELAYED, FAILED, HANDED_OVER, HELD, QUESTION, QUESTION_WITHOUT_LINK, SENT
from tests.notice.cases import CASES, FAILURES, Case

GOLDEN = Path(__file__).parent / "golden"
MANUAL = Path(__file__).parents[2] / "docs" / "notices.md"
WRITE = os.environ.get("SMTPFAX_GOLDEN") == "write"
EACH = pytest.mark.parametrize("name", CASES)
ADVICE = [*FAILED.values(), *DELAYED.values(), HELD, SENT, HANDED_OVER, QUESTION, QUESTION_WITHOUT_LINK]


def shown(case: Case) -> str:
    """The header, the text and the report, as they go over the wire."""
    whole = case.composed()
    text, report, _ = whole.iter_parts()
    fields = [f"{name}: {value}" for name, value in whole.items() if not name.startswith(("Content-", "MIME-"))]
    groups = ["\n".join(f"{name}: {value}" for name, value in group.items()) for group in report.iter_parts()]
    return "\n\n".join(["\n".join(fields), text.get_content().rstrip(), "--", *groups]) + "\n"


def kept(path: Path, now: str) -> str:
    """What the file says; in a run that writes, what it says from now on."""
    if WRITE:
        path.write_text(now, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@EACH
def test_a_notice_reads_as_its_golden_text(name: str) -> None:
    now = shown(CASES[name])
    assert now == kept(GOLDEN / f"{name}.txt", now)


def test_no_golden_text_is_left_without_its_notice() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


def test_the_manual_shows_each_notice_as_it_is() -> None:
    now = manual()
    assert now == kept(MANUAL, now)


def test_every_cause_has_its_advice_and_its_golden_text() -> None:
    assert set(FAILED) == set(FAILURES) == set(Cause)
    assert set(DELAYED) == {None, *Cause}


@pytest.mark.parametrize("advice", ADVICE, ids=lambda advice: advice.sentence)
def test_advice_is_one_plain_sentence_and_then_what_to_do(advice: object) -> None:
    sentence, todo = advice.sentence, advice.todo  # type: ignore[attr-defined]
    assert re.fullmatch(r"[A-Z][^.!?\n]*\{number\}[^.!?\n]*\.", sentence)
    assert not re.search(r"\d|T\.30|DSN|SMTP|status|error", sentence)
    assert len(sentence) < 110
    assert todo.endswith(".")
    assert re.search(r"[Pp]lease|nothing for you to do", todo)


@EACH
def test_the_first_line_says_what_happened_without_a_code(name: str) -> None:
    first, second, *_ = CASES[name].composed().get_body(("plain",)).get_content().split("\n\n")  # type: ignore[union-attr]
    assert "+12025550123" in first
    assert not re.search(r"\d\.\d|[45]\d\d ", first)
    assert second[0].isupper()


def manual() -> str:
    """docs/notices.md, made of the golden texts."""
    titles = {
        "receipt": "Receipts",
        "failure": "Failure notices",
        "delay": "Delay notices",
        "question": "Questions",
    }
    lines = [INTRODUCTION]
    for kind in (NoticeKind.RECEIPT, NoticeKind.FAILURE, NoticeKind.DELAY, NoticeKind.QUESTION):
        lines.append(f"## {titles[kind]}\n")
        for name, case in CASES.items():
            if case.kind is kind:
                lines.append(f"### {name}\n\n```\n{(GOLDEN / f'{name}.txt').read_text(encoding='utf-8')}```\n")
    return "\n".join(lines)


INTRODUCTION = """\
# Notices

What smtpfax writes to the sender of a fax, and to the addresses in the faxbox's `notifications.outbound.email`.
Every notice is a delivery status notification (RFC 3464): a text for people, a report for programs (below the line
`--`), and the header section of the original mail (not shown here). It is threaded under the original mail, its
reverse-path is null, and the fax itself is never in it; the original mail is, in a failure notice, where its sender
asked for that (RET=FULL) and the faxbox allows it (`return_content`). NOTIFY (RFC 3461) says which of them he gets.

- A **receipt** tells that a fax was sent; it is withheld from automatic mail (RFC 3834).
- A **failure notice** tells that a fax was not sent and will not be tried again, why, and what to do.
- A **delay notice** comes once, when a fax is still waiting after `[notices] delay_notice_hours`, or at once when a
  cap on pages makes it wait; and at the time that the sender set (`BY=…;N`, RFC 2852).
- A **question** comes, where the faxbox has a `first_time_guard`, when a number was never faxed and is one slip away
  from one that is faxed often: the fax is held until the sender answers.

| `Action` | means |
| --- | --- |
| `delivered` | the far fax machine confirmed every page |
| `relayed` | a fax service took the fax, and cannot say whether it arrived |
| `delayed` | it is still being tried, until `Will-Retry-Until` |
| `failed` | it will not be tried again |

`Diagnostic-Code: x-fax; <cause>; <text>` names the cause in one word: `busy`, `no_answer`, `not_a_fax`, `partial`,
`line`, `no_route`, `backend`, `refused`, `document`, `converter`, `in_doubt`, `cap`, `expired`, `ours` or `unknown`.
`X-Fax-Pages` is pages sent of pages in all, `X-Fax-Station` the name that the far machine gave itself.

This file is made from the tests' golden texts: `SMTPFAX_GOLDEN=write pytest tests/notice`.
"""
