"""The limits of a credential: kept, believed, and never passed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from smtpfax.dispatch.ringcentral.limiter import LIMITS, PENALTY, Group, Limiter
from smtpfax.egress import Answer
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Temporary
from smtpfax.testing.ringcentral.limits import Limits
from tests.dispatch.values import Clock

MOST = {group.value: limit for group, limit in LIMITS.items()}


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    async def sleep(seconds: float) -> None:
        clock.pass_by(seconds=seconds)

    return Limiter(clock, sleep)


def answer(status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body=b"")


@pytest.mark.parametrize("group", Group)
async def test_as_many_calls_as_the_group_has_and_then_a_pause(limiter: Limiter, group: Group) -> None:
    for _ in range(LIMITS[group]):
        await limiter.turn(group)
    with pytest.raises(Temporary) as caught:
        await limiter.turn(group)
    assert caught.value.cause is Cause.BACKEND
    assert caught.value.after == timedelta(seconds=61)


async def test_groups_do_not_count_for_each_other(limiter: Limiter) -> None:
    for group in Group:
        for _ in range(LIMITS[group]):
            await limiter.turn(group)


async def test_a_short_pause_is_waited_for(limiter: Limiter, clock: Clock) -> None:
    for _ in range(LIMITS[Group.AUTH]):
        await limiter.turn(Group.AUTH)
    clock.pass_by(seconds=58)
    began = clock()
    await limiter.turn(Group.AUTH)
    assert clock() - began == timedelta(seconds=3)


@pytest.mark.parametrize(("said", "waits"), [({"Retry_After": "90"}, 90), ({}, 60), ({"Retry_After": "0"}, 60)])
async def test_nothing_leaves_during_a_penalty(
    limiter: Limiter, clock: Clock, said: dict[str, str], waits: int
) -> None:
    limiter.heard(Group.LIGHT, answer(429, **said))
    for _ in range(3):
        with pytest.raises(Temporary) as caught:
            await limiter.turn(Group.LIGHT)
        assert caught.value.after == timedelta(seconds=waits) - (clock() - Clock().now)
        clock.pass_by(seconds=10)
    clock.pass_by(seconds=waits)
    await limiter.turn(Group.LIGHT)


async def test_the_answer_names_the_group_that_is_closed(limiter: Limiter) -> None:
    limiter.heard(Group.LIGHT, answer(429, X_Rate_Limit_Group="heavy"))
    await limiter.turn(Group.LIGHT)
    with pytest.raises(Temporary):
        await limiter.turn(Group.HEAVY)


async def test_a_service_that_is_closed_for_a_while_is_left_alone(limiter: Limiter) -> None:
    limiter.heard(Group.LIGHT, answer(503, Retry_After="30"))
    with pytest.raises(Temporary) as caught:
        await limiter.turn(Group.LIGHT)
    assert caught.value.after == timedelta(seconds=30)


async def test_a_limit_that_is_told_wins_over_the_documents(limiter: Limiter) -> None:
    limiter.heard(Group.HEAVY, answer(X_Rate_Limit_Limit="3", X_Rate_Limit_Window="60"))
    for _ in range(3):
        await limiter.turn(Group.HEAVY)
    with pytest.raises(Temporary):
        await limiter.turn(Group.HEAVY)


async def test_calls_that_others_made_are_believed(limiter: Limiter) -> None:
    await limiter.turn(Group.HEAVY)
    limiter.heard(Group.HEAVY, answer(X_Rate_Limit_Remaining="2"))
    await limiter.turn(Group.HEAVY)
    await limiter.turn(Group.HEAVY)
    with pytest.raises(Temporary):
        await limiter.turn(Group.HEAVY)


async def test_more_calls_than_we_counted_are_not_believed(limiter: Limiter) -> None:
    for _ in range(LIMITS[Group.HEAVY]):
        await limiter.turn(Group.HEAVY)
    limiter.heard(Group.HEAVY, answer(X_Rate_Limit_Remaining="10"))
    with pytest.raises(Temporary):
        await limiter.turn(Group.HEAVY)


@pytest.mark.parametrize("value", ["", "-1", "x", "٣", "9" * 30, "1.5"])
async def test_headers_that_are_nonsense_change_nothing(limiter: Limiter, value: str) -> None:
    limiter.heard(Group.AUTH, answer(X_Rate_Limit_Limit=value, X_Rate_Limit_Window=value, X_Rate_Limit_Remaining=value))
    for _ in range(LIMITS[Group.AUTH]):
        await limiter.turn(Group.AUTH)
    with pytest.raises(Temporary):
        await limiter.turn(Group.AUTH)


def test_offers_stand_in_line_and_come_in_their_order(limiter: Limiter, clock: Clock) -> None:
    keys = [f"m{number}-1.1" for number in range(25)]
    first = {key: limiter.wait(key) for key in keys}
    assert [key for key, wait in first.items() if not wait] == keys[:10]
    waits = [first[key] for key in keys[10:]]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=61)
    clock.pass_by(seconds=61)
    assert limiter.wait("a new one") > timedelta()
    assert [limiter.wait(key) for key in keys[10:20]] == [timedelta()] * 10
    assert limiter.wait(keys[20]) > timedelta()


async def test_a_turn_that_was_kept_is_not_counted_twice(limiter: Limiter) -> None:
    for number in range(LIMITS[Group.HEAVY]):
        assert not limiter.wait(f"{number}")
    for number in range(LIMITS[Group.HEAVY]):
        await limiter.turn(Group.HEAVY, key=f"{number}")
    with pytest.raises(Temporary):
        await limiter.turn(Group.HEAVY, key="another")


async def test_a_turn_that_was_kept_is_over_after_its_window(limiter: Limiter, clock: Clock) -> None:
    assert not limiter.wait("late")
    clock.pass_by(minutes=5)
    for _ in range(LIMITS[Group.HEAVY]):
        await limiter.turn(Group.HEAVY)
    with pytest.raises(Temporary):
        await limiter.turn(Group.HEAVY, key="late")


def test_who_does_not_come_back_holds_nobody_up(limiter: Limiter, clock: Clock) -> None:
    for number in range(12):
        limiter.wait(f"{number}")
    clock.pass_by(minutes=10)
    assert [limiter.wait(f"new {number}") for number in range(10)] == [timedelta()] * 10


async def test_against_a_server_that_counts_no_call_is_one_too_many(limiter: Limiter, clock: Clock) -> None:
    server = Limits(clock, MOST)
    left: dict[Group, int] = {Group.LIGHT: 300, Group.HEAVY: 60, Group.MEDIUM: 200}
    while any(left.values()):
        for group in left:
            await one(limiter, server, group, left)
        clock.pass_by(seconds=1)
        assert clock() - Clock().now < timedelta(minutes=10)
    assert (server.refused, server.in_penalty) == (0, 0)


async def test_a_storm_of_429_is_answered_by_silence(limiter: Limiter, clock: Clock) -> None:
    server = Limits(clock, MOST, storms=5)
    left = {Group.LIGHT: 100}
    while left[Group.LIGHT]:
        await one(limiter, server, Group.LIGHT, left)
        clock.pass_by(seconds=1)
    assert server.refused == 5
    assert server.in_penalty == 0
    assert clock() - Clock().now >= 5 * PENALTY


async def one(limiter: Limiter, server: Limits, group: Group, left: dict[Group, int]) -> None:
    """A call, if there is one to make and its turn is near."""
    if not left[group]:
        return
    try:
        await limiter.turn(group)
    except Temporary:
        return
    served, told = server.call(group.value)
    limiter.heard(group, answer(200 if served else 429, **{k.replace("-", "_"): v for k, v in told.items()}))
    left[group] -= served


async def test_many_at_once_wait_together_and_pass_no_limit(limiter: Limiter, clock: Clock) -> None:
    for _ in range(40):
        await limiter.turn(Group.LIGHT)
    clock.pass_by(seconds=58)
    results = await asyncio.gather(*(limiter.turn(Group.LIGHT) for _ in range(60)), return_exceptions=True)
    assert sum(isinstance(result, Temporary) for result in results) == 10


async def test_turns_that_are_used_late_count_from_when_they_are_used(limiter: Limiter, clock: Clock) -> None:
    """A document that takes 50 s to be drawn leaves at the end of its minute, and others at the start of the next."""
    server, keys = Limits(clock, MOST), [f"m{number}-1.1" for number in range(30)]
    late = [key for key in keys if not limiter.wait(key)]
    assert len(late) == 10
    clock.pass_by(seconds=50)
    for key in late:
        await limiter.turn(Group.HEAVY, key=key)
        assert server.call("heavy")[0]
    clock.pass_by(seconds=12)
    early = [key for key in keys[10:] if not limiter.wait(key)]
    for key in early:
        await limiter.turn(Group.HEAVY, key=key)
        assert server.call("heavy")[0]
    assert early == []


async def test_of_several_penalties_the_longest_counts(limiter: Limiter, clock: Clock) -> None:
    limiter.heard(Group.LIGHT, answer(429, Retry_After="90"))
    clock.pass_by(seconds=1)
    limiter.heard(Group.LIGHT, answer(429, Retry_After="5"))
    limiter.heard(Group.LIGHT, answer(503, Retry_After="7"))
    with pytest.raises(Temporary) as caught:
        await limiter.turn(Group.LIGHT)
    assert caught.value.after == timedelta(seconds=89)


async def test_calls_of_others_are_believed_after_a_long_request_too(limiter: Limiter, clock: Clock) -> None:
    for _ in range(LIMITS[Group.HEAVY]):
        await limiter.turn(Group.HEAVY)
    clock.pass_by(minutes=3)
    limiter.heard(Group.HEAVY, answer(X_Rate_Limit_Remaining="0"))
    with pytest.raises(Temporary):
        await limiter.turn(Group.HEAVY)


async def test_a_long_line_of_offers_leaves_a_turn_to_the_call_log(limiter: Limiter, clock: Clock) -> None:
    waiting, asked = [f"m{number}-1.1" for number in range(200)], 0
    for second in range(300):
        waiting = [key for key in waiting if limiter.wait(key)]
        clock.pass_by(seconds=1)
        if second % 15 != 7:  # as a fax that is not over is asked about
            continue
        try:
            await limiter.turn(Group.HEAVY)
        except Temporary:
            continue
        asked += 1
    assert asked >= 3
    assert len(waiting) <= 200 - 5 * 8  # and one turn in ten is all that it costs


def test_a_turn_that_nobody_asked_for_is_not_left(limiter: Limiter) -> None:
    assert sum(not limiter.wait(f"{number}") for number in range(20)) == LIMITS[Group.HEAVY]
