"""Charts: numbers become shapes on a plain ground, which a template draws as SVG.

In:    the days, or the causes, of the dashboard.
Out:   bars with their places, grid lines with their labels.
Fails: never; pure.

Rule: what a bar is can be told without colour: each kind has a pattern of its own and its place in the stack, and
every number stands in a table beside the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smtpfax.model.cause import Cause
from smtpfax.model.job import State

from .figures import Day
from .words import CAUSES, count, lasting

WIDTH, HEIGHT = 720, 190
LEFT, BOTTOM, TOP = 40, 28, 18
STACK = (State.SENT, State.FAILED, State.CANCELLED)  # from the ground up
_STEPS = (1, 2, 5)
_MOST_LABELS = 10
_GAP = 0.3  # of a day's width


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rectangle; `kind` names its pattern."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A day: its bars, its sum above them, its date below; `says` is read when it is pointed at."""

    bars: tuple[Bar, ...]
    middle: float
    top: float
    total: str
    label: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the grid."""

    y: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All of a chart of days."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    ground: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A line of a chart of causes."""

    label: str
    many: int
    width: float  # of 100


def faxes_chart(days: Sequence[Day]) -> Chart:
    """Faxes by day and outcome, stacked."""
    return _chart(
        days,
        stacks=[[(state.value, day.faxes.get(state, 0)) for state in STACK] for day in days],
        says=[_says(day) for day in days],
    )


def pages_chart(days: Sequence[Day]) -> Chart:
    """Pages that were sent, by day."""
    return _chart(
        days,
        stacks=[[("pages", day.pages)] for day in days],
        says=[
            f"{day.date:%d %b}: {count(day.pages, 'page')}, about {lasting(day.seconds)} on the line" for day in days
        ],
    )


def causes_chart(causes: Mapping[Cause, int], *, most: int = 8) -> tuple[Share, ...]:
    """Why faxes failed, the most frequent first."""
    shown = list(causes.items())[:most]
    top = max((many for _, many in shown), default=1)
    return tuple(Share(label=CAUSES[cause], many=many, width=round(100 * many / top, 1)) for cause, many in shown)


def scale(most: float) -> tuple[int, int]:
    """The step between lines, and how many lines: round numbers, at most five of them."""
    unit = 1
    while True:
        for factor in _STEPS:
            step = unit * factor
            if most <= 5 * step:
                return step, max(1, -(-int(most) // step))
        unit *= 10


def _chart(days: Sequence[Day], *, stacks: Sequence[Sequence[tuple[str, int]]], says: Sequence[str]) -> Chart:
    step, lines = scale(max((sum(many for _, many in stack) for stack in stacks), default=0))
    ground, pels = HEIGHT - BOTTOM, (HEIGHT - BOTTOM - TOP) / (step * lines)
    wide = (WIDTH - LEFT) / max(1, len(days))
    every = -(-len(days) // _MOST_LABELS)
    columns = []
    for place, (day, stack, text) in enumerate(zip(days, stacks, says, strict=True)):
        x, total = LEFT + place * wide, sum(many for _, many in stack)
        last = len(days) - 1 - place
        columns.append(
            Column(
                bars=_stacked(stack, x=x + wide * _GAP / 2, width=wide * (1 - _GAP), ground=ground, pels=pels),
                middle=round(x + wide / 2, 1),
                top=round(ground - total * pels - 5, 1),
                total=f"{total:,}" if total and len(days) <= 2 * _MOST_LABELS else "",
                label=f"{day.date:%d %b}" if last % every == 0 else "",
                says=text,
            )
        )
    grid = tuple(Line(y=round(ground - at * step * pels, 1), label=f"{at * step:,}") for at in range(lines + 1))
    return Chart(columns=tuple(columns), lines=grid)


def _stacked(
    stack: Sequence[tuple[str, int]], *, x: float, width: float, ground: float, pels: float
) -> tuple[Bar, ...]:
    bars, y = [], ground
    for kind, many in stack:
        if many:
            y -= many * pels
            bars.append(
                Bar(kind=kind, x=round(x, 1), y=round(y, 1), width=round(width, 1), height=round(many * pels, 1))
            )
    return tuple(bars)


def _says(day: Day) -> str:
    told = [f"{day.faxes[state]} {state.value}" for state in STACK if day.faxes.get(state)]
    return f"{day.date:%d %b}: {', '.join(told) or 'no faxes'}"
