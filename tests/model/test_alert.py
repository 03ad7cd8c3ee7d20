"""What is told, and when: once at its beginning, once at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from smtpfax.model.alert import CALM, Alert, Plan, Trouble, plan

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
DISK = Trouble(key="disk", subject="little space", text="9 MiB are free.")
SLOW = Trouble(key="relay", subject="relay down", text="It does not answer.", patience=timedelta(minutes=10))


class Ledger:
    """Known alerts, as the store keeps them between two rounds; `told` is what the administrator read."""

    def __init__(self, *, mail_leaves: bool = True) -> None:
        self.known: dict[str, Alert] = {}
        self.told: list[str] = []
        self.mail_leaves = mail_leaves

    def round(self, minutes: int, *found: Trouble) -> Plan:
        at = T0 + timedelta(minutes=minutes)
        made = plan(self.known.values(), found, at=at)
        self.known |= {alert.key: alert for alert in made.keep}
        for key in made.forget:
            del self.known[key]
        for alert in made.tell if self.mail_leaves else ():
            self.told.append(f"{'over ' if alert.over(at) else ''}{alert.key}")
            if alert.over(at):
                del self.known[alert.key]
            else:
                self.known[alert.key] = replace(alert, told=at)
        return made


def test_a_trouble_is_told_once_however_long_it_lasts_and_once_when_it_is_over() -> None:
    ledger = Ledger()
    for minutes in range(0, 60, 5):
        ledger.round(minutes, DISK)
    assert ledger.told == ["disk"]
    for minutes in range(60, 90, 5):
        ledger.round(minutes)
    assert ledger.told == ["disk", "over disk"]
    assert ledger.known == {}


def test_a_trouble_that_comes_and_goes_is_one_trouble() -> None:
    ledger = Ledger()
    for minutes in range(0, 120, 5):
        ledger.round(minutes, *([DISK] if minutes % 10 == 0 else []))
    assert ledger.told == ["disk"]


def test_a_trouble_that_passes_within_its_patience_is_never_told() -> None:
    ledger = Ledger()
    ledger.round(0, SLOW)
    ledger.round(5, SLOW)
    for minutes in range(10, 40, 5):
        ledger.round(minutes)
    assert ledger.told == []
    assert ledger.known == {}


def test_a_trouble_that_outlasts_its_patience_is_told_then() -> None:
    ledger = Ledger()
    ledger.round(0, SLOW)
    ledger.round(5, SLOW)
    assert ledger.told == []
    ledger.round(10, SLOW)
    assert ledger.told == ["relay"]


def test_while_no_mail_leaves_it_is_tried_again_and_told_once_with_its_end() -> None:
    ledger = Ledger(mail_leaves=False)
    for minutes in range(0, 30, 5):
        ledger.round(minutes, SLOW)
    assert [alert.key for alert in ledger.round(30, SLOW).tell] == ["relay"]
    ledger.round(35)
    ledger.mail_leaves = True
    ledger.round(40)
    assert ledger.told == ["over relay"]
    assert ledger.known == {}


def test_an_alert_has_the_words_of_its_last_look() -> None:
    ledger = Ledger()
    ledger.round(0, DISK)
    ledger.round(5, replace(DISK, text="1 MiB is free."))
    assert (ledger.known["disk"].text, ledger.known["disk"].since) == ("1 MiB is free.", T0)


def test_two_troubles_know_nothing_of_each_other() -> None:
    ledger = Ledger()
    ledger.round(0, DISK)
    ledger.round(5, DISK, replace(DISK, key="queue"))
    ledger.round(5 + CALM // timedelta(minutes=1), replace(DISK, key="queue"))
    assert ledger.told == ["disk", "queue", "over disk"]
