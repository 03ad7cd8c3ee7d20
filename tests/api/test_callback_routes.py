"""Where backends call us: nobody else is believed, and what is said is only a reason to ask."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient

from smtpfax.api.callback_routes import MOST_OCTETS
from smtpfax.model.backend import Called, Heard
from smtpfax.model.event import Accepted, Offered, Rendered
from tests.api.conftest import Line, World


def line(world: World) -> Line:
    found = world.deps.backends["line"]
    assert isinstance(found, Line)
    return found


async def test_a_callback_goes_to_its_backend_as_it_came(http: TestClient, world: World) -> None:
    line(world).heard = Heard(changed=True, headers={"Validation-Token": "echo"})
    answer = await http.post("/callbacks/line", data=b'{"a": 1}', headers={"Verification-Token": "t"})
    assert (answer.status, await answer.read()) == (200, b"")
    assert answer.headers["Validation-Token"] == "echo"
    assert answer.headers["Content-Type"] == "application/json"
    heard = line(world).callback
    assert (heard.method, heard.path, heard.body) == ("POST", "/callbacks/line", b'{"a": 1}')
    assert heard.headers["Verification-Token"] == "t"
    assert world.called == ["line"]


async def test_an_answer_to_the_handshake_is_small_enough(http: TestClient, world: World) -> None:
    line(world).heard = Heard(headers={"Validation-Token": "x" * 200})
    answer = await http.post("/callbacks/line")
    head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    assert len(head) + len(await answer.read()) < 1024  # SUB-525 otherwise
    assert world.called == []


async def test_from_anybody_else_it_is_403_and_nothing_happens(http: TestClient, world: World) -> None:
    answer = await http.post("/callbacks/line", data=b"{}")
    assert answer.status == 403
    assert world.called == []


async def test_a_backend_that_is_not_there_is_404(http: TestClient, world: World) -> None:
    assert (await http.post("/callbacks/nobody", data=b"{}")).status == 404


@pytest.mark.parametrize("size", [MOST_OCTETS + 1, 150_000])
async def test_what_is_too_large_for_an_event_is_refused_unread(http: TestClient, world: World, size: int) -> None:
    line(world).heard = Heard(changed=True)
    assert (await http.post("/callbacks/line", data=b"x" * size)).status == 413
    assert world.called == []
    assert (await http.post("/callbacks/line", data=b"x" * MOST_OCTETS)).status == 200


async def test_the_tickets_that_it_names_are_asked_for_at_once(http: TestClient, world: World) -> None:
    job = await world.taken(rendered=False)
    document = await world.document("d")
    events = [Rendered(document=document), Offered(backend="line"), Accepted(ticket="t1")]
    job = await world.store.jobs.advance(job, events, at=world.clock(), due=world.clock().replace(year=2030))
    line(world).heard = Heard(called=[Called(ticket="t1"), Called(ticket="another")])
    assert (await http.post("/callbacks/line", data=b"{}")).status == 200
    after = await world.store.jobs.get(job.id)
    assert after is not None
    assert after.due == world.clock()
    assert world.woken
