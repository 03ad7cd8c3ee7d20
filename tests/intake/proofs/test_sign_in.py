"""Signing in: the right password, the wrong one, nobody's; and those who guess."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest
from argon2 import Parameters, extract_parameters

from smtpfax.intake.proofs import auth
from smtpfax.intake.proofs.auth import HASHER, MOST_BY_ADDRESS, SignIn
from smtpfax.intake.proofs.failures import FORGET, LONGEST, Failures, key_of
from smtpfax.intake.proofs.sasl import Credentials
from smtpfax.model.errors import Temporary

HASH = HASHER.hash("secret")
HERE, THERE = ip_address("192.0.2.1"), ip_address("198.51.100.1")


@dataclass(slots=True)
class World:
    """A clock that only sleeping moves, and the users."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def hash_of(self, user: str) -> str | None:
        self.asked.append(user)
        return {"ann@acme.example": HASH, "broken@acme.example": "no hash"}.get(user)


@contextmanager
def open_door(world: World) -> Iterator[SignIn]:
    sign_in = SignIn(world.hash_of, clock=lambda: world.now, sleep=world.sleep)
    try:
        yield sign_in
    finally:
        sign_in.close()


def says(password: str, user: str = "ann@acme.example") -> Credentials:
    return Credentials(user=user, password=password)


@pytest.mark.parametrize(
    ("credentials", "user"),
    [
        (says("secret"), "ann@acme.example"),
        (says("secret", "Ann@ACME.example"), "ann@acme.example"),
        (says("Secret"), None),
        (says("secret", "nobody@acme.example"), None),
        (says("nobody's password", "nobody@acme.example"), None),
        (says("secret", "broken@acme.example"), None),
    ],
)
async def test_who_signs_in(credentials: Credentials, user: str | None) -> None:
    with open_door(World()) as sign_in:
        assert await sign_in.check(credentials, HERE) == user


async def test_a_stranger_costs_the_work_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    costs, verified = list[Parameters](), auth._verified

    def seen(kept: str, password: str) -> bool:
        costs.append(extract_parameters(kept))
        return verified(kept, password)

    monkeypatch.setattr(auth, "_verified", seen)
    with open_door(World()) as sign_in:
        for name in ("ann@acme.example", "nobody@acme.example"):
            assert await sign_in.check(says("wrong", name), HERE) is None
    user, stranger = costs
    assert stranger == user


async def test_a_guesser_is_slowed_and_then_shut_out_and_others_are_not() -> None:
    world = World()
    with open_door(world) as sign_in:
        for _ in range(int(MOST_BY_ADDRESS)):
            assert await sign_in.check(says("wrong"), HERE) is None
        assert world.slept == sorted(world.slept)
        assert world.slept[-1] == LONGEST
        asked = len(world.asked)
        with pytest.raises(Temporary):
            await sign_in.check(says("secret"), HERE)
        assert len(world.asked) == asked
        assert await sign_in.check(says("secret"), THERE) == "ann@acme.example"
        world.now += FORGET * 2
        assert await sign_in.check(says("secret"), HERE) == "ann@acme.example"


async def test_one_good_password_does_not_buy_more_guesses() -> None:
    world = World()
    with open_door(world) as sign_in:
        for guess in range(int(MOST_BY_ADDRESS)):
            await sign_in.check(says("wrong", f"user{guess}@acme.example"), HERE)
            if guess == 10:
                assert await sign_in.check(says("secret"), HERE)
        with pytest.raises(Temporary):
            await sign_in.check(says("secret"), HERE)


def test_people_who_mistype_do_not_wait() -> None:
    failures = Failures(20)
    failures.add("a", 0.0)
    failures.add("a", 0.0)
    assert failures.delay("a", 0.0) == 0.0
    assert failures.delay("b", 0.0) == 0.0
    failures.add("a", 0.0)
    assert failures.delay("a", 0.0) > 0.0


def test_what_is_remembered_is_bounded() -> None:
    failures = Failures(1, entries=2)
    for key in ("a", "b", "c"):
        failures.add(key, 0.0)
    assert [failures.shut_out(key, 0.0) for key in "abc"] == [False, True, True]


def test_one_customer_of_ipv6_is_one_key() -> None:
    assert key_of(ip_address("2001:db8::1")) == key_of(ip_address("2001:db8::ffff:1"))
    assert key_of(ip_address("2001:db8::1")) != key_of(ip_address("2001:db8:0:1::1"))
    assert key_of(None) == "local"
