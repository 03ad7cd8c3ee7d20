"""Faxes that are being received just now.

In:    an account, a faxbox.
Out:   the calls that are under way to its faxboxes' numbers.
Fails: Refusal 404 for a call that is not under way, or is another account's.

Rule: only the embedded exchange knows of calls before they are over; a fax service tells of a fax when it has it all.
A fax is in the inbox, under an id of its own, from the moment that its call ends.
"""

from __future__ import annotations

from aiohttp import web

from smtpfax.model.account import Faxbox
from smtpfax.model.backend import Call as Ring

from .answers import IncomingFax
from .envelope import Page, gregorian, not_found
from .present import rfc3339
from .routes import Call


async def incoming(call: Call) -> web.StreamResponse:
    """GET …/faxes/incoming, newest first."""
    return call.listing(Page(rows=[_record(ring, box) for ring, box in reversed(await _rings(call))]))


async def incoming_fax(call: Call) -> web.StreamResponse:
    """GET …/faxes/incoming/{id}."""
    found = next((each for each in await _rings(call) if each[0].key == call.id()), None)
    if found is None:
        raise not_found(call.id())
    return call.success(_record(*found))


async def _rings(call: Call) -> list[tuple[Ring, Faxbox]]:
    boxes = call.deps.directory().of_account(call.account_id)
    mine = {box.number: box for box in boxes if box.number and call.faxbox_id in ("", box.id)}
    under_way = await call.deps.store.exchange.under_way(list(mine)) if mine else []
    return [(ring, mine[ring.number]) for ring in under_way]


def _record(ring: Ring, box: Faxbox) -> IncomingFax:
    return {
        "id": ring.key,
        "status": "processing",
        "created": gregorian(ring.placed),
        "from": ring.caller,
        "to": ring.number,
        "from_number": ring.caller,
        "from_name": ring.caller_name,
        "to_number": ring.number,
        "account_id": box.account_id,
        "faxbox_id": box.id,
        "created_at": rfc3339(ring.placed),
        "pages": ring.document.pages,
    }
