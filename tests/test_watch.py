"""The watch: real store, real spool, a real mail server that takes alerts or is away."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import Executable, update

from smtpfax.api.meter import Metrics
from smtpfax.model import event as e
from smtpfax.model.backend import Backend
from smtpfax.model.errors import Fault, NotLetIn, Temporary
from smtpfax.model.ids import make_ids
from smtpfax.model.status import BACKEND_DOWN
from smtpfax.notice.compose import Site
from smtpfax.notice.relay import Relay
from smtpfax.spool import Spool
from smtpfax.store import Store
from smtpfax.store.schema import jobs
from smtpfax.testing import Catcher
from smtpfax.watch import PATIENCE, Rules, Seen, Watch, troubles
from tests.store.desk import Desk, Maker
from tests.worker.shop import Line

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = Rules(every=timedelta(minutes=5), queue=timedelta(hours=2), free_bytes=0, recipients=("admin@example.com",))


@dataclass
class Checked(Line):
    """A fax service that answers `check` as it is told."""

    fault: Fault | None = None

    async def check(self) -> str:
        """Well, or not."""
        if self.fault is not None:
            raise self.fault
        return "signed in"


@dataclass
class Post:
    """What a test turns, and the subjects that the administrator got."""

    folder: Path
    store: Store
    catcher: Catcher
    backends: Mapping[str, Backend]
    now: datetime = T0
    got: list[str] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)

    def clock(self) -> datetime:
        """The time that the test has."""
        return self.now

    def watch(self, rules: Rules = RULES, *, relay: bool = True) -> Watch:
        """A watch that begins now, as after a restart."""
        to = Relay(host="127.0.0.1", port=self.catcher.port, hostname="mx.example.com", starttls="never")
        return Watch(
            self.store,
            Spool(self.folder / "spool"),
            rules,
            backends=self.backends,
            relay=to if relay else None,
            site=Site(hostname="fax.example.com", from_address="fax@example.com"),
            clock=self.clock,
            meter=self.metrics,
        )

    async def rounds(self, watch: Watch, minutes: int) -> None:
        """As many as there are in that time."""
        for _ in range(0, minutes, 5):
            await watch.round()
            self.now += timedelta(minutes=5)


@asynccontextmanager
async def post(folder: Path, *lines: Checked) -> AsyncIterator[Post]:
    made: list[Post] = []
    clock = lambda: made[0].now if made else T0  # noqa: E731
    store = await Store.open(str(folder / "s.db"), busy_seconds=5, clock=clock, ids=make_ids(clock, random.getrandbits))
    catcher = Catcher(lambda content, _: made[0].got.append(_subject(content)))
    await catcher.open()
    made.append(Post(folder, store, catcher, {line.name: line for line in lines}))
    try:
        yield made[0]
    finally:
        await catcher.close()
        await store.close()


def _subject(content: bytes) -> str:
    return str(message_from_bytes(content, policy=default)["Subject"]).removesuffix(" (fax.example.com)")


def refused() -> NotLetIn:
    return NotLetIn(BACKEND_DOWN, reason="401: api_key is refused")


async def test_credentials_that_are_refused_are_told_at_once_and_once_and_their_mending_too(tmp_path: Path) -> None:
    line = Checked("line", fault=refused())
    async with post(tmp_path, line) as here:
        watch = here.watch()
        await here.rounds(watch, 60)
        assert here.got == ["fax service line refuses our credentials"]
        assert [(each.name, each.well) for each in watch.health] == [("line", False)]
        assert b'smtpfax_backend_up{backend="line"} 0.0' in here.metrics.text()
        line.fault = None
        await here.rounds(watch, 60)
        assert here.got[1:] == ["over: fax service line refuses our credentials"]
        assert watch.health[0].text == "signed in"
        assert b'smtpfax_backend_up{backend="line"} 1.0' in here.metrics.text()


async def test_a_restart_tells_nothing_twice(tmp_path: Path) -> None:
    line = Checked("line", fault=refused())
    async with post(tmp_path, line) as here:
        for _ in range(4):
            await here.rounds(here.watch(), 10)
        line.fault = None
        for _ in range(4):
            await here.rounds(here.watch(), 10)
        assert here.got == [
            "fax service line refuses our credentials",
            "over: fax service line refuses our credentials",
        ]


async def test_a_fax_service_that_is_away_for_a_moment_is_no_news(tmp_path: Path) -> None:
    line = Checked("line", fault=Temporary(BACKEND_DOWN, reason="no route to host"))
    async with post(tmp_path, line) as here:
        watch = here.watch()
        await here.rounds(watch, 5)
        line.fault = None
        await here.rounds(watch, 30)
        assert here.got == []
        line.fault = Temporary(BACKEND_DOWN, reason="no route to host")
        await here.rounds(watch, 20)
        assert here.got == ["fax service line does not answer"]


async def test_a_relay_that_was_down_is_told_of_when_it_is_back(tmp_path: Path) -> None:
    async with post(tmp_path) as here:
        await here.catcher.close()
        watch = here.watch()
        await here.rounds(watch, 30)
        known = await here.store.alerts.all()
        assert [(alert.key, alert.told) for alert in known] == [("relay", None)]
        await here.catcher.open()
        await here.rounds(watch, 30)
        assert here.got == ["over: the mail relay takes no notices"]
        assert await here.store.alerts.all() == []


async def test_whatever_cannot_be_mailed_now_goes_with_the_next_round(tmp_path: Path) -> None:
    line = Checked("line", fault=refused())
    async with post(tmp_path, line) as here:
        await here.catcher.close()
        watch = here.watch()
        await here.rounds(watch, 5)
        assert here.got == []
        await here.catcher.open()
        await here.rounds(watch, 5)
        assert here.got == ["fax service line refuses our credentials"]


async def test_faxes_that_wait_for_too_long_are_told_of_and_held_or_scheduled_ones_are_not(tmp_path: Path) -> None:
    async with post(tmp_path) as here:
        desk = Desk(here.store, here.clock, Maker(here.clock))  # type: ignore[arg-type]
        held, later = await desk.taken(b"held"), await desk.taken(b"later")
        await here.store.jobs.advance(held, [e.Held(reason="by a test")], at=here.now)
        await here.store._database.change(_scheduled(later.id, T0 + timedelta(days=2)))
        watch = here.watch()
        here.now += timedelta(hours=3)
        await watch.round()
        assert here.got == []
        await desk.taken(b"waits")
        here.now += timedelta(hours=3)
        await watch.round()
        assert here.got == ["faxes wait for too long"]


def _scheduled(job_id: str, at: datetime) -> Executable:
    return update(jobs).where(jobs.c.id == job_id).values(scheduled=at)


async def test_a_disk_that_runs_full_is_told_of(tmp_path: Path) -> None:
    async with post(tmp_path) as here:
        rules = Rules(every=RULES.every, queue=RULES.queue, free_bytes=1 << 60, recipients=RULES.recipients)
        await here.watch(rules).round()
        assert here.got == ["little space is left"]


async def test_without_a_relay_the_log_has_to_do(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line = Checked("line", fault=refused())
    async with post(tmp_path, line) as here:
        await here.rounds(here.watch(relay=False), 30)
        assert here.got == []
        assert [record.getMessage() for record in caplog.records if record.name == "smtpfax.watch"] == ["alert"]


@pytest.mark.parametrize(
    ("seen", "keys"),
    [
        (Seen(free_bytes=100), []),
        (Seen(free_bytes=None), ["disk"]),
        (Seen(free_bytes=99), ["disk"]),
        (Seen(free_bytes=100, waiting_since=T0 - timedelta(hours=2)), []),
        (Seen(free_bytes=100, waiting_since=T0 - timedelta(hours=2, seconds=1)), ["queue"]),
        (Seen(free_bytes=100, relay="no"), ["relay"]),
        (Seen(free_bytes=100, refused={"a": "401"}, away={"b": "gone"}), ["backend a", "backend b away"]),
    ],
)
def test_what_is_wrong_is_named(seen: Seen, keys: list[str]) -> None:
    rules = Rules(every=RULES.every, queue=RULES.queue, free_bytes=100, recipients=())
    assert [trouble.key for trouble in troubles(seen, rules, at=T0)] == keys


def test_what_mends_itself_is_given_time() -> None:
    seen = Seen(free_bytes=1, away={"b": "gone"}, relay="no", refused={"a": "401"})
    patient = {trouble.key for trouble in troubles(seen, RULES, at=T0) if trouble.patience}
    assert patient == {"backend b away", "relay"}
    assert timedelta(minutes=10) == PATIENCE
