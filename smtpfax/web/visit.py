"""A visit: one request of somebody who is signed in, and what is answered.

In:    a request, the desk, the viewer.
Out:   pages made from templates, redirections; records of the path, if they are the viewer's to see.
Fails: Refusal 404 for what is not there, or is another's: which of them is not told; 403 for what a role may not do.

Rule: a template escapes everything, and a name that it was not given is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from smtpfax.api.envelope import forbidden, not_found
from smtpfax.api.routes import ID, posted
from smtpfax.model.account import Directory, Faxbox

from .desk import Desk
from .templates import render
from .viewer import Role, Scope, Viewer

MOST_CHARACTERS = 320
THEMES = ("light", "dark")
DONE = {
    "cancelled": "The fax is cancelled; nothing more is sent.",
    "cancel_asked": "The fax service is asked to stop it. It has the last word.",
    "resent": "Here is the new fax; the first one stays as it is.",
    "forwarded": "Here is the fax that forwards it.",
    "held": "The fax is held. It waits until you release it.",
    "released": "The fax goes on its way.",
    "retried": "The next try is due now.",
    "deleted": "Deleted.",
    "log_stays": "What stays is the line of the SMTP log, without subject and names.",
    "mail_stays": "The mail itself stays, for its other faxes.",
    "pages_stay": "Its pages stay with another fax that has them as well.",
    "copy": "A fax service that had it may hold a copy of its own.",
    "saved": "Saved. The next mail is judged by it.",
    "unchanged": "Nothing was changed.",
    "created": "The faxbox is there. Its page tells what is still to be set.",
    "sent": "The fax is on its way.",
    "discarded": "The preview is thrown away; nothing was sent.",
    "read": "Marked as read.",
    "unread": "Marked as not read.",
}


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a page is made of."""

    desk: Desk
    request: web.Request
    viewer: Viewer
    zone_name: str
    token: str  # what forms carry

    @property
    def directory(self) -> Directory:
        """Accounts and faxboxes as they are now."""
        return self.desk.directory

    @property
    def now(self) -> datetime:
        """The clock."""
        return self.desk.deps.clock()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The viewer's own."""
        try:
            return ZoneInfo(self.zone_name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("UTC")

    @property
    def partial(self) -> bool:
        """Asked for by a page that is open already, to change a part of itself."""
        return self.request.headers.get("HX-Request") == "true"

    @cached_property
    def theme(self) -> str:
        """The look that the viewer chose; empty: the system's."""
        chosen = self.request.cookies.get("theme", "")
        return chosen if chosen in THEMES else ""

    @property
    def done(self) -> str:
        """What was just done, in words of ours."""
        return " ".join(DONE[word] for word in self.query("done").split() if word in DONE)

    def id(self, name: str = "id") -> str:
        """An id of the path; what cannot be one is not looked up."""
        text = self.request.match_info[name]
        if not ID.fullmatch(text):
            raise not_found(text)
        return text

    def query(self, name: str) -> str:
        """A parameter, bounded and printable."""
        return "".join(filter(str.isprintable, self.request.query.get(name, "")[:MOST_CHARACTERS])).strip()

    async def field(self, name: str) -> str:
        """A field of the form."""
        value = (await posted(self.request)).get(name, "")
        return value if isinstance(value, str) else ""

    def page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        """A page, or the part of one."""
        return web.Response(text=render(template, self, **values), status=status, content_type="text/html")

    def go(self, path: str, *, done: str = "") -> web.Response:
        """Elsewhere, after something was done (RFC 9110 section 15.4.4)."""
        location = f"{path}?{urlencode({'done': done})}" if done else path
        return web.Response(status=303, headers={"Location": location})

    def box(self, account_id: str, faxbox_id: str) -> Faxbox | None:
        """A faxbox as it is now."""
        return self.directory.faxbox(account_id, faxbox_id)

    def own(self, account_id: str, faxbox_id: str) -> None:
        """Go on only if a record of this faxbox is the viewer's to see."""
        if not self.viewer.sees(account_id, faxbox_id, self.directory):
            raise not_found(faxbox_id)

    def must_write(self) -> None:
        """Go on only if the viewer may do more than look."""
        if not self.viewer.writes:
            raise forbidden("this token may read and no more")

    def must_be(self, role: Role) -> None:
        """Go on only with this role or more."""
        if not self.viewer.at_least(role):
            raise forbidden("this needs more rights than you have")

    def chosen(self) -> Scope:
        """The account or faxbox (`account/faxbox`) that a list is asked for."""
        account_id, _, faxbox_id = self.query("faxbox").partition("/")
        if faxbox_id:
            return Scope(account_id=account_id, faxbox_id=faxbox_id)
        return Scope(account_id=self.query("account") or account_id or None)

    def local(self, at: datetime) -> datetime:
        """In the viewer's own time zone."""
        return at.astimezone(self.zone)

    def moment(self, text: str) -> datetime | None:
        """What somebody wrote into a field for a date, or for a date and a time; None for what is neither."""
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)
