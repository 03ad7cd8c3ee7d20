"""A RingCentral that misbehaves: no fault that says "nothing was taken" lies, and no fax leaves twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.dispatch.ringcentral.limiter import LIMITS
from smtpfax.model import status as say
from smtpfax.model.backend import Done
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt, Permanent, Temporary
from smtpfax.testing.ringcentral import TRICKS, FakeRingCentral, error
from smtpfax.testing.trick import Trick
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import ELSEWHERE, Clock, offer, spooled

TRICK = {trick.name: trick for trick in TRICKS}


@pytest.mark.parametrize("trick", TRICKS, ids=str)
async def test_whatever_it_does_a_fax_leaves_once_and_is_known_or_in_doubt(
    ring: FakeRingCentral, tmp_path: Path, trick: Trick
) -> None:
    backend = ringcentral(ring, spooled(tmp_path), request_seconds=0.3)
    ring.tricks.append(trick)
    with pytest.raises((Temporary, Permanent, InDoubt)) as caught:
        await backend.offer(offer())
    assert len(ring.created) == 1
    ring.clock.pass_by(minutes=2)  # type: ignore[attr-defined]
    found = await backend.find(offer(), taken=frozenset())
    assert (found is not None) == trick.takes
    assert isinstance(caught.value, InDoubt) or not trick.takes


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("an invalid recipient", say.BACKEND_REFUSED),
        ("too large", say.DOCUMENT_TOO_LARGE),
        ("413", say.DOCUMENT_TOO_LARGE),
        ("an empty document", say.BACKEND_REFUSED),
        ("no permission", say.BACKEND_REFUSED),
        ("faxing is not available", say.BACKEND_REFUSED),
        ("404 of the API", say.BACKEND_REFUSED),
        ("a media type that it does not know", say.BACKEND_REFUSED),
        ("404 of a wrong url", say.BACKEND_DOWN),
        ("400 of a proxy", say.BACKEND_DOWN),
        ("403 of a proxy", say.BACKEND_DOWN),
        ("redirect", say.BACKEND_DOWN),
        ("429", say.BACKEND_DOWN),
        ("503 of the service", say.BACKEND_DOWN),
    ],
)
async def test_a_refusal_is_a_fault_with_its_sentence(
    ring: FakeRingCentral, tmp_path: Path, name: str, sentence: say.Sentence
) -> None:
    ring.tricks.append(TRICK[name])
    with pytest.raises((Temporary, Permanent)) as caught:
        await ringcentral(ring, spooled(tmp_path)).offer(offer())
    assert caught.value.sentence is sentence
    assert caught.value.cause is (Cause.REFUSED if isinstance(caught.value, Permanent) else Cause.BACKEND)


async def test_a_number_that_it_does_not_take_is_no_route(ring: FakeRingCentral, tmp_path: Path) -> None:
    body = error("CMN-101", "Parameter [to] value is invalid", parameter="to[0].phoneNumber")
    ring.tricks.append(Trick(name="number", takes=False, status=400, body=body))
    with pytest.raises(Permanent) as caught:
        await ringcentral(ring, spooled(tmp_path)).offer(offer(number=ELSEWHERE))
    assert caught.value.cause is Cause.NO_ROUTE
    assert caught.value.text == f"there is no fax machine at {ELSEWHERE}"
    assert "Parameter [to] value is invalid" in caught.value.reason


async def test_what_only_an_administrator_can_mend_says_so_in_plain_words(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    ring.tricks.append(TRICK["no permission"])
    with pytest.raises(Permanent, match="CMN-401") as caught:
        await ringcentral(ring, spooled(tmp_path)).offer(offer())
    assert "our application has not the permission Faxes" in caught.value.text


@pytest.mark.parametrize(("name", "seconds"), [("429", 90), ("429 without a time", None), ("503 of the service", 7)])
async def test_it_may_say_when_to_try_again(
    ring: FakeRingCentral, tmp_path: Path, name: str, seconds: int | None
) -> None:
    ring.tricks.append(TRICK[name])
    with pytest.raises(Temporary) as caught:
        await ringcentral(ring, spooled(tmp_path)).offer(offer())
    assert caught.value.after == (timedelta(seconds=seconds) if seconds else None)


async def test_after_a_429_no_fax_leaves_before_the_penalty_is_over(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ring.tricks.append(TRICK["429"])
    for _ in range(4):
        with pytest.raises(Temporary):
            await backend.offer(offer())
        clock.pass_by(seconds=20)
    assert len(ring.created) == 1
    clock.pass_by(seconds=10)
    assert await backend.offer(offer())


async def test_a_burst_of_faxes_waits_in_line_and_passes_no_limit(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    ring.limits.most = {group.value: limit for group, limit in LIMITS.items()}
    backend = ringcentral(ring, spooled(tmp_path))
    waiting = {f"m{number}-1": clock() for number in range(35)}
    while waiting:
        job_id, due = min(waiting.items(), key=lambda item: item[1])
        clock.now = max(clock.now, due)
        asked = offer(job_id)
        wait = backend.wait(asked.key)
        if wait:
            waiting[job_id] = clock() + wait
            continue
        await backend.offer(asked)
        del waiting[job_id]
    assert [order.files[0].name for order in ring.store.orders.values()] == [f"m{n}-1.1.pdf" for n in range(35)]
    assert (ring.limits.refused, ring.limits.calls["heavy"]) == (0, 35)
    assert clock() - Clock().now < timedelta(minutes=5)


async def test_a_document_that_is_not_there_leaves_nothing_at_the_service(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    with pytest.raises(Temporary):
        await ringcentral(ring, tmp_path, document="tiff").offer(offer())
    assert ring.created == []


@pytest.mark.parametrize(
    "trick",
    [
        Trick(name="drops", takes=False),
        Trick(name="500", takes=False, status=500),
        Trick(name="not JSON", takes=False, status=200, body=b"<h1>hello</h1>"),
        Trick(name="no records", takes=False, status=200, body=b"{}"),
        Trick(name="a list", takes=False, status=200, body=b"[]"),
        Trick(name="429", takes=False, status=429),
    ],
    ids=str,
)
async def test_a_fax_that_cannot_be_asked_for_is_not_gone(ring: FakeRingCentral, tmp_path: Path, trick: Trick) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    ring.reading = trick
    with pytest.raises(Temporary):
        await backend.ask([ticket])
    with pytest.raises(Temporary):
        await backend.find(offer(), taken=frozenset())
    with pytest.raises(Temporary):
        await backend.check()


async def test_a_resend_that_is_not_allowed_becomes_a_whole_fax_within_the_same_try(
    ring: FakeRingCentral, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    first = await backend.offer(offer())
    ring.resends = False
    second = await backend.offer(replace(offer(try_number=2), original=first))
    assert second != first
    assert [seen.headers["Content-Type"].partition(";")[0] for seen in ring.created] == [
        "multipart/form-data",
        "application/json",
        "multipart/form-data",
    ]
    assert len(ring.store.orders) == 2


@pytest.mark.parametrize("name", ["drops after taking it", "500 after taking it", "429", "no permission"])
async def test_a_resend_that_ends_otherwise_sends_nothing_else(
    ring: FakeRingCentral, tmp_path: Path, name: str
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    first = await backend.offer(offer())
    ring.tricks.append(TRICK[name])
    with pytest.raises((Temporary, Permanent, InDoubt)):
        await backend.offer(replace(offer(try_number=2), original=first))
    assert len(ring.created) == 2


async def test_without_the_setting_nothing_is_resent(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path), resend=False)
    first = await backend.offer(offer())
    await backend.offer(replace(offer(try_number=2), original=first))
    assert {seen.headers["Content-Type"].partition(";")[0] for seen in ring.created} == {"multipart/form-data"}


async def test_a_fax_is_over_when_it_says_so_in_spite_of_a_lost_token(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ticket = await backend.offer(offer())
    ring.store.end(4_444_444_444, "Sent", pages=3)
    ring.lapse()
    assert isinstance((await backend.ask([ticket]))[ticket], Done)
