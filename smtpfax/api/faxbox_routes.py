"""Faxboxes over HTTP, with Kazoo's methods and names.

In:    an account; a faxbox's id; what a client says of it.
Out:   the faxboxes of the account, by their ids; one of them, as it is from the next mail on.
Fails: Refusal 400 with every field that is wrong, 403 for what is the administrator's alone, 404 for a faxbox that is
       not there, 409 for an id, a number or a domain that is another's.

Rule: a faxbox is made and changed in `faxbox_changes`, as the pages make and change it. What is removed leaves its
faxes and its lines of the log; a fax that waits fails, as it does when `apply --prune` removes its faxbox.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from aiohttp import web

from smtpfax import logs
from smtpfax.model.account import Account, BadDirectory
from smtpfax.store import Kind, Record

from .envelope import Page, conflict, invalid, not_found
from .faxbox_changes import Asker, Data, Kept, change, keep, make, one_of, remove
from .kazoo_faxbox import FaxboxAsked, patched, read_asked, replaced, told
from .query import read_filters, read_window
from .routes import Call

MADE_BY = "http"
log = logs.get("http")
Become = Callable[[Data, FaxboxAsked, Account], Data]


async def faxboxes(call: Call) -> web.StreamResponse:
    """GET …/faxboxes: the account's faxboxes, by their ids."""
    query, deps = call.request.query, call.deps
    window = read_window(query, page_size=deps.page_size, most=deps.max_page_size)
    read_filters(query, ())
    stored = await deps.store.accounts.faxboxes(call.account_id, limit=window.limit, after=window.start_key)
    rows = [_told(call, record) for record in stored.rows]
    window.check(more=bool(stored.after))
    page = Page(rows=rows, start_key=window.start_key, next_start_key=stored.after, whole=window.whole)
    return call.listing(page)


async def faxbox(call: Call) -> web.StreamResponse:
    """GET …/faxboxes/{id}: a faxbox."""
    record = await call.deps.store.accounts.faxbox(call.account_id, call.id())
    if record is None:
        raise not_found(call.id())
    return call.success(_told(call, record))


async def create(call: Call) -> web.StreamResponse:
    """PUT …/faxboxes: make a faxbox; its id is yours to choose, or ours."""
    asked = read_asked(await call.body())
    faxbox_id = asked.id or call.deps.ids()
    data = _with_name(replaced({"id": faxbox_id}, asked, _account(call)))
    record = Record(kind=Kind.FAXBOX, account_id=call.account_id, id=faxbox_id, data=data)
    decide = partial(make, record=record, asker=_asker(call), backends=call.deps.backends)
    return call.success(_told(call, await _kept(call, decide, "made")), code=201)


async def replace(call: Call) -> web.StreamResponse:
    """POST …/faxboxes/{id}: set what Kazoo's names name; keys of our own that are not named stay."""
    return await _changed(call, replaced)


async def patch(call: Call) -> web.StreamResponse:
    """PATCH …/faxboxes/{id}: set what is named; all the rest stays."""
    return await _changed(call, patched)


async def delete(call: Call) -> web.StreamResponse:
    """DELETE …/faxboxes/{id}: remove a faxbox; its faxes stay as long as it said."""
    faxbox_id = call.id()

    def decide(records: Sequence[Record]) -> Kept:
        return remove(_there(records, call.account_id, faxbox_id), _asker(call))

    record = await _kept(call, decide, "removed")
    return call.success(_told(call, record) | {"_read_only": {"deleted": True}})


async def _changed(call: Call, become: Become) -> web.StreamResponse:
    asked, faxbox_id, account = read_asked(await call.body()), call.id(), _account(call)
    if asked.id not in (None, faxbox_id):
        raise invalid({"id": ("invalid", "an id never changes")})
    if become is replaced and "name" not in asked.model_fields_set:
        raise invalid({"name": ("required", "is required")})

    def decide(records: Sequence[Record]) -> Kept:
        there = _there(records, call.account_id, faxbox_id)
        data = _with_name(become(there.data, asked, account))
        return change(there, data, _asker(call), backends=call.deps.backends)

    return call.success(_told(call, await _kept(call, decide, "changed")))


async def _kept(call: Call, decide: Callable[[Sequence[Record]], Kept], done: str) -> Record:
    try:
        record = await keep(call.deps, decide)
    except BadDirectory as error:
        raise conflict(str(error)) from None
    log.info("faxbox", done=done, account=record.account_id, faxbox=record.id)
    return record


def _there(records: Sequence[Record], account_id: str, faxbox_id: str) -> Record:
    record = one_of(records, account_id, faxbox_id)
    if record is None:
        raise not_found(faxbox_id)
    return record


def _with_name(data: Data) -> Data:
    if not data.get("name"):
        raise invalid({"name": ("required", "is required")})
    return data


def _told(call: Call, record: Record) -> dict[str, object]:
    return told({**record.data, "id": record.id}, _account(call))


def _account(call: Call) -> Account:
    """It was there when the caller was admitted; it may be gone since."""
    account = call.deps.directory().accounts.get(call.account_id)
    if account is None:
        raise not_found(call.account_id)
    return account


def _asker(call: Call) -> Asker:
    return Asker(made_by=MADE_BY, all_keys=call.caller.administrator)
