"""When to try again, by cause, and when to give up.

In:    a job, what went wrong, and the time.
Out:   the event that follows: Deferred to a time, or Failed.
Fails: never.

Rule: a try is counted when a call was placed. A backend that is down costs no try and is bounded by expiry alone.
Only this schedule tries again: a backend is asked for one try.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from . import status as catalogue
from .cause import Cause
from .errors import Fault, Permanent, Temporary
from .event import Deferred, Failed, PartNote, Transmission
from .job import Job


@dataclass(frozen=True, slots=True)
class Rule:
    """Minutes to wait after the first, second … time; the last one repeats. `most` bounds calls that end so."""

    minutes: tuple[float, ...]
    counted: bool
    most: int | None = None

    def wait(self, tries: int) -> timedelta:
        """How long after so many tries."""
        return timedelta(minutes=self.minutes[min(tries, len(self.minutes) - 1)])


# Busy lines clear in minutes; a line nobody answers is left alone longer; a voice is not called often.
RULES: Mapping[Cause, Rule] = MappingProxyType(
    {
        Cause.BUSY: Rule((2, 4, 8, 15, 30), counted=True),
        Cause.NO_ANSWER: Rule((5, 15, 30, 60), counted=True),
        Cause.NOT_A_FAX: Rule((15, 60), counted=True, most=2),
        Cause.PARTIAL: Rule((3, 10), counted=True, most=2),  # every try costs the far side the same pages again
        Cause.LINE: Rule((2, 5, 15), counted=True),
        Cause.UNKNOWN: Rule((5, 15, 30), counted=True),
        Cause.BACKEND: Rule((0.5, 1, 2, 5, 10, 15), counted=False),
        Cause.OURS: Rule((0.25, 0.5, 1, 5), counted=False),
        Cause.CONVERTER: Rule((0.05,), counted=False),
        Cause.IN_DOUBT: Rule((0.5,), counted=False),
        Cause.CAP: Rule((1,), counted=False),
    }
)
MOST_CRASHES = 2  # a converter that crashed twice on a document will do so a third time


def after_fault(
    job: Job,
    fault: Fault,
    *,
    at: datetime,
    transmission: Transmission = Transmission(),
    parts: tuple[PartNote, ...] = (),
    times: int = 0,
) -> Deferred | Failed:
    """What follows when a stage raised `fault`; `times`: how often this cause came to this job already."""
    if isinstance(fault, Permanent):
        return Failed(status=fault.status, cause=fault.cause, text=fault.text, transmission=transmission, parts=parts)
    rule = RULES.get(fault.cause, RULES[Cause.OURS])
    tries = job.tries + rule.counted
    if rule.counted and (tries >= job.most_tries or (rule.most is not None and times + 1 >= rule.most)):
        return _given_up(catalogue.TRIES_USED_UP.fill(tries=tries, why=fault.text), fault, transmission, rule)
    if fault.cause is Cause.CONVERTER and job.crashes + 1 >= MOST_CRASHES:
        sentence = catalogue.CONVERTER_FAILED
        text = sentence.fill(part=fault.part or catalogue.EVERY_PART)
        return Failed(status=sentence.status, cause=fault.cause, text=text, parts=parts)
    asked = fault.after if isinstance(fault, Temporary) else None
    due = at + max(rule.wait(times), asked or timedelta())
    if due >= job.until:
        return _given_up(_time_over(job).fill(why=fault.text), fault, transmission, rule)
    return Deferred(
        status=fault.status,
        cause=fault.cause,
        text=fault.text,
        due=due,
        counted=rule.counted,
        transmission=transmission,
    )


def expired(job: Job, *, at: datetime, accepted_limit: timedelta) -> Failed | None:
    """Failed, when its time is over: a call that may have gone through is said to be so."""
    if job.state.final:
        return None
    if job.offered is not None and job.state in ("offered", "accepted"):
        if at < job.offered + accepted_limit:
            return None
        return Failed(
            status=catalogue.MAYBE_SENT.status, cause=Cause.IN_DOUBT, text=catalogue.MAYBE_SENT.fill(), counted=True
        )
    ends = job.until if job.held is None else job.deadline  # a hold puts off our own time alone
    if ends is None or at < ends:
        return None
    sentence, why = _time_over(job), job.text or "it was never tried"
    return Failed(status=sentence.status, cause=Cause.EXPIRED, text=sentence.fill(why=why))


def _time_over(job: Job) -> catalogue.Sentence:
    """Whose time it is that ends first: ours, or the one that the sender set."""
    return catalogue.DEADLINE_OVER if job.deadline and job.deadline <= job.expires else catalogue.TIME_USED_UP


def _given_up(text: str, fault: Fault, transmission: Transmission, rule: Rule) -> Failed:
    return Failed(
        status=catalogue.TIME_USED_UP.status,
        cause=fault.cause,
        text=text,
        counted=rule.counted,
        transmission=transmission,
    )
