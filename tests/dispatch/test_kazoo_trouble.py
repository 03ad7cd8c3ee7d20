"""A Kazoo that misbehaves: no fault that says "nothing was taken" lies, and no request leaves twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from smtpfax.model import status as say
from smtpfax.model.backend import Done, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt, Permanent, Temporary
from tests.dispatch.benches import kazoo
from tests.dispatch.fake_kazoo import TRICKS, FakeKazoo, Trick, error
from tests.dispatch.values import ELSEWHERE, Clock, offer, spooled

TRICK = {trick.name: trick for trick in TRICKS}


@pytest.mark.parametrize("trick", TRICKS, ids=str)
async def test_whatever_it_does_a_fax_leaves_once_and_is_known_or_in_doubt(
    fake: FakeKazoo, tmp_path: Path, trick: Trick
) -> None:
    backend = kazoo(fake, spooled(tmp_path), seconds=0.3)
    fake.tricks.append(trick)
    with pytest.raises((Temporary, Permanent, InDoubt)) as caught:
        await backend.offer(offer())
    assert len(fake.created) == 1
    found = await backend.find(offer(), taken=frozenset())
    assert (found is not None) == trick.takes
    assert isinstance(caught.value, InDoubt) or not trick.takes


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("invalid", say.BACKEND_REFUSED),
        ("413", say.DOCUMENT_TOO_LARGE),
        ("403", say.BACKEND_DOWN),
        ("404", say.BACKEND_DOWN),
        ("409", say.BACKEND_DOWN),
        ("429", say.BACKEND_DOWN),
        ("503 of a proxy", say.BACKEND_DOWN),
        ("400 of a proxy", say.BACKEND_DOWN),
        ("redirect", say.BACKEND_DOWN),
    ],
)
async def test_a_refusal_is_a_fault_with_its_sentence(
    fake: FakeKazoo, tmp_path: Path, name: str, sentence: say.Sentence
) -> None:
    fake.tricks.append(TRICK[name])
    with pytest.raises((Temporary, Permanent)) as caught:
        await kazoo(fake, spooled(tmp_path)).offer(offer())
    assert caught.value.sentence is sentence
    assert caught.value.cause is (Cause.REFUSED if isinstance(caught.value, Permanent) else Cause.BACKEND)


async def test_what_only_an_administrator_can_mend_says_so_in_the_log(fake: FakeKazoo, tmp_path: Path) -> None:
    reasons = {"403": "api_key is refused", "404": "no such account", "redirect": "set url to where the API is"}
    for name, words in reasons.items():
        fake.tricks.append(TRICK[name])
        with pytest.raises(Temporary, match=words):
            await kazoo(fake, spooled(tmp_path)).offer(offer())


@pytest.mark.parametrize(("name", "seconds"), [("429", 90), ("503 of a proxy", 7), ("409", None)])
async def test_it_may_say_when_to_try_again(fake: FakeKazoo, tmp_path: Path, name: str, seconds: int | None) -> None:
    fake.tricks.append(TRICK[name])
    with pytest.raises(Temporary) as caught:
        await kazoo(fake, spooled(tmp_path)).offer(offer())
    assert caught.value.after == (timedelta(seconds=seconds) if seconds else None)


async def test_a_number_that_it_has_no_pattern_for_is_no_route(fake: FakeKazoo, tmp_path: Path) -> None:
    why = {"document.to_number": {"required": {"message": "add a valid number to send the fax to"}}}
    fake.tricks.append(Trick(name="number", takes=False, status=400, body=error(400, "validation error", why)))
    with pytest.raises(Permanent) as caught:
        await kazoo(fake, spooled(tmp_path)).offer(offer(number=ELSEWHERE))
    assert caught.value.cause is Cause.NO_ROUTE
    assert caught.value.text == f"there is no fax machine at {ELSEWHERE}"
    assert "document.to_number: add a valid number" in caught.value.reason


async def test_a_validation_error_names_the_field(fake: FakeKazoo, tmp_path: Path) -> None:
    fake.tricks.append(TRICK["invalid"])
    with pytest.raises(Permanent, match="caller: Field is required but missing"):
        await kazoo(fake, spooled(tmp_path)).offer(offer())


async def test_a_server_that_is_not_there_is_down(tmp_path: Path) -> None:
    async with FakeKazoo(Clock()) as gone:
        pass
    with pytest.raises(Temporary) as caught:
        await kazoo(gone, spooled(tmp_path)).offer(offer())
    assert caught.value.cause is Cause.BACKEND


async def test_a_document_that_is_not_there_leaves_nothing_at_the_service(fake: FakeKazoo, tmp_path: Path) -> None:
    with pytest.raises(Temporary):
        await kazoo(fake, tmp_path).offer(offer())
    assert fake.created == []


@pytest.mark.parametrize(
    "trick",
    [
        Trick(name="drops", takes=False),
        Trick(name="500", takes=False, status=500),
        Trick(name="404 of a proxy", takes=False, status=404, body=b"<h1>not found</h1>"),
        Trick(name="not JSON", takes=False, status=200, body=b"<h1>hello</h1>"),
        Trick(name="a list", takes=False, status=200, body=b'{"status": "success", "data": []}'),
        Trick(name="redirect", takes=False, status=302, headers={"Location": "/"}),
        Trick(name="429", takes=False, status=429),
    ],
    ids=str,
)
async def test_a_fax_that_cannot_be_asked_for_is_not_gone(fake: FakeKazoo, tmp_path: Path, trick: Trick) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    ticket = await backend.offer(offer())
    fake.reading = trick
    with pytest.raises(Temporary):
        await backend.ask([ticket])
    if trick.name != "a list":  # of a list, it is an empty one
        with pytest.raises(Temporary):
            await backend.find(offer(), taken=frozenset())
        with pytest.raises(Temporary):
            await backend.check()


async def test_one_fax_that_cannot_be_told_does_not_hide_the_others(fake: FakeKazoo, tmp_path: Path) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    good, bad = [await backend.offer(offer(f"m{n}-1")) for n in (1, 2)]
    fake.finish(good.removeprefix("202611-"), "completed", {"success": True})
    fake.queue[bad.removeprefix("202611-")] = {"id": object()}  # the fake cannot write it, and answers 500
    said = await backend.ask([good, bad])
    assert isinstance(said[good], Done)
    assert isinstance(said[bad], Sending)


@pytest.mark.parametrize("month", ["202610", "202611", "202612"])
async def test_a_fax_that_ends_in_the_months_around_its_creation_is_seen(
    fake: FakeKazoo, tmp_path: Path, month: str
) -> None:
    backend = kazoo(fake, spooled(tmp_path))
    ticket = await backend.offer(offer())
    fake.finish(ticket.removeprefix("202611-"), "completed", {"success": True, "pages_sent": 3}, month=month)
    assert isinstance((await backend.ask([ticket]))[ticket], Done)
