"""The request that offers a fax, and what its answer means.

In:    an Offer and the settings; then the Answer.
Out:   the path and the body; a Ticket, or the error that follows.
Fails: Permanent, for a number that Kazoo cannot dial.

Rule: one try is asked for and no notice from there: our schedule tries again, and our notices tell.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from smtpfax.egress import Answer, Json, Multipart, Part
from smtpfax.model import status as say
from smtpfax.model.backend import Offer
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.errors import InDoubt, NotLetIn, Permanent, SmtpfaxError, Temporary

from .envelope import envelope, record_of, words
from .states import created_of
from .ticket import Ticket

OUR_ID = "smtpfax_job"  # Kazoo keeps fields that it does not know, and shows them again


def fields(offer: Offer) -> dict[str, object]:
    """The fax as Kazoo's schema has it."""
    if offer.number.sub_address:
        raise Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="it cannot dial a sub-address")
    box, number = offer.faxbox, offer.number.e164
    return {
        "from_number": box.number,
        "from_name": box.caller_name or box.name,
        "to_number": number,
        "to_name": offer.to_name or number,
        "fax_identity_number": box.number,
        "fax_identity_name": box.header or box.name,
        "fax_timezone": box.timezone,
        "timezone": box.timezone,  # without it, Kazoo writes the signed-in user's over fax_timezone
        "retries": 1,  # Kazoo's word for all tries together
        OUR_ID: offer.key,
    }


def with_document(offer: Offer, path: Path) -> Multipart:
    """JSON first, the document second, named as in the API's own example."""
    described = Json({"data": fields(offer)}).octets()
    return Multipart(
        (
            Part(media_type="application/json", content=described, name="content", file_name="fax.json"),
            Part(media_type="image/tiff", content=path, name="content", file_name="fax.tiff"),
        )
    )


def with_url(offer: Offer, url_of: Callable[[Document], str]) -> Json:
    """Kazoo fetches the document."""
    return Json({"data": {**fields(offer), "document": {"url": url_of(offer.document), "method": "get"}}})


def ticket_of(answer: Answer, *, at: datetime) -> Ticket | None:
    """The ticket that Kazoo gave, or None for an answer that cannot be read as one."""
    record = record_of(answer)
    if record is None or not isinstance(record.get("id"), str):
        return None
    try:
        return Ticket.of(record["id"], created_of(record) or at)
    except ValueError:
        return None


def refusal(answer: Answer, offer: Offer, *, at: datetime) -> SmtpfaxError:
    """What an answer without a ticket means: the one question is whether Kazoo may have the fax."""
    match answer.status:
        case 413:
            return Permanent(say.DOCUMENT_TOO_LARGE, cause=Cause.REFUSED, reason=words(answer))
        case 400 if envelope(answer) is not None:
            return _invalid(answer, offer)
        case 503 if not words(answer).startswith("datastore"):
            return trouble(answer, at=at)  # nobody was there to take it; a datastore may have taken it, and been slow
        case status if 300 <= status < 500:
            return trouble(answer, at=at)
    return InDoubt(f"Kazoo answered {answer.status} ({words(answer)}): it may have the fax")


def _invalid(answer: Answer, offer: Offer) -> Permanent:
    why = words(answer)
    if "to_number" in why:  # Kazoo says document.to_number, for a number that it has no pattern for
        return Permanent(say.NO_ROUTE, cause=Cause.NO_ROUTE, reason=why, number=offer.number)
    return Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why=why)


def trouble(answer: Answer, *, at: datetime) -> Temporary:
    """An answer that says: not now, or not like this. Only an administrator can mend some of them: they say so."""
    kind = NotLetIn if answer.status in (401, 403) else Temporary
    return down(f"{_meaning(answer.status)} ({words(answer)})", after=answer.retry_after(at=at), kind=kind)


def down(reason: str, *, after: timedelta | None = None, kind: type[Temporary] = Temporary) -> Temporary:
    """Nothing was taken, and no call was placed."""
    return kind(say.BACKEND_DOWN, cause=Cause.BACKEND, reason=f"Kazoo: {reason}", after=after)


def _meaning(status: int) -> str:
    if 300 <= status < 400:
        return f"{status}: it redirects; set url to where the API is"
    if status in (401, 403):
        return f"{status}: api_key is refused, or may not use this account"
    if status == 404:
        return "404: there is no such account, or url is not the API's"
    return str(status)
