"""The SMTP log over HTTP: of one account, or of all.

In:    an account, or none; filters; an attempt's id.
Out:   a page of attempts, newest first; the whole story of one.
Fails: Refusal 404 for an attempt that is not there, or not this account's.
"""

from __future__ import annotations

from aiohttp import web

from smtpfax.model.attempt import Outcome
from smtpfax.model.job import State
from smtpfax.store import AttemptFilter, AttemptRow

from .envelope import Page, not_found
from .present_log import attempt_detail, attempt_row
from .query import Window, choice, present, read_filters, read_window
from .routes import Call

FILTERS = ("from", "to", "outcome", "faxbox_id", "state")
ALL_FILTERS = (*FILTERS, "account_id")
_GONE = "the fax failed"  # an attempt outlives its job


async def account_log(call: Call) -> web.StreamResponse:
    """GET /v2/accounts/{account}/faxes/smtplog: mails, also those that were refused."""
    return call.listing(await _page(call, call.account_id))


async def whole_log(call: Call) -> web.StreamResponse:
    """GET /v2/smtplog: mails of all accounts and those of none, for the administrator."""
    return call.listing(await _page(call, None))


async def account_attempt(call: Call) -> web.StreamResponse:
    """GET /v2/accounts/{account}/faxes/smtplog/{id}: the whole story of an attempt."""
    return await _attempt(call, call.account_id)


async def any_attempt(call: Call) -> web.StreamResponse:
    """GET /v2/smtplog/{id}: the whole story of an attempt, for the administrator."""
    return await _attempt(call, None)


async def _page(call: Call, account_id: str | None) -> Page:
    query, deps = call.request.query, call.deps
    window = read_window(query, page_size=deps.page_size, most=deps.max_page_size)
    filters = read_filters(query, FILTERS if account_id is not None else ALL_FILTERS)
    filters |= {"faxbox_id": call.faxbox_id} if call.faxbox_id else {}
    wanted = _filter(filters, window, account_id if account_id is not None else filters.get("account_id"))
    stored = await deps.store.attempts.page(wanted, limit=window.limit, after=window.start_key)
    texts = await _texts(call, stored.rows)
    rows = [attempt_row(row.attempt, row.state, texts.get(row.attempt.job_id, "")) for row in stored.rows]
    return present(stored, window, key=lambda row: (row.attempt.created, row.attempt.id), rows=rows)


def _filter(filters: dict[str, str], window: Window, account_id: str | None) -> AttemptFilter:
    return AttemptFilter(
        account_id=account_id,
        faxbox_id=filters.get("faxbox_id"),
        outcome=choice("outcome", filters.get("outcome"), Outcome),
        from_=filters.get("from"),
        to=filters.get("to"),
        state=choice("state", filters.get("state"), State),
        created_from=window.created_from,
        created_to=window.created_to,
    )


async def _texts(call: Call, rows: tuple[AttemptRow, ...]) -> dict[str, str]:
    """What failed jobs have to say: their `error`."""
    texts: dict[str, str] = {}
    for job_id in {row.attempt.job_id for row in rows if row.state is State.FAILED}:
        job = await call.deps.store.jobs.get(job_id)
        texts[job_id] = job.text if job else _GONE
    return texts


async def _attempt(call: Call, account_id: str | None) -> web.StreamResponse:
    store, attempt_id = call.deps.store, call.id()
    row = await store.attempts.get(attempt_id)
    if row is None or not call.reaches(row.attempt.account_id, row.attempt.faxbox_id, account_id=account_id):
        raise not_found(attempt_id)
    job = await store.jobs.get(row.attempt.job_id) if row.attempt.job_id else None
    history = await store.jobs.history(job.id) if job else []
    text = job.text if job else _GONE
    return call.success(attempt_detail(row.attempt, row.state, text, history))
