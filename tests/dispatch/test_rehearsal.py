"""The words of the embedded exchange's table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from smtpfax.dispatch.rehearsal import Plan, outcome, pages_by, read_table, seconds
from smtpfax.model.backend import Broken, Call, Done
from smtpfax.model.cause import Cause
from smtpfax.model.errors import ConfigError
from tests.dispatch.values import DOCUMENT, ELSEWHERE, HERE, NOW


def call(plan: str, *, lasts: float = 30) -> Call:
    return Call(
        key="m1-1.1",
        number=HERE,
        caller="",
        caller_name="",
        document=DOCUMENT,
        placed=NOW,
        ends=NOW + timedelta(seconds=lasts),
        plan=plan,
    )


@pytest.mark.parametrize(
    "word",
    [
        "",
        "bussy",
        "BUSY",
        "partial",
        "slow",
        "slow:x",
        "partial:0",
        "busy:0",
        "busy:-1",
        "busy:2 ",
        "answer:1",
        "down:1",
    ],
)
def test_an_unknown_word_names_its_key_and_what_it_may_be(word: str) -> None:
    with pytest.raises(ConfigError, match=r"backends\.line\.numbers\.\+12025550123: .* is not one of answer, busy"):
        read_table("line", {ELSEWHERE: word})


def test_a_number_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match=r"backends\.line\.numbers: '12025550123' is no number"):
        read_table("line", {"12025550123": "busy"})


@pytest.mark.parametrize(
    ("word", "plans"),
    [
        ("busy", ["busy", "busy", "busy"]),
        ("busy:2", ["busy", "busy", "answer"]),
        ("not_a_fax:1", ["not_a_fax", "answer", "answer"]),
        ("partial:2", ["partial:2", "partial:2", "partial:2"]),
        ("slow:90", ["slow:90", "slow:90", "slow:90"]),
        ("lying", ["lying", "lying", "lying"]),
    ],
)
def test_a_word_is_a_plan_for_each_try(word: str, plans: list[str]) -> None:
    plan = read_table("line", {ELSEWHERE: word})[ELSEWHERE]
    assert [str(plan.on_try(number)) for number in (1, 2, 3)] == plans


@pytest.mark.parametrize(
    ("plan", "lasts"),
    [("answer", 12), ("lying", 12), ("slow:90", 90), ("partial:2", 8), ("partial:9", 12), ("busy", 0)],
)
def test_how_long_a_call_of_three_pages_takes(plan: str, lasts: float) -> None:
    assert seconds(Plan.parse(plan), pages=3, per_page=4) == lasts


@pytest.mark.parametrize(
    ("plan", "cause"),
    [
        ("busy", Cause.BUSY),
        ("no_answer", Cause.NO_ANSWER),
        ("not_a_fax", Cause.NOT_A_FAX),
        ("line", Cause.LINE),
        ("no_route", Cause.NO_ROUTE),
    ],
)
def test_a_call_that_never_stood_has_no_transmission(plan: str, cause: Cause) -> None:
    said = outcome(call(plan))
    assert isinstance(said, Broken)
    assert (said.cause, said.transmission.pages_sent, said.transmission.station) == (cause, 0, "")


def test_a_partial_call_has_its_pages_and_never_more_than_there_are() -> None:
    for plan, pages in (("partial:2", 2), ("partial:9", 3)):
        said = outcome(call(plan))
        assert isinstance(said, Broken)
        assert (said.cause, said.transmission.pages_sent) == (Cause.PARTIAL, pages)


@pytest.mark.parametrize("plan", ["answer", "slow:30", "lying"])
def test_a_call_that_goes_through_tells_pages_seconds_and_station(plan: str) -> None:
    said = outcome(call(plan))
    assert isinstance(said, Done)
    assert (said.transmission.pages_sent, said.transmission.seconds, said.transmission.station) == (3, 30.0, HERE)


@pytest.mark.parametrize(("at", "pages"), [(0, 0), (9, 0), (10, 1), (29, 2), (30, 3), (3000, 3)])
def test_pages_go_at_the_calls_pace(at: float, pages: int) -> None:
    assert pages_by(call("answer"), NOW + timedelta(seconds=at)) == pages


def test_a_call_without_length_has_sent_all_at_once() -> None:
    assert pages_by(call("answer", lasts=0), NOW) == 3
