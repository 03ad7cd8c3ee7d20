"""The FaxOut backend: a fax is handed over, and nobody tells us what became of it.

In:    an Offer.
Out:   the fax at the service; as a ticket our own key, for it gives none.
Fails: Temporary, Permanent, InDoubt; ConfigError, for a password that its form cannot carry.

Rule: what was taken is sent, unconfirmed: its status goes by mail to the account's owner. A try in doubt cannot be
looked up; the setting `offer_again` decides (house rule: it is false, for a fax sent twice costs money and trust).
A password that was refused is not tried again for a while: it would lock the account, and each try carries a fax.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from smtpfax.dispatch.settings import FaxOutSettings
from smtpfax.egress import Egress, EgressError, NoAnswer, NotSent, Request
from smtpfax.model import status as say
from smtpfax.model.backend import Callback, Done, Heard, Limits, Offer, Progress
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.errors import ConfigError, InDoubt, NotLetIn, Permanent, Temporary
from smtpfax.model.ids import Clock

from .form import form, meaning

_AT_ONCE = timedelta(milliseconds=50)
_CHECK_SECONDS = 30.0
_LOCKED = timedelta(minutes=5)


class FaxOut:
    """A Backend (model)."""

    can_find = False
    prints_header = True

    def __init__(
        self,
        name: str,
        settings: FaxOutSettings,
        *,
        egress: Egress,
        clock: Clock,
        path_of: Callable[[str], Path],
        pdf_of: Callable[[Document], Awaitable[bytes]],
    ) -> None:
        self.name = name
        self.limits = Limits(octets=settings.max_bytes, pages=settings.max_pages, mail_octets=settings.max_mail_bytes)
        self.offer_again = settings.offer_again
        self._settings = settings
        self._egress = egress
        self._clock = clock
        self._path_of = path_of
        self._pdf_of = pdf_of
        self._locked: datetime | None = None
        if not settings.password.isascii():
            raise ConfigError(f"backends.{name}.password: must be of ASCII characters, as the service's form is")

    async def offer(self, offer: Offer) -> str:
        """POST, once."""
        if self._locked and (left := self._locked - self._clock()) > timedelta():
            raise _down("the user name or the password was refused a short while ago", after=left, kind=NotLetIn)
        document = self._path_of(offer.document.name)
        whole = await self._pdf_of(offer.document) if self._settings.document == "pdf" else document
        body = form(offer, self._settings, whole)
        seconds = self._settings.request_seconds
        request = Request(method="POST", url=self._settings.url, body=body, total_seconds=seconds)
        try:
            fault = meaning(await self._egress.send(request))
        except NotSent as why:
            raise _down(str(why)) from why
        except NoAnswer as why:
            raise InDoubt(str(why)) from why
        if fault is not None:
            self._locked = self._clock() + _LOCKED if isinstance(fault, NotLetIn) else None
            raise fault
        return offer.key

    async def ask(self, tickets: Sequence[str]) -> Mapping[str, Progress]:
        """Handed over, which is all that anybody will ever know."""
        return {ticket: Done(unconfirmed=True) for ticket in tickets}

    async def find(self, offer: Offer, *, taken: frozenset[str]) -> str | None:
        """It cannot be asked."""
        raise _down("it cannot be asked for a fax")

    def poll(self, age: timedelta) -> timedelta:
        """There is nothing to wait for."""
        return _AT_ONCE

    def read_callback(self, callback: Callback) -> Heard:
        """It makes none."""
        raise Permanent(say.NO_CALLBACK, cause=Cause.REFUSED)

    async def check(self) -> str:
        """Whether anybody is there: it has no way to sign in but to send a fax."""
        try:
            answer = await self._egress.send(
                Request(method="GET", url=self._settings.url, total_seconds=_CHECK_SECONDS)
            )
        except EgressError as why:
            raise _down(str(why)) from why
        return f"somebody answers there ({answer.status}); user name and password are tried by the first fax only"

    async def close(self) -> None:
        """Every request has closed its own connection."""


def _down(why: str, *, after: timedelta | None = None, kind: type[Temporary] = Temporary) -> Temporary:
    return kind(say.BACKEND_DOWN, cause=Cause.BACKEND, reason=f"FaxOut: {why}", after=after)
