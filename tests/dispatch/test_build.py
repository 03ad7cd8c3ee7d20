"""Backends from settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpfax.api.meter import Metrics
from smtpfax.dispatch.build import Ground, Wires, build, sign_in
from smtpfax.dispatch.embedded import Embedded
from smtpfax.dispatch.faxout import FaxOut
from smtpfax.dispatch.kazoo import Kazoo
from smtpfax.dispatch.ringcentral import Credentials, RingCentral
from smtpfax.dispatch.ringcentral.subscription import Address
from smtpfax.dispatch.settings import EmbeddedSettings, FaxOutSettings, KazooSettings, RingCentralSettings
from smtpfax.model.backend import Limits
from smtpfax.model.errors import ConfigError, Temporary
from smtpfax.spool import Spool
from smtpfax.testing.faxout import PASSWORD, USERNAME, FakeFaxOut
from smtpfax.testing.ringcentral import CLIENT_ID, CLIENT_SECRET, JWT, FakeRingCentral
from tests.dispatch.benches import pdf_of
from tests.dispatch.fake_kazoo import ACCOUNT, API_KEY, FakeKazoo
from tests.dispatch.values import DIRECTORY, Clock, MemoryExchange, offer, spooled


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    clock = Clock()
    wires = Wires(
        path_of=Spool(spooled(tmp_path)).path,
        url_of=lambda document: f"https://fax.example.com/{document.name}",
        pdf_of=pdf_of,
        address_of=lambda name: Address(url=f"https://fax.example.com/callbacks/{name}", token="t"),
        credentials=Credentials(clock),
        clock=clock,
        meter=Metrics(),
    )
    return Ground(exchange=MemoryExchange(), directory=lambda: DIRECTORY, ids=lambda: "id", wires=wires)


def test_an_embedded_one_has_the_limits_of_its_settings(ground: Ground) -> None:
    backend = build("line", EmbeddedSettings(max_pages=7, max_bytes=1000), ground)
    assert isinstance(backend, Embedded)
    assert (backend.name, backend.limits) == ("line", Limits(octets=1000, pages=7))
    with pytest.raises(ConfigError):
        build("line", EmbeddedSettings(numbers={"+12025550123": "x"}), ground)


async def test_a_kazoo_on_a_private_address_of_its_own_is_reached(ground: Ground) -> None:
    async with FakeKazoo(ground.wires.clock) as fake:
        settings = KazooSettings(url=fake.url, account_id=ACCOUNT, api_key=API_KEY, max_bytes=5000, offer_again=True)
        backend = build("kazoo", settings, ground)
        assert isinstance(backend, Kazoo)
        assert (backend.limits.octets, backend.offer_again) == (5000, True)
        assert await backend.offer(offer())


def test_settings_do_not_show_the_key() -> None:
    assert API_KEY not in repr(KazooSettings(url="https://a.example", account_id=ACCOUNT, api_key=API_KEY))


def ring_settings(ring: FakeRingCentral, **changed: str) -> RingCentralSettings:
    values = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "jwt": JWT} | changed
    return RingCentralSettings(url=ring.url, media_url=ring.url, **values)


async def test_backends_that_share_a_credential_share_its_token(ring: FakeRingCentral, ground: Ground) -> None:
    backends = [build(name, ring_settings(ring, extension_id=id_), ground) for name, id_ in (("a", "1"), ("b", "2"))]
    for backend in backends:
        assert isinstance(backend, RingCentral)
        await backend.check()
    assert ring.signed_in == 1


async def test_a_faxout_is_reached(out: FakeFaxOut, ground: Ground) -> None:
    backend = build("faxout", FaxOutSettings(url=out.url, username=USERNAME, password=PASSWORD), ground)
    assert isinstance(backend, FaxOut)
    assert await backend.offer(offer()) == offer().key


async def test_signing_in_without_a_house_says_what_was_found_or_what_is_wrong(
    ring: FakeRingCentral, fake: FakeKazoo, out: FakeFaxOut, clock: Clock
) -> None:
    kazoo = KazooSettings(url=fake.url, account_id=ACCOUNT, api_key=API_KEY)
    faxout = FaxOutSettings(url=out.url, username=USERNAME, password=PASSWORD)
    assert "signed in" in await sign_in("kazoo", kazoo, clock)
    assert "signed in" in await sign_in("ring", ring_settings(ring), clock)
    assert "somebody answers there" in await sign_in("faxout", faxout, clock)
    with pytest.raises(Temporary, match="signing in was refused: 400 OAU-251 JWT not authorized; check client_id"):
        await sign_in("ring", ring_settings(ring, jwt="another"), clock)


def test_no_settings_show_a_secret() -> None:
    ring = RingCentralSettings(url="u", media_url="m", client_id="c", client_secret="secret-1", jwt="secret-2")
    faxout = FaxOutSettings(url="u", username="1", password="secret-3")
    assert "secret" not in repr(ring).replace("client_secret", "") + repr(faxout)
