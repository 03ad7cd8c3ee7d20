"""A RingCentral that misbehaves: no fault that says "nothing was taken" lies, and no fax leaves twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.dispatch.ringcentral.limiter import LIMITS
from smtpfax.model import status as say
from smtpfax.model.backend import Broken, Done, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt, NotLetIn, Permanent, Temporary
from smtpfax.testing.ringcentral import TRICKS, FakeRingCentral, error
from smtpfax.testing.trick import Trick
from tests.dispatch.benches import ringcentral
from tests.dispatch.values import ELSEWHERE, Clock, offer, spooled

FIRST = 4_444_444_444
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


async def test_a_resend_whose_refusal_is_no_clear_one_sends_nothing_else(ring: FakeRingCentral, tmp_path: Path) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    first = await backend.offer(offer())
    body = error("MSG-343", parameter="originalMessageId")
    ring.tricks.append(Trick(name="500 that names the original", takes=True, status=500, body=body))
    with pytest.raises(InDoubt):
        await backend.offer(replace(offer(try_number=2), original=first))
    assert len(ring.created) == 2


async def test_a_document_that_was_not_sent_again_once_is_not_asked_for_by_the_next_try(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    ring.limits.most = {group.value: limit for group, limit in LIMITS.items()}
    backend = ringcentral(ring, spooled(tmp_path))
    first = await backend.offer(offer())
    ring.resends = False
    for number in range(8):
        await backend.offer(offer(f"m{number + 2}-1"))
    again = replace(offer(try_number=2), original=first)
    with pytest.raises(Temporary):  # it was the tenth, and the whole fax would be one too many
        await backend.offer(again)
    clock.pass_by(seconds=61)
    await backend.offer(again)
    kinds = [seen.headers["Content-Type"].partition(";")[0] for seen in ring.created[-2:]]
    assert kinds == ["application/json", "multipart/form-data"]
    assert len(ring.created) == 11


async def test_a_fax_that_is_sent_again_under_its_old_id_is_judged_by_its_new_call(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    first = await backend.offer(offer())
    ring.store.end(FIRST, "SendingFailed", code="LineBusy")
    assert isinstance(broken := (await backend.ask([first]))[first], Broken)
    assert broken.cause is Cause.BUSY
    ring.store.end(FIRST, "Queued")
    body = json.dumps(ring.store.records[FIRST]).encode()
    ring.tricks.append(Trick(name="the same message", takes=False, status=200, body=body))
    assert await backend.offer(replace(offer(try_number=2), original=first)) == first
    assert await backend.ask([first]) == {}  # what was read before tells of the earlier call
    clock.pass_by(seconds=15)
    assert isinstance((await backend.ask([first]))[first], Sending)
    ring.store.end(FIRST, "SendingFailed", code="NoAnswer")
    clock.pass_by(seconds=15)
    assert isinstance(broken := (await backend.ask([first]))[first], Broken)
    assert broken.cause is Cause.NO_ANSWER


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Sat, 21 Nov 2026 12:01:30 GMT", 90),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 60),
        ("soon", 60),
    ],
)
async def test_a_pause_may_be_said_as_a_date_and_nonsense_is_a_minute(
    ring: FakeRingCentral, clock: Clock, tmp_path: Path, said: str, seconds: int
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ring.tricks.append(Trick(name="429", takes=False, status=429, body=error("CMN-301"), headers={"Retry-After": said}))
    with pytest.raises(Temporary):
        await backend.offer(offer())
    clock.pass_by(seconds=seconds - 10)
    with pytest.raises(Temporary) as caught:
        await backend.offer(offer())
    assert caught.value.after == timedelta(seconds=10)
    assert len(ring.created) == 1


@pytest.mark.parametrize(("status", "code"), [(401, "OAU-129"), (403, "CMN-401")])
async def test_what_an_administrator_must_mend_is_told_apart_from_trouble(
    ring: FakeRingCentral, tmp_path: Path, status: int, code: str
) -> None:
    backend = ringcentral(ring, spooled(tmp_path))
    ring.reading = Trick(name="no", takes=False, status=status, body=error(code))
    with pytest.raises(NotLetIn):
        await backend.check()
    ring.reading = Trick(name="of a proxy", takes=False, status=status, body=b"<h1>no</h1>")
    with pytest.raises(Temporary) as caught:
        await backend.check()
    assert not isinstance(caught.value, NotLetIn)
