"""Ids: unique, ordered by time, and as long as ever; and where their chance comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from smtpfax.model.ids import MOST_BITS, make_ids, pooled

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_id_is_its_milliseconds_and_its_chance_in_base_32() -> None:
    for moment, chance in ((NOON, 0), (NOON, 2**42 - 1), (NOON + timedelta(milliseconds=7), 0x2A5A5A5A5A5)):
        number = int(moment.timestamp() * 1000) << 42 | chance
        digits = "".join(ALPHABET[number >> shift & 31] for shift in range(85, -1, -5))
        assert make_ids(lambda moment=moment: moment, lambda _, chance=chance: chance)() == digits  # type: ignore[misc]


def test_ids_are_in_the_order_of_time() -> None:
    moments = (NOON + timedelta(milliseconds=n * n) for n in count())
    ids = make_ids(lambda: next(moments), lambda bits: 2**bits - 1)
    made = [ids() for _ in range(50)]
    assert made == sorted(set(made))


def test_each_octet_of_the_pool_is_used_once_and_the_pool_is_filled_again() -> None:
    numbers, drawn = count(), list[int]()

    def octets(number: int) -> bytes:
        drawn.append(number)
        return b"".join(next(numbers).to_bytes(8, "little") for _ in range(number // 8))

    bits = pooled(octets)
    got = [bits(MOST_BITS) for _ in range(2000)]
    assert got == list(range(2000))
    assert sum(drawn) >= 2000 * 8
    assert len(drawn) < 10


def test_bits_are_no_more_than_were_asked_for() -> None:
    bits = pooled(lambda number: b"\xff" * number)
    assert [bits(number) for number in (1, 42, 64)] == [1, 2**42 - 1, 2**64 - 1]
