"""Charts: where the shapes stand, and how days are made of hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from smtpfax.model.cause import Cause
from smtpfax.model.job import State
from smtpfax.store import Ended
from smtpfax.web.charts import HEIGHT, LEFT, WIDTH, causes_chart, faxes_chart, pages_chart, scale
from smtpfax.web.figures import Day, by_day

TODAY = date(2026, 3, 10)


def days(*faxes: dict[State, int]) -> list[Day]:
    last = len(faxes) - 1
    return [Day(date=TODAY - timedelta(days=last - place), faxes=each) for place, each in enumerate(faxes)]


@pytest.mark.parametrize(
    ("most", "step", "lines"), [(0, 1, 1), (1, 1, 1), (5, 1, 5), (6, 2, 3), (11, 5, 3), (49, 10, 5), (1234, 500, 3)]
)
def test_the_grid_has_round_numbers_and_few_lines(most: int, step: int, lines: int) -> None:
    assert scale(most) == (step, lines)


def test_a_days_bars_stand_on_each_other_and_say_what_they_are() -> None:
    (column,) = faxes_chart(days({State.SENT: 3, State.FAILED: 2, State.CANCELLED: 1})).columns
    sent, failed, cancelled = column.bars
    assert [bar.kind for bar in column.bars] == ["sent", "failed", "cancelled"]
    assert failed.y + failed.height == pytest.approx(sent.y)
    assert cancelled.y + cancelled.height == pytest.approx(failed.y)
    assert sent.height == pytest.approx(3 * cancelled.height, abs=0.2)
    assert column.says == "10 Mar: 3 sent, 2 failed, 1 cancelled"
    assert (column.total, column.label) == ("6", "10 Mar")


@pytest.mark.parametrize("many", [1, 7, 14, 30, 90])
def test_every_bar_is_within_the_picture_and_labels_have_room(many: int) -> None:
    chart = faxes_chart(days(*({State.SENT: place * 7 % 100} for place in range(many))))
    for bar in (bar for column in chart.columns for bar in column.bars):
        assert bar.x >= LEFT
        assert bar.x + bar.width <= WIDTH
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
    assert sum(bool(column.label) for column in chart.columns) <= 10
    assert chart.columns[-1].label == "10 Mar"  # today is always named


def test_days_without_faxes_are_empty_and_not_left_out() -> None:
    chart = faxes_chart(days({}, {State.SENT: 1}, {}))
    assert [len(column.bars) for column in chart.columns] == [0, 1, 0]
    assert chart.columns[0].says == "08 Mar: no faxes"


def test_pages_are_told_with_their_time_on_the_line() -> None:
    chart = pages_chart([Day(date=TODAY, pages=12, seconds=95)])
    assert chart.columns[0].says == "10 Mar: 12 pages, about 1 min 35 s on the line"


def test_causes_are_shares_of_the_most_frequent_one() -> None:
    first, second = causes_chart({Cause.BUSY: 8, Cause.NO_ANSWER: 2})
    assert (first.label, first.many, first.width) == ("the line was busy", 8, 100.0)
    assert second.width == 25.0
    assert causes_chart({}) == ()


def test_an_hour_belongs_to_the_day_that_the_viewer_has() -> None:
    at = datetime(2026, 3, 10, 3, tzinfo=UTC)  # the evening before, in New York
    ended = [
        Ended(hour=at, state=State.SENT, faxes=2, pages=5, bits=144_000),
        Ended(hour=at, state=State.FAILED, faxes=1, pages=9, bits=999),
        Ended(hour=at + timedelta(hours=9), state=State.SENT, faxes=1, pages=1, bits=14_400),
    ]
    before, today = by_day(ended, last=TODAY, days=2, zone=ZoneInfo("America/New_York"))
    assert (before.faxes, before.pages, before.seconds) == ({State.SENT: 2, State.FAILED: 1}, 5, 10.0)
    assert (today.faxes, today.pages, today.total) == ({State.SENT: 1}, 1, 1)
    assert [day.total for day in by_day(ended, last=TODAY, days=2, zone=UTC)] == [0, 4]
