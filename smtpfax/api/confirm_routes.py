"""Is this fax number right? The page behind the link of a question, and the answer to it.

In:    a job's id with the expiry and signature of its link; the answer of a form.
Out:   a page of a few lines; the job released or cancelled.
Fails: 404 for what is no link of ours, or of a hold that is over.

Rule: looking changes nothing (mail filters follow links); only the form's POST does. The page runs nothing, loads
nothing, and shows no more than its reader's own notice did.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from types import MappingProxyType

from aiohttp import web

from smtpfax import logs
from smtpfax.model.event import Cancelled, Event, Held, Released
from smtpfax.model.job import Job

from .routes import Call, posted

ANSWERS: Mapping[str, Event] = MappingProxyType({"send": Released(), "cancel": Cancelled()})
_SAID: Mapping[str, str] = MappingProxyType(
    {"send": "The fax goes on its way now.", "cancel": "The fax is cancelled; nothing was sent."}
)
_POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{title}</title></head>
<body><main><h1>{title}</h1>
{body}
</main></body></html>
"""
_FORM = """<p>Your fax is addressed to <strong>{number}</strong>, which was never faxed from here.</p>
<p>You usually fax <strong>{meant}</strong>.</p>
<form method="post"><p>
<button name="answer" value="send">Send it to {number}</button>
<button name="answer" value="cancel">Do not send it</button>
</p></form>"""
log = logs.get("http")


async def ask(call: Call) -> web.StreamResponse:
    """GET /confirm/{id}: the page behind the link of a question about a fax number."""
    job = await _asked(call)
    if job is None:
        return _over()
    form = _FORM.format(number=escape(job.number.e164), meant=escape(await _meant(call, job)))
    return page("Is this fax number right?", form)


async def answer(call: Call) -> web.StreamResponse:
    """POST /confirm/{id}: the answer, from that page."""
    job, said = await _asked(call), (await posted(call.request)).get("answer")
    if job is None:
        return _over()
    if not isinstance(said, str) or said not in ANSWERS:
        return page("That is no answer", "<p>Please go back, and choose one of the two.</p>", code=400)
    now, event = call.deps.clock(), ANSWERS[said]
    await call.deps.store.jobs.advance(job, [event], at=now, keep_lease=True)
    if (event, now) not in await call.deps.store.jobs.history(job.id):  # it came late, and was dropped
        return _over()
    log.info("answered by the sender", id=job.id, answer=said)
    call.deps.wake()
    return page("Thank you", f"<p>{_SAID[said]}</p>")


async def _asked(call: Call) -> Job | None:
    """The job, if it is held and the link is the one of this hold."""
    job, query = await call.deps.store.jobs.get(call.id()), call.request.query
    if job is None or job.state.final:
        return None
    holds = call.deps.links.answers(job, query.get("expires", ""), query.get("signature", ""))
    return job if holds else None


async def _meant(call: Call, job: Job) -> str:
    history = await call.deps.store.jobs.history(job.id)
    return next((event.resembles for event, _ in reversed(history) if isinstance(event, Held)), "")


def _over() -> web.Response:
    return page(
        "Nothing to answer", "<p>This link is not valid, or the question has been answered already.</p>", code=404
    )


def page(title: str, body: str, *, code: int = 200) -> web.Response:
    """A page of a few lines; `body` is HTML, its words escaped."""
    return web.Response(
        text=_PAGE.format(title=escape(title), body=body),
        status=code,
        content_type="text/html",
        headers={"Content-Security-Policy": _POLICY},
    )
