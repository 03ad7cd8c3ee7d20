"""When received faxes are forgotten.

In:    the faxboxes' days, and how long faxes of no faxbox are kept.
Out:   how many went. Their files go by themselves, as strays.
Fails: Temporary; what was deleted before stays deleted.

Rule: after a faxbox's days, counted from when the fax came to us: one that was fetched long after it came in is not
gone at once. Where they are none, as soon as the fax was delivered: everybody has it by mail, or somebody has read it.
A fax of which somebody still has to be told stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, tuple_

from .accounts import Accounts
from .database import Database
from .letters import WAITING
from .schema_lasting import arrivals, inbox, letters

_BATCH = 500


async def forget_inbound(database: Database, *, now: datetime, default: timedelta) -> int:
    """All faxboxes, and then what belongs to none that there is."""
    _, directory = await Accounts(database).load()
    count = 0
    for (account_id, faxbox_id), box in directory.faxboxes.items():
        of_faxbox = (inbox.c.account_id == account_id, inbox.c.faxbox_id == faxbox_id)
        old = _came_before(now - timedelta(days=box.retention_days))
        if not box.retention_days:
            old = or_(inbox.c.mailed.is_(True), inbox.c.read.is_(True))
        count += await _forget(database, *of_faxbox, old)
    others = tuple_(inbox.c.account_id, inbox.c.faxbox_id).not_in(list(directory.faxboxes))
    return count + await _forget(database, others, _came_before(now - default))


def _came_before(moment: datetime) -> ColumnElement[bool]:
    """It is as old as that, and was not taken since."""
    ours = (arrivals.c.backend == inbox.c.backend, arrivals.c.ticket == inbox.c.ticket)
    return and_(inbox.c.received < moment, ~exists().where(*ours, arrivals.c.taken >= moment))


async def _forget(database: Database, *which: ColumnElement[bool]) -> int:
    waits = exists().where(letters.c.fax_id == inbox.c.id, letters.c.became == WAITING)
    old = select(inbox.c.id).where(*which, inbox.c.told.is_(True), ~waits).limit(_BATCH)
    count = last = await database.change(delete(inbox).where(inbox.c.id.in_(old)))
    while last == _BATCH:
        last = await database.change(delete(inbox).where(inbox.c.id.in_(old)))
        count += last
    return count
