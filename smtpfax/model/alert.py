"""Alerts: what an administrator is told by mail, once when it begins and once when it is over.

In:    the troubles that were found just now, and the alerts that are known.
Out:   a Plan: alerts to keep, those to tell of, those to forget.
Fails: never; pure.

Rule: a trouble that comes and goes within `CALM` is one trouble. One that passed before it was worth telling is never
told; one that passed while no mail could leave is told once, with its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

CALM = timedelta(minutes=10)  # unseen for so long, it is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is wrong now; the key is its name for as long as it lasts."""

    key: str  # such as `disk`, `backend line`
    subject: str
    text: str
    patience: timedelta = timedelta()  # it must last for so long to be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A trouble as it is remembered: since when, when it was last seen, and when the administrator was told."""

    key: str
    subject: str
    text: str
    since: datetime
    seen: datetime
    due: datetime  # when it is worth telling
    told: datetime | None = None

    def over(self, at: datetime) -> bool:
        """Not seen for long enough."""
        return at - self.seen >= CALM


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What follows from a round of looking; telling an alert that is over ends it."""

    keep: tuple[Alert, ...] = ()
    tell: tuple[Alert, ...] = ()
    forget: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a fax service answered when it was last asked."""

    name: str
    well: bool
    text: str
    at: datetime


def plan(known: Iterable[Alert], found: Iterable[Trouble], *, at: datetime) -> Plan:
    """Compare what is known with what was found."""
    before = {alert.key: alert for alert in known}
    seen = {trouble.key: _seen(trouble, before.get(trouble.key), at) for trouble in found}
    now = tuple((before | seen).values())
    worth = [alert for alert in now if alert.due <= alert.seen]
    tell = [alert for alert in worth if alert.over(at) or (alert.told is None and alert.key in seen)]
    passed = [alert.key for alert in now if alert.over(at) and alert not in worth]
    return Plan(keep=tuple(seen.values()), tell=tuple(tell), forget=tuple(passed))


def _seen(trouble: Trouble, known: Alert | None, at: datetime) -> Alert:
    if known is None:
        due = at + trouble.patience
        return Alert(key=trouble.key, subject=trouble.subject, text=trouble.text, since=at, seen=at, due=due)
    return replace(known, subject=trouble.subject, text=trouble.text, seen=at)
