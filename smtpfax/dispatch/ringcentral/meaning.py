"""What an answer means that is not the one hoped for.

In:    an Answer to a fax request, or to anything else.
Out:   the error that follows: the one question is whether RingCentral may have the fax.
Fails: never.

Rule: 4xx and a 503 say that nothing was taken. After any other 5xx, or a 2xx that cannot be read, nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from smtpfax.egress import Answer
from smtpfax.model import status as say
from smtpfax.model.backend import Offer
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt, NotLetIn, Permanent, SmtpfaxError, Temporary

from .reading import WRONG_URL, Said, error_of

_RESEND_NOT_ALLOWED = "MSG-343"
STILL_RENDERING = "MSG-368"
_TOO_LARGE = frozenset({"MSG-337", "MSG-338"})
_RECIPIENT = ("to", "phonenumber")
# Only an administrator can mend these; the words are for the notice that the sender may show.
_NOT_ALLOWED: Mapping[str, str] = MappingProxyType(
    {
        "CMN-109": "this feature is not switched on for its account",
        "CMN-401": "our application has not the permission Faxes",
        "CMN-408": "its user has not the permission OutboundFaxes",
        "MSG-340": "its extension cannot send faxes",
        "MSG-341": "its extension may not send faxes",
    }
)


def refusal(answer: Answer, offer: Offer, *, at: datetime) -> SmtpfaxError:
    """What an answer to a fax request means that brought no message id."""
    said = error_of(answer)
    match answer.status:
        case 413:
            return Permanent(say.DOCUMENT_TOO_LARGE, cause=Cause.REFUSED, reason=str(said or 413))
        case 401 | 429 | 503:
            return trouble(answer, at=at)
        case status if 400 <= status < 500 and said is not None and said.code != WRONG_URL:
            return _invalid(said, offer)
        case status if 300 <= status < 500:
            return trouble(answer, at=at)
    return InDoubt(f"RingCentral answered {answer.status} ({said or 'unreadable'}): it may have the fax")


def _invalid(said: Said, offer: Offer) -> Permanent:
    why = str(said)
    if said.code in _TOO_LARGE:
        return Permanent(say.DOCUMENT_TOO_LARGE, cause=Cause.REFUSED, reason=why)
    if said.code == "CMN-101" and said.parameter.lower().startswith(_RECIPIENT):
        return Permanent(say.NO_ROUTE, cause=Cause.NO_ROUTE, reason=why, number=offer.number)
    plain = _NOT_ALLOWED.get(said.code)
    return Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, reason=why, why=f"{plain} ({why})" if plain else why)


def cannot_resend(answer: Answer) -> bool:
    """It does not hold the document any more, or not in a state to be sent; nothing was taken."""
    said = error_of(answer)
    if said is None or not 400 <= answer.status < 500:
        return False
    return said.code in (_RESEND_NOT_ALLOWED, "CMN-102") or said.parameter == "originalMessageId"


def trouble(answer: Answer, *, at: datetime) -> Temporary:
    """An answer that says: not now, or not like this. Some only an administrator can mend: they say so."""
    said = error_of(answer)
    kind = NotLetIn if answer.status in (401, 403) and said is not None else Temporary
    return down(f"{_words(answer.status)} {said or ''}".strip(), after=answer.retry_after(at=at), kind=kind)


def down(reason: str, *, after: timedelta | None = None, kind: type[Temporary] = Temporary) -> Temporary:
    """Nothing was taken, and no call was placed."""
    return kind(say.BACKEND_DOWN, cause=Cause.BACKEND, reason=f"RingCentral: {reason}", after=after)


def _words(status: int) -> str:
    match status:
        case 401:
            return "401: its token was refused, though it is new"
        case 403:
            return "403: the application or its user may not do this"
        case 404:
            return "404: there is no such account or extension, or url is not the API's"
        case 429:
            return "429: too many calls"
        case _ if 300 <= status < 400:
            return f"{status}: it redirects; set url to where the API is"
    return str(status)
