"""A fax as its fax service rendered it."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient

from smtpfax.model.abilities import Fetched
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.event import Accepted, Offered, Sent
from smtpfax.model.status import BACKEND_DOWN, DOCUMENT_GONE
from tests.api.conftest import Line, World

FAXES = "/v2/accounts/acme/faxes"


class Showing(Line):
    """A backend that shows its faxes."""

    octets = b"%PDF-1.4 theirs"

    async def fetch(self, ticket: str) -> Fetched:
        if self.fault:
            raise self.fault
        return Fetched(media_type="text/html", octets=self.octets)


async def sent(world: World, backend: str) -> str:
    job = await world.then(await world.taken(), Offered(backend=backend), Accepted(ticket="t"), Sent())
    return job.id


@pytest.fixture
def showing(world: World) -> Showing:
    made = Showing()
    world.deps.backends["ring"] = made  # type: ignore[index]
    return made


@pytest.mark.parametrize("folder", ["outgoing", "outbox"])
async def test_it_is_served_as_what_it_is(http: TestClient, world: World, showing: Showing, folder: str) -> None:
    job_id = await sent(world, "ring")
    token = {"X-Auth-Token": await world.token("acme")}
    answer = await http.get(f"{FAXES}/{folder}/{job_id}/rendered", headers=token)
    assert (answer.status, await answer.read()) == (200, showing.octets)
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{job_id}-rendered.pdf"'


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Permanent(DOCUMENT_GONE, cause=Cause.REFUSED), 404),
        (Temporary(BACKEND_DOWN, cause=Cause.BACKEND), 503),
    ],
)
async def test_what_it_has_not_is_404_and_what_cannot_be_asked_is_503(
    http: TestClient, world: World, showing: Showing, fault: Fault, code: int
) -> None:
    showing.fault = fault
    token = {"X-Auth-Token": await world.token("acme")}
    assert (await http.get(f"{FAXES}/outbox/{await sent(world, 'ring')}/rendered", headers=token)).status == code


async def test_what_is_neither_pdf_nor_tiff_is_not_served(http: TestClient, world: World, showing: Showing) -> None:
    showing.octets = b"<script>alert(1)</script>"
    token = {"X-Auth-Token": await world.token("acme")}
    assert (await http.get(f"{FAXES}/outbox/{await sent(world, 'ring')}/rendered", headers=token)).status == 404


async def test_a_service_that_shows_none_and_another_accounts_fax_are_404(
    http: TestClient, world: World, showing: Showing
) -> None:
    token = {"X-Auth-Token": await world.token("acme")}
    assert (await http.get(f"{FAXES}/outbox/{await sent(world, 'line')}/rendered", headers=token)).status == 404
    other = {"X-Auth-Token": await world.token("other")}
    path = f"/v2/accounts/other/faxes/outbox/{await sent(world, 'ring')}/rendered"
    assert (await http.get(path, headers=other)).status == 404
