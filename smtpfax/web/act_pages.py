"""What is done with a fax that goes out, or did: cancel, hold, release, try now, send again, delete.

In:    a fax of the viewer's; for sending again, a number.
Out:   the fax as it then stands, or the new one; before what cannot be undone, a question.
Fails: Refusal 404 for a fax that is another's, 409 for what does not fit how it stands.

Rule: the same acts as over HTTP and from the shell, called and not copied; what a page offers is what fits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from smtpfax.api.deleting import Deleted, delete_job
from smtpfax.api.envelope import Refusal
from smtpfax.api.resending import FIELD, Wish, resend
from smtpfax.api.steering import OURS, Decide, cancel, hold, release, retry, steer
from smtpfax.model.abilities import Deletes
from smtpfax.model.job import Job

from .asking import Question, ask, asked_again
from .finding import job_of
from .visit import Visit
from .words import number as spoken

LOST = "This deletes its pages, the mail that it was made of, its history and its notices. It cannot be undone."


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What can be done with a job as it stands."""

    cancel: bool = False
    hold: bool = False
    release: bool = False
    retry: bool = False
    resend: bool = False
    delete: bool = False


def may(job: Job, *, writes: bool) -> May:
    """What fits."""
    if not writes:
        return May()
    ours, held, final = job.state in OURS, job.held is not None, job.state.final
    return May(
        cancel=not final and not job.cancel_asked,
        hold=ours and not held,
        release=held and not final,
        retry=ours and not held,
        resend=final,
        delete=final,
    )


def steering(decide: Decide, done: str) -> Callable[[Visit], Awaitable[web.StreamResponse]]:
    """POST /faxes/outgoing/{id}/<act>: at once, and can be undone."""

    async def handle(visit: Visit) -> web.StreamResponse:
        job = await steer(await job_of(visit), decide, visit.desk.deps)
        return visit.go(_here(job), done=done)

    return handle


holding, releasing, trying = steering(hold, "held"), steering(release, "released"), steering(retry, "retried")


async def ask_cancel(visit: Visit) -> web.StreamResponse:
    """GET /faxes/outgoing/{id}/cancel."""
    job = await job_of(visit)
    cancel(job)  # what does not fit is said before anybody is asked
    waits = job.state in OURS
    text = "Nothing of it was sent yet." if waits else "The fax service has it already: it has the last word."
    question = Question(title="Cancel the fax to", about=_number(job), texts=(text,), word="Cancel the fax")
    return ask(visit, question, back=_here(job))


async def do_cancel(visit: Visit) -> web.StreamResponse:
    """POST /faxes/outgoing/{id}/cancel."""
    job = await steer(await job_of(visit), cancel, visit.desk.deps)
    return visit.go(_here(job), done="cancelled" if job.state.final else "cancel_asked")


async def ask_resend(visit: Visit) -> web.StreamResponse:
    """GET /faxes/outgoing/{id}/resend."""
    job = await job_of(visit)
    return ask(visit, _again(job), back=_here(job), number=str(job.number))


async def do_resend(visit: Visit) -> web.StreamResponse:
    """POST /faxes/outgoing/{id}/resend."""
    job, number = await job_of(visit), await visit.field("number")
    wish = Wish(to_number="" if number.strip() == str(job.number) else number[:128])
    try:
        new = await resend(job, wish, visit.desk.deps)
    except Refusal as refusal:
        if FIELD not in refusal.data:
            raise
        return asked_again(visit, _again(job), refusal, back=_here(job), number=number)
    return visit.go(_here(new), done="resent")


async def ask_delete(visit: Visit) -> web.StreamResponse:
    """GET /faxes/outgoing/{id}/delete."""
    job = await job_of(visit)
    question = Question(
        title="Delete the fax to",
        about=_number(job),
        texts=(LOST, "What stays is the line of the SMTP log, without subject and names.", *_copy(visit, job)),
        word="Delete it",
    )
    return ask(visit, question, back=_here(job))


async def do_delete(visit: Visit) -> web.StreamResponse:
    """POST /faxes/outgoing/{id}/delete."""
    deleted = await delete_job(await job_of(visit), visit.desk.deps)
    return visit.go("/faxes/outbox", done=told(deleted))


def told(deleted: Deleted) -> str:
    """What was done, and what is kept, as the words of `visit.DONE`."""
    words = {"log_stays": deleted.log_line, "mail_stays": deleted.mail, "pages_stay": deleted.pages}
    return " ".join(["deleted", *(word for word, yes in words.items() if yes), *["copy"] * bool(deleted.copies)])


def _again(job: Job) -> Question:
    return Question(
        title="Send it again",
        texts=("The very pages go once more, as a new fax; this one stays as it is.",),
        word="Send it again",
        kind="",
        number_label="To this number",
    )


def _copy(visit: Visit, job: Job) -> tuple[str, ...]:
    backend = visit.desk.deps.backends.get(job.backend)
    if backend is None:
        return ()
    asks = isinstance(backend, Deletes)
    will = "is asked to delete its copy" if asks else "may hold a copy of its own, which cannot be deleted from here"
    return (f"The fax service {job.backend} {will}.",)


def _number(job: Job) -> str:
    return spoken(job.number.e164)


def _here(job: Job) -> str:
    return f"/faxes/outgoing/{job.id}"
