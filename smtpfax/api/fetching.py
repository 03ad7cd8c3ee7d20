"""Documents that an order names by their address, fetched before it is answered (G2).

In:    a Source: Kazoo's `document`.
Out:   the document as a file.
Fails: Refusal: 400 for an address that may not be asked or that has no document, 413 for one that is too large, 502
       where the server there, or the way to it, failed: that may pass, and the client may come again.

Rule: each of them names `document.url`. What went wrong on the way is told in our words, not in the network's.
"""

from __future__ import annotations

from email.message import Message
from urllib.parse import unquote, urlsplit

from smtpfax import logs
from smtpfax.egress import Answer, Barred, EgressError, NotSent, Request, TooLong
from smtpfax.model.particulars import Source

from .compose import UNKNOWN, File
from .deps import Deps
from .envelope import Refusal, invalid

FIELD = "document.url"
PASSES = frozenset({408, 425, 429})  # of the 4xx, those that are no answer for good
log = logs.get("http")


async def fetch(source: Source, deps: Deps) -> File:
    """One document."""
    try:
        answer = await deps.strangers.ask(_request(source, deps))
    except Barred as why:
        raise invalid({FIELD: ("forbidden", f"is not an address that may be asked: {why.why}")}) from None
    except TooLong:
        raise _refused(413, "maxSize", f"the document has more than {deps.max_body} octets") from None
    except EgressError as why:
        log.info("not fetched", reason=why)
        words = (
            "the server cannot be reached" if isinstance(why, NotSent) else "the server gave no whole answer in time"
        )
        raise _refused(502, "unreachable", words) from None
    return _file(source, _good(answer))


def _request(source: Source, deps: Deps) -> Request:
    said = {"Host": source.host, "Referer": source.referer}
    body = None
    if source.method == "post":
        said["Content-Type"] = source.content_type or "application/x-www-form-urlencoded"
        body = source.content.encode()
    return Request(
        method=source.method.upper(),
        url=source.url,
        headers={name: value for name, value in said.items() if value},
        body=body,
        total_seconds=deps.fetch_seconds,
        max_octets=deps.max_body,
    )


def _good(answer: Answer) -> Answer:
    """An answer that is a document."""
    if answer.status >= 500 or answer.status in PASSES:
        raise _refused(502, "unavailable", f"the server answered {answer.status}")
    if not answer.ok:
        raise invalid({FIELD: ("invalid", f"there is no document: the server answered {answer.status}")})
    if not answer.body:
        raise invalid({FIELD: ("invalid", "there is no document: the server's answer is empty")})
    return answer


def _file(source: Source, answer: Answer) -> File:
    said = Message()
    said["Content-Type"] = answer.headers.get("content-type", UNKNOWN)
    name = unquote(urlsplit(source.url).path).rpartition("/")[2]
    charset = said.get_content_charset() or ""
    return File(name=name, octets=answer.body, media_type=said.get_content_type(), charset=charset)


def _refused(code: int, rule: str, words: str) -> Refusal:
    """Beside Kazoo's 400, in the form of its validation errors."""
    word = "validation error" if code < 500 else "bad_gateway"
    return Refusal(code, word, {FIELD: {rule: {"message": words}}})
