"""Webhooks, built out of the house.

In:    the settings, the workshop, the client for strangers' addresses.
Out:   the loop that calls programs when their faxes have ended.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from smtpfax import logs
from smtpfax.api.telling import record_of
from smtpfax.config import Settings
from smtpfax.egress import Strangers
from smtpfax.model.job import Job
from smtpfax.notice.webhook import Webhooks
from smtpfax.worker.calling import CallRoom
from smtpfax.worker.rounds import Rounds
from smtpfax.worker.workshop import Workshop


def make_calling(settings: Settings, shop: Workshop, strangers: Strangers) -> Rounds:
    """One process's."""
    webhooks = settings.webhooks

    async def record(job: Job) -> Mapping[str, Any]:
        return await record_of(job, shop.store, shop.directory().faxbox(job.account_id, job.faxbox_id))

    room = CallRoom(
        store=shop.store,
        webhooks=Webhooks(strangers=strangers, secret=webhooks.secret.get_secret_value(), seconds=webhooks.seconds),
        directory=shop.directory,
        record=record,
        give_up=timedelta(hours=webhooks.give_up_hours),
        lease=shop.habits.lease,
        owner=settings.hostname,
        clock=shop.clock,
        meter=shop.meter,
    )
    return Rounds(room.round, poll=shop.habits.poll, log=logs.get("webhook"))
