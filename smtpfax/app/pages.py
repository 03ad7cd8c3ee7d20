"""What the pages and the watch are handed, out of the house.

In:    the objects that the house has made.
Out:   the pages' desk; the watch.
Fails: never.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from smtpfax.api.deps import Deps
from smtpfax.config import Settings
from smtpfax.intake.desk import Desk as Door
from smtpfax.intake.proofs.auth import SignIn
from smtpfax.intake.proofs.sasl import Credentials
from smtpfax.intake.trial import try_out
from smtpfax.model.preview import Pictures
from smtpfax.watch import Rules, Watch
from smtpfax.web.desk import Address, Desk
from smtpfax.worker.previewing import preview
from smtpfax.worker.workshop import Workshop

from . import translate


def pages_desk(
    deps: Deps, settings: Settings, *, sign_in: SignIn, door: Door, shop: Workshop, pictures: Pictures, watch: Watch
) -> Desk:
    """For the pages."""

    async def check_password(user: str, password: str, address: Address | None) -> str | None:
        return await sign_in.check(Credentials(user=user, password=password), address)

    http = settings.http
    return Desk(
        deps=deps,
        check_password=check_password,
        rehearse=partial(try_out, door),
        preview=partial(preview, shop),
        pictures=pictures,
        health=lambda: watch.health,
        administrators=frozenset(email.lower() for email in http.administrators),
        session=timedelta(hours=http.session_hours),
        proxies=tuple(http.proxies),
    )


def watch_of(settings: Settings, shop: Workshop) -> Watch:
    """For the administrator who sleeps; what needs a look is what the worker works with."""
    alerts = settings.alerts
    rules = Rules(
        every=timedelta(seconds=alerts.every_seconds),
        queue=timedelta(minutes=alerts.queue_minutes),
        free_bytes=alerts.free_bytes,
        recipients=tuple(alerts.send_to) or (translate.manners(settings).postmaster,),
    )
    return Watch(
        shop.store,
        shop.spool,
        rules,
        backends=shop.backends,
        relay=translate.relay(settings) if settings.notices.enabled else None,
        site=translate.site(settings),
        clock=shop.clock,
        meter=shop.meter,
    )
