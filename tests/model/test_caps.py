"""How many faxes and pages may go, and when there is room again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model.account import Account, Faxbox
from smtpfax.model.address import mailbox
from smtpfax.model.bounds import bounds_of
from smtpfax.model.caps import Bound, Caps, Counted, Over, Usage, hour_of, over_cap, scopes_of

NOW = datetime(2026, 11, 22, 14, 40, tzinfo=UTC)
THREE = datetime(2026, 11, 22, 15, tzinfo=UTC)
ANN = mailbox("Ann@acme.example")


def used(*hours: tuple[int, int, int], scope: str = "s") -> Usage:
    """So many hours ago, so many faxes and pages."""
    return Usage({scope: {hour_of(NOW) - timedelta(hours=ago): Counted(faxes, pages) for ago, faxes, pages in hours}})


def bound(**caps: int) -> list[Bound]:
    return [Bound(scope="s", whose="this faxbox", caps=Caps(**caps))]


ROOM = [
    ({}, [(0, 10**6, 10**6)], 1, 100, None),
    ({"faxes_per_hour": 3}, [(0, 2, 0)], 1, 0, None),
    ({"faxes_per_hour": 3}, [(0, 3, 0)], 1, 0, ("3 faxes in an hour", THREE)),
    ({"faxes_per_hour": 3}, [(0, 2, 0)], 2, 0, ("3 faxes in an hour", THREE)),
    ({"faxes_per_hour": 3}, [(1, 3, 0)], 1, 0, None),
    ({"faxes_per_hour": 3}, [(0, 3, 0)], 0, 50, None),  # pages are another matter
    ({"faxes_per_day": 5}, [(0, 1, 0), (23, 3, 0)], 1, 0, None),
    ({"faxes_per_day": 5}, [(0, 1, 0), (23, 4, 0)], 1, 0, ("5 faxes in 24 hours", THREE)),
    ({"faxes_per_day": 5}, [(0, 1, 0), (24, 4, 0)], 1, 0, None),
    ({"faxes_per_day": 5}, [(0, 4, 0), (20, 1, 0)], 1, 0, ("5 faxes in 24 hours", THREE + timedelta(hours=3))),
    ({"faxes_per_day": 5}, [(0, 5, 0)], 1, 0, ("5 faxes in 24 hours", THREE + timedelta(hours=23))),
    ({"pages_per_hour": 10}, [(0, 1, 8)], 0, 2, None),
    ({"pages_per_hour": 10}, [(0, 1, 8)], 0, 3, ("10 pages in an hour", THREE)),
    ({"pages_per_hour": 10}, [], 0, 11, ("10 pages in an hour", None)),  # no time will make room for it
    ({"pages_per_day": 10}, [(5, 0, 9)], 0, 2, ("10 pages in 24 hours", THREE + timedelta(hours=18))),
    # Of two caps, the one that bars longer.
    (
        {"faxes_per_hour": 1, "faxes_per_day": 1},
        [(0, 1, 0)],
        1,
        0,
        ("1 fax in 24 hours", THREE + timedelta(hours=23)),
    ),
    ({"pages_per_hour": 5, "pages_per_day": 9}, [(0, 1, 5)], 0, 6, ("5 pages in an hour", None)),
]


@pytest.mark.parametrize(("caps", "hours", "more", "pages", "found"), ROOM)
def test_there_is_room_or_a_time_from_which_there_will_be(
    caps: dict[str, int],
    hours: list[tuple[int, int, int]],
    more: int,
    pages: int,
    found: tuple[str, datetime | None] | None,
) -> None:
    over = over_cap(bound(**caps), used(*hours), at=NOW, faxes=more, pages=pages)
    assert over == (Over(whose="this faxbox", cap=found[0], until=found[1]) if found else None)


def test_the_time_is_told_in_utc() -> None:
    assert Over(whose="", cap="", until=THREE).when == "2026-11-22 15:00 UTC"
    assert Over(whose="", cap="", until=None).when == "never"


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 9)), max_size=12, unique_by=lambda row: row[0]
    ),
    st.integers(1, 20),
    st.integers(1, 20),
)
def test_when_the_time_has_come_there_is_room_and_not_an_hour_before(
    hours: list[tuple[int, int, int]], per_hour: int, per_day: int
) -> None:
    bounds, usage = bound(faxes_per_hour=per_hour, faxes_per_day=per_day), used(*hours)
    over = over_cap(bounds, usage, at=NOW, faxes=1)
    if over is not None and over.until is not None:
        assert over_cap(bounds, usage, at=over.until, faxes=1) is None
        before = over_cap(bounds, usage, at=over.until - timedelta(seconds=1), faxes=1)
        assert before is not None
        assert before.until == over.until


def test_each_scope_has_its_own_count() -> None:
    account = Account(id="acme", name="Acme", caps=Caps(faxes_per_day=9))
    faxbox = Faxbox(
        id="sales", account_id="acme", name="", caps=Caps(faxes_per_day=5), caps_each=Caps(faxes_per_hour=2)
    )
    bounds = bounds_of(account, faxbox, ANN)
    of_account, of_box, of_path = scopes_of("acme", "sales", "ann@acme.example")
    assert [each.scope for each in bounds] == [of_account, of_box, of_path]
    assert over_cap(bounds, used((0, 2, 0), scope=of_path), at=NOW, faxes=1) is not None
    assert over_cap(bounds, used((0, 2, 0), scope=of_box), at=NOW, faxes=1) is None
    with_more = used((0, 4, 0), scope=of_box).plus({of_box: 1, of_path: 1}, NOW)
    assert with_more.since(of_path, hour_of(NOW)).faxes == 1
    over = over_cap(bounds, with_more, at=NOW, faxes=1)
    assert over is not None
    assert (over.whose, over.cap) == ("this faxbox", "5 faxes in 24 hours")


def test_without_caps_nothing_is_looked_up() -> None:
    assert bounds_of(Account(id="a", name=""), Faxbox(id="b", account_id="a", name=""), ANN) == ()
