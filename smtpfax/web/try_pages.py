"""Would this be faxed, and why not: the SMTP door's policy, asked from a form.

In:    a sender, a number or an address, where the sender's mail would come from.
Out:   the reply that the door would give, with the reason and every proof that was looked for.
Fails: never: what cannot be asked is said on the page.

Rule: the answer is the door's own. Of faxboxes that are another's nothing is told but what the door tells anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from aiohttp import web

from smtpfax.api.routes import posted
from smtpfax.model.errors import Temporary
from smtpfax.model.mail import Client
from smtpfax.model.trial import Trial, Tried

from .desk import Address
from .safety import client_address
from .visit import MOST_CHARACTERS, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The form, as it is shown again."""

    faxbox: str = ""
    sender: str = ""
    to: str = ""
    address: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it: the door's answer, or why it could not be asked."""

    tried: Tried | None = None
    recipient: str = ""
    wrong: str = ""


async def ask(visit: Visit) -> web.StreamResponse:
    """GET /try."""
    address = client_address(
        visit.request.remote, visit.request.headers.getall("X-Forwarded-For", []), visit.desk.proxies
    )
    asked = Asked(faxbox=visit.query("faxbox"), sender=visit.viewer.email, address=str(address or ""))
    return _page(visit, asked, None)


async def answer(visit: Visit) -> web.StreamResponse:
    """POST /try."""
    form = await posted(visit.request)
    texts = {name: str(form.get(name, "")).strip()[:MOST_CHARACTERS] for name in Asked.__slots__}
    asked = Asked(**texts)
    found = await _answered(visit, asked)
    return visit.page("try_answer.html", answer=found) if visit.partial else _page(visit, asked, found)


async def _answered(visit: Visit, asked: Asked) -> Answer:
    recipient = _recipient(visit, asked)
    address = _address(asked.address)
    if not recipient:
        return Answer(wrong="This faxbox has no fax domain, so no mail can reach it. Write a whole address instead.")
    if asked.address and address is None:
        return Answer(wrong=f"{asked.address} is not an IP address.")
    client = Client(address=address, helo="trial.invalid", user=asked.user.lower())
    try:
        tried = await visit.desk.rehearse(Trial(client=client, sender=asked.sender, recipient=recipient))
    except Temporary as fault:
        return Answer(recipient=recipient, wrong=f"It cannot be said just now: {fault.reason}.")
    return Answer(recipient=recipient, tried=_visible(visit, tried))


def _visible(visit: Visit, tried: Tried) -> Tried:
    """Without the reasons, where the faxbox that was found is another's."""
    if tried.account_id and not visit.viewer.sees(tried.account_id, tried.faxbox_id, visit.directory):
        return Tried(reply=tried.reply)
    return tried


def _recipient(visit: Visit, asked: Asked) -> str:
    """A whole address; a number is sent to the faxbox that was chosen."""
    if "@" in asked.to:
        return asked.to
    box = visit.viewer.chosen(visit.directory, asked.faxbox)
    if box is None:
        return ""
    domains = box.fax_domains or visit.directory.accounts[box.account_id].fax_domains
    return f"{asked.to}@{domains[0]}" if domains else ""


def _page(visit: Visit, asked: Asked, found: Answer | None) -> web.Response:
    boxes = visit.viewer.boxes(visit.directory)
    return visit.page("try.html", asked=asked, answer=found, boxes=boxes)


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
