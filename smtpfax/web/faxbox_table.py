"""The table of a faxbox's form: which field is which key, how it is written, and who may change it.

In:    nothing.
Out:   GROUPS, in the order of the page; FIELDS, one after the other.
Fails: never.

Rule: every key that `apply` knows has a field here; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from smtpfax.api.faxbox_changes import PROTECTED
from smtpfax.model.account import Body, CoverLook, CoverWhen, InboundMail, Logos, Quotes, Reading
from smtpfax.model.document import Paper, Resolution


class Kind(StrEnum):
    """How a field is written."""

    LINE = "line"
    NUMBER = "number"
    WORD = "word"  # one of its options
    LINES = "lines"  # words, one in each line
    WHOLE = "whole"  # lines that may have blanks in them
    TEXT = "text"
    RULES = "rules"  # permissions
    SWITCH = "switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field; `path` is the key's, with dots."""

    path: str
    label: str
    hint: str = ""
    kind: Kind = Kind.LINE
    options: tuple[str, ...] = ()

    @property
    def protected(self) -> bool:
        """The administrator's alone."""
        return self.path in PROTECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that belong together."""

    title: str
    fields: tuple[Field, ...]


def _words(path: str, label: str, kind: type[StrEnum], hint: str = "") -> Field:
    return Field(path=path, label=label, hint=hint, kind=Kind.WORD, options=tuple(kind))


def _number(path: str, label: str, hint: str = "") -> Field:
    return Field(path=path, label=label, hint=hint, kind=Kind.NUMBER)


def _lines(path: str, label: str, hint: str) -> Field:
    return Field(path=path, label=label, hint=hint, kind=Kind.LINES)


def _switch(path: str, label: str, hint: str = "") -> Field:
    return Field(path=path, label=label, hint=hint, kind=Kind.SWITCH)


def _caps(below: str, whose: str) -> tuple[Field, ...]:
    names = (
        ("faxes_per_hour", "Faxes in an hour"),
        ("faxes_per_day", "Faxes in a day"),
        ("pages_per_hour", "Pages in an hour"),
        ("pages_per_day", "Pages in a day"),
    )
    return tuple(_number(f"{below}.{name}", f"{label}, {whose}") for name, label in names)


GROUPS = (
    Group(
        title="Identity",
        fields=(
            Field(path="name", label="Name", hint="How people call it."),
            Field(path="owner", label="Owner", hint="A user's e-mail address; sees the faxbox on these pages."),
            Field(path="number", label="Number", hint="Such as +12025550100. Faxes to it land here."),
            Field(path="header", label="Header", hint="The name in the line above each page."),
            Field(path="caller_name", label="Caller name", hint="Shown by the far line."),
            Field(path="timezone", label="Time zone", hint="Of the times on pages, such as America/New_York."),
        ),
    ),
    Group(
        title="Way in and way out",
        fields=(
            _lines("fax_domains", "Fax domains", "Mail to number@domain is faxed from here."),
            _lines("backend", "Fax services", "Tried in this order."),
            _number("tries", "Calls", "In all, the first one counted."),
        ),
    ),
    Group(
        title="Who may fax",
        fields=(
            Field(
                path="permissions",
                label="Permissions",
                hint="One in each line: an address, *@domain, *@*.domain or *; then a colon and the proofs of which "
                "one is enough: auth, network, spf, dkim, dmarc. Without proofs those of the account are asked for.",
                kind=Kind.RULES,
            ),
            Field(
                path="smtp_permission_list",
                label="Kazoo's expressions",
                hint="Regular expressions of senders, one in each line; the account's proofs are asked for.",
                kind=Kind.WHOLE,
            ),
            _switch("first_time_guard", "Ask back about numbers that look like a slip"),
        ),
    ),
    Group(
        title="Pages",
        fields=(
            _words("paper", "Paper", Paper),
            _words("resolution", "Resolution", Resolution, "Finer takes longer on the line."),
            _words("body", "A mail's text", Body, "A page, on the cover, a page if it is alone, or never."),
            _words("logos", "Logos of the letterhead", Logos),
            _words("quotes", "Quoted earlier mails", Quotes),
            _words("cover", "Cover page", CoverWhen),
            _words("cover_look", "Look of the cover", CoverLook),
            Field(path="service_cover", label="Cover of the fax service", hint="Its name there, where it has covers."),
            Field(path="service_cover_text", label="Text on that cover", kind=Kind.TEXT),
            Field(path="cover_note", label="Note on the cover", hint="Such as a note of confidentiality."),
            _words(
                "legibility", "Pages that are hard to read", Reading, "Warn the sender, refuse them, or do nothing."
            ),
        ),
    ),
    Group(
        title="What may be dialled",
        fields=(
            _lines("dial.allow_regions", "Countries", "Two letters each; empty: those of the account, else all."),
            _lines("dial.allow_types", "Kinds of numbers", "Besides ordinary ones: premium, shared_cost, personal …"),
            _lines("dial.allow_prefixes", "Prefixes that may be dialled", "Such as +1900; the longest one decides."),
            _lines("dial.deny_prefixes", "Prefixes that may not", "Such as +1212."),
        ),
    ),
    Group(title="Caps", fields=_caps("caps", "all senders") + _caps("caps.each_reverse_path", "each sender")),
    Group(
        title="Keeping and telling",
        fields=(
            _number("retention_days", "Days", "So long documents are kept after the end. 0: not at all."),
            _switch("return_content", "A notice may carry the fax"),
            _lines("notifications.outbound.email.send_to", "Who is told of faxes sent", "Besides the sender."),
            _lines("notifications.inbound.email.send_to", "Who is told of faxes received", "E-mail addresses."),
            _words("inbound_mail", "Mail about a received fax", InboundMail, "Carries the fax, or a link to it."),
        ),
    ),
)
FIELDS = tuple(field for group in GROUPS for field in group.fields)
