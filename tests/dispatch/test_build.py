"""Backends from settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpfax.dispatch.build import Ground, build
from smtpfax.dispatch.embedded import Embedded
from smtpfax.dispatch.kazoo import Kazoo
from smtpfax.dispatch.settings import EmbeddedSettings, KazooSettings
from smtpfax.model.backend import Limits
from smtpfax.model.errors import ConfigError
from smtpfax.spool import Spool
from tests.dispatch.fake_kazoo import ACCOUNT, API_KEY, FakeKazoo
from tests.dispatch.values import DIRECTORY, Clock, MemoryExchange, offer, spooled


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(
        spool=Spool(spooled(tmp_path)),
        exchange=MemoryExchange(),
        directory=lambda: DIRECTORY,
        document_url=lambda document: f"https://fax.example.com/{document.name}",
        clock=Clock(),
        ids=lambda: "id",
    )


def test_an_embedded_one_has_the_limits_of_its_settings(ground: Ground) -> None:
    backend = build("line", EmbeddedSettings(max_pages=7, max_bytes=1000), ground)
    assert isinstance(backend, Embedded)
    assert (backend.name, backend.limits) == ("line", Limits(octets=1000, pages=7))
    with pytest.raises(ConfigError):
        build("line", EmbeddedSettings(numbers={"+12025550123": "x"}), ground)


async def test_a_kazoo_on_a_private_address_of_its_own_is_reached(ground: Ground) -> None:
    async with FakeKazoo(ground.clock) as fake:
        settings = KazooSettings(url=fake.url, account_id=ACCOUNT, api_key=API_KEY, max_bytes=5000, offer_again=True)
        backend = build("kazoo", settings, ground)
        assert isinstance(backend, Kazoo)
        assert (backend.limits.octets, backend.offer_again) == (5000, True)
        assert await backend.offer(offer())


def test_settings_do_not_show_the_key() -> None:
    assert API_KEY not in repr(KazooSettings(url="https://a.example", account_id=ACCOUNT, api_key=API_KEY))
