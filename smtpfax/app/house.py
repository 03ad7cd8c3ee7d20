"""The house, built: every object made once and handed to those who need it.

In:    Settings, sockets, the clock and randomness of this machine.
Out:   doors that listen, a worker and a janitor at work; `close` takes it down in the order that loses nothing.
Fails: ConfigError; Temporary, when the store or the spool cannot be opened.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from smtpfax import __version__, logs
from smtpfax.api.app import make_admin, make_public
from smtpfax.api.deps import Check, Deps
from smtpfax.api.limiter import Limiter
from smtpfax.api.links import Links
from smtpfax.api.meter import Metrics
from smtpfax.api.serve import HttpServer
from smtpfax.config import Settings
from smtpfax.dispatch.build import Ground
from smtpfax.egress import Strangers
from smtpfax.intake.desk import Desk, Manners
from smtpfax.intake.proofs.auth import SignIn
from smtpfax.intake.proofs.dns import DnsResolver
from smtpfax.intake.proofs.gather import Gatherer
from smtpfax.intake.server import Server
from smtpfax.intake.tls import Tls
from smtpfax.janitor import Janitor
from smtpfax.model.account import Directory
from smtpfax.model.errors import Temporary
from smtpfax.model.ids import make_ids, pooled
from smtpfax.notice.stage import Notices
from smtpfax.render.facsimile import Facsimiles
from smtpfax.render.stage import PRELOAD, SPARE, Renderer
from smtpfax.sandbox import Sandbox
from smtpfax.spool import Spool
from smtpfax.store import Store
from smtpfax.verdicts import LocalVerdicts
from smtpfax.web.app import add_pages
from smtpfax.web.desk import Desk as PagesDesk
from smtpfax.worker.loop import Worker
from smtpfax.worker.mailroom import Mailroom
from smtpfax.worker.workshop import Workshop

from . import translate
from .calling import make_calling
from .pages import pages_desk, watch_of
from .services import make_backends, wires
from .sockets import open_sockets, unix_socket
from .wayback import WayBack

CLEANING = timedelta(minutes=10)
log = logs.get("daemon")


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


class House:
    """One process of smtpfax."""

    def __init__(self, settings: Settings, store: Store, link_key: bytes) -> None:
        self.settings = settings
        self.store = store
        self.clock = now
        self.ids = make_ids(now, pooled(secrets.token_bytes))
        self.metrics = Metrics()
        self.directory = Directory()
        self.manners = translate.manners(settings)
        self.spool = Spool(settings.spool.path, min_free_bytes=settings.spool.min_free_bytes)
        self.sandbox = Sandbox(translate.sandbox_limits(settings), preload=PRELOAD, spare=SPARE)
        self.office = translate.office(settings)
        self.renderer = Renderer(self.sandbox, self.spool, translate.asked(settings), self.office)
        self.strangers = Strangers(translate.places(settings))
        self.links = Links(settings.http.public_url, link_key, now)
        self.backends = make_backends(
            settings,
            Ground(
                exchange=store.exchange,
                directory=lambda: self.directory,
                ids=self.ids,
                wires=wires(spool=self.spool, renderer=self.renderer, links=self.links, meter=self.metrics, clock=now),
            ),
        )
        self.verdicts = LocalVerdicts(store)
        self.shop = self._shop(lambda: self.calling.ring())
        self.calling = make_calling(settings, self.shop, self.strangers)
        self.worker = self._worker()
        self.back = WayBack(settings, self.shop, links=self.links, ids=self.ids, wake=self.worker.wake)
        self.janitor = Janitor(store, self.spool, translate.keep(settings), directory=lambda: self.directory, clock=now)
        self.tls = Tls(translate.tls_files(settings), self.metrics)
        self.sign_in = SignIn(store.accounts.password_hash, clock=time.monotonic)
        self.desk = self._desk()
        self.smtp = Server(self.desk)
        self.watch = watch_of(settings, self.shop)
        self.http = HttpServer()
        self.admin = HttpServer()

    @classmethod
    async def build(cls, settings: Settings) -> House:
        """Open the store, and build on it."""
        store = await Store.open(
            settings.store.url,
            busy_seconds=settings.store.busy_seconds,
            clock=now,
            ids=make_ids(now, pooled(secrets.token_bytes)),
            strangers_per_day=settings.retention.strangers_per_client_per_day,
            apart=True,
        )
        return cls(settings, store, await store.keys.get("links", lambda: secrets.token_bytes(32)))

    async def open(self, environ: Mapping[str, str]) -> None:
        """Begin: what a crash left first, the doors last."""
        await self.reload_directory()
        await self.janitor.at_start()
        await self.sandbox.start()
        deps = self._deps()
        await self.admin.open(make_admin(deps), [unix_socket(self.settings.admin.socket, mode=0o660)])
        public = add_pages(make_public(deps), self._pages(deps))
        await self.http.open(public, open_sockets(self.settings.http.listen, environ))
        for tls in (False, True):
            places = [place for place in self.settings.smtp.listen if place.tls is tls]
            await self.smtp.open(open_sockets(places, environ), tls=tls)
        log.info("listening", smtp=", ".join(self.settings.smtp.listen), http=", ".join(self.settings.http.listen))

    async def work(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then take everything down."""
        working = asyncio.create_task(self.worker.run(), name="worker")
        cleaning = asyncio.create_task(self.janitor.run(CLEANING), name="janitor")
        watching = asyncio.create_task(self.watch.run(), name="watch")
        back = asyncio.create_task(self.back.run(), name="way back")
        calling = asyncio.create_task(self.calling.run(), name="webhooks")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        running = (working, cleaning, watching, back, calling, stopping)
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (stopping, cleaning, watching, back, calling):
                task.cancel()
            await asyncio.gather(back, calling, return_exceptions=True)
            await self._close(working)

    async def _close(self, working: asyncio.Task[None]) -> None:
        """The doors first, then what is under way behind them."""
        await self.smtp.close(self.settings.smtp.drain_seconds)
        self.sign_in.close()
        self.worker.stop()
        await working
        await self.http.close()
        await self.admin.close()
        await self.renderer.close()
        await self.sandbox.stop()
        if self.office is not None:
            await self.office.stop()
        for backend in self.backends.values():
            await backend.close()
        await self.store.close()
        self.settings.admin.socket.unlink(missing_ok=True)
        log.info("stopped")

    def reload(self, settings: Settings) -> list[str]:
        """Take over what can change while it runs; the names of the sections that need a restart."""
        fixed = (
            "store",
            "spool",
            "backends",
            "sandbox",
            "office",
            "render",
            "queue",
            "notices",
            "egress",
            "webhooks",
            "retention",
            "alerts",
            "admin",
            "http",
        )
        changed = [name for name in fixed if getattr(settings, name) != getattr(self.settings, name)]
        if settings.smtp.listen != self.settings.smtp.listen:
            changed.append("smtp.listen")
        self.manners = translate.manners(settings)
        self.tls.reload(translate.tls_files(settings))
        return changed

    async def reload_directory(self) -> None:
        """Accounts and faxboxes as the store has them now."""
        _, self.directory = await self.store.accounts.load()

    def _shop(self, ended: Callable[[], None]) -> Workshop:
        return Workshop(
            habits=translate.habits(self.settings),
            store=self.store,
            spool=self.spool,
            renderer=self.renderer,
            backends=self.backends,
            directory=lambda: self.directory,
            verdicts=self.verdicts,
            clock=now,
            meter=self.metrics,
            ended=ended,
        )

    def _worker(self) -> Worker:
        shop = self.shop
        notices = Notices(
            relay=translate.relay(self.settings),
            site=translate.site(self.settings),
            question_url=self.links.question_url,
        )
        give_up = timedelta(hours=self.settings.notices.give_up_hours)
        mailroom = Mailroom(shop=shop, notices=notices, give_up=give_up) if self.settings.notices.enabled else None
        return Worker(shop, mailroom, owner=self.settings.hostname)

    def _desk(self) -> Desk:
        def current() -> Manners:
            return self.manners

        return Desk(
            settings=current,
            store=self.store,
            spool=self.spool,
            directory=lambda: self.directory,
            limits={name: backend.limits for name, backend in self.backends.items()},
            gatherer=Gatherer(resolver=DnsResolver(clock=time.monotonic), clock=now, trust=lambda: self.manners.trust),
            verdicts=self.verdicts,
            wake=self.worker.wake,
            clock=now,
            ids=self.ids,
            meter=self.metrics,
            tls=self.tls,
            sign_in=self.sign_in,
        )

    def _deps(self) -> Deps:
        settings = self.settings
        return Deps(
            store=self.store,
            spool=self.spool,
            directory=lambda: self.directory,
            reload=self.reload_directory,
            wake=self.worker.wake,
            called=self.back.called,
            fax_pdf=self.back.pdf,
            receive=self.back.receive,
            clock=now,
            ids=self.ids,
            pdf_of=self.renderer.pdf,
            metrics=self.metrics,
            links=self.links,
            strangers=self.strangers,
            version=__version__,
            public_url=settings.http.public_url,
            backends=self.backends,
            kinds={name: section.kind for name, section in settings.backends.items()},
            readiness=(Check(name="store", run=self._store_is_well), Check(name="spool", run=self._spool_is_well)),
            limiter=Limiter(per_minute=settings.http.requests_per_minute, burst=settings.http.requests_at_once),
            origins=frozenset(settings.http.cors_origins),
            page_size=settings.http.page_size,
            max_page_size=settings.http.max_page_size,
            max_body=settings.http.max_body_bytes,
            inline_octets=settings.smtp.inline_bytes,
            duplicate_hours=settings.smtp.duplicate_hours,
            expiry=timedelta(hours=settings.queue.expiry_hours),
            most_hold=timedelta(days=settings.smtp.hold_days),
            fetch_seconds=settings.egress.document_seconds,
        )

    def _pages(self, deps: Deps) -> PagesDesk:
        return pages_desk(
            deps,
            self.settings,
            sign_in=self.sign_in,
            door=self.desk,
            shop=self.shop,
            pictures=Facsimiles(self.sandbox, self.spool),
            watch=self.watch,
        )

    async def _store_is_well(self) -> str:
        try:
            await self.store.probe()
        except Temporary as fault:
            return fault.reason
        return ""

    async def _spool_is_well(self) -> str:
        return "" if self.spool.enough_space(0) else "not enough free space, or the disk does not answer"
