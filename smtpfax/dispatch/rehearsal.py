"""The embedded exchange's table: words for what becomes of a call, so that people can rehearse what goes wrong.

In:    a word of the table, such as `busy:2`, and the call.
Out:   a Plan for one try; how long the call takes; how it ends.
Fails: ConfigError, for a word that is none of these.

    answer       the far machine takes the fax
    busy[:N]     engaged (for the first N tries, then it answers); so too no_answer, not_a_fax and line
    partial:N    the call breaks after N pages
    slow:S       the call takes S seconds, and goes through
    unallocated  the network has no such number
    lying        the call is taken and goes through, but the answer to the offer is lost
    down         the exchange takes nothing
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from smtpfax.model.backend import Broken, Call, Done, Progress
from smtpfax.model.cause import Cause
from smtpfax.model.document import LINE_BITS_PER_SECOND
from smtpfax.model.errors import ConfigError
from smtpfax.model.event import Transmission
from smtpfax.model.number import FaxNumber, NotANumber

_WORD = re.compile(
    r"(answer|unallocated|lying|down)|(busy|no_answer|not_a_fax|line)(?::([1-9]\d{0,2}))?|(partial|slow):([1-9]\d{0,4})"
)
_KNOWN = "answer, busy[:N], no_answer[:N], not_a_fax[:N], line[:N], partial:N, slow:SECONDS, unallocated, lying or down"
_BREAKS: Mapping[str, Cause] = MappingProxyType(
    {
        "busy": Cause.BUSY,
        "no_answer": Cause.NO_ANSWER,
        "not_a_fax": Cause.NOT_A_FAX,
        "line": Cause.LINE,
        "partial": Cause.PARTIAL,
        "no_route": Cause.NO_ROUTE,
        "unallocated": Cause.UNALLOCATED,
    }
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How one call will go; `amount` is partial's pages, slow's seconds, and of other words the tries they hold for."""

    word: str
    amount: int = 0

    def __str__(self) -> str:
        return f"{self.word}:{self.amount}" if self.amount else self.word

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Read what `str` wrote."""
        word, _, amount = text.partition(":")
        return cls(word, int(amount or 0))

    def on_try(self, number: int) -> Plan:
        """The plan for the first, second … try."""
        if self.word in ("partial", "slow") or not self.amount:
            return self
        return Plan(self.word) if number <= self.amount else ANSWER


ANSWER = Plan("answer")
NO_ROUTE = Plan("no_route")


def read_table(name: str, numbers: Mapping[str, str]) -> Mapping[str, Plan]:
    """The table of a backend, by E.164 number."""
    return MappingProxyType({_number(name, number): _plan(name, number, word) for number, word in numbers.items()})


def seconds(plan: Plan, *, pages: int, per_page: float) -> float:
    """How long the call takes."""
    if plan.word == "slow":
        return plan.amount
    if plan.word in _BREAKS:
        return min(plan.amount, pages) * per_page
    return pages * per_page


def pages_by(call: Call, at: datetime) -> int:
    """How many pages have gone by then."""
    whole = call.ends - call.placed
    going = _pages_at_end(call)
    return min(int(going * ((at - call.placed) / whole)), going) if whole else going


def outcome(call: Call) -> Progress:
    """How a call that is over has ended."""
    word = Plan.parse(call.plan).word
    transmission = Transmission(
        pages_sent=_pages_at_end(call),
        seconds=(call.ends - call.placed) / timedelta(seconds=1),
        station=call.number,
        rate=LINE_BITS_PER_SECOND,
    )
    cause = _BREAKS.get(word)
    if cause is None:
        return Done(transmission=transmission)
    spoken = transmission if cause is Cause.PARTIAL else Transmission()
    return Broken(cause=cause, text=f"the exchange says {call.plan}", transmission=spoken)


def _pages_at_end(call: Call) -> int:
    plan = Plan.parse(call.plan)
    return min(plan.amount, call.document.pages) if plan.word in _BREAKS else call.document.pages


def _number(name: str, number: str) -> str:
    try:
        return FaxNumber(e164=number).e164
    except NotANumber as why:
        raise ConfigError(f"backends.{name}.numbers: {number!r} is no number: {why}") from None


def _plan(name: str, number: str, text: str) -> Plan:
    match = _WORD.fullmatch(text)
    if match is None:
        raise ConfigError(f"backends.{name}.numbers.{number}: {text!r} is not one of {_KNOWN}")
    return Plan.parse(text)
